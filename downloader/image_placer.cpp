#include "downloader/image_placer.h"

#include <fmt/format.h>

#include <algorithm>
#include <span>
#include <tuple>
#include <utility>

#include "downloader/inline_image_url.h"
#include "shared/base/log.h"

namespace doutu {
namespace {

/// A new process looks for so many again.
constexpr std::uint32_t kMaxNumber = 1'000;
/// Of 64: two images that share a name, and these, get numbers again.
constexpr std::size_t kHashDigits = 16;
constexpr std::size_t kMaxRemembered = 4096;

std::string hash_of(const Content& content) { return std::string(inline_image_hash(inline_image_url(content.sha256))); }

}  // namespace

Status ImagePlacer::redo(const std::function<void()>& on_read) {
  waiting_.clear();
  unpublished_.clear();
  troubled_.clear();
  promised_.clear();
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
  promised_.emplace((*image)->file, (*image)->content);
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
  const std::string base = base_name(outcome.url, outcome.facts.type);

  // The same bytes from an equally named URL need no second file.
  std::string name;
  if (*first && base_name((*first)->url, (*first)->type) == base && has((*first)->file, content)) {
    name = (*first)->file;
  } else {
    auto chosen = choose_name(base, spot, content, Look::when_wanted_before);
    if (!chosen) return std::move(chosen).error();
    name = *std::move(chosen);
  }
  const ImageState state = *first ? ImageState::duplicate : ImageState::saved;
  if (Status status = ledger_.record_fetched(outcome, state, name); !status) return status;
  promised_.emplace(name, content);
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

std::string ImagePlacer::base_name(std::string_view url, std::string_view type) const {
  return file_name_for(url, type, wrong_extension_, max_name_bytes_);
}

Result<std::string> ImagePlacer::choose_name(const std::string& base, const Spot& spot, const Content& content,
                                             Look look) {
  if (auto name = free_name(base, 1, content, look)) return *std::move(name);
  const std::string by_spot = fmt::format("p{}-{}", spot.page, spot.position + 1);
  for (const std::string& suffix : {by_spot, hash_of(content).substr(0, kHashDigits)}) {
    const std::string other = suffixed_name(base, suffix, max_name_bytes_);
    if (auto name = free_name(other, kMaxNumber, content, look)) return *std::move(name);
  }
  return Error{fmt::format("no free name for {}", base)};
}

std::optional<std::string> ImagePlacer::free_name(const std::string& base, std::uint32_t most, const Content& content,
                                                  Look look) {
  if (next_number_.size() >= kMaxRemembered) forget_names();
  const auto [wanted, is_first] = next_number_.try_emplace(base, 1);
  if (is_first && look == Look::when_wanted_before && !is_promised(base, content)) return base;
  std::uint32_t& number = wanted->second;
  const auto name = [&] { return numbered_name(base, number, max_name_bytes_); };
  while (number <= most && is_taken(name(), content)) ++number;
  if (number > most) return std::nullopt;
  return name();
}

/// First those that one image wanted: nearly all.
void ImagePlacer::forget_names() {
  std::erase_if(next_number_, [](const auto& entry) { return entry.second == 1; });
  if (next_number_.size() > kMaxRemembered / 2) next_number_.clear();
}

bool ImagePlacer::is_promised(const std::string& file, const Content& content) const {
  const auto promised = promised_.find(file);
  return promised != promised_.end() && promised->second != content;
}

bool ImagePlacer::is_taken(const std::string& file, const Content& content) const {
  if (promised_.contains(file)) return is_promised(file, content);
  return sink_.look(file, content, ImageSink::From::cache) == ImageSink::Found::other;
}

bool ImagePlacer::has(const std::string& file, const Content& content) const {
  const auto promised = promised_.find(file);
  if (promised != promised_.end()) return promised->second == content;
  return sink_.look(file, content, ImageSink::From::cache) == ImageSink::Found::same_content;
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
  promised_.emplace(placement.file, placement.content);
  named_.push_back(std::move(placement));
  return true;
}

Status ImagePlacer::give_other_name(Placement placement) {
  const auto image = ledger_.find_image(placement.id);
  if (!image) return image.error();
  if (!*image) return {};
  placement.has_plain_name = placement.trouble == Trouble::name_refused;
  const std::string base = placement.has_plain_name ? plain_name(hash_of(placement.content), (*image)->type)
                                                    : base_name((*image)->url, (*image)->type);
  auto name = choose_name(base, placement.spot, placement.content, Look::always);
  if (!name) return std::move(name).error();
  placement.file = *std::move(name);
  placement.had_name = false;
  placement.trouble = Trouble::none;
  if (Status status = ledger_.rename_file(placement.id, placement.file); !status) return status;
  placement.round = ledger_.round();
  promised_.emplace(placement.file, placement.content);
  named_.push_back(std::move(placement));
  return {};
}

bool ImagePlacer::has_lost(const std::string& file, std::uint64_t bytes) {
  if (promised_.contains(file) || !sink_.has_lost(file, bytes)) return false;
  if (!std::exchange(has_said_that_files_are_lost_, true)) {
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
  promised_.clear();
  for (const Placement& placement : waiting_) promised_.emplace(placement.file, placement.content);
  for (const auto& [id, placement] : unpublished_) promised_.emplace(placement.file, placement.content);
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
    settle(std::move(placement), *trouble);
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
      settle(std::move(placement), *trouble);
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

/// Its publication is over.
void ImagePlacer::settle(Placement placement, Trouble trouble) {
  promised_.erase(placement.file);
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
  if (!std::exchange(has_said_that_names_are_refused_, true)) {
    log_warning("the file system refuses the name {}; images with such names get plain ones", error.message);
  }
  return Trouble::name_refused;
}

}  // namespace doutu
