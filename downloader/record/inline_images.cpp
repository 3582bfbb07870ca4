#include "downloader/record/inline_images.h"

#include <utility>

#include "downloader/store/inline_image_url.h"
#include "shared/base/log.h"
#include "shared/base/system_limits.h"
#include "shared/folder/disk_wait.h"

namespace doutu {

Status InlineImages::add(PageRecord& page, const InlineImage& hit) {
  const auto bytes = std::as_bytes(std::span(hit.bytes));
  if (!hasher_) hasher_.emplace(Checksum::sha256);
  hasher_->begin();
  hasher_->update(bytes);
  ImageOutcome outcome;
  outcome.kind = ImageOutcome::Kind::fetched;
  outcome.content = hasher_->finish();
  outcome.url = inline_image_url(outcome.content.sha256.value());

  const ImageFound found{hit.page, hit.attempt, hit.position, check(bytes), outcome.url};
  const auto task = ledger_.hits().add(page, found);
  if (!task) return task.error();
  if (!*task) return {};  // Repeated, known, or no image.
  outcome.id = (*task)->id;
  outcome.host = (*task)->host;
  outcome.spot = (*task)->spot;
  return store(std::move(outcome), bytes);
}

Cause InlineImages::check(std::span<const std::byte> bytes) {
  if (bytes.size() > image_.max_bytes) return Cause::too_large;
  check_.begin();
  const Cause cause = check_.feed(bytes);
  return cause == Cause::none ? check_.finish(BodyEnd::announced) : cause;
}

Status InlineImages::store(ImageOutcome outcome, std::span<const std::byte> bytes) {
  outcome.facts = check_.facts();
  if (Status written = sink_.hold(outcome.id, bytes); !written) {
    if (concerns_every_image(written.error().code) || is_want(written.error().code)) return written;
    log_warning("incoming: {}", written.error().message);
    outcome.kind = ImageOutcome::Kind::failed;
    outcome.cause = Cause::internal_error;
    return ledger_.images().record_failed(outcome);
  }
  written_.push_back(outcome.id);
  if (Status kept = ledger_.syncs().keep_bytes(outcome.id, bytes); !kept) return kept;
  return publisher_.record(outcome);
}

void InlineImages::rolled_back() {
  for (const std::int64_t id : std::exchange(written_, {})) sink_.drop(id);
}

}  // namespace doutu
