#include "crawler/fetcher/fetcher_process.h"

#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <csignal>
#include <cstdio>
#include <memory>
#include <string_view>
#include <thread>

#include "crawler/fetcher/page_fetcher.h"
#include "crawler/fetcher/page_probe.h"
#include "shared/base/log.h"
#include "shared/lane/shared_lane.h"
#include "shared/process/control.h"
#include "shared/process/parent_tie.h"
#include "shared/process/rate_budget.h"
#include "shared/sandbox/file_identities.h"
#include "shared/sandbox/sandbox.h"
#include "shared/url/private_address.h"

namespace doutu {
namespace {

constexpr int kOk = 0;
constexpr int kFailed = 1;
constexpr int kWrongUse = 2;
constexpr int kBeatMilliseconds = 1000;
constexpr int kNoTimeout = -1;

/// An XPath, or a rule behind "--rewrite ".
Status check(std::string_view expression) {
  constexpr std::string_view kRewrite = "--rewrite ";
  if (!expression.starts_with(kRewrite)) {
    const auto compiled = Xpath::compile(std::string(expression));
    return compiled ? Status() : compiled.error();
  }
  const auto parsed = Rewrite::parse(expression.substr(kRewrite.size()));
  return parsed ? Status() : parsed.error();
}

XpathChecked answer_about(const std::string& expression) {
  const Status checked = check(expression);
  if (checked) return {};
  return {checked.error().message.substr(0, kMaxText)};  // It quotes it, escaped.
}

int tell_site_address(const char* host) {
  std::printf("%s\n", is_private_host(host, Lookup::name).value_or(false) ? "private" : "open");
  return kOk;
}

/// Beats while the process can run at all (a long parse is no hang: the page deadline is for that, but a stopped or
/// thrashing process does not beat), and ends it at the control channel's end. A thread of its own.
class Watch {
 public:
  Watch(int control_fd, StatsPage& stats) : control_fd_(control_fd), stats_(stats) {
    beat();
    thread_ = std::jthread([this](const std::stop_token& stop) { run(stop); });
  }
  Watch(const Watch&) = delete;
  Watch& operator=(const Watch&) = delete;
  ~Watch() {
    thread_.request_stop();
    shutdown(control_fd_, SHUT_RDWR);  // Wakes the thread.
  }

 private:
  void beat() { stats_.beats[0] = to_nanoseconds(mono_now()); }

  void run(const std::stop_token& stop) {
    while (!stop.stop_requested()) {
      beat();
      pollfd control{.fd = control_fd_, .events = 0, .revents = 0};
      const bool ended = poll(&control, 1, kBeatMilliseconds) > 0;
      if (ended && !stop.stop_requested()) _exit(kOk);
    }
  }

