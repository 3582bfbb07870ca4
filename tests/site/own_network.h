// OwnNetwork: a network of a test's own, in which every address there is (8.8.8.8, 10.0.0.1, 2606::1 ...) is this
// machine, and names are what the test's name server says. So it can be seen who connects where, and nothing leaves the
// machine. Needs root, or what root may do to namespaces.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace doutu {

/// Runs work on a thread of its own whose network this is; servers and programs that it starts are in it too. Nothing
/// when it ran, else why it could not.
[[nodiscard]] std::optional<std::string> in_own_network(const std::function<void()>& work);

/// What the name server says: for each name the answers to its first question, its second ..., the last one for ever;
/// an answer is addresses. A question is one of A and one of AAAA. What has no answers does not exist.
using Names = std::map<std::string, std::vector<std::vector<std::string>>>;

/// A name server for in_own_network(), whose resolv.conf leads to it. From construction to destruction.
class NameServer {
 public:
  explicit NameServer(Names names);
  NameServer(const NameServer&) = delete;
  NameServer& operator=(const NameServer&) = delete;
  ~NameServer();

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace doutu
