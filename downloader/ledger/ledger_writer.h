// LedgerWriter: the one connection that writes a folder's ledger, and its transactions. What stands in the tables is
// theirs, a class each (below); who needs one table takes that one. Everything between begin() and commit() happens or
// does not, and what the tables hold in memory follows: the counters (CurrentJob says what is true of them after every
// commit), hosts, keys, what is pending and what was met. After an error the batch must be rolled back. The ledger
// thread of the downloader, which holds LockPart::downloader.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>

#include "downloader/ledger/alternative_table.h"
#include "downloader/ledger/content_table.h"
#include "downloader/ledger/current_job.h"
#include "downloader/ledger/found_table.h"
#include "downloader/ledger/host_table.h"
#include "downloader/ledger/image_alternatives.h"
#include "downloader/ledger/image_hits.h"
#include "downloader/ledger/image_ids.h"
#include "downloader/ledger/image_table.h"
#include "downloader/ledger/job_table.h"
#include "downloader/ledger/lane_table.h"
#include "downloader/ledger/link_table.h"
#include "downloader/ledger/met_images.h"
#include "downloader/ledger/named_images.h"
#include "downloader/ledger/page_link_table.h"
#include "downloader/ledger/page_links.h"
#include "downloader/ledger/page_table.h"
#include "downloader/ledger/pending_ids.h"
#include "downloader/ledger/preparer.h"
#include "downloader/ledger/robots_table.h"
#include "downloader/ledger/sync_table.h"
#include "shared/base/result.h"
#include "shared/folder/state_folder.h"
#include "shared/ledger/schema.h"
#include "shared/ledger/sqlite.h"

namespace doutu {

class LedgerWriter {
 public:
  struct Options {
    std::size_t staged_keys = KeyStage::kFull;  ///< So many wait until they are merged.
    std::function<void()> on_work = [] {};      ///< Called again and again while SQLite works, however long.
  };
  /// Opens or creates the folder's ledger. Errors are lines for the user.
  static Result<std::unique_ptr<LedgerWriter>> open(const StateFolder& folder, Options options);
  static Result<std::unique_ptr<LedgerWriter>> open(const StateFolder& folder) { return open(folder, {}); }
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
  [[nodiscard]] const CurrentJob& job() const { return memory_.job; }

  /// Images are recorded as skipped, for a crawl that only lists them.
  void skip_images() { found_.skip_all(); }

  // --- The tables.

  [[nodiscard]] JobTable& jobs() { return jobs_; }
  [[nodiscard]] LaneTable& lanes() { return lanes_; }
  [[nodiscard]] PageTable& pages() { return pages_; }
  [[nodiscard]] PageLinkTable& page_links() { return page_links_; }
  [[nodiscard]] PageLinks& links() { return links_; }
  [[nodiscard]] const MetImages& met() const { return met_; }
  [[nodiscard]] HostTable& hosts() { return hosts_; }
  [[nodiscard]] RobotsTable& robots() { return robots_; }
  [[nodiscard]] SyncTable& syncs() { return syncs_; }
  [[nodiscard]] ImageTable& images() { return images_; }
  [[nodiscard]] ContentTable& contents() { return contents_; }
  [[nodiscard]] ImageHits& hits() { return hits_; }
  [[nodiscard]] ImageAlternatives& alternatives() { return alternatives_; }
  [[nodiscard]] NamedImages& named_images() { return named_images_; }

 private:
  LedgerWriter(Database db, const std::string& directory, std::int64_t last_image);
  Status load();
  Status load_keys();
  /// What the batch has left for its end, in the order in which it needs each other.
  Status finish_batch();
  /// The keys of URLs are those of all rows up to this one.
  Status merge_keys(std::int64_t found_up_to);

  /// What several tables share.
  struct Memory {
    CurrentJob job;
    ImageIds ids;
    PendingIds pending;
  };
  struct Transaction {
    Statement begin;
    Statement commit;
    Statement rollback;
  };

  Database db_;
  Preparer prepare_{db_};
  Transaction transaction_{prepare_("BEGIN IMMEDIATE"), prepare_("COMMIT"), prepare_("ROLLBACK")};
  Memory memory_;
  JobTable jobs_;
  LaneTable lanes_{prepare_, memory_.job};
  MetImages met_{prepare_, memory_.job, memory_.ids};
  PageTable pages_{prepare_, memory_.job, met_};
  HostTable hosts_{prepare_, memory_.job, memory_.pending};
  RobotsTable robots_{prepare_};
  SyncTable syncs_{prepare_};
  AlternativeTable alternative_table_{prepare_};
  FoundTable found_{prepare_, memory_.job, memory_.ids, memory_.pending, alternative_table_};
  ContentTable contents_{prepare_, syncs_};
  ImageTable images_{prepare_, memory_.job, jobs_, hosts_, syncs_, found_, contents_, met_, memory_.pending};
  ImageHits hits_{memory_.job, jobs_, hosts_, found_, met_, alternative_table_};
  ImageAlternatives alternatives_{alternative_table_, pages_, found_, images_, hits_};
  NamedImages named_images_{prepare_, syncs_};
  LinkTable link_table_{prepare_, memory_.job};
  PageLinkTable page_links_{prepare_, memory_.job};
  PageLinks links_{prepare_, memory_.job, link_table_, page_links_};
};

}  // namespace doutu
