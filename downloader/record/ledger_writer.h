// LedgerWriter: the one connection that writes a folder's ledger, in terms of values. Everything between begin() and
// commit() happens or does not; the tally in memory follows its transaction. After an error the batch must be rolled
// back. The ledger thread of the downloader, which holds LockPart::downloader.
//
// Invariants, with A the current account and after every commit:
//   1. tally().pending, saved, duplicate, failed, skipped = the rows with account = A in that state, settled in A
//      (pending: in none).
//   2. tally().known = the rows with account = A that were saved in another account, and those that were pending in A
//      when another account met them; repeated = the sum over A's pages.
//   3. The ids of pending rows rise in the order in which they became pending.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

#include "downloader/record/ledger_statements.h"
#include "downloader/schedule/image_job.h"
#include "downloader/store/content.h"
#include "shared/base/result.h"
#include "shared/crawl/records.h"
#include "shared/ledger/schema.h"
#include "shared/ledger/sqlite.h"
#include "shared/process/stats_page.h"

namespace doutu {

/// What the ledger has of a page of the current account.
struct PageRecord {
  std::uint64_t number = 0;
  std::string url;
  std::string final_url;  ///< Empty when the same.
  PageState state = PageState::open;
  std::uint32_t attempt = 0;      ///< Over all runs: every attempt that began or ended.
  std::uint64_t run = 0;          ///< The run of the last one,
  std::uint32_t run_attempt = 0;  ///< where it has this number.
  std::string cause;              ///< Why it, or the page, failed; empty: not, or not yet.
  std::uint16_t http_status = 0;
  std::uint32_t hits = 0;      ///< Of this attempt, so far.
  std::uint32_t repeated = 0;  ///< Of these, on images that this account had met.
};

/// What the ledger has of an image.
struct StoredImage {
  std::int64_t account = 0;
  std::int64_t settled_in = 0;  ///< The account whose figures count it; 0 while it is pending.
  ImageState state = ImageState::pending;
  std::int64_t host = 0;
  std::uint32_t attempts = 0;
  std::string url;
  std::string type;
  std::string file;
  Content content;
  [[nodiscard]] bool is_fetched() const { return state == ImageState::saved || state == ImageState::duplicate; }
};

/// A file of the folder, and the image that it is named after.
struct NamedFile {
  std::string file;
  std::string url;
  std::string type;
};

/// Where an image was met last.
struct Spot {
  std::uint64_t page = 0;
  std::uint32_t position = 0;  ///< Among the page's hits, from 0.
  bool operator==(const Spot&) const = default;
};

/// A fetched image, as images.jsonl has it.
struct NamedImage {
  std::int64_t id = 0;
  std::int64_t round = 0;  ///< In which it got its file.
  std::string file;
  std::string url;
  Spot spot;
  Content content;
  std::uint32_t width = 0;  ///< In pixels; 0: not known. So is the height.
  std::uint32_t height = 0;
};

class LedgerWriter {
 public:
  /// Opens or creates the folder's ledger. Errors are lines for the user.
  static Result<std::unique_ptr<LedgerWriter>> open(const StateFolder& folder);
  /// Leaves one file, without a WAL, when no one else has it open.
  ~LedgerWriter();

  Status begin();
  Status commit();
  void rollback();

  /// Makes everything committed part of the database file and empties the WAL (unless someone is reading).
  Status checkpoint();
  [[nodiscard]] std::uint64_t wal_bytes() const { return db_.wal_bytes(); }

  // --- Rounds of syncs. Images that get their file carry the number of the round.

  /// The next round begins. Its number: what was committed so far is of earlier ones.
  std::int64_t begin_round() { return ++round_; }
  [[nodiscard]] std::int64_t round() const { return round_; }
  /// In no transaction: the files of this round and of those before it are on the disk under their names.
  Status save_durable(std::int64_t round);
  /// The last round of which that was said.
  [[nodiscard]] std::int64_t durable_round() const { return durable_; }
  /// Fetched images of whose files it was not said.
  Result<std::vector<std::int64_t>> unsure_images();

  /// The bytes of an image that cannot be fetched again, until save_durable() says that they are not needed.
  Status keep_bytes(std::int64_t id, std::span<const std::byte> bytes);
  Result<std::optional<std::vector<std::byte>>> kept_bytes(std::int64_t id);

  // --- The account. Everything below needs a transaction.

  /// Continues account id, or begins it when there is none. id 0: the last unsettled account with this request, or a
  /// new one. Lane positions of other runs are forgotten.
  Status begin_account(std::int64_t id, const AccountRequest& request, std::uint64_t run);
  Status settle_account();
  [[nodiscard]] std::int64_t account() const { return account_; }
  [[nodiscard]] const AccountTally& tally() const { return tally_; }
  /// Failed images by cause, for people: their sum is tally().failed.
  [[nodiscard]] const FailureCounts& failures() const { return failures_; }

  // --- Lanes of this run.

  /// Position up to which a lane's records are in the ledger; 0 for a new one.
  Result<std::uint64_t> lane_taken(std::uint64_t generation);
  Status save_lane_taken(std::uint64_t generation, std::uint64_t position);

  // --- Pages.

