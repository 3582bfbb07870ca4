// DownloaderLink: the parent's side of the downloader. It starts the downloader, replaces it when it ends, and tells
// each new one what the last one knew of this run. It holds crashes against the images that were in flight. What the
// downloader's messages mean is for the crawl to say. The parent's thread.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "crawler/children/child_host.h"
#include "crawler/run/crawl_loop.h"
#include "crawler/run/heartbeat.h"
#include "crawler/run/image_suspects.h"
#include "crawler/view/crawl_log.h"
#include "shared/process/restart_policy.h"

namespace doutu {

class DownloaderLink {
 public:
  struct Events {
    /// A new one was started and knows of the job and of suspects: what else there is to know is told now.
    std::function<void()> on_start;
    std::function<void()> on_ready;
    /// All but Ready.
    std::function<void(Message&)> on_message;
    /// There is none, and none can be started: why.
    std::function<void(std::string why)> on_hopeless;
    /// The last one has ended, after finish().
    std::function<void()> on_finished;
  };
  /// What each is told first.
  struct Introduction {
    std::string settings;
    BeginJob job;
    ImageSuspects suspects{};
  };

  /// References outlive it.
  DownloaderLink(CrawlLoop& loop, ChildHost& host, CrawlLog& log, const Heartbeats& heartbeats,
                 Introduction introduction, Events events);

  void start();
  /// Nothing when there is none: the next one is told on_start.
  void tell(Message message, std::vector<int> fds = {});
  /// It takes nothing more, finishes what it has in hand and ends. No other is started.
  void finish();
  void signal(int number) const;
  /// Kills one without a sign of life.
  void watch(MonoTime now);

  [[nodiscard]] bool is_ready() const { return state_ == State::ready; }
  [[nodiscard]] std::uint32_t starts() const { return starts_; }
  /// nullptr: there is none.
  [[nodiscard]] const Child* child() const { return child_.get(); }

 private:
  /// silent: killed for it.
  enum class State { absent, starting, ready, silent };

  void start_after(Duration delay);
  void cannot_start(const Error& error);
  void introduce();
  void on_message(Message& message);
  void on_exit(Exit exit);
  [[nodiscard]] RestartPolicy::Worked worked(const Exit& exit) const;

  CrawlLoop& loop_;
  ChildHost& host_;
  CrawlLog& log_;
  const Heartbeats& heartbeats_;
  const Events events_;

  Introduction introduction_;
  const std::unique_ptr<Timer> timer_;
  std::unique_ptr<Child> child_;
  State state_ = State::absent;
  MonoTime started_{};
  std::uint32_t starts_ = 0;
  bool has_recorded_ = false;  ///< This one has.
  bool is_finishing_ = false;
  std::uint64_t saved_so_far_ = 0;  ///< By all of this run: more of it is work done.
  RestartPolicy restarts_;
};

}  // namespace doutu
