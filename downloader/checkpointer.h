// Checkpointer: makes files and ledger durable now and then: one syncfs of the folder, in a thread of its own because
// it may take minutes, then the ledger's checkpoint. The ledger thread.
#pragma once

#include <functional>
#include <future>

#include "downloader/image_store.h"
#include "downloader/ledger_writer.h"
#include "shared/base/clock.h"

namespace doutu {

class Checkpointer {
 public:
  /// Both outlive this.
  Checkpointer(const ImageStore& store, LedgerWriter& ledger);

  /// Starts, or finishes, what is due: every kEvery, or kSoonest when the WAL has grown to kMaxWalBytes.
  void tick(MonoTime now);
  /// A whole checkpoint, now; calls on_wait every second while it lasts.
  void run(const std::function<void()>& on_wait);

  static constexpr seconds kEvery{30};
  static constexpr seconds kSoonest{5};  ///< Also when somebody's long read keeps the WAL as it is.
  static constexpr std::uint64_t kMaxWalBytes = std::uint64_t{64} << 20U;

 private:
  void start(MonoTime now);
  void finish(const std::function<void()>& on_wait);
  void finish();

  const ImageStore& store_;
  LedgerWriter& ledger_;
  std::future<Status> sync_;  ///< Valid while one is running.
  MonoTime last_;
};

}  // namespace doutu
