// LedgerWriter's rules for images: what a hit counts as, and what becomes of an attempt.
#include <fmt/format.h>
#include <xxhash.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

#include "downloader/inline_image_url.h"
#include "downloader/ledger_writer.h"
#include "shared/base/cause.h"
#include "shared/base/clock.h"
#include "shared/base/escape.h"
#include "shared/http/url.h"

namespace doutu {
namespace {

constexpr std::size_t kMaxCachedHosts = 4096;
/// A clock that was set back must not put an image off for years.
constexpr seconds kLongestWait{3600};

using UrlKey = std::array<std::byte, 16>;

UrlKey key_of(std::string_view url) {
  XXH128_canonical_t canonical;
  XXH128_canonicalFromHash(&canonical, XXH3_128bits(url.data(), url.size()));
  UrlKey key{};
  static_assert(sizeof(canonical.digest) == sizeof(key));
  std::memcpy(key.data(), canonical.digest, key.size());
  return key;
}

/// A ledger that somebody else wrote may say anything; no name leads out of the folder.
Status check_file_name(const std::string& name) {
  const bool is_segment =
      !name.empty() && name != "." && name != ".." && name.find_first_of({"/\0", 2}) == std::string::npos;
  if (is_segment) return {};
  return Error{fmt::format("the ledger has an image under the name \"{}\", which is none", escape_for_terminal(name)),
               EBADMSG};
}

/// The state that a hit begins in: a link that is no URL is settled the moment it is met.
ImageState first_state(const ImageFound& hit) {
  if (hit.cause == Cause::none) return ImageState::pending;
  return hit.cause == Cause::unsupported_scheme ? ImageState::skipped : ImageState::failed;
}

std::uint64_t& count_of(AccountTally& tally, ImageState state) {
  switch (state) {
    case ImageState::saved:
      return tally.saved;
    case ImageState::duplicate:
      return tally.duplicate;
    case ImageState::failed:
      return tally.failed;
    case ImageState::skipped:
      return tally.skipped;
    case ImageState::pending:
      break;
  }
  return tally.pending;
}

std::optional<std::string> name_or_null(Cause cause, int http_status) {
  if (cause == Cause::none) return std::nullopt;
  return cause_name(cause, http_status);
}

std::optional<std::string_view> text_or_null(const std::string& text) {
  if (text.empty()) return std::nullopt;
  return text;
}

Content content_in(const Statement& row, int bytes, int sha256) {
  Content content{.bytes = row.as<std::uint64_t>(bytes), .sha256 = {}};
  const auto digest = row.bytes(sha256);
  std::copy_n(digest.begin(), std::min(digest.size(), content.sha256.size()), content.sha256.begin());
  return content;
}

NamedImage named_image_in(const Statement& row) {
  return {.id = row.integer(0),
          .round = row.integer(1),
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

LedgerWriter::MaybeJob LedgerWriter::add_hit(PageRecord& page, const ImageFound& hit) {
  ++page.hits;
  const UrlKey key = key_of(hit.url);
  const auto host = host_of(hit);
  if (!host) return host.error();
  const auto added = add_new(page, hit, key, *host);
  if (!added) return added.error();
  if (*added) return job_if_pending(last_image_, *host, page, hit);

  auto& row = statements_[Sql::find_image_by_url];
  if (const auto found = row.first(std::span<const std::byte>(key)); !found) return found.error();
  const KnownImage image{.id = row.integer(0),
                         .account = row.integer(1),
                         .page = row.as<std::uint64_t>(2),
                         .attempt = row.as<std::uint32_t>(3),
                         .position = row.as<std::uint32_t>(4),
                         .state = row.as<ImageState>(5),
                         .settled_in = row.integer(6),
                         .file = std::string(row.text(7)),
                         .bytes = row.as<std::uint64_t>(8)};
  row.reset();
  return image.account == account_ ? meet_again(page, hit, image) : meet_older(page, hit, image);
}

Result<bool> LedgerWriter::add_new(const PageRecord& page, const ImageFound& hit, std::span<const std::byte> key,
                                   std::int64_t host) {
  const ImageState state = first_state(hit);
  const Status added = statements_[Sql::insert_image].run(
      last_image_ + 1, key, hit.url, host, account_, page.number, page.attempt, hit.position, state,
      state == ImageState::pending ? std::nullopt : std::optional(account_), name_or_null(hit.cause, 0));
  if (!added) return added.error();
  if (db_.changes() == 0) return false;
  ++last_image_;
  count_new(state, hit.cause);
  return true;
}

LedgerWriter::MaybeJob LedgerWriter::meet_again(PageRecord& page, const ImageFound& hit, const KnownImage& image) {
  const bool same_page = image.page == page.number;
  if (same_page && image.attempt == page.attempt && image.position == hit.position) return std::optional<ImageJob>();
  if (same_page && image.attempt < page.attempt) return move(image.id, page, hit);
  return count_repeated(page);
}

LedgerWriter::MaybeJob LedgerWriter::meet_older(PageRecord& page, const ImageFound& hit, const KnownImage& image) {
  if (image.state == ImageState::saved || image.state == ImageState::duplicate) {
    // Saved by this account, and met by another one before this one went on: it is counted already.
    if (image.settled_in == account_) return count_repeated(page);
    const auto lost = is_lost(image);
    if (!lost) return lost.error();
    if (*lost) return renew(image.id, page, hit);
    ++tally_.known;
    return move(image.id, page, hit);
  }
  if (image.state == ImageState::pending) {
    if (Status status = statements_[Sql::lose_pending].run(image.account); !status) return std::move(status).error();
  }
  return renew(image.id, page, hit);
}

Result<bool> LedgerWriter::is_lost(const KnownImage& image) const {
  if (!has_lost_) return false;
  const Status named = check_file_name(image.file);
  if (!named) return named.error();
  return has_lost_(image.file, image.bytes);
}

LedgerWriter::MaybeJob LedgerWriter::count_repeated(PageRecord& page) {
  ++page.repeated;
  ++tally_.repeated;
  return std::optional<ImageJob>();
}

LedgerWriter::MaybeJob LedgerWriter::move(std::int64_t id, const PageRecord& page, const ImageFound& hit) {
  const Status moved = statements_[Sql::move_image].run(id, account_, page.number, page.attempt, hit.position);
  if (!moved) return moved.error();
  return std::optional<ImageJob>();
}

LedgerWriter::MaybeJob LedgerWriter::renew(std::int64_t old_id, const PageRecord& page, const ImageFound& hit) {
  const auto host = host_of(hit);
  if (!host) return host.error();
  const ImageState state = first_state(hit);
  const std::int64_t id = ++last_image_;
  const Status renewed = statements_[Sql::renew_image].run(
      old_id, id, account_, page.number, page.attempt, hit.position, state,
      state == ImageState::pending ? std::nullopt : std::optional(account_), name_or_null(hit.cause, 0), *host);
  if (!renewed) return renewed.error();
  count_new(state, hit.cause);
  return job_if_pending(id, *host, page, hit);
}

void LedgerWriter::count_new(ImageState state, Cause cause) {
  ++count_of(tally_, state);
  if (state == ImageState::failed) ++failures_.at(failure_slot(cause, 0));
}

std::optional<ImageJob> LedgerWriter::job_if_pending(std::int64_t id, std::int64_t host, const PageRecord& page,
                                                     const ImageFound& hit) {
  if (hit.cause != Cause::none) return std::nullopt;
  ImageJob job;
  job.id = id;
  job.host = host;
  job.url = hit.url;
  job.referer = url_without_userinfo(page.final_url.empty() ? page.url : page.final_url);
  return job;
}

Result<std::int64_t> LedgerWriter::host_of(const ImageFound& hit) {
  if (hit.cause != Cause::none) return 0;
  // An image that came with its page has no host.
  std::string name = inline_image_hash(hit.url).empty() ? url_authority(hit.url) : "data:";
  if (const auto cached = hosts_.find(name); cached != hosts_.end()) return cached->second;
  if (hosts_.size() >= kMaxCachedHosts) hosts_.clear();

  auto* row = &statements_[Sql::find_host];
  auto found = row->first(name);
  if (found.ok() && !*found) {
    row = &statements_[Sql::insert_host];
    found = row->first(name);
  }
  if (!found) return found.error();
  const std::int64_t id = row->integer(0);
  row->reset();
  hosts_.emplace(std::move(name), id);
  return id;
}

Result<std::vector<HostRow>> LedgerWriter::hosts_with_pending(std::int64_t after_id, std::size_t limit) {
  std::vector<HostRow> hosts;
  auto& row = statements_[Sql::pending_hosts];
  for (auto found = row.first(account_, after_id, limit);; found = row.next()) {
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
  for (found = page.first(account_, kPages); found && *found; found = page.next()) {
    HostRow row{0, url_authority(std::string(page.text(0)))};
    if (hosts.empty() || hosts.back() != row) hosts.push_back(std::move(row));
  }
  if (!found) return found.error();
  return hosts;
}

Result<std::vector<ImageJob>> LedgerWriter::pending_jobs(std::int64_t host, std::int64_t after_id, std::size_t limit) {
  std::vector<ImageJob> jobs;
  auto& row = statements_[Sql::pending_images];
  for (auto found = row.first(account_, host, after_id, limit);; found = row.next()) {
    if (!found) return found.error();
    if (!*found) return jobs;
    ImageJob job;
    job.id = row.integer(0);
    job.host = host;
    job.attempts = row.as<std::uint32_t>(1);
    job.not_before = from_wall(row.integer(2));
    job.url = row.text(3);
    job.referer = url_without_userinfo(row.text(4));
    jobs.push_back(std::move(job));
  }
}

Result<std::optional<StoredImage>> LedgerWriter::find_image(std::int64_t id) {
  auto& row = statements_[Sql::find_image];
  const auto found = row.first(id);
  if (!found) return found.error();
  if (!*found) return std::optional<StoredImage>();
  StoredImage image;
  image.account = row.integer(0);
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
  const auto found = row.first(id, account_);
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
  --tally_.pending;
  ++tally_.failed;
  ++failures_.at(failure_slot(outcome.cause, outcome.http_status));
  return statements_[Sql::record_end].run(outcome.id, ImageState::failed, account_, outcome.attempts,
                                          name_or_null(outcome.cause, outcome.http_status), outcome.http_status,
                                          text_or_null(outcome.final_url), std::nullopt, std::nullopt, std::nullopt,
                                          std::nullopt, std::nullopt, std::nullopt, std::nullopt, std::nullopt);
}

Status LedgerWriter::record_fetched(const ImageOutcome& outcome, ImageState state, const std::string& file) {
  --tally_.pending;
  ++count_of(tally_, state);
  if (state == ImageState::saved) tally_.bytes += outcome.bytes;
  const auto lack = outcome.lacks_end_mark ? std::optional<std::string>(kNoEndMark) : std::nullopt;
  return statements_[Sql::record_end].run(outcome.id, state, account_, outcome.attempts, lack, outcome.http_status,
                                          text_or_null(outcome.final_url), file, outcome.bytes,
                                          std::span<const std::byte>(outcome.sha256), outcome.facts.type,
                                          outcome.facts.width, outcome.facts.height, outcome.facts.frames, round_);
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

Result<std::optional<NamedImage>> LedgerWriter::last_named(std::int64_t up_to_round) {
  return first_named(statements_[Sql::last_named], up_to_round);
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
  return statements_[Sql::rename_file].run(id, file, round_);
}

void LedgerWriter::uncount_fetched(const StoredImage& image) {
  const bool settled_here = image.settled_in == account_;
  --(settled_here ? count_of(tally_, image.state) : tally_.known);
  if (settled_here && image.state == ImageState::saved) tally_.bytes -= image.content.bytes;
  ++tally_.pending;
}

Status LedgerWriter::uncount_elsewhere(const StoredImage& image) {
  const bool settled_there = image.settled_in == image.account;
  const bool saved = settled_there && image.state == ImageState::saved;
  const bool duplicate = settled_there && image.state == ImageState::duplicate;
  return statements_[Sql::lose_fetched].run(image.account, settled_there ? 0 : 1, saved ? 1 : 0, duplicate ? 1 : 0,
                                            saved ? image.content.bytes : 0);
}

LedgerWriter::MaybeJob LedgerWriter::fetch_again(std::int64_t id) {
  const auto image = find_image(id);
  if (!image) return image.error();
  if (!*image || !(*image)->is_fetched()) return std::optional<ImageJob>();

  const bool is_ours = (*image)->account == account_;
  if (is_ours) {
    uncount_fetched(**image);
    if (Status status = statements_[Sql::unsettle_account].run(account_); !status) return std::move(status).error();
  } else if (Status status = uncount_elsewhere(**image); !status) {
    return std::move(status).error();
  }
  const std::int64_t new_id = ++last_image_;
  if (Status status = statements_[Sql::unfetch_image].run(id, new_id); !status) return std::move(status).error();
  if (!is_ours) return std::optional<ImageJob>();
  auto jobs = pending_jobs((*image)->host, new_id - 1, 1);
  if (!jobs) return std::move(jobs).error();
  return jobs->empty() ? std::optional<ImageJob>() : std::optional(std::move(jobs->front()));
}

}  // namespace doutu
