// JobChoice: which job of a folder's ledger a crawl works on: an unfinished one, or the next number. It only reads the
// ledger. The parent's thread, while it holds the folder.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "crawler/memory/folder_memory.h"
#include "crawler/memory/what_to_crawl.h"
#include "shared/base/result.h"
#include "shared/folder/state_folder.h"
#include "shared/ledger/ledger_reader.h"

namespace doutu {

struct JobChoice {
  std::int64_t job = 1;
  bool continued = false;
  JobCounters counters{};
  JobSpec spec{};
  std::vector<JobSpec> left_behind{};  ///< The other jobs of the folder that are not finished, the last first.
};

/// The job that ran last, as the folder remembers it, or as the ledger has it last where nothing is remembered. One
/// that was killed before the ledger had it, or the pages that were added to it, is not settled; its id is 0 where
/// another job has that number. ledger: nullptr where the folder has none yet. nullopt: none ran.
[[nodiscard]] Result<std::optional<Job>> job_that_ran_last(LedgerReader* ledger,
                                                           const std::optional<FolderMemory>& memory);

/// The unfinished job that this goes on with, or the next one. What goes on from the job that ran last goes on with
/// that, whatever its pages are, and adds to them.
[[nodiscard]] Result<JobChoice> choose_job(LedgerReader* ledger, const WhatToCrawl& what, const StateFolder& folder,
                                           const std::optional<FolderMemory>& memory);

}  // namespace doutu
