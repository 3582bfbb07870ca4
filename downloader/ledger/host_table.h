// HostTable: the hosts that images are fetched from, a row each, in all jobs; and which of them the frontier has to
// know of. id_of() needs a transaction. The ledger thread.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <unordered_map>
#include <unordered_set>
#include <vector>

#include "downloader/ledger/current_job.h"
#include "downloader/ledger/pending_ids.h"
#include "downloader/ledger/preparer.h"
#include "downloader/schedule/image_task.h"
#include "shared/base/result.h"

namespace doutu {

class HostTable {
 public:
  /// All outlive this.
  HostTable(Preparer& prepare, const CurrentJob& job, const PendingIds& pending);

  /// The row of this host, which is made when there is none.
  Result<std::int64_t> id_of(std::string name);
  /// The row of the host of a normalised URL.
  Result<std::int64_t> id_of_url(std::string_view url);
  /// An image came from it.
  Status answered(std::int64_t id);
  /// Rows of the transaction are none any more.
  void rolled_back() {
    ids_.clear();
    answered_.clear();
    last_origin_.clear();
  }

  /// Hosts of the current job's pending images, in the order of their ids, from after_id on.
  Result<std::vector<HostRow>> with_pending(std::int64_t after_id, std::size_t limit);
  /// Hosts that an image came from, in any job, and (with id 0) those of the current job's last pages.
  Result<std::vector<HostRow>> that_answered();

 private:
  const CurrentJob& job_;
  const PendingIds& pending_;
  Statement find_;
  Statement insert_;
  Statement name_of_;
  Statement answered_now_;
  Statement answering_hosts_;
  Statement answering_pages_;
  // Caches of committed and uncommitted rows.
  std::unordered_map<std::string, std::int64_t> ids_;
  std::unordered_set<std::int64_t> answered_;
  std::string last_origin_;  ///< Of id_of_url(): neighbours on a page mostly share it. Empty: of none.
  std::int64_t last_id_ = 0;
};

}  // namespace doutu
