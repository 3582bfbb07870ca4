// LedgerReader: the parent's read-only view of a folder's ledger, before the downloader starts and after it ended.
// One thread.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "shared/base/result.h"
#include "shared/ledger/ledger_file.h"
#include "shared/ledger/schema.h"
#include "shared/ledger/sqlite.h"

namespace doutu {

struct Job {
  std::int64_t id = 0;
  JobSpec spec;
  bool settled = false;  ///< Everything of it was recorded and nothing is pending.
  JobCounters counters;
};

struct PageRow {
  std::uint64_t number = 0;
  PageState state = PageState::open;
  std::uint32_t attempt = 0;  ///< The last one begun; a new run goes on counting from here.
  bool is_robots = false;     ///< It failed because robots.txt forbids it.
};

/// One page or image that failed for good.
struct Failure {
  std::string url;
  std::optional<std::uint64_t> page;  ///< The page's number; for an image, of the page it was found on.
  bool is_page = false;
  std::string cause;
  int http_status = 0;
  std::uint32_t attempts = 0;
  std::string final_url{};  ///< Where a redirect led and it failed; empty: at its own URL.
};

/// A page that came, and had no image or ended elsewhere.
struct OddPage {
  std::uint64_t number = 0;
  std::string url{};
  std::string final_url{};  ///< After redirects; empty when the same.
  int http_status = 0;
  std::uint32_t attempts = 0;
  bool has_images = false;
  bool operator==(const OddPage&) const = default;
};

/// Pages that links lead to.
struct FoundPageCounts {
  std::uint64_t last = 0;   ///< The greatest number of one; 0: there is none.
  std::uint64_t known = 0;  ///< Those that were not fetched, as an earlier job has them.
};

/// Links that a crawl did not follow, by reason.
struct LinksNotFollowed {
  std::uint64_t off_site = 0;    ///< To another site.
  std::uint64_t too_deep = 0;    ///< Beyond --max-depth.
  std::uint64_t over_limit = 0;  ///< Beyond --max-pages.
  std::uint64_t endless = 0;     ///< On and on, without anything new.
  [[nodiscard]] std::uint64_t count() const { return off_site + too_deep + over_limit + endless; }
  bool operator==(const LinksNotFollowed&) const = default;
};

class LedgerReader {
 public:
  /// What is done about a change that a killed writer had begun outside the WAL: it is undone, which writes; or it is
  /// left, and the ledger cannot be read.
  enum class HalfDone { undone, left };
  /// nullptr when the folder has no ledger yet. Errors: not a doutu ledger, a newer version, damaged, unreadable; the
  /// message names the file and what to do. Nobody may write meanwhile.
  static Result<std::unique_ptr<LedgerReader>> open(const StateFolder& folder, HalfDone half_done = HalfDone::undone);
  /// The job begun last; nullopt when there is none.
  Result<std::optional<Job>> latest_job();
  /// The last job of this spec; nullopt when there is none.
  Result<std::optional<Job>> find_job(const JobSpec& spec);
  Result<std::optional<Job>> find_job(std::int64_t id);
  /// Must be there.
  Result<Job> job(std::int64_t id);
  /// Those that are not settled, the last first, each request once. At most kMaxUnfinished.
  Result<std::vector<Job>> unfinished_jobs();
  static constexpr int kMaxUnfinished = 100;
  /// Whether the template of any job has this login ("me:sesame") in front of its host.
  Result<bool> has_login(const std::string& login);

  /// Of the job.
  /// What the robots.txt of each server said that was read since this time of the wall clock, and not in its future.
  struct RobotsRow {
    std::string server;  ///< "https://example.com:443"
    std::int64_t read_ms = 0;
    std::string rules;
  };
  Status for_each_robots(std::int64_t since_ms, const std::function<void(const RobotsRow&)>& visit);
  Result<FoundPageCounts> found_pages(std::int64_t job);
  Result<LinksNotFollowed> links_not_followed(std::int64_t job);
  /// Links to pages of the same step, followed or not.
  Result<std::uint64_t> count_next_links(std::int64_t job);
  /// URLs of the images that the job found, by page and position.
  Status for_each_image_url(std::int64_t job, const std::function<void(std::string_view)>& visit);
  Status for_each_page(std::int64_t job, const std::function<void(const PageRow&)>& visit);
  /// Failed pages in the order of their numbers, then failed images in the order they were found.
  Status for_each_failure(std::int64_t job, const std::function<void(const Failure&)>& visit);
  /// In the order of their numbers.
  Status for_each_odd_page(std::int64_t job, const std::function<void(const OddPage&)>& visit);
  /// Images that the job saved though their end mark is missing.
  Result<std::uint64_t> count_without_end_mark(std::int64_t job);
  /// Images that the job has from another URL of theirs, since the first one failed.
  Result<std::uint64_t> count_replaced(std::int64_t job);

 private:
  LedgerReader(Database db, std::string directory, LedgerContent content);
  Result<std::uint64_t> count(const char* sql, std::int64_t job);
  /// The result, an error in it turned into a line for the user.
  template <class T>
  Result<T> explained(Result<T> result) const;

  const std::string directory_;
  Database db_;
  const bool has_links_;   ///< Earlier versions knew none.
  const bool has_robots_;  ///< The same.
};

}  // namespace doutu
