// Downloader: the downloader's main thread, which is the ledger thread: it waits for the parent's messages, for the
// outcomes of the transfer loops and for the lanes, has the recorder put them into the ledger, and does what follows:
// room back to the lanes, answers to the parent, images to the frontier, files to their places. A kill at any moment
// loses nothing.
#pragma once

#include <poll.h>

#include <deque>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "downloader/checkpointer.h"
#include "downloader/disk_at_start.h"
#include "downloader/image_placer.h"
#include "downloader/image_store.h"
#include "downloader/images_file.h"
#include "downloader/lane_intake.h"
#include "downloader/ledger_writer.h"
#include "downloader/outcome_queue.h"
#include "downloader/recorder.h"
#include "downloader/transfer_pool.h"
#include "shared/folder/disk_wait.h"
#include "shared/process/control.h"
#include "shared/process/crawl_settings.h"
#include "shared/process/folder_lock.h"
#include "shared/process/stats_page.h"
#include "shared/sandbox/file_identities.h"

namespace doutu {

/// The whole program: everything that it needs comes through the two descriptors. Returns the exit status: 0, or 1
/// after `fatal`.
int run_downloader(int control_fd, int stats_fd, int doubts_fd);

class Downloader : private BatchFollower {
 public:
  /// Takes the folder and its ledger in hand. Errors are lines for the user. The channels and stats outlive
  /// it.
  static Result<std::unique_ptr<Downloader>> start(ControlChannel& control, ControlChannel& doubts, StatsPage& stats,
                                                   const CrawlSettings& settings, DiskAtStart& disk);

  /// Until the channel ends, SIGTERM, or an end of its own. Returns the exit status.
  int run();

 private:
  Downloader(ControlChannel& control, ControlChannel& doubts, StatsPage& stats, const CrawlSettings& settings,
             FileIdentities readable, StateFolder folder, FolderLock lock, ImageStore store,
             std::unique_ptr<LedgerWriter> ledger, UniqueFd term_signal);

  // The loop.
  void beat();
  void wait();
  void linger();
  void read_control();
  void handle(Message message);
  void work();
  bool wants_batch(std::vector<pollfd>& wake);

  // A batch and what follows.
  enum class End { open, last };
  void batch(End end);
  void tell_parent(std::vector<Message> answers) override;
  void publish_tally() override;
  void feed_frontier(Consequences& consequences) override;
  void place_images() override;
  void place_the_last();
  void mend_images_file();
  void fill_frontier();

  // Trouble.
  void keep_within_limits();
  void trouble(const Error& error);
  void incoming_refused(int code);
  void probe_disk(MonoTime now);
  void fail(const std::string& why);

  // Ends.
  [[nodiscard]] bool may_settle() const;
  void settle();
  void begin_stop();
  void give_way_if_files_were_replaced(MonoTime now);
  void stop_at_limit(std::string why);
  [[nodiscard]] bool is_quiet() const;
  void finish();

  void send(Message message);
  void flush();

  // Constant after construction.
  const CrawlSettings settings_;
  const UniqueFd term_signal_;
  const FileIdentities readable_;
  const StateFolder folder_;
  const FolderLock lock_;

  // Thread-safe by themselves.
  StatsPage& stats_;
  OutcomeQueue outcomes_;

  // This thread's.
  ControlChannel& control_;
  std::deque<Message> outbox_;
  ImageStore store_;
  std::unique_ptr<LedgerWriter> ledger_;
  Recorder recorder_;
  ImagePlacer& placer_ = recorder_.placer();
  LaneIntake& intake_ = recorder_.intake();
  ImagesFile images_file_;
  DiskWait disk_;
  Checkpointer checkpointer_;
  std::vector<Frontier::Refill> refills_;  ///< That the frontier has asked for and the ledger has not given.
  std::vector<std::int64_t> suspects_;
  bool no_more_pages_ = false;
  bool settled_ = false;
  MonoTime next_look_{};             ///< At what may be read.
  std::optional<MonoTime> stop_by_;  ///< The end has begun and must be reached by then.
  std::optional<Message> early_;     ///< Why the end comes before its time.
  std::optional<int> exit_status_;

  std::unique_ptr<TransferPool> pool_;  ///< Last: its threads use what stands above.
};

}  // namespace doutu
