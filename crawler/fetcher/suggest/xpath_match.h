// XpathMatch: what one expression finds on a page, in figures and a few examples. For `doutu probe`; pure. Page
// fetcher, one thread.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "crawler/fetcher/html/html_document.h"
#include "crawler/fetcher/html/image_links.h"
#include "crawler/fetcher/html/xpath.h"
#include "shared/base/cause.h"

namespace doutu {

struct XpathMatch {
  static constexpr std::size_t kExamples = 5;

  std::string xpath;
  Cause cause =
      Cause::none;       ///< too_many_hits, xpath_limit or page_unreadable: the figures are of what was found before.
  std::size_t hits = 0;  ///< All of them; what follows tells them apart.
  std::size_t distinct = 0;           ///< URLs to fetch, each once.
  std::size_t repeats = 0;            ///< Further hits of such a URL.
  std::size_t inlined = 0;            ///< Images within the page (data: URLs).
  std::size_t unusable = 0;           ///< Neither: text, javascript:, what is no URL.
  std::size_t without_url = 0;        ///< Beside the hits: what it matched that has no URL, such as a <div>,
  std::string such_as;                ///< and the first of these in words (html_document.h).
  std::vector<std::string> first;     ///< Of the URLs to fetch.
  std::vector<std::string> rejected;  ///< Of what is unusable, as the page has it.

  /// Several hits and one URL: a placeholder that scripts put an image in place of.
  [[nodiscard]] bool all_same() const { return distinct == 1 && repeats > 0; }
  /// Whether a crawl would get an image by it.
  [[nodiscard]] bool finds() const { return distinct + inlined > 0; }
};

/// Evaluates the expression as a crawl would.
[[nodiscard]] XpathMatch match_xpath(const HtmlDocument& page, const PageBase& base, const std::string& text,
                                     const Xpath& xpath, std::size_t max_hits);

}  // namespace doutu
