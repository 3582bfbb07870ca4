// PageLinkTable: how each page of a job with links was found, and what became of its own links. Pages that links lead
// to are numbered in the order in which they were found, without a gap: the parent asks for those behind a number. A
// job without links has no rows here. Everything needs a transaction; what is counted in memory follows it. The ledger
// thread.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "downloader/ledger/current_job.h"
#include "downloader/ledger/preparer.h"
#include "shared/base/result.h"
#include "shared/crawl/page_task.h"
#include "shared/ledger/schema.h"

namespace doutu {

/// What the ledger has of a page's place among links.
struct PageLink {
  std::uint64_t number = 0;
  std::int64_t link = 0;  ///< LinkTable.
  std::uint32_t step = 1;
  std::uint32_t depth = 0;   ///< Links from a page that the user has named.
  std::uint64_t parent = 0;  ///< 0: the user has named it.
  std::uint32_t position = 0;
  std::uint32_t barren = 0;  ///< Pages in a row, up to its parent, that brought nothing new.

  // Its own links, in the attempt that is being recorded, or was last.
  std::uint32_t seen = 0;
  std::uint32_t deeper = 0;  ///< To a deeper step, or from a list to another.
  std::uint32_t found = 0;   ///< Of these, to pages that the job had not met: known ones, too.
  std::uint32_t off_site = 0;
  std::uint32_t too_deep = 0;
  std::uint32_t over_limit = 0;
  std::uint32_t endless = 0;

  /// Whether links of it were not followed that another crawl may follow.
  [[nodiscard]] bool lacks_links() const { return too_deep + over_limit > 0; }
};

class PageLinkTable {
 public:
  /// job outlives this.
  PageLinkTable(Preparer& prepare, CurrentJob& job);

  /// Another job is the current one. EBADMSG: pages are missing.
  Status begin_job();
  Result<std::optional<PageLink>> find(std::uint64_t number);
  Status save(const PageLink& page);
  /// Found pages that are not settled, behind a number, in the order of their numbers, at most `limit`.
  Result<std::vector<PageTask>> waiting(std::uint64_t after, std::size_t limit);

  /// The number of the next found page.
  std::uint64_t take_number() { return ++now_.last; }
  void add_known() { ++now_.known; }
  /// Of the last found page; kFirstFoundPage - 1: there is none.
  [[nodiscard]] std::uint64_t last_number() const { return now_.last; }
  [[nodiscard]] std::uint64_t count() const { return now_.last - (kFirstFoundPage - 1); }
  /// Pages that were not fetched, as an earlier job has them.
  [[nodiscard]] std::uint64_t known() const { return now_.known; }

  /// At the end of a batch.
  Status save_counts();
  void committed() { before_ = now_; }
  void rolled_back() { now_ = before_; }

 private:
  struct Counts {
    std::uint64_t last = kFirstFoundPage - 1;
    std::uint64_t known = 0;
  };

  CurrentJob& job_;
  Counts now_;
  Counts before_;
  Statement find_;
  Statement save_;
  Statement waiting_;
  Statement count_;
  Statement known_;
  Statement save_known_;
};

}  // namespace doutu
