#include "downloader/ledger/job_table.h"

#include <fmt/format.h>

#include <utility>

#include "shared/base/clock.h"

namespace doutu {

JobTable::JobTable(Preparer& prepare, CurrentJob& job, std::string directory)
    : job_(job),
      directory_(std::move(directory)),
      find_(prepare("SELECT template, pages, xpaths, known, repeated, saved, duplicate, skipped, failed, pending, bytes"
                    " FROM accounts WHERE id = ?")),
      find_unsettled_(prepare("SELECT id FROM accounts WHERE template = ? AND pages = ? AND xpaths = ?"
                              " AND settled IS NULL ORDER BY id DESC LIMIT 1")),
      insert_(prepare("INSERT INTO accounts (id, template, pages, xpaths, started) VALUES"
                      " (coalesce(?, (SELECT coalesce(max(id), 0) + 1 FROM accounts)), ?, ?, ?, ?) RETURNING id")),
      update_pages_(prepare("UPDATE accounts SET pages = ?2, settled = NULL WHERE id = ?1")),
      save_totals_(prepare("UPDATE accounts SET known = ?2, repeated = ?3, saved = ?4, duplicate = ?5, skipped = ?6,"
                           " failed = ?7, pending = ?8, bytes = ?9 WHERE id = ?1")),
      settle_(prepare("UPDATE accounts SET settled = ?2 WHERE id = ?1 AND settled IS NULL")),
      unsettle_(prepare("UPDATE accounts SET settled = NULL WHERE id = ?")),
      lose_pending_(prepare("UPDATE accounts SET pending = pending - 1, known = known + 1 WHERE id = ?")),
      unsettle_image_(prepare("UPDATE accounts SET settled = NULL, pending = pending + 1, known = known - ?2,"
                              " saved = saved - ?3, duplicate = duplicate - ?4, bytes = bytes - ?5 WHERE id = ?1")),
      // The number of ImageState::failed is literal, where a partial index must be recognised.
      count_failures_(prepare("SELECT cause, count(*) FROM images WHERE state = 3 AND account = ? GROUP BY cause")) {}

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
  JobCounters counters;
  int column = 3;
  for (auto* count : {&counters.known, &counters.repeated, &counters.saved, &counters.duplicate, &counters.skipped,
                      &counters.failed, &counters.pending, &counters.bytes}) {
    *count = find_.as<std::uint64_t>(column++);
  }
  find_.reset();
  if (!same) return Error{fmt::format("job {} of {} has another request", id, ledger_path(directory_))};
  const auto failures = failures_of(id);
  if (!failures) return failures.error();
  job_.begin(id, run, {counters, *failures});
  if (!adds_pages) return true;
  if (Status added = update_pages_.run(id, spec.pages); !added) return std::move(added).error();
  return true;
}

Result<FailureCounts> JobTable::failures_of(std::int64_t id) {
  FailureCounts failures{};
  auto more = count_failures_.first(id);
  for (; more && *more; more = count_failures_.next()) {
    const auto named = cause_from_name(count_failures_.text(0)).value_or(NamedCause{Cause::internal_error, 0});
    failures.at(failure_slot(named.cause, named.http_status)) += count_failures_.as<std::uint32_t>(1);
  }
  if (!more) return std::move(more).error();
  return failures;
}

Status JobTable::insert(std::int64_t id, const JobSpec& spec, std::uint64_t run) {
  const auto wanted = id == 0 ? std::nullopt : std::optional(id);
  const auto made = insert_.first(wanted, spec.url_template, spec.pages, spec.xpaths, wall_milliseconds());
  if (!made) return made.error();
  job_.begin(insert_.integer(0), run, {});
  insert_.reset();
  return {};
}

Status JobTable::save_totals() {
  if (!job_.has_changed()) return {};
  const JobCounters& t = job_.counters();
  return save_totals_.run(job_.id(), t.known, t.repeated, t.saved, t.duplicate, t.skipped, t.failed, t.pending,
                          t.bytes);
}

Status JobTable::settle() { return settle_.run(job_.id(), wall_milliseconds()); }

Status JobTable::unsettle() { return unsettle_.run(job_.id()); }

Status JobTable::lose_pending(std::int64_t job) { return lose_pending_.run(job); }

Status JobTable::unsettle_image(std::int64_t job, ImageState was, std::uint64_t bytes) {
  const auto one_if = [was](ImageState state) { return was == state ? 1 : 0; };
  return unsettle_image_.run(job, one_if(ImageState::pending), one_if(ImageState::saved), one_if(ImageState::duplicate),
                             was == ImageState::saved ? bytes : 0);
}

}  // namespace doutu
