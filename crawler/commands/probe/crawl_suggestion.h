// Crawl suggestions: from one page's address to the command that crawls all like it. Pure; any thread.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "crawler/cookies/cookie_sources.h"
#include "shared/crawl/crawl_settings.h"

namespace doutu {

/// A URL in which a number was taken for that of the page: "https://example.com/list?page={page}" and 3.
struct PageNumberGuess {
  std::string url_template;
  std::uint64_t page = 0;
};

/// Looks for ?page=3 (p, pn, pg, paged, pageno ...), /page/3, page-3, page3, then for the last path segment of /3/ or
/// list_3.html; nullopt: none is there, or the number is no page of a crawl.
[[nodiscard]] std::optional<PageNumberGuess> guess_page_number(std::string_view url);

/// "doutu crawl 'URL' --pages 3-12 --xpath '...'", with those of the settings that the page was fetched with. Without a
/// guess it crawls the one page. Passwords among the settings stand in it: whoever reads it has just typed them.
/// Headers are what the values of --header were, so that those of a file stay there.
[[nodiscard]] std::string crawl_command_line(const std::string& url, const std::optional<PageNumberGuess>& guess,
                                             const std::string& xpath, const CrawlSettings& settings,
                                             const CookieSources& cookies);

}  // namespace doutu
