#include "downloader/record/image_publisher.h"

#include <fmt/format.h>

#include <algorithm>
#include <cerrno>
#include <span>
#include <utility>

#include "downloader/store/content_hasher.h"
#include "shared/base/log.h"

namespace doutu {

Status ImagePublisher::redo(const std::function<void()>& on_read) {
  waiting_.clear();
  unpublished_.clear();
  failed_.clear();
  names_.release_all();
  url_bytes_ = 0;
  untold_.before.clear();
  auto ids = sink_.sweep();
  if (!ids) return std::move(ids).error();
  std::ranges::sort(*ids);
  for (const std::int64_t id : *ids) {
    on_read();
    if (Status status = redo_one(id); !status) return status;
  }
  return redo_unsure(on_read);
}

Status ImagePublisher::redo_one(std::int64_t id) {
  auto image = ledger_.images().find(id);
  if (!image) return std::move(image).error();
  const bool is_known = *image && (*image)->is_fetched();
  if (!is_known || sink_.look_held(id, (*image)->content) != ImageSink::Found::same_content) {
    sink_.drop(id);
    return {};
  }
  auto place = place_of(id, (*image)->content);
  if (!place) return std::move(place).error();
  auto publication = publication_of(id);
  if (!publication) return std::move(publication).error();
  if (place->first) {
    publication->same_as = place->first->id;
    publication->first = place->first->file;
  }
  names_.reserve(publication->file, publication->same_as);
  publication->had_name =
      look_beside(sink_, publication->file, id, publication->content) == ImageSink::Found::same_content;
  wait_for_sync(*std::move(publication));
  return {};
}

/// Of a fetched image.
Result<ImagePublisher::Publication> ImagePublisher::publication_of(std::int64_t id) {
  auto image = ledger_.named_images().find(id);
  if (!image) return std::move(image).error();
  if (!*image) return Error{fmt::format("image {} has a file, and its record cannot be found", id), EBADMSG};
  Publication publication{**std::move(image)};
  publication.same_as = id;
  return publication;
}

/// Among the saved images, by its bytes.
Result<ContentPlace> ImagePublisher::place_of(std::int64_t id, const Content& content) {
  return ledger_.contents().place_of(content, {.compare = [&](const SavedImage& other) { return compare(id, other); },
                                               .sha256 = [&] { return sink_.sha256_of(id); }});
}

/// One that waits for its name is held. Where the other's bytes are not to be had, they count as the same if the user
/// does not want that file again.
SameBytes ImagePublisher::compare(std::int64_t id, const SavedImage& other) const {
  if (other.id == id) return SameBytes::yes;
  auto found = sink_.compare(id, other.id);
  if (found == ImageSink::Found::nothing) found = sink_.compare(id, other.file);
  if (found == ImageSink::Found::nothing) return keep_deleted_ ? SameBytes::yes : SameBytes::gone;
  return found == ImageSink::Found::same_content ? SameBytes::yes : SameBytes::no;
}

void ImagePublisher::wait_for_sync(Publication publication) {
  url_bytes_ += publication.url.size();
  waiting_.push_back(std::move(publication));
}

Status ImagePublisher::redo_unsure(const std::function<void()>& on_read) {
  auto ids = ledger_.syncs().unsure_images();
  if (!ids) return std::move(ids).error();
  for (const std::int64_t id : *ids) {
    on_read();
    auto image = ledger_.images().find(id);
    if (!image) return std::move(image).error();
    if (!*image || !(*image)->is_fetched()) continue;  // To be fetched again since.
    const StoredImage& stored = **image;
    const auto waiting = std::ranges::lower_bound(waiting_, id, {}, &Publication::id);
    const bool is_waiting = waiting != waiting_.end() && waiting->id == id;
    const bool has_name =
        is_waiting ? waiting->had_name
                   : sink_.look(stored.file, stored.content, ImageSink::From::disk) == ImageSink::Found::same_content;
    if (has_name) untold_.before.push_back(id);
    if (is_waiting || has_name) continue;
    auto lost = publication_of(id);
    if (!lost) return std::move(lost).error();
    lost->failure = Failure::lost;
    failed_.push_back(*std::move(lost));
  }
  return {};
}

Status ImagePublisher::record(const ImageOutcome& outcome) {
  const auto place = place_of(outcome.id, outcome.content);
  if (!place) return place.error();
  const auto& first = place->first;
  const Unnamed image{outcome.id, first ? first->id : outcome.id, outcome.content};
  const std::string base = names_.base_name(outcome.url, outcome.facts.type);

  // The same bytes from an equally named URL need no second file.
  std::string name;
  if (first && names_.base_name(first->url, first->type) == base && names_.has(first->file, image)) {
    name = first->file;
  } else {
    auto chosen = names_.choose(base, outcome.spot, image, NameChooser::Look::when_wanted_before);
    if (!chosen) return std::move(chosen).error();
    name = *std::move(chosen);
  }
  if (Status status = ledger_.images().record_fetched(outcome, *place, name); !status) return status;
  names_.reserve(name, image.same_as);
  named_.push_back({{.id = outcome.id,
                     .epoch = ledger_.syncs().epoch(),
                     .file = std::move(name),
                     .url = outcome.url,
                     .spot = outcome.spot,
                     .content = outcome.content,
                     .width = outcome.facts.width,
                     .height = outcome.facts.height,
                     .robots_tag = outcome.robots_tag},
                    image.same_as,
                    first ? first->file : ""});
  return {};
}

Status ImagePublisher::republish(std::vector<ImageTask>& tasks) {
  for (const Publication& publication : failed_) {
    if (publication.failure == Failure::name_taken || publication.failure == Failure::name_refused) {
      if (Status status = give_other_name(publication); !status) return status;
      continue;
    }
    const auto restored = restore(publication);
    if (!restored) return restored.error();
    if (*restored) continue;
    auto task = ledger_.images().fetch_again(publication.id);
    if (!task) return std::move(task).error();
    if (*task) tasks.push_back(**std::move(task));
    log_warning("{} was lost before it was saved; fetching it again", publication.file);
  }
  return {};
}

Result<bool> ImagePublisher::restore(Publication publication) {
  const auto bytes = ledger_.syncs().kept_bytes(publication.id);
  if (!bytes) return bytes.error();
  if (!*bytes) return false;
  ContentHasher hasher(Checksum::sha256);
  hasher.update(**bytes);
  if (!are_alike(hasher.finish(), publication.content)) {
    return Error{fmt::format("the bytes kept of image {} are not those that came", publication.id), EBADMSG};
  }
  if (Status written = sink_.hold(publication.id, **bytes); !written) return std::move(written).error();
  if (Status status = ledger_.images().rename_file(publication.id, publication.file); !status)
    return std::move(status).error();
  publication.epoch = ledger_.syncs().epoch();
  publication.failure = Failure::none;
  names_.reserve(publication.file, publication.same_as);
  named_.push_back(std::move(publication));
  return true;
}

Status ImagePublisher::give_other_name(Publication publication) {
  const auto image = ledger_.images().find(publication.id);
  if (!image) return image.error();
  if (!*image) return {};
  publication.has_plain_name = publication.failure == Failure::name_refused;
  const Unnamed unnamed{publication.id, publication.same_as, publication.content};
  const std::string base = publication.has_plain_name ? plain_name(names_.hash_of(unnamed), (*image)->type)
                                                      : names_.base_name((*image)->url, (*image)->type);
  auto name = names_.choose(base, publication.spot, unnamed, NameChooser::Look::always);
  if (!name) return std::move(name).error();
  publication.file = *std::move(name);
  publication.had_name = false;
  publication.failure = Failure::none;
  if (Status status = ledger_.images().rename_file(publication.id, publication.file); !status) return status;
  publication.epoch = ledger_.syncs().epoch();
  names_.reserve(publication.file, publication.same_as);
  named_.push_back(std::move(publication));
  return {};
}

bool ImagePublisher::has_lost(const std::string& file, std::uint64_t bytes) {
  if (names_.is_reserved(file) || !sink_.has_lost(file, bytes)) return false;
  if (!std::exchange(said_.files_are_lost, true)) {
    log_warning(
        "{} is missing or shorter than before; fetching it and others like it again; --keep-deleted does not fetch "
        "them",
        file);
  }
  return true;
}

void ImagePublisher::committed() {
  failed_.clear();
  for (Publication& publication : named_) wait_for_sync(std::move(publication));
  named_.clear();
}

void ImagePublisher::rolled_back() {
  named_.clear();
  names_.release_all();
  for (const Publication& publication : waiting_) names_.reserve(publication.file, publication.same_as);
  for (const auto& [id, publication] : unpublished_) names_.reserve(publication.file, publication.same_as);
}

void ImagePublisher::sync_began() {
  synced_.now = waiting_.size();
  syncing_names_ = std::exchange(published_, {});
}

void ImagePublisher::sync_ended() {
  synced_.done = std::exchange(synced_.now, 0);
  for (const std::int64_t id : std::exchange(syncing_names_, {}).left) sink_.drop(id);
}

void ImagePublisher::sync_failed(const std::function<void()>& on_read) {
  for (Publication& publication : std::span(waiting_).first(synced_.now)) {
    on_read();
    if (sink_.look_held(publication.id, publication.content) == ImageSink::Found::same_content) continue;
    publication.failure = Failure::lost;
    sink_.drop(publication.id);
  }
  sync_ended();
}

Status ImagePublisher::publish() {
  Status status = settle_answered();
  std::size_t done = 0;
  for (; status && done < synced_.done && unpublished_.size() < kMaxUnpublished; ++done) {
    Publication& publication = waiting_[done];
    const auto answer = publish_one(publication);
    if (!answer) {
      unpublished_.emplace(publication.id, std::move(publication));
      continue;
    }
    const auto failure = failure_of(publication, *answer);
    if (!failure) {
      status = failure.error();
      break;
    }
    settle(publication, *failure);
  }
  waiting_.erase(waiting_.begin(), waiting_.begin() + static_cast<std::ptrdiff_t>(done));
  synced_.done -= done;
  synced_.now -= std::min(synced_.now, done);
  return status;
}

/// What the sink has answered later. All of it, also behind an error.
Status ImagePublisher::settle_answered() {
  Status status;
  for (ImageSink::Answer& answer : sink_.take_published()) {
    auto unpublished = unpublished_.extract(answer.id);
    if (unpublished.empty()) continue;
    Publication& publication = unpublished.mapped();
    auto failure = failure_of(publication, answer.published);
    if (failure) {
      settle(publication, *failure);
    } else {
      publish_again(std::move(publication));
      status = std::move(failure).error();
    }
  }
  return status;
}

std::optional<Result<ImageSink::Published>> ImagePublisher::publish_one(const Publication& publication) {
  if (publication.failure == Failure::lost) return ImageSink::Published::lost;
  return sink_.publish({publication.id, publication.file, publication.first, publication.content});
}

/// With the next publish().
void ImagePublisher::publish_again(Publication publication) {
  waiting_.insert(waiting_.begin(), std::move(publication));
  ++synced_.done;
  if (synced_.now > 0) ++synced_.now;
}

Result<ImagePublisher::Failure> ImagePublisher::failure_of(const Publication& publication,
                                                           const Result<ImageSink::Published>& answer) {
  if (!answer) return refused(publication, answer.error());
  const auto published = *answer;
  if (publication.failure == Failure::lost) return Failure::lost;
  const bool is_named =
      published == ImageSink::Published::yes || published == ImageSink::Published::still_held ||
      look_beside(sink_, publication.file, publication.id, publication.content) == ImageSink::Found::same_content;
  if (!is_named) return published == ImageSink::Published::name_taken ? Failure::name_taken : Failure::lost;
  ++published_.names;
  if (published != ImageSink::Published::yes) published_.left.push_back(publication.id);
  return Failure::none;
}

/// Its publication is over; what goes on with it is moved out of it.
void ImagePublisher::settle(Publication& publication, Failure failure) {
  names_.release(publication.file);
  url_bytes_ -= publication.url.size();
  publication.failure = failure;
  if (failure != Failure::none) {
    failed_.push_back(std::move(publication));
  } else if (!publication.had_name) {
    untold_.now.push_back(static_cast<NamedImage&&>(publication));
  }
}

/// The folder is at fault only if a plain name fails as well.
Result<ImagePublisher::Failure> ImagePublisher::refused(const Publication& publication, const Error& error) {
  if (publication.has_plain_name || !sink_.may_be_of_name(error.code)) return error;
  if (!std::exchange(said_.names_are_refused, true)) {
    log_warning("the file system does not allow the name {}; such images are named by their hash", error.message);
  }
  return Failure::name_refused;
}

}  // namespace doutu
