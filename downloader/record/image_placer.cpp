#include "downloader/record/image_placer.h"

#include <algorithm>
#include <span>
#include <utility>

#include "shared/base/log.h"

namespace doutu {

Status ImagePlacer::redo(const std::function<void()>& on_read) {
  waiting_.clear();
  unpublished_.clear();
  troubled_.clear();
  names_.release_all();
  url_bytes_ = 0;
  named_before_.clear();
  auto ids = sink_.sweep();
  if (!ids) return std::move(ids).error();
  std::ranges::sort(*ids);
  for (const std::int64_t id : *ids) {
    on_read();
    if (Status status = redo_one(id); !status) return status;
  }
  return redo_unsure(on_read);
}

Status ImagePlacer::redo_one(std::int64_t id) {
  auto image = ledger_.find_image(id);
  if (!image) return std::move(image).error();
  const bool is_known = *image && (*image)->is_fetched();
  if (!is_known || sink_.look_held(id, (*image)->content) != ImageSink::Found::same_content) {
    sink_.drop(id);
    return {};
  }
  auto first = ledger_.find_content((*image)->content.sha256);
  if (!first) return std::move(first).error();
  names_.promise((*image)->file, (*image)->content);
  auto placement = placement_of(id);
  if (!placement) return std::move(placement).error();
  if (*first) placement->first = (*first)->file;
  placement->had_name =
      sink_.look(placement->file, placement->content, ImageSink::From::cache) == ImageSink::Found::same_content;
  wait_for_sync(*std::move(placement));
  return {};
}

/// Of a fetched image.
Result<ImagePlacer::Placement> ImagePlacer::placement_of(std::int64_t id) {
  auto image = ledger_.find_named(id);
  if (!image) return std::move(image).error();
  return Placement{**std::move(image)};
}

void ImagePlacer::wait_for_sync(Placement placement) {
  url_bytes_ += placement.url.size();
  waiting_.push_back(std::move(placement));
}

Status ImagePlacer::redo_unsure(const std::function<void()>& on_read) {
  auto ids = ledger_.unsure_images();
  if (!ids) return std::move(ids).error();
  for (const std::int64_t id : *ids) {
    on_read();
    auto image = ledger_.find_image(id);
    if (!image) return std::move(image).error();
    const StoredImage& stored = image->value();
    const auto waiting = std::ranges::lower_bound(waiting_, id, {}, &Placement::id);
    const bool is_waiting = waiting != waiting_.end() && waiting->id == id;
    const bool has_name =
        is_waiting ? waiting->had_name
                   : sink_.look(stored.file, stored.content, ImageSink::From::disk) == ImageSink::Found::same_content;
    if (has_name) named_before_.push_back(id);
    if (is_waiting || has_name) continue;
    auto lost = placement_of(id);
    if (!lost) return std::move(lost).error();
    lost->trouble = Trouble::lost;
    troubled_.push_back(*std::move(lost));
  }
  return {};
}

Status ImagePlacer::record(const ImageOutcome& outcome, const Spot& spot) {
  const Content content{outcome.bytes, outcome.sha256};
  auto first = ledger_.find_content(content.sha256);
  if (!first) return std::move(first).error();
  const std::string base = names_.base_name(outcome.url, outcome.facts.type);

  // The same bytes from an equally named URL need no second file.
  std::string name;
  if (*first && names_.base_name((*first)->url, (*first)->type) == base && names_.has((*first)->file, content)) {
    name = (*first)->file;
  } else {
    auto chosen = names_.choose(base, spot, content, NameChooser::Look::when_wanted_before);
    if (!chosen) return std::move(chosen).error();
    name = *std::move(chosen);
  }
  const ImageState state = *first ? ImageState::duplicate : ImageState::saved;
  if (Status status = ledger_.record_fetched(outcome, state, name); !status) return status;
  names_.promise(name, content);
  named_.push_back({{.id = outcome.id,
                     .round = ledger_.round(),
                     .file = std::move(name),
                     .url = outcome.url,
                     .spot = spot,
                     .content = content,
                     .width = outcome.facts.width,
                     .height = outcome.facts.height},
                    *first ? (*first)->file : ""});
  return {};
}

Status ImagePlacer::repair(std::vector<ImageJob>& jobs) {
  for (const Placement& placement : troubled_) {
    if (placement.trouble == Trouble::name_taken || placement.trouble == Trouble::name_refused) {
      if (Status status = give_other_name(placement); !status) return status;
      continue;
    }
    const auto restored = restore(placement);
    if (!restored) return restored.error();
    if (*restored) continue;
    auto job = ledger_.fetch_again(placement.id);
    if (!job) return std::move(job).error();
    if (*job) jobs.push_back(**std::move(job));
    log_warning("{} was lost before it was stored and is fetched again", placement.file);
  }
  return {};
}

Result<bool> ImagePlacer::restore(Placement placement) {
  const auto bytes = ledger_.kept_bytes(placement.id);
  if (!bytes) return bytes.error();
  if (!*bytes) return false;
  if (Status written = sink_.hold(placement.id, **bytes); !written) return std::move(written).error();
  if (Status status = ledger_.rename_file(placement.id, placement.file); !status) return std::move(status).error();
  placement.round = ledger_.round();
  placement.trouble = Trouble::none;
  names_.promise(placement.file, placement.content);
  named_.push_back(std::move(placement));
  return true;
}

Status ImagePlacer::give_other_name(Placement placement) {
  const auto image = ledger_.find_image(placement.id);
  if (!image) return image.error();
  if (!*image) return {};
  placement.has_plain_name = placement.trouble == Trouble::name_refused;
  const std::string base = placement.has_plain_name ? plain_name(hash_of(placement.content), (*image)->type)
                                                    : names_.base_name((*image)->url, (*image)->type);
  auto name = names_.choose(base, placement.spot, placement.content, NameChooser::Look::always);
  if (!name) return std::move(name).error();
  placement.file = *std::move(name);
  placement.had_name = false;
  placement.trouble = Trouble::none;
  if (Status status = ledger_.rename_file(placement.id, placement.file); !status) return status;
  placement.round = ledger_.round();
  names_.promise(placement.file, placement.content);
  named_.push_back(std::move(placement));
  return {};
}

bool ImagePlacer::has_lost(const std::string& file, std::uint64_t bytes) {
  if (names_.is_promised(file) || !sink_.has_lost(file, bytes)) return false;
  if (!std::exchange(said_.files_are_lost, true)) {
    log_warning(
        "{} is gone from the folder, or shorter than it was: it is fetched again, and so are others of which that is "
        "true; --keep-deleted leaves them",
        file);
  }
  return true;
}

void ImagePlacer::committed() {
  troubled_.clear();
  for (Placement& placement : named_) wait_for_sync(std::move(placement));
  named_.clear();
}

void ImagePlacer::rolled_back() {
  named_.clear();
  names_.release_all();
  for (const Placement& placement : waiting_) names_.promise(placement.file, placement.content);
  for (const auto& [id, placement] : unpublished_) names_.promise(placement.file, placement.content);
}

void ImagePlacer::sync_began() {
  syncing_ = waiting_.size();
  syncing_names_ = std::exchange(placed_, {});
}

void ImagePlacer::sync_ended() {
  synced_ = std::exchange(syncing_, 0);
  for (const std::int64_t id : std::exchange(syncing_names_, {}).left) sink_.drop(id);
}

void ImagePlacer::sync_failed(const std::function<void()>& on_read) {
  for (Placement& placement : std::span(waiting_).first(syncing_)) {
    on_read();
    if (sink_.look_held(placement.id, placement.content) == ImageSink::Found::same_content) continue;
    placement.trouble = Trouble::lost;
    sink_.drop(placement.id);
  }
  sync_ended();
}

Status ImagePlacer::place() {
  Status status = settle_answered();
  std::size_t done = 0;
  for (; status && done < synced_ && unpublished_.size() < kMaxUnpublished; ++done) {
    Placement& placement = waiting_[done];
    const auto answer = publish(placement);
    if (!answer) {
      unpublished_.emplace(placement.id, std::move(placement));
      continue;
    }
    const auto trouble = trouble_of(placement, *answer);
    if (!trouble) {
      status = trouble.error();
      break;
    }
    settle(placement, *trouble);
  }
  waiting_.erase(waiting_.begin(), waiting_.begin() + static_cast<std::ptrdiff_t>(done));
  synced_ -= done;
  syncing_ -= std::min(syncing_, done);
  return status;
}

/// What the sink has answered later. All of it, also behind an error.
Status ImagePlacer::settle_answered() {
  Status status;
  for (ImageSink::Answer& answer : sink_.take_published()) {
    auto unpublished = unpublished_.extract(answer.id);
    if (unpublished.empty()) continue;
    Placement& placement = unpublished.mapped();
    auto trouble = trouble_of(placement, answer.published);
    if (trouble) {
      settle(placement, *trouble);
    } else {
      publish_again(std::move(placement));
      status = std::move(trouble).error();
    }
  }
  return status;
}

std::optional<Result<ImageSink::Published>> ImagePlacer::publish(const Placement& placement) {
  if (placement.trouble == Trouble::lost) return ImageSink::Published::lost;
  return sink_.publish({placement.id, placement.file, placement.first, placement.content});
}

/// With the next place().
void ImagePlacer::publish_again(Placement placement) {
  waiting_.insert(waiting_.begin(), std::move(placement));
  ++synced_;
  if (syncing_ > 0) ++syncing_;
}

Result<ImagePlacer::Trouble> ImagePlacer::trouble_of(const Placement& placement,
                                                     const Result<ImageSink::Published>& answer) {
  if (!answer) return refused(placement, answer.error());
  const auto published = *answer;
  if (placement.trouble == Trouble::lost) return Trouble::lost;
  const bool is_published =
      published == ImageSink::Published::yes || published == ImageSink::Published::still_held ||
      sink_.look(placement.file, placement.content, ImageSink::From::cache) == ImageSink::Found::same_content;
  if (!is_published) return published == ImageSink::Published::name_taken ? Trouble::name_taken : Trouble::lost;
  ++placed_.names;
  if (published != ImageSink::Published::yes) placed_.left.push_back(placement.id);
  return Trouble::none;
}

/// Its publication is over; what goes on with it is moved out of it.
void ImagePlacer::settle(Placement& placement, Trouble trouble) {
  names_.release(placement.file);
  url_bytes_ -= placement.url.size();
  placement.trouble = trouble;
  if (trouble != Trouble::none) {
    troubled_.push_back(std::move(placement));
  } else if (!placement.had_name) {
    named_now_.push_back(static_cast<NamedImage&&>(placement));
  }
}

/// Trouble of the folder is only what a plain name meets as well.
Result<ImagePlacer::Trouble> ImagePlacer::refused(const Placement& placement, const Error& error) {
  if (placement.has_plain_name || !sink_.may_be_of_name(error.code)) return error;
  if (!std::exchange(said_.names_are_refused, true)) {
    log_warning("the file system refuses the name {}; images with such names get plain ones", error.message);
  }
  return Trouble::name_refused;
}

}  // namespace doutu
