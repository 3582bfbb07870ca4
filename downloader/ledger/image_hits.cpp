#include "downloader/ledger/image_hits.h"

#include <xxhash.h>

#include <array>
#include <cstring>

#include "downloader/ledger/ledger_values.h"
#include "downloader/store/inline_image_url.h"
#include "shared/url/url.h"

namespace doutu {
namespace {

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

std::optional<ImageTask> task_if_pending(std::int64_t id, std::int64_t host, const PageRecord& page,
                                         const ImageFound& hit) {
  if (hit.cause != Cause::none) return std::nullopt;
  ImageTask task;
  task.id = id;
  task.host = host;
  task.url = hit.url;
  task.referer = url_without_userinfo(page.final_url.empty() ? page.url : page.final_url);
  return task;
}

}  // namespace

ImageHits::ImageHits(const Database& db, Preparer& prepare, CurrentJob& job, JobTable& jobs, HostTable& hosts,
                     ImageIds& ids)
    : db_(db),
      job_(job),
      jobs_(jobs),
      hosts_(hosts),
      ids_(ids),
      insert_(prepare("INSERT INTO images (id, url_key, url, host, account, page, attempt, position, state, settled_in,"
                      " cause) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (url_key) DO NOTHING")),
      find_by_url_(prepare("SELECT id, account, page, attempt, position, state, settled_in, file, bytes FROM images"
                           " WHERE url_key = ?")),
      move_(prepare("UPDATE images SET account = ?2, page = ?3, attempt = ?4, position = ?5 WHERE id = ?1")),
      requeue_(prepare("UPDATE images SET id = ?2, account = ?3, page = ?4, attempt = ?5, position = ?6, state = ?7,"
                       " settled_in = ?8, cause = ?9, host = ?10, attempts = 0, next_attempt = 0, http_status = 0,"
                       " final_url = NULL, file = NULL, bytes = NULL, sha256 = NULL, type = NULL, width = NULL,"
                       " height = NULL, frames = NULL WHERE id = ?1")) {}

ImageHits::MaybeTask ImageHits::add(PageRecord& page, const ImageFound& hit) {
  ++page.hits;
  const UrlKey key = key_of(hit.url);
  const auto host = host_of(hit);
  if (!host) return host.error();
  const std::int64_t id = ids_.next();
  const auto added = add_new(page, hit, key, *host);
  if (!added) return added.error();
  if (*added) return task_if_pending(id, *host, page, hit);
  const auto image = known(key);
  if (!image) return image.error();
  return image->job == job_.id() ? on_seen_again(page, hit, *image) : on_known(page, hit, *image);
}

Result<std::int64_t> ImageHits::host_of(const ImageFound& hit) {
  if (hit.cause != Cause::none) return 0;
  // An image that came with its page has no host.
  return hosts_.id_of(inline_image_hash(hit.url).empty() ? url_authority(hit.url) : "data:");
}

Result<bool> ImageHits::add_new(const PageRecord& page, const ImageFound& hit, std::span<const std::byte> key,
                                std::int64_t host) {
  const ImageState state = first_state(hit);
  const Status added =
      insert_.run(ids_.next(), key, hit.url, host, job_.id(), page.number, page.attempt, hit.position, state,
                  state == ImageState::pending ? std::nullopt : std::optional(job_.id()), name_or_null(hit.cause, 0));
  if (!added) return added.error();
  if (db_.changes() == 0) return false;
  ids_.take();
  job_.add_image(state, hit.cause);
  return true;
}

Result<ImageHits::KnownImage> ImageHits::known(std::span<const std::byte> key) {
  if (const auto found = find_by_url_.first(key); !found) return found.error();
  KnownImage image{.id = find_by_url_.integer(0),
                   .job = find_by_url_.integer(1),
                   .page = find_by_url_.as<std::uint64_t>(2),
                   .attempt = find_by_url_.as<std::uint32_t>(3),
                   .position = find_by_url_.as<std::uint32_t>(4),
                   .state = find_by_url_.as<ImageState>(5),
                   .settled_in = find_by_url_.integer(6),
                   .file = std::string(find_by_url_.text(7)),
                   .bytes = find_by_url_.as<std::uint64_t>(8)};
  find_by_url_.reset();
  return image;
}

ImageHits::MaybeTask ImageHits::on_seen_again(PageRecord& page, const ImageFound& hit, const KnownImage& image) {
  const bool same_page = image.page == page.number;
  if (same_page && image.attempt == page.attempt && image.position == hit.position) return std::optional<ImageTask>();
  if (same_page && image.attempt < page.attempt) return move(image.id, page, hit);
  return count_repeated(page);
}

ImageHits::MaybeTask ImageHits::on_known(PageRecord& page, const ImageFound& hit, const KnownImage& image) {
  if (image.state == ImageState::saved || image.state == ImageState::duplicate) {
    // Saved by this job, and met by another one before this one went on: it is counted already.
    if (image.settled_in == job_.id()) return count_repeated(page);
    const auto lost = is_lost(image);
    if (!lost) return lost.error();
    if (*lost) return requeue(image.id, page, hit);
    job_.add_known();
    return move(image.id, page, hit);
  }
  if (image.state == ImageState::pending) {
    if (Status status = jobs_.lose_pending(image.job); !status) return std::move(status).error();
  }
  return requeue(image.id, page, hit);
}

Result<bool> ImageHits::is_lost(const KnownImage& image) const {
  if (!has_lost_) return false;
  const Status named = check_file_name(image.file);
  if (!named) return named.error();
  return has_lost_(image.file, image.bytes);
}

ImageHits::MaybeTask ImageHits::count_repeated(PageRecord& page) {
  ++page.repeated;
  job_.add_repeated();
  return std::optional<ImageTask>();
}

ImageHits::MaybeTask ImageHits::move(std::int64_t id, const PageRecord& page, const ImageFound& hit) {
  const Status moved = move_.run(id, job_.id(), page.number, page.attempt, hit.position);
  if (!moved) return moved.error();
  return std::optional<ImageTask>();
}

ImageHits::MaybeTask ImageHits::requeue(std::int64_t old_id, const PageRecord& page, const ImageFound& hit) {
  const auto host = host_of(hit);
  if (!host) return host.error();
  const ImageState state = first_state(hit);
  const std::int64_t id = ids_.take();
  const Status renewed = requeue_.run(old_id, id, job_.id(), page.number, page.attempt, hit.position, state,
                                      state == ImageState::pending ? std::nullopt : std::optional(job_.id()),
                                      name_or_null(hit.cause, 0), *host);
  if (!renewed) return renewed.error();
  job_.add_image(state, hit.cause);
  return task_if_pending(id, *host, page, hit);
}

}  // namespace doutu
