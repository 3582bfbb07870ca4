#include "crawler/fetcher/image_links.h"

#include <string>
#include <utility>

#include "crawler/fetcher/data_url.h"
#include "crawler/fetcher/text_encoder.h"
#include "shared/http/url.h"
#include "shared/lane/records.h"

namespace doutu {
namespace {

/// A base that is no http(s) URL (data: ..., nonsense) counts as none (HTML section 4.2.3, "frozen base URL").
std::string base_url_of(const HtmlDocument& page, std::string_view page_url, const QueryEncoder& encode_query) {
  if (const auto href = page.base_href()) {
    ResolvedUrl base = resolve_url(page_url, *href, encode_query);
    if (base.cause == Cause::none) return std::move(base.url);
  }
  return std::string(page_url);
}

ImageLink inline_image(std::string_view data_url) {
  auto bytes = decode_data_url(data_url);
  if (!bytes) return {Cause::bad_url, shorten_data_url(data_url), std::nullopt};
  if (bytes->size() > kMaxInlineBytes) return {Cause::too_large, shorten_data_url(data_url), std::nullopt};
  return {Cause::none, {}, std::move(bytes)};
}

ImageLink link_of(const std::string& base, std::string_view hit, const QueryEncoder& encode_query) {
  if (is_data_url(hit)) return inline_image(hit);
  ResolvedUrl resolved = resolve_url(base, hit, encode_query);
  return {resolved.cause, std::move(resolved.url), std::nullopt};
}

}  // namespace

ImageLinks find_image_links(const HtmlDocument& page, std::span<const Xpath> xpaths, std::string_view page_url,
                            Encoding encoding, std::size_t max_hits) {
  const QueryEncoder encode_query = query_encoder(encoding);
  const std::string base = base_url_of(page, page_url, encode_query);
  ImageLinks found;
  for (const Xpath& xpath : xpaths) {
    const Hits hits = page.evaluate(xpath, max_hits - found.links.size());
    for (const std::string& value : hits.values) found.links.push_back(link_of(base, value, encode_query));
    found.cause = hits.cause;
    if (found.cause != Cause::none) break;
  }
  return found;
}

}  // namespace doutu
