// NamedImages: the fetched images with their files, as images.jsonl has them. It only reads, and in no transaction. The
// ledger thread.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>

#include "downloader/ledger/preparer.h"
#include "downloader/ledger/sync_table.h"
#include "downloader/schedule/spot.h"
#include "downloader/store/content.h"
#include "shared/base/result.h"

namespace doutu {

/// A fetched image, as images.jsonl has it.
struct NamedImage {
  std::int64_t id = 0;
  std::int64_t epoch = 0;  ///< In which it got its file (SyncTable).
  std::string file;
  std::string url;
  Spot spot;
  Content content;
  std::uint32_t width = 0;  ///< In pixels; 0: not known. So is the height.
  std::uint32_t height = 0;
  std::string robots_tag{};  ///< ImageOutcome::robots_tag.
};

class NamedImages {
 public:
  /// syncs outlives this.
  NamedImages(Preparer& prepare, SyncTable& syncs);

  Result<std::optional<NamedImage>> find(std::int64_t id);
  /// The highest of the last epoch up to this one that has any. Precondition: no earlier epoch than the durable one.
  Result<std::optional<NamedImage>> last(std::int64_t up_to_epoch);
  /// In the order of their ids. The table is read meanwhile.
  Status for_each(const std::function<void(const NamedImage&)>& visit);

 private:
  SyncTable& syncs_;
  Statement find_;
  Statement all_;
};

}  // namespace doutu
