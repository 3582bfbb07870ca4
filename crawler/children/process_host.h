// ProcessHost: the ChildHost of a real crawl. Each child is a program under a SupervisedChild. The parent's thread.
#pragma once

#include <boost/asio/io_context.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>

#include "crawler/children/child_host.h"
#include "crawler/children/child_launcher.h"

namespace doutu {

class ProcessHost final : public ChildHost {
 public:
  /// Both outlive it, and it outlives its children.
  ProcessHost(boost::asio::io_context& io, ChildLauncher& launcher) : io_(io), launcher_(launcher), doubts_(io) {}

  Result<NewChild> start(ChildRole role, ChildEvents events) override;
  [[nodiscard]] bool wait_for_doubt(std::function<void()> then) override;
  void drop_doubts() override;

 private:
  Result<NewChild> start_fetcher(ChildEvents events);

  boost::asio::io_context& io_;
  ChildLauncher& launcher_;
  boost::asio::posix::stream_descriptor doubts_;  ///< A copy of the launcher's, open from the first wait on.
};

}  // namespace doutu
