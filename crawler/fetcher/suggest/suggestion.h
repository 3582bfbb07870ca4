// Suggestions: XPath expressions that find the images of a page, made by looking at it. Pure. Page fetcher, one thread.
//
// Attributes that look like URLs of images are sorted by kind (img/@src, img/@data-original) and within a kind by what
// their elements look like and stand in. The group with most different URLs is what the page is about; groups with one
// URL for all are placeholders, small ones and those with URLs from elsewhere are advertisements, icons, avatars. Then
// the plainest expression is sought that finds that group and nothing else.
#pragma once

#include <string>
#include <vector>

#include "crawler/fetcher/html/html_document.h"
#include "crawler/fetcher/html/image_links.h"
#include "crawler/fetcher/suggest/xpath_match.h"

namespace doutu {

struct Suggestion {
  XpathMatch match;              ///< The expression was evaluated: this is what it found.
  std::vector<std::string> why;  ///< Sentences for people; what they quote is as the page has it.
};

inline constexpr std::size_t kMaxSuggestions = 3;

/// The best first; empty when nothing on the page looks like an image.
[[nodiscard]] std::vector<Suggestion> suggest(const HtmlDocument& page, const PageBase& base, std::size_t max_hits);

}  // namespace doutu
