// LedgerWriter: the one connection that writes a folder's ledger, in terms of values. Everything between begin() and
// commit() happens or does not; the counters in memory follows its transaction. After an error the batch must be rolled
// back. The ledger thread of the downloader, which holds LockPart::downloader.
//
// Invariants, with A the current job and after every commit:
//   1. counters().pending, saved, duplicate, failed, skipped = the rows with job = A in that state, settled in A
//      (pending: in none).
//   2. counters().known = the rows with job = A that were saved in another job, and those that were pending in A
//      when another job met them; repeated = the sum over A's pages.
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
#include "downloader/schedule/image_task.h"
#include "downloader/store/content.h"
#include "shared/base/result.h"
#include "shared/crawl/records.h"
#include "shared/ledger/schema.h"
#include "shared/ledger/sqlite.h"
#include "shared/process/stats_page.h"

namespace doutu {

/// What the ledger has of a page of the current job.
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
  std::uint32_t repeated = 0;  ///< Of these, on images that this job had met.
};

/// What the ledger has of an image.
struct StoredImage {
  std::int64_t job = 0;
  std::int64_t settled_in = 0;  ///< The job whose counters have it; 0 while it is pending.
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
  std::int64_t epoch = 0;  ///< In which it got its file.
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

  // --- Sync epochs: the time between two syncs. Images that get their file carry the number of the epoch.

  /// The next epoch begins. Its number: what was committed so far is of earlier ones.
  std::int64_t begin_epoch() { return ++epoch_; }
  [[nodiscard]] std::int64_t epoch() const { return epoch_; }
  /// In no transaction: the files of this epoch and of those before it are on the disk under their names.
  Status save_durable(std::int64_t epoch);
  /// The last epoch of which that was said.
  [[nodiscard]] std::int64_t durable_epoch() const { return durable_; }
  /// Fetched images of whose files it was not said.
  Result<std::vector<std::int64_t>> unsure_images();

  /// The bytes of an image that cannot be fetched again, until save_durable() says that they are not needed.
  Status keep_bytes(std::int64_t id, std::span<const std::byte> bytes);
  Result<std::optional<std::vector<std::byte>>> kept_bytes(std::int64_t id);

  // --- The job. Everything below needs a transaction.

  /// Continues job id, or begins it when there is none. id 0: the last unsettled job of this spec, or a
  /// new one. Lane positions of other runs are forgotten.
  Status begin_job(std::int64_t id, const JobSpec& spec, std::uint64_t run);
  Status settle_job();
  [[nodiscard]] std::int64_t job() const { return job_; }
  [[nodiscard]] const JobCounters& counters() const { return counters_; }
  /// Failed images by cause, for people: their sum is counters().failed.
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

  /// Whether the folder has lost a file of so many bytes. It is asked of the images of earlier jobs that this one
  /// meets, and one that is lost is fetched again. Before this is called none is.
  using HasLost = std::function<bool(const std::string& file, std::uint64_t bytes)>;
  void look_for_files(HasLost has_lost) { has_lost_ = std::move(has_lost); }

  /// A task, when there is now an image to fetch.
  using MaybeTask = Result<std::optional<ImageTask>>;
  /// Counts one hit of the page: in page.hits, page.repeated and the counters.
  MaybeTask add_hit(PageRecord& page, const ImageFound& hit);

  /// In the order of their ids, from after_id on.
  Result<std::vector<HostRow>> hosts_with_pending(std::int64_t after_id, std::size_t limit);
  /// Hosts that an image came from, in any job, and (with id 0) those of this job's last pages. Reads a table
  /// whole.
  Result<std::vector<HostRow>> hosts_that_answered();
  /// Pending rows of the host with id > after_id, in the order of their ids.
  Result<std::vector<ImageTask>> pending_tasks(std::int64_t host, std::int64_t after_id, std::size_t limit);
  Result<std::optional<StoredImage>> find_image(std::int64_t id);
  /// Of an image of which this job still waits for what becomes of it; nullopt: it does not.
  Result<std::optional<Spot>> pending_spot(std::int64_t id);

  // Precondition of all three: the image is pending in this job.
  Status record_retry(const ImageOutcome& outcome);
  Status record_failed(const ImageOutcome& outcome);
  /// state: saved or duplicate.
  Status record_fetched(const ImageOutcome& outcome, ImageState state, const std::string& file);

  /// A saved image with these bytes.
  Result<std::optional<NamedFile>> find_content(const Sha256& sha256);
  Status rename_file(std::int64_t id, const std::string& file);
  // Fetched images for images.jsonl; in no transaction.
  Result<std::optional<NamedImage>> find_named(std::int64_t id);
  /// The last one by epoch and id, of this epoch or of those before it. Reads a table whole.
  Result<std::optional<NamedImage>> last_named(std::int64_t up_to_epoch);
  /// In the order of their ids. The table is read meanwhile.
  Status for_each_named(const std::function<void(const NamedImage&)>& visit);

  /// The bytes of a fetched image are gone: it is pending again in its job, which is unsettled then. A task when
  /// that is this one.
  MaybeTask fetch_again(std::int64_t id);

 private:
  LedgerWriter(Database db, LedgerStatements statements, std::string directory, std::int64_t last_image);

  /// The row of a URL that was met before.
  struct KnownImage {
    std::int64_t id = 0;
    std::int64_t job = 0;
    std::uint64_t page = 0;
    std::uint32_t attempt = 0;
    std::uint32_t position = 0;
    ImageState state = ImageState::pending;
    std::int64_t settled_in = 0;
    std::string file;
    std::uint64_t bytes = 0;
  };

  Status read_sync();
  Result<bool> continue_job(std::int64_t id, const JobSpec& spec);
  Status new_job(std::int64_t id, const JobSpec& spec);
  Status count_failures();
  void count_new(ImageState state, Cause cause);
  /// False when the URL was met before.
  Result<bool> add_new(const PageRecord& page, const ImageFound& hit, std::span<const std::byte> key,
                       std::int64_t host);
  MaybeTask on_seen_again(PageRecord& page, const ImageFound& hit, const KnownImage& image);
  MaybeTask on_known(PageRecord& page, const ImageFound& hit, const KnownImage& image);
  Result<bool> is_lost(const KnownImage& image) const;
  MaybeTask count_repeated(PageRecord& page);
  MaybeTask move(std::int64_t id, const PageRecord& page, const ImageFound& hit);
  MaybeTask requeue(std::int64_t old_id, const PageRecord& page, const ImageFound& hit);
  void uncount_fetched(const StoredImage& image);
  Status uncount_elsewhere(const StoredImage& image);
  static std::optional<ImageTask> task_if_pending(std::int64_t id, std::int64_t host, const PageRecord& page,
                                                  const ImageFound& hit);
  Result<std::int64_t> host_of(const ImageFound& hit);

  const std::string directory_;
  Database db_;
  LedgerStatements statements_;
  HasLost has_lost_;
  std::int64_t job_ = 0;
  std::uint64_t run_ = 0;
  std::int64_t epoch_ = 0;
  std::int64_t durable_ = 0;
  std::int64_t last_image_ = 0;  ///< Never goes back, so that a rolled back id is not given twice.
  JobCounters counters_;
  JobCounters committed_counters_;
  FailureCounts failures_{};
  FailureCounts committed_failures_{};
  std::unordered_map<std::string, std::int64_t> hosts_;  ///< A cache of committed and uncommitted rows.
};

}  // namespace doutu
