// TransferLoop: one thread of the downloader's pool: an event loop, a curl multi handle, and the slots in which images
// are fetched. It pulls from the frontier whenever a slot is free, and pushes what became of each attempt. Everything
// runs on its own thread but wake().
#pragma once

#include <atomic>
#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>
#include <cstddef>
#include <memory>
#include <optional>
#include <thread>
#include <vector>

#include "downloader/schedule/frontier.h"
#include "downloader/transfer/curl_multi.h"
#include "downloader/transfer/doubts.h"
#include "downloader/transfer/image_transfer.h"
#include "downloader/transfer/outcome_queue.h"
#include "shared/http/tls_sessions.h"
#include "shared/process/stats_page.h"

namespace doutu {

class TransferLoop {
 public:
  /// All of it is shared by the loops and outlives them.
  struct Shared {
    const CrawlSettings& settings;
    const AddressGuard& guard;
    Frontier& frontier;
    OutcomeQueue& outcomes;
    StatsPage& stats;
    std::atomic<int>& disk_error;
    std::atomic<bool>& told_of_want;
    ControlChannel& doubts;
    ImageSink& sink;
    CookieStore& cookies;
    Logins& logins;
    RateBudget& budget;
    std::atomic<std::size_t>& half_images;
  };
  struct Slots {
    std::size_t first = 0;  ///< In stats.in_flight.
    std::size_t count = 0;
    long connections = 1;  ///< That are kept open at most.
  };

  /// Starts its thread; beats in stats.beats[index + 1].
  TransferLoop(const Shared& shared, std::size_t index, Slots slots);
  /// Breaks off what is in flight and joins.
  ~TransferLoop();
  TransferLoop(TransferLoop&&) = delete;

  /// There may be something to take. Any thread, until the destructor begins.
  void wake();

 private:
  struct Slot {
    Slot(const ImageTransfer::Shared& shared, std::size_t place) : transfer(shared), stats_index(place) {}
    ImageTransfer transfer;
    const std::size_t stats_index;
    bool busy = false;
  };

  /// Slots that are free, but the system had not what an image needs.
  struct Closed {
    std::vector<Slot*> slots;
    std::size_t reopened_next = 1;  ///< So many of them.
  };

  void run();
  void beat();
  void end_overdue();
  void pull();
  void sleep(const Frontier::Wait& wait);
  void start(Slot& slot, ImageTask task);
  void run(Slot& slot);
  void fail_untried(ImageTask task);
  void fail_forbidden(ImageTask task, const NamedCause& why);
  void robots_read(Slot& slot);
  void follow(Slot& slot, ImageTransfer::Step step);
  void ask_a_decoder(Slot& slot);
  void redirected(Slot& slot);
  void report(Slot& slot);
  void disk_refused(Slot& slot);
  void wanting(Slot& slot);
  void reopen_later();
  [[nodiscard]] ImageTask vacate(Slot& slot);
  void break_off();

  // Constant after construction, or thread-safe.
  const Shared shared_;
  const std::size_t index_;
  const RequestHeaders headers_;
  std::atomic<bool> woken_{false};

  // The loop's thread.
  boost::asio::io_context io_{1};
  boost::asio::steady_timer beat_timer_{io_};
  boost::asio::steady_timer wake_timer_{io_};
  boost::asio::steady_timer reopen_timer_{io_};
  const TlsSessions tls_sessions_;
  Doubts doubts_;
  std::vector<std::unique_ptr<Slot>> slots_;
  std::vector<Slot*> free_;
  Closed closed_;
  CurlMulti multi_;

  std::jthread thread_;
};

}  // namespace doutu
