#include "downloader/ledger/image_hits.h"

#include "downloader/ledger/ledger_values.h"
#include "downloader/store/inline_image_url.h"
#include "shared/url/url.h"

namespace doutu {

ImageHits::MaybeTask ImageHits::add(PageRecord& page, const ImageFound& hit) {
  ++page.hits;
  const auto image = found_.find(hit.url);
  if (!image) return image.error();
  if (image->id == 0) return add_new(page, hit, image->key);
  if (image->state == ImageState::replaced) return on_replaced(page, hit, *image);
  return is_of_job(*image) ? on_seen_again(page, hit, *image) : on_known(page, hit, *image);
}

Result<StandIn> ImageHits::add_in_place_of(const FoundImage& failed, PageRecord& page, const ImageFound& hit) {
  const auto image = found_.find(hit.url);
  if (!image) return image.error();
  const auto last = last_in_place_of(*image);
  if (!last) return last.error();
  if (image->job == job_.id() || is_met(*last)) return join(failed, page, hit, *last);
  if (last->is_fetched()) {
    const auto counted = count_fetched(page, hit, *last);
    if (!counted) return counted.error();
    if (*counted) return StandIn{.id = last->id, .task = {}};
  }
  auto task = image->id == 0 ? add_new(page, hit, image->key) : try_anew(page, hit, *image);
  if (!task) return std::move(task).error();
  return *task ? StandIn{.id = (*task)->id, .task = *std::move(task)} : StandIn();
}

/// An image that the job had met. If that still waits, it waits for the other URLs as well.
Result<StandIn> ImageHits::join(const FoundImage& failed, PageRecord& page, const ImageFound& hit,
                                const FoundImage& image) {
  const bool waits = image.state == ImageState::pending;
  if (image.id == failed.id || !is_of_job(image) || !(waits || image.is_fetched())) return StandIn();
  if (waits && !hit.alternatives.empty()) {
    if (Status added = alternatives_.add_urls(image.id, hit.alternatives); !added) return std::move(added).error();
  }
  (void)count_repeated(page);
  return StandIn{.id = image.id, .task = {}};
}

/// The image itself, unless it was replaced; id 0: what stands for it is not known.
Result<FoundImage> ImageHits::last_in_place_of(const FoundImage& image) {
  if (image.state != ImageState::replaced) return image;
  const auto last = alternatives_.standing_for(image.id);
  if (!last) return last.error();
  return *last == 0 ? FoundImage() : found_.find(*last);
}

/// Only fetched images are known: a bit of another one was damaged, and would leave it out.
bool ImageHits::is_met(const FoundImage& image) const { return image.is_fetched() && met_.contains(image.id); }

Result<std::int64_t> ImageHits::host_of(const ImageFound& hit) {
  if (hit.cause != Cause::none) return 0;
  // An image that came with its page has no host.
  return inline_image_hash(hit.url).empty() ? hosts_.id_of_url(hit.url) : hosts_.id_of("data:");
}

ImageHits::MaybeTask ImageHits::add_new(const PageRecord& page, const ImageFound& hit, KeyStage::Key key) {
  const auto host = host_of(hit);
  if (!host) return host.error();
  return found_.add(page, hit, *host, key);
}

/// The next attempt at a page takes over what the one before had met. The same hit of the same attempt is none.
ImageHits::MaybeTask ImageHits::on_seen_again(PageRecord& page, const ImageFound& hit, const FoundImage& image) {
  const bool is_own = image.job == job_.id();
  const auto met = is_own ? std::nullopt : met_.meeting_on(page.number, image.id);
  const bool same_page = is_own ? image.page == page.number : met.has_value();
  if (!same_page) return count_repeated(page);
  const std::uint32_t attempt = is_own ? image.attempt : met->attempt;
  const std::uint32_t position = is_own ? image.position : met->position;
  if (attempt == page.attempt && position == hit.position) return std::optional<ImageTask>();
  if (attempt >= page.attempt) return count_repeated(page);
  if (is_own) {
    if (Status moved = found_.move(image, page, hit.position); !moved) return std::move(moved).error();
  } else {
    met_.add(page.number, image.id, {page.attempt, hit.position});
  }
  return std::optional<ImageTask>();
}

/// The next attempt at its page takes it over, and counts what stands for it.
ImageHits::MaybeTask ImageHits::on_replaced(PageRecord& page, const ImageFound& hit, const FoundImage& image) {
  const auto last = last_in_place_of(image);
  if (!last) return last.error();
  if (image.job != job_.id()) {
    if (!last->is_fetched()) return try_anew(page, hit, image);
    if (is_of_job(*last)) return on_seen_again(page, hit, *last);
    const auto counted = count_fetched(page, hit, *last);
    if (!counted) return counted.error();
    return *counted ? std::optional<ImageTask>() : try_anew(page, hit, image);
  }
  const bool takes_over = image.page == page.number && image.attempt < page.attempt;
  auto seen = on_seen_again(page, hit, image);
  return seen && takes_over && is_of_job(*last) ? on_seen_again(page, hit, *last) : std::move(seen);
}

ImageHits::MaybeTask ImageHits::on_known(PageRecord& page, const ImageFound& hit, const FoundImage& image) {
  if (image.is_fetched()) {
    const auto counted = count_fetched(page, hit, image);
    if (!counted) return counted.error();
    if (*counted) return std::optional<ImageTask>();
  }
  return try_anew(page, hit, image);
}

/// An image of another job. False: its file is lost.
Result<bool> ImageHits::count_fetched(PageRecord& page, const ImageFound& hit, const FoundImage& image) {
  // Saved by this job: version 3 gave an image to the job that met it last.
  if (image.settled_in == job_.id()) {
    (void)count_repeated(page);
    return true;
  }
  const auto lost = is_lost(image);
  if (!lost || *lost) return lost ? Result<bool>(false) : lost;
  job_.add_known();
  met_.add(page.number, image.id, {page.attempt, hit.position});
  return true;
}

ImageHits::MaybeTask ImageHits::try_anew(const PageRecord& page, const ImageFound& hit, const FoundImage& image) {
  if (image.state == ImageState::pending) {
    if (Status status = jobs_.lose_pending(image.job); !status) return std::move(status).error();
  }
  const auto host = host_of(hit);
  if (!host) return host.error();
  return found_.add_again(page, hit, *host, image);
}

Result<bool> ImageHits::is_lost(const FoundImage& image) const {
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

}  // namespace doutu
