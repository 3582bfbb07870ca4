// A page fetcher as it would be in strangers' hands, or broken: speaks the real protocol over the real lane, fetches
// nothing, and does with each page what the page's number says. hostile_fetcher_test.cpp puts it in doutu-fetcher's
// place.

#include <fcntl.h>
#include <poll.h>
#include <sys/mman.h>
#include <sys/ptrace.h>
#include <sys/socket.h>
#include <unistd.h>

#include <csignal>
#include <cstdlib>
#include <cstring>
#include <span>
#include <string>
#include <vector>

#include "shared/crawl/crawl_settings.h"
#include "shared/crawl/records.h"
#include "shared/lane/shared_lane.h"
#include "shared/process/control.h"
#include "shared/process/stats_page.h"
#include "shared/sandbox/sandbox.h"
#include "tests/kill/hostile_fetcher.h"

namespace doutu {
namespace {

class HostileFetcher {
 public:
  HostileFetcher(ControlChannel& control, std::unique_ptr<ImageProducer> lane, int memory, std::string folder)
      : control_(control), lane_(std::move(lane)), memory_(memory), folder_(std::move(folder)) {}

  void run() {
    Message message;
    control_.send(Ready{});
    while (control_.wait_receive(message, -1) == ControlChannel::Received::message) {
      const auto& page = std::get<FetchPage>(message);
      cookies_ = page.cookies;
      fetch(page.task);
      control_.send(Ready{});
    }
  }

 private:
  void fetch(const PageTask& order) {
    switch (static_cast<Deed>(order.id % kDeeds)) {
      case Deed::crash:
        std::abort();
      case Deed::scribble:
        return scribble();
      case Deed::truncate:
        if (::ftruncate(memory_, 0) == 0) std::abort();  // the seal must hold
        break;
      case Deed::foreign_page:
        return deliver(order.id + kDeeds, order.attempt, order.url, 1);
      case Deed::wrong_count:
        return deliver(order.id, order.attempt, order.url, 7);
      case Deed::lie:
        control_.send(Settled{});
        return;
      case Deed::never_end:
        for (;;) ::poll(nullptr, 0, -1);
      case Deed::withhold:
        return;
      case Deed::withhold_end:
        return begin(order.id, order.attempt, order.url);
      case Deed::chatter:
        for (;;) control_.send(Ready{});
      case Deed::scorn:
        return put(PageEnd{order.id, order.attempt, Cause::http_status, 429, 0, 1});
      case Deed::leak:
        return deliver(order.id, order.attempt, order.url, 1, "?" + percent_encode_all(cookies_));
      case Deed::foreign_cookie:
        put(CookieSet{order.id, order.attempt, kOtherSite, "planted=1"});
        break;
      case Deed::ask_cookies:
        ask(kOtherSite);
        break;
      case Deed::ask_for_ever:
        for (;;) ask(order.url);
      case Deed::read:
        must_fail(::open("/etc/passwd", O_RDONLY | O_CLOEXEC));
        must_fail(::open((folder_ + "/.doutu/crawl.log").c_str(), O_RDONLY | O_CLOEXEC));
        must_fail(::open(("/proc/" + std::to_string(::getppid()) + "/mem").c_str(), O_RDONLY | O_CLOEXEC));
        break;
      case Deed::write:
        write();
        break;
      case Deed::execute:
        ::execl("/bin/sh", "sh", "-c", (": > " + folder_ + kIntruder).c_str(), nullptr);
        break;
      case Deed::listen:
        must_fail(::listen(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0), 1));
        break;
      case Deed::trace:
        trace(order.attempt);
        break;
      case Deed::signal:
        signal();
        break;
      case Deed::good:
        break;
    }
    deliver(order.id, order.attempt, order.url, 1);
  }

  void put(const Record& record) { lane_->put(encode(record, buffer_), mono_now() + seconds(10)); }

  /// Whatever is told is lost with it.
  void ask(const std::string& url) {
    Message answer;
    control_.send(AskCookies{url});
    if (control_.wait_receive(answer, -1) != ControlChannel::Received::message) std::abort();
  }

