#include "downloader/ledger/image_table.h"

#include <fmt/format.h>

#include <algorithm>
#include <cerrno>
#include <optional>
#include <span>
#include <utility>

#include "downloader/ledger/ledger_values.h"

namespace doutu {
namespace {

Error damaged(std::int64_t image) {
  return {fmt::format("the record of image {} is not as it was written", image), EBADMSG};
}

}  // namespace

// States are the numbers of ImageState.
ImageTable::ImageTable(Preparer& prepare, CurrentJob& job, JobTable& jobs, HostTable& hosts, SyncTable& syncs,
                       FoundTable& found, ContentTable& contents, MetImages& met, PendingIds& pending)
    : job_(job),
      jobs_(jobs),
      hosts_(hosts),
      syncs_(syncs),
      found_(found),
      met_(met),
      pending_(pending),
      contents_(contents),
      find_(prepare("SELECT f.job, coalesce(e.state, 0), e.file, e.bytes, e.xxh128, e.sha256, f.url, e.type,"
                    " f.host, coalesce(e.attempts, r.attempts, 0), coalesce(e.job, 0), e.cause, e.mark FROM found f"
                    " LEFT JOIN ended e ON e.id = f.id LEFT JOIN retry r ON r.id = f.id WHERE f.id = ?")),
      tasks_(prepare, job),
      pending_of_job_(
          prepare(fmt::format("SELECT f.id, f.host, e.id IS NULL FROM found f LEFT JOIN ended e ON e.id = f.id"
                              " WHERE f.id >= ? AND f.job = ? AND (e.id IS NULL OR e.mark IS NULL"
                              " OR (e.mark >= 0 AND e.mark % {0} <> e.id % {0})) ORDER BY f.id",
                              kMarkOfId))),
      retries_{prepare("INSERT OR REPLACE INTO retry (id, attempts, next_attempt, cause, http_status)"
                       " VALUES (?, ?, ?, ?, ?)"),
               prepare("DELETE FROM retry WHERE id = ?"),
               prepare("DELETE FROM retry WHERE EXISTS (SELECT 1 FROM ended e WHERE e.id = retry.id)")},
      end_{prepare("INSERT INTO ended (id, state, job, attempts, cause, http_status, final_url, mark)"
                   " VALUES (?, ?, ?, ?, ?, ?, ?, ?)"),
           prepare("INSERT INTO ended (id, state, job, attempts, cause, http_status, final_url, file, bytes, xxh128,"
                   " sha256, type, width, height, frames, epoch, mark)"
                   " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"),
           prepare("INSERT OR REPLACE INTO robots_tag (image, tag) VALUES (?, ?)"),
           prepare("UPDATE ended SET file = ?2, epoch = ?3, mark = ?4 WHERE id = ?1")} {}

Result<std::optional<StoredImage>> ImageTable::find(std::int64_t id) {
  const auto found = find_.first(id);
  if (!found) return found.error();
  if (!*found) return std::optional<StoredImage>();
  StoredImage image;
  image.job = find_.integer(0);
  image.state = find_.as<ImageState>(1);
  image.file = find_.text(2);
  image.content = content_in(find_, 3);
  image.url = find_.text(6);
  image.type = find_.text(7);
  image.host = find_.integer(8);
  image.attempts = find_.as<std::uint32_t>(9);
  image.settled_in = find_.integer(10);
  image.lacks_end_mark = find_.text(11) == kNoEndMark;
  const bool is_whole = image.state == ImageState::pending || find_.integer(12) == kNoMark ||
                        find_.integer(12) == mark_of_end(id, image.file);
  find_.reset();
  const Status named = image.is_fetched() ? check_file_name(image.file) : Status();
  if (!named) return named.error();
  if (!is_whole) return damaged(id);
  return std::optional(std::move(image));
}

Result<std::vector<ImageTask>> ImageTable::pending_tasks(std::int64_t host, std::int64_t after_id, std::size_t limit) {
  std::vector<ImageTask> tasks;
  for (const std::int64_t id : pending_.after(host, after_id, limit)) {
    auto task = tasks_.read(id, host);
    if (!task) {
      tasks_.end();
      return std::move(task).error();
    }
    tasks.push_back(*std::move(task));
  }
  tasks_.end();
  return tasks;
}

Status ImageTable::load_pending() {
  pending_.clear();
  std::uint64_t count = 0;
  std::int64_t before = 0;
  auto found = pending_of_job_.first(jobs_.first_pending(), job_.id());
  for (; found && *found; found = pending_of_job_.next()) {
    const std::int64_t id = pending_of_job_.integer(0);
    const std::int64_t host = pending_of_job_.integer(1);
    const bool is_pending = pending_of_job_.integer(2) != 0;
    if (!is_pending || host <= 0 || id <= before) {
      pending_of_job_.reset();
      return damaged(id);
    }
    before = id;
    pending_.load(host, id);
    ++count;
  }
  if (!found) return std::move(found).error();
  return check_pending(count);
}

/// A damaged row may hide an image that waits, or a count that waits for none: the job would end too early or never.
Status ImageTable::check_pending(std::uint64_t count) const {
  const std::uint64_t counted = job_.counters().pending;
  if (count == counted) return {};
  return Error{fmt::format("crawl {} has counted {} images that wait, and has {}", job_.id(), counted, count), EBADMSG};
}

Status ImageTable::record_retry(const ImageOutcome& outcome) {
  tasks_.retry_saved();
  return retries_.save.run(outcome.id, outcome.attempts, outcome.next_attempt_ms,
                           name_or_null(outcome.cause, outcome.http_status), outcome.http_status);
}

Status ImageTable::record_failed(const ImageOutcome& outcome) {
  job_.settle_failed(outcome.cause, outcome.http_status);
  if (Status recorded = found_.record_failed(outcome.id); !recorded) return recorded;
  return end_without_file(outcome, ImageState::failed);
}

Status ImageTable::record_replaced(const ImageOutcome& outcome) {
  job_.settle_replaced();
  return end_without_file(outcome, ImageState::replaced);
}

Status ImageTable::end_without_file(const ImageOutcome& outcome, ImageState state) {
  pending_.remove(outcome.host, outcome.id);
  if (Status forgotten = retries_.forget.run(outcome.id); !forgotten) return forgotten;
  return end_.without_file.run(outcome.id, state, job_.id(), outcome.attempts,
                               name_or_null(outcome.cause, outcome.http_status), outcome.http_status,
                               text_or_null(outcome.final_url), mark_of_end(outcome.id, {}));
}

Status ImageTable::record_fetched(const ImageOutcome& outcome, const ContentPlace& place, const std::string& file) {
  pending_.remove(outcome.host, outcome.id);
  const Content& content = outcome.content;
  const ImageState state = place.first ? ImageState::duplicate : ImageState::saved;
  job_.settle_fetched(state, content.bytes, outcome.lacks_end_mark);
  Status recorded = hosts_.answered(outcome.host);
  if (recorded && outcome.attempts > 1) recorded = retries_.forget.run(outcome.id);
  if (!recorded) return recorded;
  syncs_.add_named(outcome.id);
  if (!place.first && place.key) contents_.keys().put(*place.key, outcome.id);
  const auto lack = outcome.lacks_end_mark ? std::optional<std::string_view>(kNoEndMark) : std::nullopt;
  if (!outcome.robots_tag.empty()) recorded = end_.robots_tag.run(outcome.id, outcome.robots_tag);
  if (!recorded) return recorded;
  return end_.with_file.run(outcome.id, state, job_.id(), outcome.attempts, lack, outcome.http_status,
                            text_or_null(outcome.final_url), file, content.bytes, bytes_or_null(content.xxh128),
                            bytes_or_null(content.sha256), outcome.facts.type, outcome.facts.width,
                            outcome.facts.height, outcome.facts.frames, syncs_.epoch(), mark_of_end(outcome.id, file));
}

Status ImageTable::merge() { return retries_.forget_ended.run(); }

Status ImageTable::rename_file(std::int64_t id, const std::string& file) {
  syncs_.add_named(id);
  return end_.rename.run(id, file, syncs_.epoch(), mark_of_end(id, file));
}

Result<std::optional<ImageTask>> ImageTable::fetch_again(std::int64_t id) {
  auto image = find(id);
  if (!image) return image.error();
  if (!*image || !(*image)->is_fetched()) return std::optional<ImageTask>();
  // What the current job has met counts there: as known.
  const bool is_met = (*image)->job != job_.id() && met_.contains(id);
  if (is_met) (*image)->job = job_.id();
  if (Status status = unsettle(**image); !status) return std::move(status).error();
  const auto new_id = is_met ? found_.take_over(id, met_.take(id).value_or(MetImages::PageMeeting()), (*image)->host)
                             : found_.requeue(id, (*image)->job, (*image)->host);
  if (!new_id) return new_id.error();
  if ((*image)->job != job_.id()) return std::optional<ImageTask>();
  auto task = tasks_.read(*new_id, (*image)->host);
  tasks_.end();
  if (!task) return std::move(task).error();
  return std::optional(*std::move(task));
}

Status ImageTable::unsettle(const StoredImage& image) {
  const ImageState was = image.settled_in == image.job ? image.state : ImageState::pending;
  if (image.job != job_.id()) {
    return jobs_.unsettle_image(image.job, was, image.content.bytes, image.lacks_end_mark);
  }
  job_.unsettle(was, image.content.bytes, image.lacks_end_mark);
  return jobs_.unsettle();
}

}  // namespace doutu
