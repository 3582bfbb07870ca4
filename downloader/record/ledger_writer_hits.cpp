// LedgerWriter's rules for hits: what an image that a page names counts as.
#include <xxhash.h>

#include <array>
#include <cstring>

#include "downloader/record/ledger_values.h"
#include "downloader/record/ledger_writer.h"
#include "downloader/store/inline_image_url.h"
#include "shared/url/url.h"

namespace doutu {
namespace {

constexpr std::size_t kMaxCachedHosts = 4096;

using UrlKey = std::array<std::byte, 16>;

UrlKey key_of(std::string_view url) {
  XXH128_canonical_t canonical;
  XXH128_canonicalFromHash(&canonical, XXH3_128bits(url.data(), url.size()));
  UrlKey key{};
  static_assert(sizeof(canonical.digest) == sizeof(key));
  std::memcpy(key.data(), canonical.digest, key.size());
  return key;
}

/// The state that a hit begins in: a link that is no URL is settled the moment it is met.
ImageState first_state(const ImageFound& hit) {
  if (hit.cause == Cause::none) return ImageState::pending;
  return hit.cause == Cause::unsupported_scheme ? ImageState::skipped : ImageState::failed;
}

}  // namespace

LedgerWriter::MaybeTask LedgerWriter::add_hit(PageRecord& page, const ImageFound& hit) {
  ++page.hits;
  const UrlKey key = key_of(hit.url);
  const auto host = host_of(hit);
  if (!host) return host.error();
  const auto added = add_new(page, hit, key, *host);
  if (!added) return added.error();
  if (*added) return task_if_pending(last_image_, *host, page, hit);

  auto& row = statements_[Sql::find_image_by_url];
  if (const auto found = row.first(std::span<const std::byte>(key)); !found) return found.error();
  const KnownImage image{.id = row.integer(0),
                         .job = row.integer(1),
                         .page = row.as<std::uint64_t>(2),
                         .attempt = row.as<std::uint32_t>(3),
                         .position = row.as<std::uint32_t>(4),
                         .state = row.as<ImageState>(5),
                         .settled_in = row.integer(6),
                         .file = std::string(row.text(7)),
                         .bytes = row.as<std::uint64_t>(8)};
  row.reset();
  return image.job == job_ ? on_seen_again(page, hit, image) : on_known(page, hit, image);
}

Result<bool> LedgerWriter::add_new(const PageRecord& page, const ImageFound& hit, std::span<const std::byte> key,
                                   std::int64_t host) {
  const ImageState state = first_state(hit);
  const Status added = statements_[Sql::insert_image].run(
      last_image_ + 1, key, hit.url, host, job_, page.number, page.attempt, hit.position, state,
      state == ImageState::pending ? std::nullopt : std::optional(job_), name_or_null(hit.cause, 0));
  if (!added) return added.error();
  if (db_.changes() == 0) return false;
  ++last_image_;
  count_new(state, hit.cause);
  return true;
}

LedgerWriter::MaybeTask LedgerWriter::on_seen_again(PageRecord& page, const ImageFound& hit, const KnownImage& image) {
  const bool same_page = image.page == page.number;
  if (same_page && image.attempt == page.attempt && image.position == hit.position) return std::optional<ImageTask>();
  if (same_page && image.attempt < page.attempt) return move(image.id, page, hit);
  return count_repeated(page);
}

LedgerWriter::MaybeTask LedgerWriter::on_known(PageRecord& page, const ImageFound& hit, const KnownImage& image) {
  if (image.state == ImageState::saved || image.state == ImageState::duplicate) {
    // Saved by this job, and met by another one before this one went on: it is counted already.
    if (image.settled_in == job_) return count_repeated(page);
    const auto lost = is_lost(image);
    if (!lost) return lost.error();
    if (*lost) return requeue(image.id, page, hit);
    ++counters_.known;
    return move(image.id, page, hit);
  }
  if (image.state == ImageState::pending) {
    if (Status status = statements_[Sql::lose_pending].run(image.job); !status) return std::move(status).error();
  }
  return requeue(image.id, page, hit);
}

Result<bool> LedgerWriter::is_lost(const KnownImage& image) const {
  if (!has_lost_) return false;
  const Status named = check_file_name(image.file);
  if (!named) return named.error();
  return has_lost_(image.file, image.bytes);
}

LedgerWriter::MaybeTask LedgerWriter::count_repeated(PageRecord& page) {
  ++page.repeated;
  ++counters_.repeated;
  return std::optional<ImageTask>();
}

LedgerWriter::MaybeTask LedgerWriter::move(std::int64_t id, const PageRecord& page, const ImageFound& hit) {
  const Status moved = statements_[Sql::move_image].run(id, job_, page.number, page.attempt, hit.position);
  if (!moved) return moved.error();
  return std::optional<ImageTask>();
}

LedgerWriter::MaybeTask LedgerWriter::requeue(std::int64_t old_id, const PageRecord& page, const ImageFound& hit) {
  const auto host = host_of(hit);
  if (!host) return host.error();
  const ImageState state = first_state(hit);
  const std::int64_t id = ++last_image_;
  const Status renewed = statements_[Sql::requeue_image].run(
      old_id, id, job_, page.number, page.attempt, hit.position, state,
      state == ImageState::pending ? std::nullopt : std::optional(job_), name_or_null(hit.cause, 0), *host);
  if (!renewed) return renewed.error();
  count_new(state, hit.cause);
  return task_if_pending(id, *host, page, hit);
}

void LedgerWriter::count_new(ImageState state, Cause cause) {
  ++count_of(counters_, state);
  if (state == ImageState::failed) ++failures_.at(failure_slot(cause, 0));
}

std::optional<ImageTask> LedgerWriter::task_if_pending(std::int64_t id, std::int64_t host, const PageRecord& page,
                                                       const ImageFound& hit) {
  if (hit.cause != Cause::none) return std::nullopt;
  ImageTask task;
  task.id = id;
  task.host = host;
  task.url = hit.url;
  task.referer = url_without_userinfo(page.final_url.empty() ? page.url : page.final_url);
  return task;
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

}  // namespace doutu