  static std::string percent_encode_all(std::string_view text) {
    constexpr std::string_view kDigits = "0123456789ABCDEF";
    std::string encoded;
    for (const std::byte byte : std::as_bytes(std::span(text))) {
      encoded += '%';
      encoded += kDigits[std::to_integer<std::size_t>(byte >> 4U)];
      encoded += kDigits[std::to_integer<std::size_t>(byte & std::byte{15})];
    }
    return encoded;
  }

  void begin(std::uint64_t page, std::uint32_t attempt, const std::string& url, const std::string& query = "") {
    put(PageBegin{page, attempt, url});
    const std::string image = url + ".png" + query;
    put(ImageFound{page, attempt, 0, Cause::none, image});
  }

  void deliver(std::uint64_t page, std::uint32_t attempt, const std::string& url, std::uint32_t claimed_hits,
               const std::string& query = "") {
    begin(page, attempt, url, query);
    put(PageEnd{page, attempt, Cause::none, 200, claimed_hits, 0});
  }

  void scribble() const {
    void* memory = ::mmap(nullptr, kLaneCapacity, PROT_READ | PROT_WRITE, MAP_SHARED, memory_, 0);
    if (memory == MAP_FAILED) std::abort();
    std::memset(memory, 0xA5, kLaneCapacity);
    ::munmap(memory, kLaneCapacity);
  }

  static void must_fail(long result) {
    if (result >= 0) std::abort();
  }

  void write() const {
    const std::string ledger = folder_ + "/.doutu/ledger.sqlite";
    ::close(::open((folder_ + kIntruder).c_str(), O_WRONLY | O_CREAT | O_CLOEXEC, 0600));
    ::close(::open(ledger.c_str(), O_WRONLY | O_TRUNC | O_CLOEXEC));
    must_fail(::truncate(ledger.c_str(), 0));
    ::unlink(ledger.c_str());
  }

  /// They were started at about the same time.
  static std::vector<pid_t> siblings() {
    std::vector<pid_t> pids;
    for (pid_t pid = ::getpid() - 8; pid < ::getpid() + 8; ++pid) {
      if (pid > 0 && pid != ::getpid()) pids.push_back(pid);
    }
    return pids;
  }

  static void trace(std::uint32_t attempt) {
    if (attempt <= 1) ::ptrace(PTRACE_ATTACH, ::getppid(), nullptr, nullptr);
    for (const pid_t pid : siblings()) ::ptrace(PTRACE_ATTACH, pid, nullptr, nullptr);
  }

  /// Its siblings are asked whether they could be killed.
  static void signal() {
    for (const pid_t pid : siblings()) must_fail(::kill(pid, 0));
    must_fail(::kill(::getppid(), SIGKILL));
  }

  ControlChannel& control_;
  std::unique_ptr<ImageProducer> lane_;
  const int memory_;
  const std::string folder_;
  std::vector<std::byte> buffer_;
  std::string cookies_;
};

int run() {
  ControlChannel control{UniqueFd(kControlFd)};
  auto stats = SharedStats::attach(kStatsFd);
  const UniqueFd memory(::dup(kLaneFd));
  Message message;
  do {
    if (!stats || control.wait_receive(message, -1) != ControlChannel::Received::message) return 1;
    if (std::holds_alternative<CheckXpath>(message)) control.send(XpathChecked{});  // Any will do.
  } while (std::holds_alternative<CheckXpath>(message));
  const auto& configure = std::get<Configure>(message);
  const auto settings = CrawlSettings::decode(configure.settings);
  if (!settings || !confine(fetcher_policy({}), settings->run.sandbox)) return 1;
  auto lane = attach_producer({UniqueFd(kLaneFd), UniqueFd(kLaneDataFd), UniqueFd(kLaneSpaceFd)},
                              {settings->run.run_id, configure.generation});
  if (!lane) return 1;
  HostileFetcher(control, *std::move(lane), memory.get(), settings->folder.directory).run();
  return 0;
}

}  // namespace
}  // namespace doutu

int main() { return doutu::run(); }
