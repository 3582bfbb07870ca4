// RobotsBook: what is known of the robots.txt of each server, for as long as that may be believed (RFC 9309 section
// 2.4). Bounded: where it would take more memory it forgets all, and each is read again. A value; not thread-safe.
#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <unordered_map>

#include "shared/base/clock.h"
#include "shared/robots/robots_rules.h"

namespace doutu {

/// What was read from one server.
struct ServerRobots {
  std::string server;  ///< "https://example.com:443"
  std::shared_ptr<const RobotsRules> rules;
};

class RobotsBook {
 public:
  using Rules = std::shared_ptr<const RobotsRules>;

  /// After it was read.
  static constexpr std::chrono::hours kKept{24};
  static constexpr std::size_t kMostBytes = std::size_t{16} << 20U;

  /// server: "https://example.com:443".
  void put(const std::string& server, Rules rules, MonoTime until);
  /// nullptr: they are not known.
  [[nodiscard]] Rules find(const std::string& server, MonoTime now) const;

 private:
  struct Entry {
    Rules rules;
    MonoTime until;
  };
  std::unordered_map<std::string, Entry> entries_;
  std::size_t bytes_ = 0;
};

}  // namespace doutu
