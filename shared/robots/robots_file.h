// The lines of a robots.txt as its author meant them (RFC 9309 section 2.2), with the misspellings that Google's parser
// takes, too: "disalow", "useragent", a line without its colon. Pure; any thread.
#pragma once

#include <cstddef>
#include <functional>
#include <string_view>

namespace doutu {

/// Of a robots.txt; what stands behind is not read (section 2.5).
inline constexpr std::size_t kMaxRobotsBytes = std::size_t{500} * 1024;

struct RobotsLine {
  enum class Kind { user_agent, allow, disallow, crawl_delay, other };
  Kind kind = Kind::other;
  std::string_view value;
};

/// Calls visit for each line that says something. Lines end with CR, LF or both; comments are left out.
void for_each_robots_line(std::string_view file, const std::function<void(const RobotsLine&)>& visit);

/// What a user-agent line is for: "*", or the product token that its value begins with ("doutu" of "doutu/2.1").
[[nodiscard]] std::string_view product_token(std::string_view value);

}  // namespace doutu
