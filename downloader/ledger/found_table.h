// FoundTable: every image once, by its URL: where it was found, and (joined from ended) what became of it. Rows are
// appended; only the next attempt at a page changes those of the attempt before. An image that is to be fetched again
// gets a row with a new id, and the old one goes; its other URLs (AlternativeTable) go with it. Everything needs a
// transaction. The ledger thread.
//
// Invariant: the ids of pending rows rise in the order in which they became pending.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "downloader/ledger/alternative_table.h"
#include "downloader/ledger/current_job.h"
#include "downloader/ledger/image_ids.h"
#include "downloader/ledger/met_images.h"
#include "downloader/ledger/page_table.h"
#include "downloader/ledger/pending_ids.h"
#include "downloader/ledger/preparer.h"
#include "downloader/ledger/url_keys.h"
#include "downloader/schedule/image_task.h"
#include "shared/base/result.h"
#include "shared/crawl/records.h"
#include "shared/ledger/schema.h"
#include "shared/url/referrer_policy.h"

namespace doutu {

/// A row, and what became of the image.
struct FoundImage {
  std::int64_t id = 0;
  KeyStage::Key key = 0;
  std::int64_t job = 0;
  std::uint64_t page = 0;
  std::uint32_t attempt = 0;
  std::uint32_t position = 0;
  ImageState state = ImageState::pending;
  std::int64_t settled_in = 0;  ///< 0 while it is pending.
  std::string file;
  std::uint64_t bytes = 0;
  ReferrerPolicy referrer_policy{};
  [[nodiscard]] bool is_fetched() const { return state == ImageState::saved || state == ImageState::duplicate; }
};

class FoundTable {
 public:
  /// All outlive this.
  FoundTable(Preparer& prepare, CurrentJob& job, ImageIds& ids, PendingIds& pending, AlternativeTable& alternatives);
  /// Images are settled as skipped the moment they are found.
  void skip_all() { skips_all_ = true; }
  /// Once, before anything else.
  Status load(const UrlSecret& secret) { return urls_.load(secret); }
  /// Puts the keys of some rows above the last merge, or behind the last ones that were put: as many as may wait. The
  /// last of them; 0: there was none. Call it until it says so, and merge when the keys are full.
  Result<std::int64_t> load_keys(std::int64_t behind);

  /// id 0: nobody has the URL, and the key is free for it.
  Result<FoundImage> find(std::string_view url);
  /// The same by the id, without a key; id 0: there is no such row.
  Result<FoundImage> find(std::int64_t id);
  /// A row for a URL that nobody has. A task when it is pending.
  Result<std::optional<ImageTask>> add(const PageRecord& page, const ImageFound& hit, std::int64_t host,
                                       KeyStage::Key key);
  /// The same in place of the row that the URL has.
  Result<std::optional<ImageTask>> add_again(const PageRecord& page, const ImageFound& hit, std::int64_t host,
                                             const FoundImage& old);
  /// Another attempt at its page has met it.
  Status move(const FoundImage& image, const PageRecord& page, std::uint32_t position);
  /// An image whose bytes are gone: a pending row with a new id, in its job. The new id.
  Result<std::int64_t> requeue(std::int64_t id, std::int64_t job, std::int64_t host);
  /// The same in the current job, which has met an image of another one there. Page 0: no page that is still read.
  Result<std::int64_t> take_over(std::int64_t id, const MetImages::PageMeeting& met, std::int64_t host);

  /// The current job has given the image up: among the few that failed.
  Status record_failed(std::int64_t id);

  /// Moves the keys of all rows up to this one into the table. The last thing of its batch.
  Status merge(std::int64_t up_to);
  [[nodiscard]] KeyStage& keys() { return urls_.stage(); }

 private:
  Status remove(std::int64_t id);
  [[nodiscard]] FoundImage image_at_row(std::int64_t id) const;
  const std::string& referer_of(const PageRecord& page);
  Status load_key(std::int64_t id, KeyStage::Key key);
  Result<std::string> url_in(std::int64_t id);
  Result<std::int64_t> copy(std::int64_t id, std::int64_t job, const std::optional<MetImages::PageMeeting>& met,
                            std::int64_t host);
  Result<bool> has_url(std::int64_t id, std::string_view url);

  struct Insertion {
    Statement found;
    Statement ended;
  };
  /// The rows of an image that gets others.
  struct Removal {
    Statement found;
    Statement ended;
    Statement retry;
    Statement robots_tag;
  };
  /// The few rows of table failed.
  struct FailedRows {
    Statement save;
    Statement forget;
  };
  /// Of the page that the last image was found on, which is mostly that of the next one: its URL, and that as a
  /// Referer.
  struct Referer {
    std::string url;
    std::string text;
  };

  bool skips_all_ = false;
  CurrentJob& job_;
  ImageIds& ids_;
  PendingIds& pending_;
  AlternativeTable& alternatives_;
  UrlKeys urls_;
  Referer referer_;
  Statement row_;
  Statement url_of_;
  Statement unmerged_;
  Insertion insert_;
  Statement move_;
  Statement copy_;
  Removal removal_;
  Statement save_merged_;
  FailedRows failed_;
};

}  // namespace doutu
