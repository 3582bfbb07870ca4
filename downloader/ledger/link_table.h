// LinkTable: the pages of crawls that follow links or read a list, each URL once in a folder: which job met it last, as
// which page, and whether some job has all of it. A URL is found by the hash that images are found by, in a table that
// is written as it comes: pages are few beside images. Everything needs a transaction. The ledger thread.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "downloader/ledger/current_job.h"
#include "downloader/ledger/preparer.h"
#include "downloader/ledger/url_keys.h"
#include "shared/base/result.h"

namespace doutu {

/// A row; id 0: there is none, and the key is free for it.
struct Link {
  std::int64_t id = 0;
  KeyStage::Key key = 0;
  std::string url;
  std::int64_t job = 0;      ///< The last one that met it,
  std::uint64_t number = 0;  ///< as this page; 0: not as one that it fetches.
  std::int64_t whole = 0;    ///< The last job that read it to its end; 0: none.
  std::int64_t broken = 0;   ///< The last job that lacks something of it; 0: none.
};

class LinkTable {
 public:
  /// job outlives this.
  LinkTable(Preparer& prepare, CurrentJob& job);
  /// Once, before anything else.
  void load(const UrlSecret& secret) { secret_ = secret; }

  Result<Link> find(std::string_view url);
  /// Must be there.
  Result<Link> find(std::int64_t id);
  /// The current job has met it as this page. Makes the row where there is none.
  Status meet(Link& link, std::uint64_t number);
  /// The current job has read it to its end.
  Status read_whole(Link& link);
  /// The current job lacks something of it.
  Status lacks_something(Link& link);

 private:
  Result<Link> row(std::int64_t id);
  Status save(Link& link);

  CurrentJob& job_;
  UrlSecret secret_{};
  Statement find_key_;
  Statement save_key_;
  Statement find_;
  Statement save_;
};

}  // namespace doutu
