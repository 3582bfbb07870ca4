// The ledger, DIR/.doutu/ledger.sqlite: the record of all that is known about a folder. The downloader alone writes it,
// and holds DIR/.doutu/lock meanwhile. Others open it read-only, and only while no downloader runs. Schema, states and
// counters are here; the reader is in ledger_reader.*, the writer in downloader/ledger.
#pragma once

#include <cstdint>
#include <string>

#include "shared/crawl/page_task.h"  // kFirstFoundPage: a page's number says whether the user has named it.

namespace doutu {

/// PRAGMA user_version. A ledger with another one was written by a newer or older doutu and is refused, not touched.
inline constexpr int kLedgerVersion = 6;
/// PRAGMA application_id: "dout".
inline constexpr int kLedgerApplicationId = 0x646f7574;

/// What was asked of a folder: two crawls with equal requests are the same crawl.
struct JobSpec {
  std::string url_template;
  std::string pages;  ///< Canonical: "1-10,15,20-40:2".
  /// What is read from each page: one XPath per line, and a line "--follow EXPR" for each flag that says more about it.
  std::string xpaths;
  bool operator==(const JobSpec&) const = default;
};

enum class PageState : int {
  open = 0,        ///< Begun, not recorded to its end.
  done = 1,        ///< Recorded, with images.
  empty = 2,       ///< Recorded, without any.
  failed = 3,      ///< Given up for good.
  beyond_end = 4,  ///< Not fetched, or not there: an open range has ended before it.
};

enum class ImageState : int {
  pending = 0,
  saved = 1,
  duplicate = 2,  ///< Another URL has the same bytes.
  failed = 3,
  skipped = 4,   ///< Not asked for: blob:, ftp: ...
  replaced = 5,  ///< Failed, and another URL of it was tried in its place. No job counts it: that image is counted.
};

/// What became of a job. Every image is counted by the job that found it, and as known by others; found balances by
/// found = known + repeated + saved + duplicate + skipped + failed + robots + pending.
struct JobCounters {
  std::uint64_t known = 0;     ///< Images that an earlier job has fetched.
  std::uint64_t repeated = 0;  ///< Hits on a URL that this job had met.
  std::uint64_t saved = 0;
  std::uint64_t duplicate = 0;
  std::uint64_t skipped = 0;
  std::uint64_t failed = 0;
  /// robots.txt forbids them. In the ledger, and in the hands of who writes it, they are among the failed, by their
  /// cause; whoever shows them tells them apart.
  std::uint64_t robots = 0;
  std::uint64_t pending = 0;
  std::uint64_t bytes = 0;  ///< Of the saved images.
  [[nodiscard]] std::uint64_t found() const {
    return known + repeated + saved + duplicate + skipped + failed + robots + pending;
  }
  bool operator==(const JobCounters&) const = default;
};

/// The statements that make an empty ledger: its tables, and the views for people.
extern const char* const kLedgerTables;
extern const char* const kFoundTable;        ///< With a column that is new in version 6.
extern const char* const kInlineBytesTable;  ///< As in version 3.
extern const char* const kLedgerViews;
extern const char* const kLinkTables;    ///< With their views. New in version 5.
extern const char* const kRobotsTables;  ///< With their view. New in version 6.
/// All of them.
[[nodiscard]] const std::string& ledger_schema();

/// images.cause of a saved image that came without its end mark: a decoder found everything else.
inline constexpr const char* kNoEndMark = "no-end-mark";

/// In a StateFolder.
inline constexpr const char* kLedgerName = "ledger.sqlite";
inline constexpr const char* kJournalName = "ledger.sqlite-journal";
inline constexpr const char* kIncomingName = "incoming";

/// For messages: "DIR/.doutu", "DIR/.doutu/ledger.sqlite".
[[nodiscard]] std::string state_folder(const std::string& directory);
[[nodiscard]] std::string ledger_path(const std::string& directory);

}  // namespace doutu
