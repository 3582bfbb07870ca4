// LedgerStatements: every statement that the ledger's writer runs, prepared once. The ledger thread.
#pragma once

#include <cstddef>
#include <vector>

#include "shared/base/result.h"
#include "shared/ledger/sqlite.h"

namespace doutu {

enum class Sql : std::size_t {
  begin,
  commit,
  rollback,
  // Jobs.
  find_job,
  find_unsettled,
  insert_job,
  update_pages,
  save_counters,
  settle_job,
  unsettle_job,
  lose_pending,
  lose_fetched,
  count_failures,
  // Lanes.
  find_lane,
  save_lane,
  forget_other_runs,
  // Pages.
  find_page,
  save_page,
  // Hosts.
  find_host,
  insert_host,
  pending_hosts,
  answering_hosts,
  answering_pages,
  // Images.
  pending_spot,
  find_image,
  find_image_by_url,
  find_content,
  pending_images,
  insert_image,
  move_image,
  requeue_image,
  unfetch_image,
  record_retry,
  record_end,
  rename_file,
  unsure_images,
  find_named,
  last_named,
  all_named,
  keep_bytes,
  find_bytes,
  forget_bytes,
  // Syncs.
  find_sync,
  save_sync,
};
inline constexpr std::size_t kSqlCount = static_cast<std::size_t>(Sql::save_sync) + 1;

class LedgerStatements {
 public:
  /// The tables must be there. The database outlives this.
  static Result<LedgerStatements> prepare(Database& db);

  Statement& operator[](Sql sql) { return statements_[static_cast<std::size_t>(sql)]; }

 private:
  std::vector<Statement> statements_;
};

}  // namespace doutu
