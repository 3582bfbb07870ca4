#include "crawler/fetcher/html/image_links.h"

#include <string>
#include <utility>

#include "crawler/fetcher/attribute/data_url.h"
#include "crawler/fetcher/text/text_encoder.h"
#include "shared/crawl/records.h"
#include "shared/url/url.h"

namespace doutu {
namespace {

ImageLink inline_image(std::string_view data_url) {
  auto bytes = decode_data_url(data_url);
  if (!bytes) return {Cause::bad_url, shorten_data_url(data_url), std::nullopt};
  if (bytes->size() > kMaxInlineBytes) return {Cause::too_large, shorten_data_url(data_url), std::nullopt};
  return {Cause::none, {}, std::move(bytes)};
}

}  // namespace

/// A base that is no http(s) URL (data: ..., nonsense) counts as none (HTML section 4.2.3, "frozen base URL").
PageBase page_base(const HtmlDocument& page, std::string_view page_url, Encoding encoding) {
  PageBase base{.url = std::string(page_url), .encode_query = query_encoder(encoding)};
  if (const auto href = page.base_href()) {
    ResolvedUrl resolved = resolve_url(page_url, *href, base.encode_query);
    if (resolved.cause == Cause::none) base.url = std::move(resolved.url);
  }
  return base;
}

ImageLink image_link(const PageBase& base, std::string_view hit) {
  if (is_data_url(hit)) return inline_image(hit);
  ResolvedUrl resolved = resolve_url(base.url, hit, base.encode_query);
  return {resolved.cause, std::move(resolved.url), std::nullopt};
}

ImageLinks find_image_links(const HtmlDocument& page, std::span<const Xpath> xpaths, std::string_view page_url,
                            Encoding encoding, std::size_t max_hits) {
  const PageBase base = page_base(page, page_url, encoding);
  ImageLinks found;
  std::size_t url_bytes = 0;
  for (const Xpath& xpath : xpaths) {
    const Hits hits = page.evaluate(xpath, max_hits - found.links.size());
    for (const std::string& value : hits.values) {
      ImageLink link = image_link(base, value);
      url_bytes += link.url.size();
      if (url_bytes > kMaxUrlBytesInAll) return found.cause = Cause::too_many_hits, found;
      found.links.push_back(std::move(link));
    }
    if (hits.cause != Cause::none) found.cause = hits.cause;
    if (found.cause != Cause::none && found.cause != Cause::bad_json) break;
  }
  return found;
}

}  // namespace doutu
