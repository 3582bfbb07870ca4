// LowLimits: whether the limits that the system sets a process (getrlimit(2)) are enough for a crawl. They are checked
// before anything is started. With less than any crawl needs, a child would hit the limit again and again, and could
// not say which: such a crawl is not started. With less than it may come to need, the user is told. The parent's
// thread.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "shared/crawl/crawl_settings.h"

namespace doutu {

/// Of the process of a crawl that takes most of it.
struct LimitsNeeded {
  std::uint64_t open_files = 0;
  std::uint64_t tasks = 0;  ///< Of all processes together.
  std::uint64_t file_size = 0;
  std::uint64_t address_space = 0;
  std::uint64_t data = 0;
  std::uint64_t stack = 0;
};
/// What a crawl of small pages needs that fetches one page and one image at a time.
[[nodiscard]] LimitsNeeded limits_at_least(const CrawlSettings& settings);
/// When every slot looks up a name, and connections to other servers are kept.
[[nodiscard]] LimitsNeeded limits_at_most(const CrawlSettings& settings, std::uint32_t fetchers);

/// Lines for the user. Each names a limit, its value, what is needed and what to do.
struct LimitsJudged {
  std::optional<std::string> problem;  ///< Why the crawl cannot start.
  std::vector<std::string> warnings;   ///< Limits that it may meet.
};
/// Lets this process, and those that it starts, have as many open files as may be needed, as far as the system allows.
/// Then judges.
[[nodiscard]] LimitsJudged judge_limits(const CrawlSettings& settings, std::uint32_t fetchers);

}  // namespace doutu
