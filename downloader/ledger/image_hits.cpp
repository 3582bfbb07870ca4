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
  return image->job == job_.id() || is_met(*image) ? on_seen_again(page, hit, *image) : on_known(page, hit, *image);
}

/// Only fetched images are known: a bit of another one was damaged, and would leave it out.
bool ImageHits::is_met(const FoundImage& image) const {
  return (image.state == ImageState::saved || image.state == ImageState::duplicate) && met_.contains(image.id);
}

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
    if (Status moved = found_.move(image, page, hit); !moved) return std::move(moved).error();
  } else {
    met_.add(page.number, image.id, {page.attempt, hit.position});
  }
  return std::optional<ImageTask>();
}

ImageHits::MaybeTask ImageHits::on_known(PageRecord& page, const ImageFound& hit, const FoundImage& image) {
  if (image.state == ImageState::saved || image.state == ImageState::duplicate) {
    // Saved by this job: version 3 gave an image to the job that met it last.
    if (image.settled_in == job_.id()) return count_repeated(page);
    const auto lost = is_lost(image);
    if (!lost) return lost.error();
    if (!*lost) {
      job_.add_known();
      met_.add(page.number, image.id, {page.attempt, hit.position});
      return std::optional<ImageTask>();
    }
  }
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
