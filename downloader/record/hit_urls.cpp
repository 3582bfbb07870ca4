#include "downloader/record/hit_urls.h"

#include <algorithm>
#include <utility>
#include <vector>

#include "downloader/ledger/alternative_table.h"
#include "shared/url/url.h"

namespace doutu {

void HitUrls::check(ImageFound& hit) {
  const auto url = hit.cause == Cause::none ? urls_.normalise(hit.url) : std::nullopt;
  if (url) {
    hit.url = *url;
  } else if (hit.cause == Cause::none) {
    hit.cause = Cause::bad_url;
  }
  if (hit.alternatives.empty()) return;
  hit.alternatives = others(url.value_or(std::string_view()), hit.alternatives);
  if (url || hit.alternatives.empty()) return;
  hit.cause = Cause::none;
  hit.url = take_line(hit.alternatives);
}

std::string_view HitUrls::others(std::string_view url, std::string_view lines) {
  std::vector<std::string> urls{std::string(url)};
  others_.clear();
  while (!lines.empty() && urls.size() <= kMaxAlternatives) {
    auto other = normalise_url(take_line(lines));
    if (!other || std::ranges::find(urls, *other) != urls.end()) continue;
    others_.append(*other) += '\n';
    urls.push_back(*std::move(other));
  }
  return others_;
}

}  // namespace doutu
