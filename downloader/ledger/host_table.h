// HostTable: the hosts that images are fetched from, a row each, in all jobs; and which of them the frontier has to
// know of. id_of() needs a transaction. The ledger thread.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <unordered_map>
#include <vector>

#include "downloader/ledger/current_job.h"
#include "downloader/ledger/preparer.h"
#include "downloader/schedule/image_task.h"
#include "shared/base/result.h"

namespace doutu {

class HostTable {
 public:
  /// job outlives this.
  HostTable(Preparer& prepare, const CurrentJob& job);

  /// The row of this host, which is made when there is none.
  Result<std::int64_t> id_of(std::string name);
  /// Rows of the transaction are none any more.
  void rolled_back() { ids_.clear(); }

  /// Hosts of the current job's pending images, in the order of their ids, from after_id on.
  Result<std::vector<HostRow>> with_pending(std::int64_t after_id, std::size_t limit);
  /// Hosts that an image came from, in any job, and (with id 0) those of the current job's last pages. Reads a table
  /// whole.
  Result<std::vector<HostRow>> that_answered();

 private:
  const CurrentJob& job_;
  Statement find_;
  Statement insert_;
  Statement with_pending_;
  Statement answering_hosts_;
  Statement answering_pages_;
  std::unordered_map<std::string, std::int64_t> ids_;  ///< A cache of committed and uncommitted rows.
};

}  // namespace doutu
