#include "downloader/ledger/job_table.h"

#include <fmt/format.h>

#include <cerrno>
#include <utility>

#include "downloader/ledger/ledger_values.h"
#include "shared/base/clock.h"

namespace doutu {
namespace {

std::string marked(const JobTotals& totals) {
  const JobCounters& t = totals.counters;
  return fmt::format("{} {} {} {} {} {} {} {} {}", t.known, t.repeated, t.saved, t.duplicate, t.skipped, t.failed,
                     t.pending, t.bytes, totals.without_end_mark);
}

}  // namespace

JobTable::JobTable(Preparer& prepare, CurrentJob& job, std::string directory)
    : job_(job),
      directory_(std::move(directory)),
      find_(
          prepare("SELECT template, pages, xpaths, known, repeated, saved, duplicate, skipped, failed, pending, bytes,"
                  " without_end_mark, first_pending, mark FROM job WHERE id = ?")),
      find_unsettled_(prepare("SELECT id FROM job WHERE template = ? AND pages = ? AND xpaths = ?"
                              " AND settled IS NULL ORDER BY id DESC LIMIT 1")),
      new_job_{prepare("SELECT 1 FROM page WHERE job = ? LIMIT 1"),
               prepare("INSERT INTO job (id, template, pages, xpaths, started, first_pending) VALUES"
                       " (coalesce(nullif(?, 0), 1 + max((SELECT coalesce(max(id), 0) FROM job),"
                       " (SELECT coalesce(max(job), 0) FROM page))), ?, ?, ?, ?,"
                       " (SELECT coalesce(max(id), 0) + 1 FROM found)) RETURNING id, first_pending")},
      update_pages_(prepare("UPDATE job SET pages = ?2, settled = NULL WHERE id = ?1")),
      save_totals_(prepare("UPDATE job SET known = ?2, repeated = ?3, saved = ?4, duplicate = ?5, skipped = ?6,"
                           " failed = ?7, pending = ?8, bytes = ?9, without_end_mark = ?10, mark = ?11 WHERE id = ?1")),
      settle_(prepare("UPDATE job SET settled = ?2 WHERE id = ?1 AND settled IS NULL")),
      unsettle_(prepare("UPDATE job SET settled = NULL WHERE id = ?")),
      lose_pending_(prepare("UPDATE job SET pending = pending - 1, known = known + 1, mark = -1 WHERE id = ?")),
      unsettle_image_(prepare("UPDATE job SET settled = NULL, pending = pending + 1, known = known - ?2,"
                              " saved = saved - ?3, duplicate = duplicate - ?4, bytes = bytes - ?5,"
                              " without_end_mark = without_end_mark - ?6, mark = -1 WHERE id = ?1")),
      failures_(prepare("SELECT cause, count FROM failure_count WHERE job = ?")),
      save_failure_(prepare("INSERT OR REPLACE INTO failure_count (job, cause, count) VALUES (?, ?, ?)")),
      save_first_pending_(prepare("UPDATE job SET first_pending = ?2 WHERE id = ?1")) {}

Status JobTable::begin(std::int64_t id, const JobSpec& spec, std::uint64_t run) {
  if (id == 0) {
    const auto unsettled = find_unsettled(spec);
    if (!unsettled) return unsettled.error();
    id = *unsettled;
  }
  const auto continued = continue_job(id, spec, run);
  if (!continued) return continued.error();
  return *continued ? Status() : insert(id, spec, run);
}

/// 0: there is none.
Result<std::int64_t> JobTable::find_unsettled(const JobSpec& spec) {
  const auto found = find_unsettled_.first(spec.url_template, spec.pages, spec.xpaths);
  if (!found) return found.error();
  const std::int64_t id = *found ? find_unsettled_.integer(0) : 0;
  find_unsettled_.reset();
  return id;
}

Result<bool> JobTable::continue_job(std::int64_t id, const JobSpec& spec, std::uint64_t run) {
  const auto found = find_.first(id);
  if (!found) return found.error();
  if (!*found) return false;
  const bool same = find_.text(0) == spec.url_template && find_.text(2) == spec.xpaths;
  const bool adds_pages = find_.text(1) != spec.pages;
  JobTotals totals;
  JobCounters& counters = totals.counters;
  int column = 3;
  for (auto* count : {&counters.known, &counters.repeated, &counters.saved, &counters.duplicate, &counters.skipped,
                      &counters.failed, &counters.pending, &counters.bytes, &totals.without_end_mark}) {
    *count = find_.as<std::uint64_t>(column++);
  }
  first_pending_ = find_.integer(column++);
  const bool is_whole = has_mark_of(find_, column, marked(totals));
  find_.reset();
  if (!is_whole) return Error{fmt::format("the counts of crawl {} are not as they were written", id), EBADMSG};
  if (!same) return Error{fmt::format("job {} of {} has another request", id, ledger_path(directory_))};
  const auto failures = failures_of(id);
  if (!failures) return failures.error();
  totals.failures = *failures;
  job_.begin(id, run, totals);
  if (!adds_pages) return true;
  if (Status added = update_pages_.run(id, spec.pages); !added) return std::move(added).error();
  return true;
}

Result<FailureCounts> JobTable::failures_of(std::int64_t id) {
  FailureCounts failures{};
  auto more = failures_.first(id);
  for (; more && *more; more = failures_.next()) {
    const auto named = cause_from_name(failures_.text(0)).value_or(NamedCause{Cause::internal_error, 0});
    failures.at(failure_slot(named.cause, named.http_status)) += failures_.as<std::uint32_t>(1);
  }
  if (!more) return std::move(more).error();
  return failures;
}

Status JobTable::insert(std::int64_t id, const JobSpec& spec, std::uint64_t run) {
  const auto has_pages = new_job_.has_pages.first(id);
  if (!has_pages) return has_pages.error();
  new_job_.has_pages.reset();
  if (*has_pages) return Error{fmt::format("crawl {} has pages and no record", id), EBADMSG};
  const auto made = new_job_.insert.first(id, spec.url_template, spec.pages, spec.xpaths, wall_milliseconds());
  if (!made) return made.error();
  job_.begin(new_job_.insert.integer(0), run, {});
  first_pending_ = new_job_.insert.integer(1);
  new_job_.insert.reset();
  return {};
}

Status JobTable::save_totals() {
  if (!job_.has_changed()) return {};
  const JobCounters& t = job_.counters();
  if (Status saved = save_failures(); !saved) return saved;
  return save_totals_.run(job_.id(), t.known, t.repeated, t.saved, t.duplicate, t.skipped, t.failed, t.pending, t.bytes,
                          job_.totals().without_end_mark, mark_of(marked(job_.totals())));
}

Status JobTable::save_failures() {
  const FailureCounts& now = job_.failures();
  const FailureCounts& before = job_.committed_totals().failures;
  if (now == before) return {};
  for (std::size_t slot = 0; slot < now.size(); ++slot) {
    if (now.at(slot) == before.at(slot)) continue;
    Status saved = save_failure_.run(job_.id(), failure_slot_name(slot), now.at(slot));
    if (!saved) return saved;
  }
  return {};
}

Status JobTable::save_first_pending(std::int64_t id) { return save_first_pending_.run(job_.id(), id); }

Status JobTable::settle() { return settle_.run(job_.id(), wall_milliseconds()); }

Status JobTable::unsettle() { return unsettle_.run(job_.id()); }

Status JobTable::lose_pending(std::int64_t job) { return lose_pending_.run(job); }

Status JobTable::unsettle_image(std::int64_t job, ImageState was, std::uint64_t bytes, bool lacked_end_mark) {
  const auto one_if = [was](ImageState state) { return was == state ? 1 : 0; };
  return unsettle_image_.run(job, one_if(ImageState::pending), one_if(ImageState::saved), one_if(ImageState::duplicate),
                             was == ImageState::saved ? bytes : 0,
                             was != ImageState::pending && lacked_end_mark ? 1 : 0);
}

}  // namespace doutu
