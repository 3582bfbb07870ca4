// HitUrls: the URLs of a hit as the downloader takes them. Its sender reads what strangers wrote and may have been
// taken over: each URL is normalised here once more. One thread.
#pragma once

#include <string>
#include <string_view>

#include "shared/crawl/records.h"
#include "shared/url/url_normaliser.h"

namespace doutu {

class HitUrls {
 public:
  /// Puts the normalised URL into the hit, or why it is none, and its other URLs without those that are none or stand
  /// there before. A hit whose own URL cannot be asked for is asked for by the first of the others. Valid until the
  /// next call, and as long as the hit was.
  void check(ImageFound& hit);

 private:
  std::string_view others(std::string_view url, std::string_view lines);

  UrlNormaliser urls_;
  std::string others_;
};

}  // namespace doutu
