// RobotsRules: what the robots.txt of one server says to one crawler (RFC 9309): which URLs it may ask for, and how
// often. A value; any thread may read it.
//
// The rules that concern the crawler are a short text, which is what processes and the ledger pass on:
//   "+/path" allows, "-/path" disallows, "=2500" is a Crawl-delay in milliseconds; a line each, the longest paths
//   first.
// It has at most kMaxRulesBytes: of a robots.txt with more, the rules that stand first in it.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "shared/base/clock.h"

namespace doutu {

/// What robots.txt knows this program by, whatever the User-Agent header says.
inline constexpr std::string_view kRobotsToken = "doutu";

class RobotsRules {
 public:
  static constexpr std::size_t kMaxRulesBytes = std::size_t{32} * 1024;
  /// A longer Crawl-delay counts as this.
  static constexpr milliseconds kMaxCrawlDelay{60'000};

  /// Everything is allowed.
  RobotsRules() = default;
  /// Any bytes. A web page (it begins with '<') has no rules. The groups of the token, all together; if there is none,
  /// those of "*".
  [[nodiscard]] static RobotsRules parse(std::string_view file, std::string_view token = kRobotsToken);
  /// nullopt: to_text() has not made it.
  [[nodiscard]] static std::optional<RobotsRules> from_text(std::string_view text);
  [[nodiscard]] std::string to_text() const;

  /// The longest path that matches decides; of two, the one that allows. url: absolute, normal. Takes time linear in
  /// the URL and the rules for each rule, in practice some 10 ns.
  [[nodiscard]] bool allows(std::string_view url) const;
  /// 0: none.
  [[nodiscard]] milliseconds crawl_delay() const { return crawl_delay_; }
  /// Of memory, about.
  [[nodiscard]] std::size_t bytes() const;
  bool operator==(const RobotsRules&) const = default;

 private:
  struct Rule {
    std::string pattern;  ///< Canonical (path_pattern.h).
    bool allows = false;
    bool operator==(const Rule&) const = default;
  };
  void sort();

  std::vector<Rule> rules_;  ///< The longest first; of two, the one that allows.
  milliseconds crawl_delay_{0};
};

}  // namespace doutu
