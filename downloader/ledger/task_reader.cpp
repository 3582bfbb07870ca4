#include "downloader/ledger/task_reader.h"

#include <fmt/format.h>

#include <algorithm>
#include <cerrno>

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

/// A tree whose order is damaged has rows that are read in passing, and cannot be found.
Error not_there(std::int64_t image) {
  return {fmt::format("image {} waits, and its record cannot be found", image), EBADMSG};
}

}  // namespace

TaskReader::TaskReader(Preparer& prepare, const CurrentJob& job)
    : job_(job),
      rows_(prepare("SELECT id, url, page, position, mark, referrer_policy FROM found WHERE id >= ? ORDER BY id")),
      page_(prepare("SELECT coalesce(final_url, url) FROM page WHERE job = ? AND number = ?")),
      retries_{prepare("SELECT EXISTS (SELECT 1 FROM retry)"),
               prepare("SELECT attempts, next_attempt FROM retry WHERE id = ?")} {}

Result<ImageTask> TaskReader::read(std::int64_t id, std::int64_t host) {
  if (Status there = go_to(id); !there) return std::move(there).error();
  ImageTask task;
  task.id = id;
  task.host = host;
  task.url = rows_.text(1);
  task.spot = {rows_.as<std::uint64_t>(2), rows_.as<std::uint32_t>(3)};
  task.referrer_policy = referrer_policy_at(rows_, 5);
  if (!has_mark_of(rows_, 4, task.url)) return damaged_url(id);
  Status read = read_referer(task);
  if (read) read = read_retry(task);
  if (!read) return std::move(read).error();
  return task;
}

Status TaskReader::go_to(std::int64_t id) {
  constexpr std::int64_t kNear = 8;  // So many steps cost less than a search.
  const bool is_near = at_ != 0 && at_ <= id && id - at_ <= kNear;
  auto found = is_near ? Result<bool>(true) : rows_.first(id);
  while (found && *found && rows_.integer(0) < id) found = rows_.next();
  if (!found) return found.error();
  at_ = *found ? rows_.integer(0) : 0;
  return at_ == id ? Status() : Status(not_there(id));
}

/// Page 0 is none (FoundTable::take_over()).
Status TaskReader::read_referer(ImageTask& task) {
  if (task.spot.page != last_page_.number) {
    const auto found = page_.first(job_.id(), task.spot.page);
    if (!found) return found.error();
    last_page_ = {task.spot.page, *found ? url_without_userinfo(page_.text(0)) : std::string()};
    page_.reset();
  }
  task.referer = last_page_.referer;
  return {};
}

Status TaskReader::read_retry(ImageTask& task) {
  if (retries_.any == Retries::Any::unknown) {
    const auto found = retries_.is_any.first();
    if (!found) return found.error();
    retries_.any = retries_.is_any.integer(0) != 0 ? Retries::Any::yes : Retries::Any::no;
    retries_.is_any.reset();
  }
  if (retries_.any == Retries::Any::no) return {};
  const auto found = retries_.find.first(task.id);
  if (!found || !*found) return found ? Status() : Status(found.error());
  task.attempts = retries_.find.as<std::uint32_t>(0);
  task.not_before = from_wall(retries_.find.integer(1));
  retries_.find.reset();
  return {};
}

void TaskReader::end() {
  rows_.reset();
  at_ = 0;
  last_page_ = {};
}

}  // namespace doutu
