#include "downloader/checkpointer.h"

#include "shared/base/log.h"

namespace doutu {

Checkpointer::Checkpointer(const ImageStore& store, LedgerWriter& ledger)
    : store_(store), ledger_(ledger), last_(mono_now()) {}

void Checkpointer::tick(MonoTime now) {
  if (sync_.valid()) {
    if (sync_.wait_for(seconds(0)) != std::future_status::timeout) finish();
    return;
  }
  const std::uint64_t wal_bytes = ledger_.wal_bytes();
  const auto due = wal_bytes > kMaxWalBytes ? kSoonest : kEvery;
  if (wal_bytes > 0 && now - last_ >= due) start(now);
}

void Checkpointer::run(const std::function<void()>& on_wait) {
  if (sync_.valid()) finish(on_wait);  // Begun before the last files came.
  start(mono_now());
  finish(on_wait);
}

void Checkpointer::finish(const std::function<void()>& on_wait) {
  while (sync_.wait_for(seconds(1)) == std::future_status::timeout) on_wait();
  finish();
}

void Checkpointer::start(MonoTime now) {
  last_ = now;
  // Deferred, that is by finish(), where the system has no thread to give.
  sync_ = std::async(std::launch::async | std::launch::deferred, [this] { return store_.sync(); });
}

void Checkpointer::finish() {
  if (const Status synced = sync_.get(); !synced)
    log_error("the images may not be durable: {}", synced.error().message);
  if (const Status done = ledger_.checkpoint(); !done) log_warning("checkpoint: {}", done.error().message);
}

}  // namespace doutu
