// LaneTable: up to where the ledger has what each lane of this run brought. It is written in the transaction of the
// rows that the records became, so that none is counted twice. Everything needs a transaction. The ledger thread.
#pragma once

#include <cstdint>

#include "downloader/ledger/current_job.h"
#include "downloader/ledger/preparer.h"
#include "shared/base/result.h"

namespace doutu {

class LaneTable {
 public:
  /// job outlives this.
  LaneTable(Preparer& prepare, const CurrentJob& job);

  /// Position up to which a lane's records are in the ledger; 0 for a new one.
  Result<std::uint64_t> taken(std::uint64_t generation);
  Status save_taken(std::uint64_t generation, std::uint64_t position);
  /// Nobody writes into these lanes any more.
  Status forget_other_runs();

 private:
  const CurrentJob& job_;
  Statement find_;
  Statement save_;
  Statement forget_other_runs_;
};

}  // namespace doutu
