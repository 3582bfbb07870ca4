// JobChoice: which account of a folder's ledger a crawl is: an unfinished one that it goes on with, or the next. The
// ledger is only read. The parent's thread, while it holds the folder.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "crawler/what_to_crawl.h"
#include "shared/base/result.h"
#include "shared/folder/state_folder.h"
#include "shared/ledger/ledger_reader.h"

namespace doutu {

struct JobChoice {
  std::int64_t account = 1;
  bool continued = false;
  AccountTally tally{};
  AccountRequest request{};
  std::vector<AccountRequest> left_behind{};  ///< The other jobs of the folder that are not finished, the last first.
};

/// The unfinished job that this goes on with, or the next one. What goes on from the job that ran last goes on with
/// that, whatever its pages are, and adds to them. ledger: nullptr where the folder has none yet. last_run: the request
/// that the folder remembers; nullopt: none, and the job that was begun last counts as the one that ran last.
[[nodiscard]] Result<JobChoice> choose_job(LedgerReader* ledger, const WhatToCrawl& what, const StateFolder& folder,
                                           const std::optional<AccountRequest>& last_run);

}  // namespace doutu
