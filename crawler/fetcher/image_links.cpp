#include "crawler/fetcher/image_links.h"

#include <string>

namespace doutu {
namespace {

/// A base that is no http(s) URL (data: ..., nonsense) counts as none (HTML section 4.2.3, "frozen base URL").
std::string base_url_of(const HtmlDocument& page, std::string_view page_url) {
  if (const auto href = page.base_href()) {
    ResolvedUrl base = resolve_url(page_url, *href);
    if (base.cause == Cause::none) return std::move(base.url);
  }
  return std::string(page_url);
}

}  // namespace

ImageLinks find_image_links(const HtmlDocument& page, std::span<const Xpath> xpaths, std::string_view page_url,
                            std::size_t max_hits) {
  const std::string base = base_url_of(page, page_url);
  ImageLinks found;
  for (const Xpath& xpath : xpaths) {
    const Hits hits = page.evaluate(xpath, max_hits - found.links.size());
    for (const std::string& value : hits.values) found.links.push_back(resolve_url(base, value));
    found.cause = hits.cause;
    if (found.cause != Cause::none) break;
  }
  return found;
}

}  // namespace doutu
