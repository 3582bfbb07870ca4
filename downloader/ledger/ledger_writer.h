// LedgerWriter: the one connection that writes a folder's ledger, and its transactions. What stands in the tables is
// theirs, a class each (below); who needs one table takes that one. Everything between begin() and commit() happens or
// does not, and what the tables hold in memory follows: the counters (CurrentJob says what is true of them after every
// commit) and the hosts' ids. After an error the batch must be rolled back. The ledger thread of the downloader, which
// holds LockPart::downloader.
#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "downloader/ledger/current_job.h"
#include "downloader/ledger/host_table.h"
#include "downloader/ledger/image_hits.h"
#include "downloader/ledger/image_ids.h"
#include "downloader/ledger/image_table.h"
#include "downloader/ledger/job_table.h"
#include "downloader/ledger/lane_table.h"
#include "downloader/ledger/named_images.h"
#include "downloader/ledger/page_table.h"
#include "downloader/ledger/preparer.h"
#include "downloader/ledger/sync_table.h"
#include "shared/base/result.h"
#include "shared/folder/state_folder.h"
#include "shared/ledger/schema.h"
#include "shared/ledger/sqlite.h"

namespace doutu {

class LedgerWriter {
 public:
  /// Opens or creates the folder's ledger. Errors are lines for the user.
  static Result<std::unique_ptr<LedgerWriter>> open(const StateFolder& folder);
  /// Leaves one file, without a WAL, when no one else has it open.
  ~LedgerWriter();
  LedgerWriter(const LedgerWriter&) = delete;
  LedgerWriter& operator=(const LedgerWriter&) = delete;

  Status begin();
  Status commit();
  void rollback();

  /// Makes everything committed part of the database file and empties the WAL (unless someone is reading).
  Status checkpoint();
  [[nodiscard]] std::uint64_t wal_bytes() const { return db_.wal_bytes(); }

  /// In a transaction: continues or begins a job (JobTable::begin()). Lane positions of other runs are forgotten.
  Status begin_job(std::int64_t id, const JobSpec& spec, std::uint64_t run);
  [[nodiscard]] const CurrentJob& job() const { return job_; }

  // --- The tables.

  [[nodiscard]] JobTable& jobs() { return jobs_; }
  [[nodiscard]] LaneTable& lanes() { return lanes_; }
  [[nodiscard]] PageTable& pages() { return pages_; }
  [[nodiscard]] HostTable& hosts() { return hosts_; }
  [[nodiscard]] SyncTable& syncs() { return syncs_; }
  [[nodiscard]] ImageTable& images() { return images_; }
  [[nodiscard]] ImageHits& hits() { return hits_; }
  [[nodiscard]] NamedImages& named_images() { return named_images_; }

 private:
  LedgerWriter(Database db, const std::string& directory, std::int64_t last_image);

  Database db_;
  Preparer prepare_{db_};
  CurrentJob job_;
  ImageIds ids_;
  JobTable jobs_;
  LaneTable lanes_{prepare_, job_};
  PageTable pages_{prepare_, job_};
  HostTable hosts_{prepare_, job_};
  SyncTable syncs_{prepare_};
  ImageTable images_{prepare_, job_, jobs_, syncs_, ids_};
  ImageHits hits_{db_, prepare_, job_, jobs_, hosts_, ids_};
  NamedImages named_images_{prepare_};
  Statement begin_ = prepare_("BEGIN IMMEDIATE");
  Statement commit_ = prepare_("COMMIT");
  Statement rollback_ = prepare_("ROLLBACK");
};

}  // namespace doutu
