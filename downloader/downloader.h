// Downloader: the downloader's main thread, which is the ledger thread: it waits for the parent's messages, for the
// outcomes of the transfer loops and for the lanes, has the batch writer put them into the ledger, and does what
// follows: room back to the lanes, answers to the parent, images to the frontier, files to their places. What it may do
// when is the table in downloader_state.h. A kill at any moment loses nothing.
#pragma once

#include <poll.h>

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "downloader/cookies/cookie_store.h"
#include "downloader/downloader_state.h"
#include "downloader/frontier_feeder.h"
#include "downloader/ledger/ledger_writer.h"
#include "downloader/parent_link.h"
#include "downloader/record/batch.h"
#include "downloader/record/batch_writer.h"
#include "downloader/record/checkpointer.h"
#include "downloader/record/images_file.h"
#include "downloader/store/image_sink.h"
#include "downloader/transfer/outcome_queue.h"
#include "downloader/transfer/transfer_pool.h"
#include "shared/crawl/crawl_settings.h"
#include "shared/folder/disk_wait.h"
#include "shared/process/control.h"
#include "shared/process/folder_lock.h"
#include "shared/process/rate_budget.h"
#include "shared/process/stats_page.h"
#include "shared/sandbox/file_identities.h"

namespace doutu {

class DiskAtStart;

/// The whole program: everything that it needs comes through the descriptors. Returns the exit status: 0, or 1 after
/// `fatal`.
int run_downloader(int control_fd, int stats_fd, int doubts_fd, int rate_fd);

class Downloader : private BatchFollower {
 public:
  /// Takes the folder and its ledger in hand. Errors are lines for the user. The channels and stats outlive it.
  static Result<std::unique_ptr<Downloader>> start(ControlChannel& control, ControlChannel& doubts, StatsPage& stats,
                                                   RateBudget budget, const CrawlSettings& settings, DiskAtStart& disk);

  /// Until the channel ends, SIGTERM, or an end of its own. Returns the exit status.
  int run();

 private:
  /// What start() has taken, for as long as the process lives.
  struct Hold {
    UniqueFd term_signal;
    FileIdentities readable;
    StateFolder folder;
    FolderLock lock;
  };
  /// How the crawl, or this process, comes to its end.
  struct Ending {
    bool no_more_pages = false;
    MonoTime stop_by{};          ///< What is in flight has until then, once the loop is stopping.
    std::optional<Message> why;  ///< The end comes before its time.
    int exit_status = 0;
    MonoTime next_look{};  ///< At what may be read: when it was replaced, another downloader takes over.
  };
  Downloader(ControlChannel& control, ControlChannel& doubts, StatsPage& stats, RateBudget budget,
             const CrawlSettings& settings, Hold hold, std::unique_ptr<ImageSink> sink,
             std::unique_ptr<LedgerWriter> ledger);

  // The loop.
  [[nodiscard]] Allowed may() const { return allowed_in(state_); }
  void change(DownloaderEvent event);
  void steer_frontier();
  void beat();
  void wait();
  void linger();
  void read_control();
  void handle(Message message);
  void work();
  void write_what_came();
  void end_if_over(MonoTime now);
  bool wants_batch(std::vector<pollfd>& wake);

  // A batch, and what follows (BatchWriter::list_steps()).
  void batch();
  void tell_parent(std::vector<Message> answers) override;
  void publish_counters() override;
  void feed_frontier(BatchEffects& effects) override;
  void publish_images() override;
  void publish_the_last();
  void mend_images_file();
  void save_cookies();

  // Disk errors.
  void keep_within_limits();
  void on_disk_error(const Error& error);
  void deal_with(const Status& status);
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

  // Constant after construction.
  const CrawlSettings settings_;
  const Hold hold_;

  // Thread-safe by themselves.
  StatsPage& stats_;
  OutcomeQueue outcomes_;

  // This thread's.
  ParentLink parent_;
  std::unique_ptr<ImageSink> sink_;
  std::unique_ptr<LedgerWriter> ledger_;
  CookieStore cookies_;  ///< Thread-safe.
  BatchWriter batch_writer_;
  ImagesFile images_file_;
  DiskWait disk_;
  Checkpointer checkpointer_;
  DownloaderState state_ = DownloaderState::working;
  Ending ending_;

  std::unique_ptr<TransferPool> pool_;  ///< Its threads use what stands above.
  FrontierFeeder feeder_;               ///< Of the pool's frontier.
};

}  // namespace doutu
