// InlineImages: images that a page carries in itself (data: URLs). They need no transfer: within the batch that counts
// the hit, the bytes are checked, written to .doutu/incoming and recorded, so that none is ever pending. The ledger
// thread.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "downloader/check/image_check.h"
#include "downloader/ledger/ledger_writer.h"
#include "downloader/record/image_publisher.h"
#include "downloader/store/content_hasher.h"
#include "downloader/store/image_sink.h"
#include "shared/base/result.h"
#include "shared/crawl/crawl_settings.h"
#include "shared/crawl/records.h"

namespace doutu {

class InlineImages {
 public:
  /// All outlive this.
  InlineImages(const ImageOptions& image, ImageSink& sink, LedgerWriter& ledger, ImagePublisher& publisher)
      : image_(image), sink_(sink), ledger_(ledger), publisher_(publisher), check_(image.max_pixels) {}

  /// Counts the hit of the page, and records the image unless it is there already. An error is the disk's or the
  /// folder's (see disk_wait.h) or the ledger's, and the batch must be rolled back; what else keeps the file from being
  /// written is the failure of this image.
  Status add(PageRecord& page, const InlineImage& hit);
  void committed() { written_.clear(); }
  void rolled_back();

 private:
  Cause check(std::span<const std::byte> bytes);
  Status store(ImageOutcome outcome, std::span<const std::byte> bytes);

  const ImageOptions& image_;
  ImageSink& sink_;
  LedgerWriter& ledger_;
  ImagePublisher& publisher_;
  ImageCheck check_;
  std::optional<ContentHasher> hasher_;  ///< With SHA-256, which their URLs say. From the first one on.
  std::vector<std::int64_t> written_;    ///< In the open batch.
};

}  // namespace doutu
