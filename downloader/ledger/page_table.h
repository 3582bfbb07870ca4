// PageTable: the pages of the current job, a row each: where it is, how its last attempt ended, and what that brought.
// Everything needs a transaction. The ledger thread.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "downloader/ledger/current_job.h"
#include "downloader/ledger/met_images.h"
#include "downloader/ledger/preparer.h"
#include "shared/base/result.h"
#include "shared/ledger/schema.h"

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

class PageTable {
 public:
  /// Both outlive this.
  PageTable(Preparer& prepare, CurrentJob& job, MetImages& met);

  /// Whether all pages of the current job are as they were saved; EBADMSG: one is not.
  Status check();
  /// Forgets the pages of settled jobs, but for the current one and the last few: a folder that is crawled every night
  /// does not grow by them.
  Status forget_old_jobs();
  Result<std::optional<PageRecord>> find(std::uint64_t number);
  /// Begins the next attempt at a page; `before` is what find() found. Takes back what the attempt before had counted
  /// as repeated. `page` brings number, run_attempt and the two URLs.
  Result<PageRecord> begin_attempt(const std::optional<PageRecord>& before, PageRecord page);
  /// Writes what changed in the record: hits and repeated so far, an end, a cause.
  Status save(const PageRecord& page);

 private:
  [[nodiscard]] std::string marked(std::uint64_t number, PageState state, std::string_view url) const;

  CurrentJob& job_;
  MetImages& met_;
  Statement find_;
  Statement save_;
  Statement all_;
  struct ForgetOld {
    Statement pages;
    Statement links;
  };
  ForgetOld forget_old_;
};

}  // namespace doutu