  const int control_fd_;
  StatsPage& stats_;
  std::jthread thread_;
};

/// What the configuration says, beside the settings: everything that this process has to know.
struct Configuration {
  PageExpressions expressions;
  std::unique_ptr<ImageProducer> lane;
};

Result<Configuration> configure(const CrawlSettings& settings, std::uint64_t generation) {
  auto expressions = PageExpressions::compile(settings.page);
  if (!expressions) return std::move(expressions).error().within("XPath");
  LaneDescriptors descriptors{
      .memory = UniqueFd(kLaneFd), .data = UniqueFd(kLaneDataFd), .space = UniqueFd(kLaneSpaceFd)};
  auto lane = attach_producer(std::move(descriptors), {.run_id = settings.run.run_id, .generation = generation});
  if (!lane) return std::move(lane).error().within("lane");
  return Configuration{*std::move(expressions), *std::move(lane)};
}

int fail(const Error& error) {
  log_error("fetcher: {}", error.message);
  return kFailed;
}

Policy policy_for(const CrawlSettings& settings) {
  std::vector<std::string> named_by_user;
  if (!settings.http.ca_file.empty()) named_by_user.push_back(settings.http.ca_file);
  return fetcher_policy(std::move(named_by_user));
}

/// Of a page in hand. Nothing where the parent does not answer: work() sees that it has gone.
std::string ask_cookies(ControlChannel& control, const std::string& url) {
  if (control.send(AskCookies{url}) != SendResult::ok) return {};
  Message answer;
  if (control.wait_receive(answer, kNoTimeout) != ControlChannel::Received::message) return {};
  auto* const told = std::get_if<CookiesTold>(&answer);
  return told == nullptr ? std::string() : std::move(told->cookies);
}

/// The parent has them from a message like this one, and so has checked them.
RobotsBook::Rules robots_in(const FetchPage& message) {
  auto rules = message.knows_robots ? RobotsRules::from_text(message.robots) : std::nullopt;
  return rules ? std::make_shared<RobotsRules>(*std::move(rules)) : nullptr;
}

int work(ControlChannel& control, PageFetcher& fetcher, const FileIdentities& readable) {
  while (true) {
    const SendResult sent = control.send(Ready{});
    if (sent == SendResult::closed) return kOk;
    // Its queue is empty, so the kernel has no memory for it. Unsaid it would leave both waiting for ever.
    if (sent == SendResult::would_block) return fail({"cannot send a message to the parent process"});
    Message message;
    switch (control.wait_receive(message, kNoTimeout)) {
      case ControlChannel::Received::message:
        break;
      case ControlChannel::Received::nothing:
        continue;
      case ControlChannel::Received::closed:
        return kOk;
      case ControlChannel::Received::damaged:
        return fail({"the parent process sent a damaged message"});
    }
    if (const auto* const asked = std::get_if<Prepare>(&message)) {
      if (control.send(fetcher.prepare(*asked)) == SendResult::closed) return kOk;
      continue;
    }
    const auto* const page = std::get_if<FetchPage>(&message);
    if (page == nullptr) return fail({"the parent process sent a message that is not for a fetcher"});
    const auto done = fetcher.fetch(page->task, page->cookies, robots_in(*page));
    if (done != PageFetcher::Done::yes) return fail({"the lane is closed"});
    if (readable.have_changed()) {
      log_info("system files were replaced; a new fetcher reads the new ones");
      return kOk;
    }
  }
}

int serve() {
  if (!tie_to_parent()) return kOk;
  init_http();
  ControlChannel control{UniqueFd(kControlFd)};
  const auto stats = SharedStats::attach(kStatsFd);
  if (!stats) return fail(stats.error());

  Message message;
  auto received = control.wait_receive(message, kNoTimeout);
  while (received == ControlChannel::Received::message && std::holds_alternative<CheckXpath>(message)) {
    const XpathChecked answer = answer_about(std::get<CheckXpath>(message).expression);
    if (control.send(answer) != SendResult::ok) return fail({"cannot send an answer to the parent process"});
    received = control.wait_receive(message, kNoTimeout);
  }
  if (received == ControlChannel::Received::closed) return kOk;
  const auto* const configure_me = std::get_if<Configure>(&message);
  if (received != ControlChannel::Received::message || configure_me == nullptr) {
    return fail({"the parent process sent no settings"});
  }
  const auto settings = CrawlSettings::decode(configure_me->settings);
  if (!settings) return fail(settings.error());
  auto budget = RateBudget::attach(kRateFd, settings->limits.max_rate);
  if (!budget) return fail(budget.error());
  const Policy policy = policy_for(*settings);
  const bool is_confined = settings->run.sandbox != SandboxMode::off;
  const FileIdentities readable(is_confined ? policy.files.readable : std::vector<std::string>());
  if (Status confined = confine(policy, settings->run.sandbox); !confined) return fail(confined.error());
  const Watch watch(control.fd(), **stats);  // Not before: a thread that runs already is not confined.
  auto configuration = configure(*settings, configure_me->generation);
  if (!configuration) return fail(configuration.error());
  PageFetcher fetcher(*settings, std::move(configuration->expressions), *configuration->lane, **stats,
                      *std::move(budget), [&control](const std::string& url) { return ask_cookies(control, url); });
  (*stats)->state = FetcherState::idle;
  return work(control, fetcher, readable);
}

/// The first message is the settings, the second the page; the answer goes to stdout.
int probe() {
  if (!tie_to_parent()) return kOk;
  init_http();
  ControlChannel control{UniqueFd(kControlFd)};
  Message first;
  Message second;
  using Received = ControlChannel::Received;
  const bool came = control.wait_receive(first, kNoTimeout) == Received::message &&
                    control.wait_receive(second, kNoTimeout) == Received::message;
  const auto* const configure_me = std::get_if<Configure>(&first);
  const auto* const page = std::get_if<FetchPage>(&second);
  if (!came || configure_me == nullptr || page == nullptr) return fail({"the parent process sent no page to probe"});
  const auto settings = CrawlSettings::decode(configure_me->settings);
  if (!settings) return fail(settings.error());
  Policy policy = policy_for(*settings);
  policy.limits.file_size.reset();  // stderr is the user's, and may be a file
  if (Status confined = confine(policy, settings->run.sandbox); !confined) return fail(confined.error());
  const auto expressions = PageExpressions::compile(settings->page);
  if (!expressions) return fail(expressions.error());
  const std::string answer = probe_page(*settings, expressions->images, page->task.url, page->cookies) + "\n";
  const bool written =
      std::fwrite(answer.data(), 1, answer.size(), stdout) == answer.size() && std::fflush(stdout) == 0;
  return written ? kOk : kFailed;
}

}  // namespace

int run_fetcher(std::span<char* const> arguments) {
  if (arguments.size() == 3 && std::string_view(arguments[1]) == "--site-address")
    return tell_site_address(arguments[2]);
  if (arguments.size() == 2 && std::string_view(arguments[1]) == "--probe") return probe();
  if (arguments.size() == 1) return serve();
  std::fputs("doutu-fetcher is a part of doutu; run doutu instead\n", stderr);
  return kWrongUse;
}

}  // namespace doutu
