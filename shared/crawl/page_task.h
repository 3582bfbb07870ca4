// PageTask: one attempt at a page. The parent gives it to a fetcher, and tells the downloader about it. A value; any
// thread.
#pragma once

#include <cstdint>
#include <string>
#include <tuple>

#include "shared/crawl/crawl_settings.h"

namespace doutu {

/// Pages that links lead to are numbered from here on, in each job. Those that the user has named have lower numbers.
inline constexpr std::uint64_t kFirstFoundPage = std::uint64_t{1} << 30U;

/// Whether the page of this number, and its images, obey robots.txt.
[[nodiscard]] constexpr bool obeys_robots(std::uint64_t page, Robots robots) {
  return page >= kFirstFoundPage ? robots != Robots::nothing : robots == Robots::everything;
}

struct PageTask {
  std::uint64_t id = 0;       ///< Of the page, in its job.
  std::uint32_t attempt = 0;  ///< From 1 on.
  std::string url;            ///< Absolute, normalised.
  /// 0: a list of pages (a sitemap, a feed). 1: a page that the user or a list has named. Then one for each --follow.
  std::uint32_t step = 1;
  std::string text{};  ///< Lines of a list that names images: there is nothing to fetch. Empty: an ordinary page.
  bool operator==(const PageTask&) const = default;

  /// As a part of a message (messages.h).
  static constexpr auto kFields = [](auto& t) { return std::tie(t.id, t.attempt, t.url, t.step, t.text); };
};

}  // namespace doutu
