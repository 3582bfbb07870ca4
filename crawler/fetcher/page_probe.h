// Page probe: gets one page and tells what XPath expressions find on it, or suggests some. For `doutu probe`. Page
// fetcher, one thread.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "crawler/fetcher/html/xpath.h"
#include "shared/crawl/crawl_settings.h"

namespace doutu {

/// One line of JSON, valid UTF-8:
///
///   {"url": asked, "final_url": after redirects, "status": 200, "content_type": header, "encoding": "UTF-8",
///    "bytes": of the body, "cause": "" or why the page did not come (cause.h), "cause_text": the same for people,
///    "matches": [MATCH, one for each of settings.page.xpaths], "suggestions": [MATCH, where there are no xpaths]}
///
///   MATCH: {"xpath", "cause", "hits", "distinct", "repeats", "inlined", "unusable", "all_same", "without_url",
///           "such_as", "first": [URL], "rejected": [TEXT]} as XpathMatch has them, and for a suggestion "why":
///           [SENTENCE]
///
/// Texts are at most kMaxShown bytes. Takes at most settings.page.timeout for the page, and as long as the
/// expressions may. cookies: of the page's host, a line each. Preconditions: init_http() was called; xpaths are those
/// of the settings.
[[nodiscard]] std::string probe_page(const CrawlSettings& settings, const std::vector<Xpath>& xpaths,
                                     const std::string& url, std::string_view cookies = {});

inline constexpr std::size_t kMaxShown = 2048;

}  // namespace doutu
