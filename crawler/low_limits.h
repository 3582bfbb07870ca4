// LowLimits: whether what the system lets a process have (getrlimit(2)) is enough for a crawl. Looked at before
// anything is started: in the middle a child meets a limit that is too low, again and again, and can say no more than
// that something was wanting. The parent's thread.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "shared/process/crawl_settings.h"

namespace doutu {

/// What the process of a crawl that takes most of it may come to need: with less, images would fail for want of it.
struct LimitsNeeded {
  std::uint64_t open_files = 0;
  std::uint64_t tasks = 0;  ///< Of all processes together.
  std::uint64_t file_size = 0;
  std::uint64_t address_space = 0;
  std::uint64_t data = 0;
  std::uint64_t stack = 0;
};
[[nodiscard]] LimitsNeeded limits_needed(const CrawlSettings& settings, std::uint32_t fetchers);

/// Lets this process, and those that it starts, have as many open files as are needed, as far as the system allows.
/// Then: a line for the user that names the limit that is too low, its value, what is needed and what to do; nullopt:
/// none is.
[[nodiscard]] std::optional<std::string> problem_with_limits(const CrawlSettings& settings, std::uint32_t fetchers);

}  // namespace doutu
