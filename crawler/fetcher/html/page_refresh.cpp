#include "crawler/fetcher/html/page_refresh.h"

#include <cstdint>
#include <vector>

#include "crawler/fetcher/html/xpath.h"
#include "crawler/fetcher/text/refresh.h"
#include "shared/url/url.h"

namespace doutu {
namespace {

/// A page that shows itself for longer is one to be read.
constexpr std::uint64_t kMostSeconds = 60;
constexpr std::size_t kMostMetas = 16;

const Xpath& metas() {
  static const Xpath compiled =
      Xpath::compile("//meta[translate(@http-equiv, 'EFHRS', 'efhrs') = 'refresh'][not(ancestor::noscript)]/@content")
          .value();
  return compiled;
}

/// The first that is one counts, wherever it leads (HTML section 4.2.5.3).
std::optional<Refresh> first_refresh(const std::vector<std::string>& texts) {
  for (const std::string& text : texts) {
    if (const auto refresh = parse_refresh(text)) return refresh;
  }
  return std::nullopt;
}

}  // namespace

std::optional<std::string> page_refresh(const HtmlDocument& page, const PageBase& base, std::string_view page_url,
                                        std::string_view header) {
  std::vector<std::string> texts{std::string(header)};
  for (std::string& text : page.evaluate(metas(), kMostMetas).values) texts.push_back(std::move(text));
  const auto refresh = first_refresh(texts);
  if (!refresh || refresh->url.empty() || refresh->seconds > kMostSeconds) return std::nullopt;
  ResolvedUrl target = resolve_url(base.url, refresh->url, base.encode_query);
  const bool leads_away = target.cause == Cause::none && target.url != page_url;
  return leads_away ? std::optional(std::move(target.url)) : std::nullopt;
}

}  // namespace doutu
