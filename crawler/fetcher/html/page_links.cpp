#include "crawler/fetcher/html/page_links.h"

#include <unordered_set>
#include <utility>

#include "shared/url/url.h"

namespace doutu {

LinksToPages find_links_to_pages(const HtmlDocument& page, std::span<const LinkExpressions> expressions,
                                 const PageBase& base, std::size_t max_links) {
  LinksToPages found;
  std::unordered_set<std::string> urls;
  std::size_t hits_so_far = 0;
  std::size_t url_bytes = 0;
  for (const auto& [xpaths, step] : expressions) {
    for (const Xpath& xpath : xpaths) {
      const Hits hits = page.evaluate(xpath, max_links - hits_so_far);
      hits_so_far += hits.values.size();
      for (const std::string& value : hits.values) {
        ResolvedUrl resolved = resolve_url(base.url, value, base.encode_query);
        if (resolved.cause != Cause::none || !urls.insert(resolved.url).second) continue;
        url_bytes += resolved.url.size();
        if (url_bytes > kMaxUrlBytesInAll) return found.cause = Cause::too_many_hits, found;
        found.links.push_back({step, std::move(resolved.url)});
      }
      found.cause = hits.cause;
      if (found.cause != Cause::none) return found;
    }
  }
  return found;
}

}  // namespace doutu
