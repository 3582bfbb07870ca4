// JobTable: the ledger's jobs, a row each: what was asked for, and the totals. It finds or makes the row of the current
// job, writes the totals of that one (CurrentJob) at each commit, and changes those of another job when one of its
// images changes hands. Everything needs a transaction. The ledger thread.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "downloader/ledger/current_job.h"
#include "downloader/ledger/preparer.h"
#include "shared/base/result.h"
#include "shared/ledger/schema.h"

namespace doutu {

class JobTable {
 public:
  /// job outlives this. directory: for messages.
  JobTable(Preparer& prepare, CurrentJob& job, std::string directory);

  /// Continues job id, or begins it when there is none. id 0: the last unsettled job of this spec, or a new one.
  Status begin(std::int64_t id, const JobSpec& spec, std::uint64_t run);
  /// The totals of the current job, if they have changed since the last commit.
  Status save_totals();
  /// No image with a lower id is pending in the current job.
  Status save_first_pending(std::int64_t id);
  [[nodiscard]] std::int64_t first_pending() const { return first_pending_; }
  Status settle();
  Status unsettle();

  // --- Another job.

  /// The current job has met an image that is pending in that one, and takes it over.
  Status lose_pending(std::int64_t job);
  /// An image of that job is pending again: this one. was: its state if that job has settled it; pending: it was known
  /// there.
  Status unsettle_image(std::int64_t job, ImageState was, std::uint64_t bytes, bool lacked_end_mark);

 private:
  Result<std::int64_t> find_unsettled(const JobSpec& spec);
  /// False when there is no such job.
  Result<bool> continue_job(std::int64_t id, const JobSpec& spec, std::uint64_t run);
  Status insert(std::int64_t id, const JobSpec& spec, std::uint64_t run);
  Result<FailureCounts> failures_of(std::int64_t id);
  Status save_failures();

  struct NewJob {
    Statement has_pages;
    Statement insert;
  };

  CurrentJob& job_;
  const std::string directory_;
  Statement find_;
  Statement find_unsettled_;
  NewJob new_job_;
  Statement update_pages_;
  Statement save_totals_;
  Statement settle_;
  Statement unsettle_;
  Statement lose_pending_;
  Statement unsettle_image_;
  Statement failures_;
  Statement save_failure_;
  Statement save_first_pending_;
  std::int64_t first_pending_ = 0;
};

}  // namespace doutu