  Result<std::optional<PageRecord>> find_page(std::uint64_t number);
  /// Begins the next attempt at a page; `before` is what find_page() found. Takes back what the attempt before had
  /// counted as repeated. `page` brings number, run_attempt and the two URLs.
  Result<PageRecord> begin_attempt(const std::optional<PageRecord>& before, PageRecord page);
  /// Writes what changed in the record: hits and repeated so far, an end, a cause.
  Status save_page(const PageRecord& page);

  // --- Images.

  /// Whether the folder has lost a file of so many bytes. It is asked of the images of earlier accounts that this one
  /// meets, and one that is lost is fetched again. Before this is called none is.
  using HasLost = std::function<bool(const std::string& file, std::uint64_t bytes)>;
  void look_for_files(HasLost has_lost) { has_lost_ = std::move(has_lost); }

  /// A job, when there is now an image to fetch.
  using MaybeJob = Result<std::optional<ImageJob>>;
  /// Counts one hit of the page: in page.hits, page.repeated and the tally.
  MaybeJob add_hit(PageRecord& page, const ImageFound& hit);

  /// In the order of their ids, from after_id on.
  Result<std::vector<HostRow>> hosts_with_pending(std::int64_t after_id, std::size_t limit);
  /// Hosts that an image came from, in any account, and (with id 0) those of this account's last pages. Reads a table
  /// whole.
  Result<std::vector<HostRow>> hosts_that_answered();
  /// Pending rows of the host with id > after_id, in the order of their ids.
  Result<std::vector<ImageJob>> pending_jobs(std::int64_t host, std::int64_t after_id, std::size_t limit);
  Result<std::optional<StoredImage>> find_image(std::int64_t id);
  /// Of an image of which this account still waits for what becomes of it; nullopt: it does not.
  Result<std::optional<Spot>> pending_spot(std::int64_t id);

  // Precondition of all three: the image is pending in this account.
  Status record_retry(const ImageOutcome& outcome);
  Status record_failed(const ImageOutcome& outcome);
  /// state: saved or duplicate.
  Status record_fetched(const ImageOutcome& outcome, ImageState state, const std::string& file);

  /// A saved image with these bytes.
  Result<std::optional<NamedFile>> find_content(const Sha256& sha256);
  Status rename_file(std::int64_t id, const std::string& file);
  // Fetched images for images.jsonl; in no transaction.
  Result<std::optional<NamedImage>> find_named(std::int64_t id);
  /// The last one by round and id, of this round or of those before it. Reads a table whole.
  Result<std::optional<NamedImage>> last_named(std::int64_t up_to_round);
  /// In the order of their ids. The table is read meanwhile.
  Status for_each_named(const std::function<void(const NamedImage&)>& visit);

  /// The bytes of a fetched image are gone: it is pending again in its account, which is unsettled then. A job when
  /// that is this one.
  MaybeJob fetch_again(std::int64_t id);

 private:
  LedgerWriter(Database db, LedgerStatements statements, std::string directory, std::int64_t last_image);

  /// The row of a URL that was met before.
  struct KnownImage {
    std::int64_t id = 0;
    std::int64_t account = 0;
    std::uint64_t page = 0;
    std::uint32_t attempt = 0;
    std::uint32_t position = 0;
    ImageState state = ImageState::pending;
    std::int64_t settled_in = 0;
    std::string file;
    std::uint64_t bytes = 0;
  };

  Status read_sync();
  Result<bool> continue_account(std::int64_t id, const AccountRequest& request);
  Status new_account(std::int64_t id, const AccountRequest& request);
  Status count_failures();
  void count_new(ImageState state, Cause cause);
  /// False when the URL was met before.
  Result<bool> add_new(const PageRecord& page, const ImageFound& hit, std::span<const std::byte> key,
                       std::int64_t host);
  MaybeJob meet_again(PageRecord& page, const ImageFound& hit, const KnownImage& image);
  MaybeJob meet_older(PageRecord& page, const ImageFound& hit, const KnownImage& image);
  Result<bool> is_lost(const KnownImage& image) const;
  MaybeJob count_repeated(PageRecord& page);
  MaybeJob move(std::int64_t id, const PageRecord& page, const ImageFound& hit);
  MaybeJob renew(std::int64_t old_id, const PageRecord& page, const ImageFound& hit);
  void uncount_fetched(const StoredImage& image);
  Status uncount_elsewhere(const StoredImage& image);
  static std::optional<ImageJob> job_if_pending(std::int64_t id, std::int64_t host, const PageRecord& page,
                                                const ImageFound& hit);
  Result<std::int64_t> host_of(const ImageFound& hit);

  const std::string directory_;
  Database db_;
  LedgerStatements statements_;
  HasLost has_lost_;
  std::int64_t account_ = 0;
  std::uint64_t run_ = 0;
  std::int64_t round_ = 0;
  std::int64_t durable_ = 0;
  std::int64_t last_image_ = 0;  ///< Never goes back, so that a rolled back id is not given twice.
  AccountTally tally_;
  AccountTally committed_tally_;
  FailureCounts failures_{};
  FailureCounts committed_failures_{};
  std::unordered_map<std::string, std::int64_t> hosts_;  ///< A cache of committed and uncommitted rows.
};

}  // namespace doutu
