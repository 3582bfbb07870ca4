// The limits that a user sets for what a crawl saves (--max-images, --max-bytes). A pure rule.
#pragma once

#include <fmt/format.h>

#include <optional>
#include <string>

#include "shared/crawl/crawl_settings.h"
#include "shared/ledger/schema.h"

namespace doutu {

/// Only what is recorded counts towards them.
[[nodiscard]] inline bool has_limits(const CrawlSettings& settings) {
  return settings.limits.max_images > 0 || settings.limits.max_bytes > 0;
}

/// The limit that is reached, in words for the user.
[[nodiscard]] inline std::optional<std::string> reached_limit(const CrawlSettings& settings,
                                                              const JobCounters& counters) {
  if (settings.limits.max_images > 0 && counters.saved >= settings.limits.max_images) {
    return fmt::format("--max-images is reached: {} saved",
                       counters.saved == 1 ? "1 image is" : fmt::format("{} images are", counters.saved));
  }
  if (settings.limits.max_bytes > 0 && counters.bytes >= settings.limits.max_bytes) {
    return fmt::format("--max-bytes is reached: {} bytes are saved", counters.bytes);
  }
  return std::nullopt;
}

}  // namespace doutu
