// CurrentJob: the job that goes on: its number, its run, and what it has counted. It lives in memory and follows the
// ledger's transaction: what was counted within one is kept by committed() and forgotten by rolled_back(). The tables
// tell it what changes; JobTable writes it into the job's row. The ledger thread.
//
// Invariants, with A this job and after every commit:
//   1. counters().pending, saved, duplicate, failed, skipped = the images (the view of that name) with job = A in that
//      state, settled in A (pending: in none).
//   2. counters().known = the images of other jobs that A has met (MetImages), and those that were pending in A when
//      another job met them; repeated = the sum over A's pages.
//   3. The sum of failures() = counters().failed.
//   4. An image that another one stands for (ImageState::replaced) is in none of them.
#pragma once

#include <cstdint>

#include "shared/base/cause.h"
#include "shared/ledger/schema.h"
#include "shared/process/stats_page.h"

namespace doutu {

/// What a job has counted.
struct JobTotals {
  JobCounters counters;
  FailureCounts failures{};            ///< By cause, for people.
  std::uint64_t without_end_mark = 0;  ///< Images that were saved so.
};

class CurrentJob {
 public:
  /// This job goes on from these totals, which the ledger has.
  void begin(std::int64_t id, std::uint64_t run, const JobTotals& totals) {
    id_ = id;
    run_ = run;
    totals_ = committed_ = totals;
    has_just_begun_ = true;
  }
  /// In the open batch.
  [[nodiscard]] bool has_just_begun() const { return has_just_begun_; }
  /// 0: none has begun.
  [[nodiscard]] std::int64_t id() const { return id_; }
  [[nodiscard]] std::uint64_t run() const { return run_; }
  [[nodiscard]] const JobCounters& counters() const { return totals_.counters; }
  [[nodiscard]] const FailureCounts& failures() const { return totals_.failures; }

  [[nodiscard]] const JobTotals& totals() const { return totals_; }
  [[nodiscard]] const JobTotals& committed_totals() const { return committed_; }

  [[nodiscard]] bool has_changed() const { return totals_.counters != committed_.counters; }
  void committed() {
    committed_ = totals_;
    has_just_begun_ = false;
  }
  /// A job that began in the batch is none.
  void rolled_back() {
    if (has_just_begun_) *this = {};
    totals_ = committed_;
  }

  // --- Hits.

  /// An image that was not met before begins in this state.
  void add_image(ImageState state, Cause cause);
  /// An image that another job has fetched.
  void add_known() { ++totals_.counters.known; }
  /// A hit on an image that this job had met.
  void add_repeated() { ++totals_.counters.repeated; }
  void take_back_repeated(std::uint32_t hits) { totals_.counters.repeated -= hits; }

  // --- Outcomes of images that are pending in this job.

  void settle_failed(Cause cause, int http_status);
  /// Another URL is tried in its place, and counts as a hit of its own.
  void settle_replaced() { --totals_.counters.pending; }
  /// state: saved or duplicate.
  void settle_fetched(ImageState state, std::uint64_t bytes, bool lacks_end_mark);
  /// A fetched image of this job is pending again. was: its state if it was settled here; pending: it was settled
  /// elsewhere, and known here.
  void unsettle(ImageState was, std::uint64_t bytes, bool lacked_end_mark);

 private:
  [[nodiscard]] std::uint64_t& count_of(ImageState state);

  std::int64_t id_ = 0;
  std::uint64_t run_ = 0;
  JobTotals totals_;
  JobTotals committed_;
  bool has_just_begun_ = false;
};

}  // namespace doutu
