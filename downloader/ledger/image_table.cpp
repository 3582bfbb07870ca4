#include "downloader/ledger/image_table.h"

#include <algorithm>
#include <optional>
#include <span>
#include <utility>

#include "downloader/ledger/ledger_values.h"
#include "shared/base/clock.h"
#include "shared/url/url.h"

namespace doutu {
namespace {

/// A clock that was set back must not put an image off for years.
constexpr seconds kLongestWait{3600};

MonoTime from_wall(std::int64_t milliseconds_since_1970) {
  const milliseconds wait{milliseconds_since_1970 - wall_milliseconds()};
  if (wait <= milliseconds(0)) return {};
  return mono_now() + std::min<Duration>(wait, kLongestWait);
}

}  // namespace

// States are the numbers of ImageState: literal where a partial index must be recognised.
ImageTable::ImageTable(Preparer& prepare, CurrentJob& job, JobTable& jobs, const SyncTable& syncs, ImageIds& ids)
    : job_(job),
      jobs_(jobs),
      syncs_(syncs),
      ids_(ids),
      find_(prepare("SELECT account, state, file, bytes, sha256, url, type, host, attempts, settled_in FROM images"
                    " WHERE id = ?")),
      find_content_(prepare("SELECT file, url, type FROM images WHERE sha256 = ? AND state = 1 LIMIT 1")),
      pending_tasks_(prepare("SELECT i.id, i.attempts, i.next_attempt, i.url, coalesce(p.final_url, p.url)"
                             " FROM images i LEFT JOIN pages p ON p.account = i.account AND p.number = i.page"
                             " WHERE i.account = ? AND i.host = ? AND i.id > ? AND i.state = 0 ORDER BY i.id LIMIT ?")),
      pending_spot_(prepare("SELECT page, position FROM images WHERE id = ? AND account = ? AND state = 0")),
      retry_(prepare("UPDATE images SET attempts = ?2, next_attempt = ?3, cause = ?4, http_status = ?5 WHERE id = ?1")),
      end_(prepare("UPDATE images SET state = ?2, settled_in = ?3, attempts = ?4, cause = ?5, http_status = ?6,"
                   " final_url = ?7, file = ?8, bytes = ?9, sha256 = ?10, type = ?11, width = ?12, height = ?13,"
                   " frames = ?14, round = ?15 WHERE id = ?1")),
      rename_(prepare("UPDATE images SET file = ?2, round = ?3 WHERE id = ?1")),
      unfetch_(prepare("UPDATE images SET id = ?2, state = 0, settled_in = NULL, attempts = 0, next_attempt = 0,"
                       " file = NULL, bytes = NULL, sha256 = NULL, type = NULL, width = NULL, height = NULL,"
                       " frames = NULL WHERE id = ?1")) {}

Result<std::optional<StoredImage>> ImageTable::find(std::int64_t id) {
  const auto found = find_.first(id);
  if (!found) return found.error();
  if (!*found) return std::optional<StoredImage>();
  StoredImage image;
  image.job = find_.integer(0);
  image.state = find_.as<ImageState>(1);
  image.file = find_.text(2);
  image.content = content_in(find_, 3, 4);
  image.url = find_.text(5);
  image.type = find_.text(6);
  image.host = find_.integer(7);
  image.attempts = find_.as<std::uint32_t>(8);
  image.settled_in = find_.integer(9);
  find_.reset();
  const Status named = image.is_fetched() ? check_file_name(image.file) : Status();
  if (!named) return named.error();
  return std::optional(std::move(image));
}

Result<std::optional<NamedFile>> ImageTable::find_content(const Sha256& sha256) {
  const auto found = find_content_.first(std::span<const std::byte>(sha256));
  if (!found) return found.error();
  std::optional<NamedFile> first;
  if (*found)
    first = NamedFile{std::string(find_content_.text(0)), std::string(find_content_.text(1)),
                      std::string(find_content_.text(2))};
  find_content_.reset();
  const Status named = first ? check_file_name(first->file) : Status();
  if (!named) return named.error();
  return first;
}

Result<std::vector<ImageTask>> ImageTable::pending_tasks(std::int64_t host, std::int64_t after_id, std::size_t limit) {
  std::vector<ImageTask> tasks;
  for (auto found = pending_tasks_.first(job_.id(), host, after_id, limit);; found = pending_tasks_.next()) {
    if (!found) return found.error();
    if (!*found) return tasks;
    ImageTask task;
    task.id = pending_tasks_.integer(0);
    task.host = host;
    task.attempts = pending_tasks_.as<std::uint32_t>(1);
    task.not_before = from_wall(pending_tasks_.integer(2));
    task.url = pending_tasks_.text(3);
    task.referer = url_without_userinfo(pending_tasks_.text(4));
    tasks.push_back(std::move(task));
  }
}

Result<std::optional<Spot>> ImageTable::pending_spot(std::int64_t id) {
  const auto found = pending_spot_.first(id, job_.id());
  if (!found) return found.error();
  std::optional<Spot> spot;
  if (*found) spot = Spot{pending_spot_.as<std::uint64_t>(0), pending_spot_.as<std::uint32_t>(1)};
  pending_spot_.reset();
  return spot;
}

Status ImageTable::record_retry(const ImageOutcome& outcome) {
  return retry_.run(outcome.id, outcome.attempts, outcome.next_attempt_ms,
                    name_or_null(outcome.cause, outcome.http_status), outcome.http_status);
}

Status ImageTable::record_failed(const ImageOutcome& outcome) {
  job_.settle_failed(outcome.cause, outcome.http_status);
  return end_.run(outcome.id, ImageState::failed, job_.id(), outcome.attempts,
                  name_or_null(outcome.cause, outcome.http_status), outcome.http_status,
                  text_or_null(outcome.final_url), std::nullopt, std::nullopt, std::nullopt, std::nullopt, std::nullopt,
                  std::nullopt, std::nullopt, std::nullopt);
}

Status ImageTable::record_fetched(const ImageOutcome& outcome, ImageState state, const std::string& file) {
  job_.settle_fetched(state, outcome.bytes);
  const auto lack = outcome.lacks_end_mark ? std::optional<std::string>(kNoEndMark) : std::nullopt;
  return end_.run(outcome.id, state, job_.id(), outcome.attempts, lack, outcome.http_status,
                  text_or_null(outcome.final_url), file, outcome.bytes, std::span<const std::byte>(outcome.sha256),
                  outcome.facts.type, outcome.facts.width, outcome.facts.height, outcome.facts.frames, syncs_.epoch());
}

Status ImageTable::rename_file(std::int64_t id, const std::string& file) {
  return rename_.run(id, file, syncs_.epoch());
}

Result<std::optional<ImageTask>> ImageTable::fetch_again(std::int64_t id) {
  const auto image = find(id);
  if (!image) return image.error();
  if (!*image || !(*image)->is_fetched()) return std::optional<ImageTask>();

  if (Status status = unsettle(**image); !status) return std::move(status).error();
  const std::int64_t new_id = ids_.take();
  if (Status status = unfetch_.run(id, new_id); !status) return std::move(status).error();
  if ((*image)->job != job_.id()) return std::optional<ImageTask>();
  auto tasks = pending_tasks((*image)->host, new_id - 1, 1);
  if (!tasks) return std::move(tasks).error();
  return tasks->empty() ? std::optional<ImageTask>() : std::optional(std::move(tasks->front()));
}

Status ImageTable::unsettle(const StoredImage& image) {
  const ImageState was = image.settled_in == image.job ? image.state : ImageState::pending;
  if (image.job != job_.id()) return jobs_.unsettle_image(image.job, was, image.content.bytes);
  job_.unsettle(was, image.content.bytes);
  return jobs_.unsettle();
}

}  // namespace doutu
