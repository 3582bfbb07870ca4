// ImageAlternatives: the ledger's rules for an image that fails for good and has other URLs. The next of them takes its
// place, as if the page had named it there, in the transaction that records the failure. So what the job has found
// stays the same: the failed image is counted by nobody, and the other one as any hit is. Everything needs a
// transaction. The ledger thread.
#pragma once

#include <vector>

#include "downloader/ledger/alternative_table.h"
#include "downloader/ledger/found_table.h"
#include "downloader/ledger/image_hits.h"
#include "downloader/ledger/image_table.h"
#include "downloader/ledger/page_table.h"
#include "downloader/schedule/image_task.h"
#include "shared/base/result.h"

namespace doutu {

class ImageAlternatives {
 public:
  /// All outlive this.
  ImageAlternatives(AlternativeTable& table, PageTable& pages, FoundTable& found, ImageTable& images, ImageHits& hits)
      : table_(table), pages_(pages), found_(found), images_(images), hits_(hits) {}

  /// Whether any image of the ledger may have other URLs: then the rows of pages may change here.
  [[nodiscard]] bool are_there() const { return table_.has_urls(); }
  /// Records the failure of an image of the current job that has another URL of use. A task when that is to be fetched.
  /// False: it has none, and nothing is recorded. Precondition: the image is pending.
  Result<bool> replace(const ImageOutcome& failed, std::vector<ImageTask>& tasks);

 private:
  Result<StandIn> first_of_use(std::string_view urls, const FoundImage& failed, PageRecord& page);

  AlternativeTable& table_;
  PageTable& pages_;
  FoundTable& found_;
  ImageTable& images_;
  ImageHits& hits_;
};

}  // namespace doutu
