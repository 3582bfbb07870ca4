// A page fetcher as it would be in strangers' hands, or broken: speaks the real protocol over the real lane, fetches
// nothing, and does with each page what the page's number says. hostile_fetcher_test.cpp puts it in doutu-fetcher's
// place.

#include <sys/mman.h>
#include <unistd.h>

#include <cstdlib>
#include <cstring>
#include <string>

#include "shared/lane/records.h"
#include "shared/lane/shared_lane.h"
#include "shared/process/control.h"
#include "shared/process/crawl_settings.h"
#include "shared/process/stats_page.h"
#include "tests/kill/hostile_fetcher.h"

namespace doutu {
namespace {

class HostileFetcher {
 public:
  HostileFetcher(ControlChannel& control, std::unique_ptr<ImageProducer> lane, int memory, StatsPage& stats)
      : control_(control), lane_(std::move(lane)), memory_(memory), stats_(stats) {}

  void run() {
    Message message;
    say(MessageKind::ready);
    while (control_.wait_receive(message, -1) == ControlChannel::Received::message) {
      stats_.page_started_ns = to_nanoseconds(mono_now());
      fetch(message);
      stats_.page_started_ns = 0;
      say(MessageKind::ready);
    }
  }

 private:
  void fetch(const Message& order) {
    switch (static_cast<Deed>(order.page % kDeeds)) {
      case Deed::crash:
        std::abort();
      case Deed::scribble:
        return scribble();
      case Deed::truncate:
        if (::ftruncate(memory_, 0) == 0) std::abort();  // the seal must hold
        break;
      case Deed::foreign_page:
        return deliver(order.page + kDeeds, order.attempt, order.text, 1);
      case Deed::wrong_count:
        return deliver(order.page, order.attempt, order.text, 7);
      case Deed::lie:
        return say(MessageKind::settled);
      case Deed::never_end:
        for (;;) ::pause();
      case Deed::good:
        break;
    }
    deliver(order.page, order.attempt, order.text, 1);
  }

  void say(MessageKind kind) {
    Message message;
    message.kind = kind;
    control_.send(message);
  }

  void put(const Record& record) { lane_->put(encode(record, buffer_), mono_now() + seconds(10)); }

  void deliver(std::uint64_t page, std::uint32_t attempt, const std::string& url, std::uint32_t claimed_hits) {
    put(PageBegin{page, attempt, url});
    const std::string image = url + ".png";
    put(ImageFound{page, attempt, 0, Cause::none, image});
    put(PageEnd{page, attempt, Cause::none, 200, claimed_hits, 0});
  }

  void scribble() const {
    void* memory = ::mmap(nullptr, kLaneCapacity, PROT_READ | PROT_WRITE, MAP_SHARED, memory_, 0);
    if (memory == MAP_FAILED) std::abort();
    std::memset(memory, 0xA5, kLaneCapacity);
    ::munmap(memory, kLaneCapacity);
  }

  ControlChannel& control_;
  std::unique_ptr<ImageProducer> lane_;
  const int memory_;
  StatsPage& stats_;
  std::vector<std::byte> buffer_;
};

int run() {
  ControlChannel control{UniqueFd(kControlFd)};
  auto stats = SharedStats::attach(kStatsFd);
  const UniqueFd memory(::dup(kLaneFd));
  Message message;
  if (!stats || control.wait_receive(message, -1) != ControlChannel::Received::message) return 1;
  const auto settings = CrawlSettings::decode(message.text);
  if (!settings) return 1;
  auto lane = attach_producer({UniqueFd(kLaneFd), UniqueFd(kLaneDataFd), UniqueFd(kLaneSpaceFd)},
                              {settings->run_id, message.generation});
  if (!lane) return 1;
  HostileFetcher(control, *std::move(lane), memory.get(), **stats).run();
  return 0;
}

}  // namespace
}  // namespace doutu

int main(int argc, char** /*argv*/) { return argc > 1 ? 0 : doutu::run(); }  // every XPath compiles
