#include "downloader/record/checkpointer.h"

#include <algorithm>
#include <utility>

#include "shared/base/log.h"

namespace doutu {

Checkpointer::Checkpointer(ImageSink& sink, LedgerWriter& ledger, ImagePublisher& publisher, const DiskWait& disk,
                           std::function<void()> on_wait)
    : sink_(sink),
      ledger_(ledger),
      publisher_(publisher),
      disk_(disk),
      on_wait_(std::move(on_wait)),
      last_sync_(mono_now()),
      last_checkpoint_(last_sync_) {
  if (ledger.wal_bytes() > kLeftWalBytes) last_checkpoint_ -= kEvery;
}

bool Checkpointer::tick(MonoTime now) {
  if (disk_.is_paused()) return false;
  milliseconds patience{0};
  if (!sync_.valid()) {
    const bool wanted = !publisher_.idle() && now - last_sync_ >= pause_;
    if (!wanted && !publisher_.is_crowded() && !is_due(now)) return false;
    start();
    patience = kShortSync;
  }
  if (sync_.wait_for(patience) == std::future_status::timeout) return false;
  finish();
  if (is_due(now)) checkpoint();
  return true;
}

bool Checkpointer::is_due(MonoTime now) const {
  const std::uint64_t wal_bytes = ledger_.wal_bytes();
  return wal_bytes > 0 && now - last_checkpoint_ >= (wal_bytes > kMaxWalBytes ? kLongestPause : kEvery);
}

void Checkpointer::sync() {
  if (sync_.valid()) finish();  // Begun before the last files came.
  start();
  finish();
}

void Checkpointer::run() {
  sync();
  checkpoint();
}

// Whatever was committed before this epoch is on the disk when the sync has ended; whatever has its name by now keeps
// it. That is everything, or everything but the epoch that has just ended, whose names wait for this sync.
void Checkpointer::start() {
  const std::int64_t epoch = ledger_.syncs().begin_epoch();
  durable_ = publisher_.is_published() ? epoch - 1 : publisher_.is_up_to_date() ? epoch - 2 : 0;
  publisher_.sync_began();
  last_sync_ = mono_now();
  // Deferred, that is by finish(), where the system has no thread to give.
  sync_ = std::async(std::launch::async | std::launch::deferred, [this] {
    const MonoTime began = mono_now();
    Status status = sink_.sync();
    return Synced{std::move(status), mono_now() - began};
  });
}

void Checkpointer::finish() {
  while (sync_.wait_for(seconds(1)) == std::future_status::timeout) on_wait_();
  const Synced synced = sync_.get();
  pause_ = std::clamp<Duration>(kPausePerSync * synced.took, kShortestPause, kLongestPause);
  if (!synced.status && std::exchange(is_sure_, false))
    log_error("a power failure may lose saved images: {}", synced.status.error().message);
  synced.status ? publisher_.sync_ended() : publisher_.sync_failed(on_wait_);
  if (!is_sure_) {
    pause_ = kLongestPause;
    return;
  }
  if (const Status saved = ledger_.syncs().save_durable(durable_); !saved)
    log_warning("ledger: {}", saved.error().message);
}

void Checkpointer::checkpoint() {
  last_checkpoint_ = mono_now();
  if (const Status done = ledger_.checkpoint(); !done) log_warning("checkpoint: {}", done.error().message);
}

}  // namespace doutu
