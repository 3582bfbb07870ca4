// LedgerWriter's images: which are to be fetched, what became of each attempt, and which have their names.
#include <algorithm>

#include "downloader/record/ledger_values.h"
#include "downloader/record/ledger_writer.h"
#include "shared/base/cause.h"
#include "shared/base/clock.h"
#include "shared/url/url.h"

namespace doutu {
namespace {

/// A clock that was set back must not put an image off for years.
constexpr seconds kLongestWait{3600};

Content content_in(const Statement& row, int bytes, int sha256) {
  Content content{.bytes = row.as<std::uint64_t>(bytes), .sha256 = {}};
  const auto digest = row.bytes(sha256);
  std::copy_n(digest.begin(), std::min(digest.size(), content.sha256.size()), content.sha256.begin());
  return content;
}

NamedImage named_image_in(const Statement& row) {
  return {.id = row.integer(0),
          .epoch = row.integer(1),
          .file = std::string(row.text(2)),
          .url = std::string(row.text(3)),
          .spot = {row.as<std::uint64_t>(4), row.as<std::uint32_t>(5)},
          .content = content_in(row, 6, 7),
          .width = row.as<std::uint32_t>(8),
          .height = row.as<std::uint32_t>(9)};
}

Result<std::optional<NamedImage>> first_named(Statement& row, std::int64_t value) {
  const auto found = row.first(value);
  if (!found) return found.error();
  std::optional<NamedImage> image;
  if (*found) image = named_image_in(row);
  row.reset();
  return image;
}

MonoTime from_wall(std::int64_t milliseconds_since_1970) {
  const milliseconds wait{milliseconds_since_1970 - wall_milliseconds()};
  if (wait <= milliseconds(0)) return {};
  return mono_now() + std::min<Duration>(wait, kLongestWait);
}

}  // namespace

Result<std::vector<HostRow>> LedgerWriter::hosts_with_pending(std::int64_t after_id, std::size_t limit) {
  std::vector<HostRow> hosts;
  auto& row = statements_[Sql::pending_hosts];
  for (auto found = row.first(job_, after_id, limit);; found = row.next()) {
    if (!found) return found.error();
    if (!*found) return hosts;
    hosts.push_back({row.integer(0), std::string(row.text(1))});
  }
}

Result<std::vector<HostRow>> LedgerWriter::hosts_that_answered() {
  constexpr int kPages = 1000;  // Most templates name one host.
  std::vector<HostRow> hosts;
  auto& host = statements_[Sql::answering_hosts];
  auto found = host.first();
  for (; found && *found; found = host.next()) hosts.push_back({host.integer(0), std::string(host.text(1))});
  if (!found) return found.error();
  auto& page = statements_[Sql::answering_pages];
  for (found = page.first(job_, kPages); found && *found; found = page.next()) {
    HostRow row{0, url_authority(std::string(page.text(0)))};
    if (hosts.empty() || hosts.back() != row) hosts.push_back(std::move(row));
  }
  if (!found) return found.error();
  return hosts;
}

Result<std::vector<ImageTask>> LedgerWriter::pending_tasks(std::int64_t host, std::int64_t after_id,
                                                           std::size_t limit) {
  std::vector<ImageTask> tasks;
  auto& row = statements_[Sql::pending_images];
  for (auto found = row.first(job_, host, after_id, limit);; found = row.next()) {
    if (!found) return found.error();
    if (!*found) return tasks;
    ImageTask task;
    task.id = row.integer(0);
    task.host = host;
    task.attempts = row.as<std::uint32_t>(1);
    task.not_before = from_wall(row.integer(2));
    task.url = row.text(3);
    task.referer = url_without_userinfo(row.text(4));
    tasks.push_back(std::move(task));
  }
}

Result<std::optional<StoredImage>> LedgerWriter::find_image(std::int64_t id) {
  auto& row = statements_[Sql::find_image];
  const auto found = row.first(id);
  if (!found) return found.error();
  if (!*found) return std::optional<StoredImage>();
  StoredImage image;
  image.job = row.integer(0);
  image.state = row.as<ImageState>(1);
  image.file = row.text(2);
  image.content = content_in(row, 3, 4);
  image.url = row.text(5);
  image.type = row.text(6);
  image.host = row.integer(7);
  image.attempts = row.as<std::uint32_t>(8);
  image.settled_in = row.integer(9);
  row.reset();
  const Status named = image.is_fetched() ? check_file_name(image.file) : Status();
  if (!named) return named.error();
  return std::optional(std::move(image));
}

Result<std::optional<Spot>> LedgerWriter::pending_spot(std::int64_t id) {
  auto& row = statements_[Sql::pending_spot];
  const auto found = row.first(id, job_);
  if (!found) return found.error();
  std::optional<Spot> spot;
  if (*found) spot = Spot{row.as<std::uint64_t>(0), row.as<std::uint32_t>(1)};
  row.reset();
  return spot;
}

Status LedgerWriter::record_retry(const ImageOutcome& outcome) {
  return statements_[Sql::record_retry].run(outcome.id, outcome.attempts, outcome.next_attempt_ms,
                                            name_or_null(outcome.cause, outcome.http_status), outcome.http_status);
}

Status LedgerWriter::record_failed(const ImageOutcome& outcome) {
  --counters_.pending;
  ++counters_.failed;
  ++failures_.at(failure_slot(outcome.cause, outcome.http_status));
  return statements_[Sql::record_end].run(outcome.id, ImageState::failed, job_, outcome.attempts,
                                          name_or_null(outcome.cause, outcome.http_status), outcome.http_status,
                                          text_or_null(outcome.final_url), std::nullopt, std::nullopt, std::nullopt,
                                          std::nullopt, std::nullopt, std::nullopt, std::nullopt, std::nullopt);
}

Status LedgerWriter::record_fetched(const ImageOutcome& outcome, ImageState state, const std::string& file) {
  --counters_.pending;
  ++count_of(counters_, state);
  if (state == ImageState::saved) counters_.bytes += outcome.bytes;
  const auto lack = outcome.lacks_end_mark ? std::optional<std::string>(kNoEndMark) : std::nullopt;
  return statements_[Sql::record_end].run(outcome.id, state, job_, outcome.attempts, lack, outcome.http_status,
                                          text_or_null(outcome.final_url), file, outcome.bytes,
                                          std::span<const std::byte>(outcome.sha256), outcome.facts.type,
                                          outcome.facts.width, outcome.facts.height, outcome.facts.frames, epoch_);
}

Result<std::optional<NamedFile>> LedgerWriter::find_content(const Sha256& sha256) {
  auto& row = statements_[Sql::find_content];
  const auto found = row.first(std::span<const std::byte>(sha256));
  if (!found) return found.error();
  std::optional<NamedFile> first;
  if (*found) first = NamedFile{std::string(row.text(0)), std::string(row.text(1)), std::string(row.text(2))};
  row.reset();
  const Status named = first ? check_file_name(first->file) : Status();
  if (!named) return named.error();
  return first;
}

Result<std::optional<NamedImage>> LedgerWriter::find_named(std::int64_t id) {
  return first_named(statements_[Sql::find_named], id);
}

Result<std::optional<NamedImage>> LedgerWriter::last_named(std::int64_t up_to_epoch) {
  return first_named(statements_[Sql::last_named], up_to_epoch);
}

Status LedgerWriter::for_each_named(const std::function<void(const NamedImage&)>& visit) {
  auto& row = statements_[Sql::all_named];
  for (auto found = row.first();; found = row.next()) {
    if (!found) return std::move(found).error();
    if (!*found) return {};
    visit(named_image_in(row));
  }
}

Status LedgerWriter::rename_file(std::int64_t id, const std::string& file) {
  return statements_[Sql::rename_file].run(id, file, epoch_);
}

void LedgerWriter::uncount_fetched(const StoredImage& image) {
  const bool settled_here = image.settled_in == job_;
  --(settled_here ? count_of(counters_, image.state) : counters_.known);
  if (settled_here && image.state == ImageState::saved) counters_.bytes -= image.content.bytes;
  ++counters_.pending;
}

Status LedgerWriter::uncount_elsewhere(const StoredImage& image) {
  const bool settled_there = image.settled_in == image.job;
  const bool saved = settled_there && image.state == ImageState::saved;
  const bool duplicate = settled_there && image.state == ImageState::duplicate;
  return statements_[Sql::lose_fetched].run(image.job, settled_there ? 0 : 1, saved ? 1 : 0, duplicate ? 1 : 0,
                                            saved ? image.content.bytes : 0);
}

LedgerWriter::MaybeTask LedgerWriter::fetch_again(std::int64_t id) {
  const auto image = find_image(id);
  if (!image) return image.error();
  if (!*image || !(*image)->is_fetched()) return std::optional<ImageTask>();

  const bool is_ours = (*image)->job == job_;
  if (is_ours) {
    uncount_fetched(**image);
    if (Status status = statements_[Sql::unsettle_job].run(job_); !status) return std::move(status).error();
  } else if (Status status = uncount_elsewhere(**image); !status) {
    return std::move(status).error();
  }
  const std::int64_t new_id = ++last_image_;
  if (Status status = statements_[Sql::unfetch_image].run(id, new_id); !status) return std::move(status).error();
  if (!is_ours) return std::optional<ImageTask>();
  auto tasks = pending_tasks((*image)->host, new_id - 1, 1);
  if (!tasks) return std::move(tasks).error();
  return tasks->empty() ? std::optional<ImageTask>() : std::optional(std::move(tasks->front()));
}

}  // namespace doutu
