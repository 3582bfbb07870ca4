#include "downloader/ledger/image_alternatives.h"

#include <string>
#include <utility>

namespace doutu {

// The failed image stands in the page's present attempt from now on, as what replaces it counts there: if the attempt
// comes to that hit, it finds it counted. An image whose page is not known (FoundTable::take_over()) just fails.
Result<bool> ImageAlternatives::replace(const ImageOutcome& failed, std::vector<ImageTask>& tasks) {
  const auto urls = table_.urls_of(failed.id);
  if (!urls) return urls.error();
  if (urls->empty()) return false;
  const auto image = found_.find(failed.id);
  if (!image) return image.error();
  auto page = pages_.find(image->page);
  if (!page) return std::move(page).error();
  Status replaced = table_.forget_urls(failed.id);
  if (!replaced) return std::move(replaced).error();
  if (!*page) return false;
  auto stand_in = first_of_use(*urls, *image, **page);
  if (!stand_in) return std::move(stand_in).error();
  if (stand_in->id == 0) return false;
  replaced = found_.move(*image, **page, image->position);
  if (replaced) replaced = pages_.save(**page);
  if (replaced) replaced = images_.record_replaced(failed);
  if (replaced) replaced = table_.replace(failed.id, stand_in->id);
  if (!replaced) return std::move(replaced).error();
  if (stand_in->task) tasks.push_back(*std::move(stand_in->task));
  return true;
}

Result<StandIn> ImageAlternatives::first_of_use(std::string_view urls, const FoundImage& failed, PageRecord& page) {
  ImageFound hit{.page = page.number, .attempt = page.attempt, .position = failed.position, .url = {}};
  hit.referrer_policy = failed.referrer_policy;
  for (std::string_view rest = urls; !rest.empty();) {
    hit.url = take_line(rest);
    hit.alternatives = rest;
    if (hit.url.empty()) continue;
    auto stand_in = hits_.add_in_place_of(failed, page, hit);
    if (!stand_in || stand_in->id != 0) return stand_in;
  }
  return StandIn();
}

}  // namespace doutu
