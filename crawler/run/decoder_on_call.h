// DecoderOnCall: starts doutu-decoder when the downloader has a doubt and no decoder runs. Questions and answers do not
// pass through it: they go between downloader and decoder (downloader/transfer/doubts.h). A decoder that was not asked
// for a while ends by itself. One that dies costs only the image that it had in hand. When none can be started,
// questions are dropped, and count as answered: nobody can tell. The parent's thread.
#pragma once

#include <memory>
#include <optional>

#include "crawler/children/child_host.h"
#include "crawler/run/crawl_loop.h"
#include "crawler/view/crawl_log.h"
#include "shared/process/restart_policy.h"

namespace doutu {

class DecoderOnCall {
 public:
  /// All outlive it.
  DecoderOnCall(CrawlLoop& loop, ChildHost& host, CrawlLog& log);

  /// From now on: the downloader that may ask was started.
  void listen();
  void signal(int number) const;

 private:
  void wait_for_doubt();
  void on_doubt();
  void on_exit(Exit exit);
  void wait_after_death(std::optional<Duration> delay);

  CrawlLoop& loop_;
  ChildHost& host_;
  CrawlLog& log_;
  std::unique_ptr<Timer> restart_timer_;
  RestartPolicy restarts_;
  bool is_listening_ = false;
  bool is_hopeless_ = false;
  std::unique_ptr<Child> decoder_;
};

}  // namespace doutu
