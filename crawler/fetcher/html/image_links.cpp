#include "crawler/fetcher/html/image_links.h"

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

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

/// Not among those that are there.
void add_alternative(ImageLink& link, std::string_view url) {
  const auto count = static_cast<std::size_t>(std::ranges::count(link.alternatives, '\n'));
  if (count >= kMaxAlternatives || link.alternatives.size() + url.size() + 1 > kMaxAlternativesBytes) return;
  link.alternatives.append(url) += '\n';
}

void add_alternatives(ImageLink& link, const std::vector<std::string>& values, const PageBase& base) {
  if (link.cause != Cause::none || link.bytes) return;
  for (const std::string& value : values) {
    const ResolvedUrl resolved = resolve_url(base.url, value, base.encode_query);
    if (resolved.cause == Cause::none && resolved.url != link.url) add_alternative(link, resolved.url);
  }
}

/// What is no URL when it is rewritten stays as it was.
void rewrite(ImageLink& link, std::span<const Rewrite> rules) {
  if (link.cause != Cause::none || link.bytes) return;
  std::string text = link.url;
  for (const Rewrite& rule : rules) text = rule.apply(text);
  const auto url = normalise_url(text);
  if (!url || *url == link.url) return;
  const std::string others = std::exchange(link.alternatives, {});
  add_alternative(link, std::exchange(link.url, *url));
  if (link.alternatives.size() + others.size() <= kMaxAlternativesBytes) link.alternatives += others;
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
                            Encoding encoding, std::size_t max_hits, const ImageVariants& variants) {
  const PageBase base = page_base(page, page_url, encoding);
  ImageLinks found;
  std::size_t url_bytes = 0;
  for (const Xpath& xpath : xpaths) {
    const auto& [hits, policies, beside] =
        page.evaluate_beside(xpath, variants.alternatives, max_hits - found.links.size(), kMaxAlternatives - 1);
    for (std::size_t i = 0; i < hits.values.size(); ++i) {
      ImageLink link = image_link(base, hits.values[i]);
      link.referrer_policy = policies[i];
      if (!beside.empty()) add_alternatives(link, beside[i], base);
      if (!variants.rewrites.empty()) rewrite(link, variants.rewrites);
      url_bytes += link.url.size() + link.alternatives.size();
      if (url_bytes > kMaxUrlBytesInAll) return found.cause = Cause::too_many_hits, found;
      found.links.push_back(std::move(link));
    }
    if (hits.cause != Cause::none) found.cause = hits.cause;
    if (found.cause != Cause::none && found.cause != Cause::bad_json) break;
  }
  return found;
}

}  // namespace doutu
