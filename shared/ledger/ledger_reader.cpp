#include "shared/ledger/ledger_reader.h"

#include <fmt/format.h>

#include <algorithm>

#include "shared/base/clock.h"
#include "shared/ledger/ledger_file.h"
#include "shared/ledger/schema_3.h"
#include "shared/ledger/schema_5.h"

namespace doutu {
namespace {

constexpr const char* kJobColumns =
    "SELECT id, template, pages, xpaths, settled IS NOT NULL,"
    " known, repeated, saved, duplicate, skipped, failed, pending, bytes,"
    " coalesce((SELECT f.count FROM failure_count f WHERE f.job = id AND f.cause = 'robots'), 0) FROM jobs ";

constexpr const char* kFailedPages =
    "SELECT url, number, cause, http_status, attempt, final_url FROM pages"
    " WHERE job = ? AND state = 3 ORDER BY number";
constexpr const char* kFailedImages =
    "SELECT url, page, cause, http_status, attempts, final_url FROM failures"
    " WHERE job = ? AND kind = 'image' ORDER BY image";

constexpr const char* kOddPages =
    "SELECT number, url, final_url, http_status, attempt, state = 1 FROM pages"
    " WHERE job = ? AND (state = 2 OR (state = 1 AND coalesce(final_url, '') <> '')) ORDER BY number";
constexpr const char* kWithoutEndMark = "SELECT without_end_mark FROM jobs WHERE id = ?";
constexpr const char* kReplaced =
    "SELECT count(DISTINCT other) FROM replacements WHERE job = ? AND other_state IN (1, 2)";

constexpr const char* kFoundPages =
    "SELECT coalesce((SELECT max(number) FROM page_link WHERE job = ?1 AND number >= ?2), 0),"
    " coalesce((SELECT known FROM link_count WHERE job = ?1), 0)";
constexpr const char* kLinksNotFollowed =
    "SELECT coalesce(sum(off_site), 0), coalesce(sum(too_deep), 0), coalesce(sum(over_limit), 0),"
    " coalesce(sum(endless), 0) FROM page_link WHERE job = ?";

Job job_in(const Statement& row) {
  Job job;
  job.id = row.integer(0);
  job.spec = {std::string(row.text(1)), std::string(row.text(2)), std::string(row.text(3))};
  job.settled = row.integer(4) != 0;
  auto& counters = job.counters;
  int column = 5;
  for (auto* count : {&counters.known, &counters.repeated, &counters.saved, &counters.duplicate, &counters.skipped,
                      &counters.failed, &counters.pending, &counters.bytes}) {
    *count = row.as<std::uint64_t>(column++);
  }
  counters.robots = std::min(row.as<std::uint64_t>(column), counters.failed);
  counters.failed -= counters.robots;
  return job;
}

Failure failure_in(const Statement& row) {
  Failure failure;
  failure.url = row.text(0);
  failure.page = row.as<std::uint64_t>(1);
  failure.cause = row.text(2);
  failure.http_status = row.as<int>(3);
  failure.attempts = row.as<std::uint32_t>(4);
  failure.final_url = row.text(5);
  return failure;
}

/// Calls visit with the statement at each row that the values select.
template <class Visit, class... Values>
Status for_each_row(Database& db, const char* sql, Visit visit, const Values&... values) {
  auto statement = db.prepare(sql);
  if (!statement) return std::move(statement).error();
  for (auto row = statement->first(values...);; row = statement->next()) {
    if (!row) return std::move(row).error();
    if (!*row) return {};
    visit(*statement);
  }
}

template <class... Values>
Result<std::vector<Job>> select_jobs(Database& db, const std::string& where, const Values&... values) {
  std::vector<Job> jobs;
  const std::string sql = kJobColumns + where;
  Status status = for_each_row(
      db, sql.c_str(), [&](const Statement& row) { jobs.push_back(job_in(row)); }, values...);
  if (!status) return std::move(status).error();
  return jobs;
}

/// The job in the one row that the values select, if there is one.
template <class... Values>
Result<std::optional<Job>> select_job(Database& db, const std::string& where, const Values&... values) {
  auto jobs = select_jobs(db, where, values...);
  if (!jobs) return std::move(jobs).error();
  return jobs->empty() ? std::nullopt : std::optional(std::move(jobs->front()));
}

/// Only who may write can roll back what a writer had begun when it was killed or the power failed while it switched
/// the file from or to WAL. SQLite does it on the first look. It leaves a journal without a whole header where it is,
/// and would ask for the same again and again.
Status roll_back(const StateFolder& folder) {
  auto db = Database::open(folder, Database::Mode::create);
  if (!db) return std::move(db).error();
  const auto looked = db->query_integer("SELECT count(*) FROM sqlite_schema");
  if (!looked) return looked.error();
  (void)folder.remove(kJournalName);
  return {};
}

/// Versions before 5 knew none.
bool has_links(LedgerContent content) {
  return content == LedgerContent::ledger || content == LedgerContent::version_5;
}

/// What an older version has is seen as this one would say it.
Status make_views(Database& db, LedgerContent content) {
  if (has_links(content)) return {};
  Status made = db.execute(kViewsBefore5);
  return made && content == LedgerContent::version_3 ? db.execute(kViewsOfVersion3) : std::move(made);
}

}  // namespace

Result<std::unique_ptr<LedgerReader>> LedgerReader::open(const StateFolder& folder, HalfDone half_done) {
  const std::string& directory = folder.directory();
  if (!folder.facts_of(kLedgerName)) return std::unique_ptr<LedgerReader>();
  auto db = Database::open(folder, Database::Mode::read_only);
  if (!db) return explain_ledger_error(db.error(), directory);
  auto content = inspect_ledger(*db, directory);
  if (!content && content.error().code == EUCLEAN && half_done == HalfDone::undone) {
    if (Status done = roll_back(folder); !done) return explain_ledger_error(done.error(), directory);
    content = inspect_ledger(*db, directory);
  }
  if (!content) return content.error();
  if (*content == LedgerContent::none) return std::unique_ptr<LedgerReader>();
  if (Status made = make_views(*db, *content); !made) return explain_ledger_error(made.error(), directory);
  return std::unique_ptr<LedgerReader>(new LedgerReader(std::move(*db), directory, *content));
}

LedgerReader::LedgerReader(Database db, std::string directory, LedgerContent content)
    : directory_(std::move(directory)),
      db_(std::move(db)),
      has_links_(has_links(content)),
      has_robots_(content == LedgerContent::ledger) {}

template <class T>
Result<T> LedgerReader::explained(Result<T> result) const {
  return result.ok() ? std::move(result) : Result<T>(explain_ledger_error(result.error(), directory_));
}

Result<std::optional<Job>> LedgerReader::latest_job() { return explained(select_job(db_, "ORDER BY id DESC LIMIT 1")); }

Result<std::optional<Job>> LedgerReader::find_job(const JobSpec& spec) {
  return explained(select_job(db_, "WHERE template = ? AND pages = ? AND xpaths = ? ORDER BY id DESC LIMIT 1",
                              spec.url_template, spec.pages, spec.xpaths));
}

Result<std::optional<Job>> LedgerReader::find_job(std::int64_t id) {
  return explained(select_job(db_, "WHERE id = ?", id));
}

Result<Job> LedgerReader::job(std::int64_t id) {
  auto found = find_job(id);
  if (!found) return std::move(found).error();
  if (!*found) return Error{fmt::format("{} has no job {}", ledger_path(directory_), id)};
  return **std::move(found);
}

Result<std::vector<Job>> LedgerReader::unfinished_jobs() {
  constexpr const char* kUnfinished =
      "AS one WHERE settled IS NULL AND NOT EXISTS (SELECT 1 FROM jobs AS later WHERE later.id > one.id AND"
      " later.template = one.template AND later.pages = one.pages AND later.xpaths = one.xpaths)"
      " ORDER BY id DESC LIMIT ?";
  return explained(select_jobs(db_, kUnfinished, std::int64_t{kMaxUnfinished}));
}

Result<bool> LedgerReader::has_login(const std::string& login) {
  const auto found = explained(select_job(db_, "WHERE instr(template, ?) > 0 LIMIT 1", login + "@"));
  if (!found) return found.error();
  return found->has_value();
}

Status LedgerReader::for_each_robots(std::int64_t since_ms, const std::function<void(const RobotsRow&)>& visit) {
  if (!has_robots_) return {};
  const auto row_to_robots = [&](const Statement& row) {
    visit({std::string(row.text(0)), row.integer(1), std::string(row.text(2))});
  };
  return explained(for_each_row(db_, "SELECT server, read, rules FROM robots WHERE read > ? AND read <= ?",
                                row_to_robots, since_ms, wall_milliseconds()));
}

Result<FoundPageCounts> LedgerReader::found_pages(std::int64_t job) {
  FoundPageCounts pages;
  if (!has_links_) return pages;
  const auto row_to_pages = [&](const Statement& row) { pages = {row.as<std::uint64_t>(0), row.as<std::uint64_t>(1)}; };
  Status read = for_each_row(db_, kFoundPages, row_to_pages, job, kFirstFoundPage);
  return explained(read ? Result<FoundPageCounts>(pages) : Result<FoundPageCounts>(std::move(read).error()));
}

Result<LinksNotFollowed> LedgerReader::links_not_followed(std::int64_t job) {
  LinksNotFollowed links;
  if (!has_links_) return links;
  const auto row_to_links = [&](const Statement& row) {
    links = {row.as<std::uint64_t>(0), row.as<std::uint64_t>(1), row.as<std::uint64_t>(2), row.as<std::uint64_t>(3)};
  };
  Status read = for_each_row(db_, kLinksNotFollowed, row_to_links, job);
  return explained(read ? Result<LinksNotFollowed>(links) : Result<LinksNotFollowed>(std::move(read).error()));
}

Status LedgerReader::for_each_image_url(std::int64_t job, const std::function<void(std::string_view)>& visit) {
  constexpr const char* kUrls =
      "SELECT url FROM images WHERE job = ? AND cause IS NULL AND url LIKE 'http%' ORDER BY page, position";
  return explained(for_each_row(
      db_, kUrls, [&](const Statement& row) { visit(row.text(0)); }, job));
}

Status LedgerReader::for_each_page(std::int64_t job, const std::function<void(const PageRow&)>& visit) {
  const auto row_to_page = [&](const Statement& row) {
    visit({row.as<std::uint64_t>(0), row.as<PageState>(1), 0, row.integer(2) != 0});
  };
  return explained(
      for_each_row(db_, "SELECT number, state, coalesce(cause, '') = 'robots' FROM pages WHERE job = ? ORDER BY number",
                   row_to_page, job));
}

Status LedgerReader::for_each_failure(std::int64_t job, const std::function<void(const Failure&)>& visit) {
  const auto row_to_page = [&](const Statement& row) {
    Failure failure = failure_in(row);
    failure.is_page = true;
    visit(failure);
  };
  if (Status pages = for_each_row(db_, kFailedPages, row_to_page, job); !pages) return explained(std::move(pages));
  const auto row_to_image = [&](const Statement& row) { visit(failure_in(row)); };
  return explained(for_each_row(db_, kFailedImages, row_to_image, job));
}

Status LedgerReader::for_each_odd_page(std::int64_t job, const std::function<void(const OddPage&)>& visit) {
  const auto row_to_page = [&](const Statement& row) {
    visit({row.as<std::uint64_t>(0), std::string(row.text(1)), std::string(row.text(2)), row.as<int>(3),
           row.as<std::uint32_t>(4), row.integer(5) != 0});
  };
  return explained(for_each_row(db_, kOddPages, row_to_page, job));
}

Result<std::uint64_t> LedgerReader::count_without_end_mark(std::int64_t job) { return count(kWithoutEndMark, job); }

Result<std::uint64_t> LedgerReader::count_replaced(std::int64_t job) { return count(kReplaced, job); }

Result<std::uint64_t> LedgerReader::count_next_links(std::int64_t job) {
  if (!has_links_) return 0;
  return count("SELECT coalesce(sum(seen - deeper), 0) FROM page_link WHERE job = ?", job);
}

Result<std::uint64_t> LedgerReader::count(const char* sql, std::int64_t job) {
  std::uint64_t count = 0;
  const auto row_to_count = [&](const Statement& row) { count = row.as<std::uint64_t>(0); };
  Status counted = for_each_row(db_, sql, row_to_count, job);
  if (!counted) return explained(Result<std::uint64_t>(counted.error()));
  return count;
}

}  // namespace doutu
