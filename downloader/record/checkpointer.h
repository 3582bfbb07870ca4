// Checkpointer: makes files and ledger durable now and then: one syncfs of the folder, in a thread of its own because
// it may take minutes; then images may have their names, and the ledger says which are safe. Now and then the ledger's
// own checkpoint goes with it. The ledger thread.
#pragma once

#include <functional>
#include <future>

#include "downloader/ledger/ledger_writer.h"
#include "downloader/record/image_publisher.h"
#include "downloader/store/image_sink.h"
#include "shared/base/clock.h"
#include "shared/folder/disk_wait.h"

namespace doutu {

class Checkpointer {
 public:
  /// All outlive this. A large WAL that a killed process left is due at once: processes that never live as long as
  /// kEvery would let it grow until the disk is full.
  /// Calls on_wait at least every second, and for each file, while it waits for a sync or reads what one has not kept.
  Checkpointer(ImageSink& sink, LedgerWriter& ledger, ImagePublisher& publisher, const DiskWait& disk,
               std::function<void()> on_wait);

  /// Starts, or finishes, what is due: a sync while an image waits for one, so often that a tenth of the time goes into
  /// syncs, at once when many wait; a checkpoint every kEvery, or kLongestPause when the WAL has grown to kMaxWalBytes.
  /// Nothing while the disk is waited for: it would fail like the rest, each time with a line of its own. Waits for a
  /// sync that it starts, up to kShortSync. Returns whether one has ended, kept or failed: then place() has something
  /// to do.
  bool tick(MonoTime now);
  [[nodiscard]] bool is_syncing() const { return sync_.valid(); }
  /// A whole sync, now.
  void sync();
  /// A sync, and the ledger's checkpoint.
  void run();

  static constexpr int kPausePerSync = 10;
  static constexpr milliseconds kShortestPause{20};
  /// Longer than that of a folder in memory.
  static constexpr milliseconds kShortSync{1};
  /// As often ext4 commits by itself (mount option commit=5).
  static constexpr seconds kLongestPause{5};
  static constexpr seconds kEvery{30};
  static constexpr std::uint64_t kMaxWalBytes = std::uint64_t{64} << 20U;
  static constexpr std::uint64_t kLeftWalBytes = std::uint64_t{4} << 20U;

 private:
  [[nodiscard]] bool is_due(MonoTime now) const;
  void start();
  void finish();
  void checkpoint();

  ImageSink& sink_;
  LedgerWriter& ledger_;
  ImagePublisher& publisher_;
  const DiskWait& disk_;
  const std::function<void()> on_wait_;
  struct Synced {
    Status status;
    Duration took{};
  };
  std::future<Synced> sync_;  ///< Valid while one is running.
  std::int64_t durable_ = 0;  ///< The last epoch that it makes durable; 0: none.
  bool is_sure_ = true;       ///< Until a sync fails: what it was to keep may be lost, whatever later ones say.
  Duration pause_ = kShortestPause;
  MonoTime last_sync_;
  MonoTime last_checkpoint_;
};

}  // namespace doutu
