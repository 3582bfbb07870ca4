// The program doutu-fetcher, run as the parent runs it.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fcntl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <csignal>
#include <future>
#include <optional>
#include <thread>

#include "shared/crawl/crawl_settings.h"
#include "shared/lane/shared_lane.h"
#include "shared/process/child_process.h"
#include "shared/process/control.h"
#include "shared/process/stats_page.h"
#include "tests/crawler/fetcher/records_of_page.h"
#include "tests/shared/http/raw_server.h"

namespace doutu {
namespace {

using testing::HasSubstr;
using testing::StartsWith;
using Then = RawAnswer::Then;

constexpr LaneIdentity kLane{.run_id = 42, .generation = 3};
constexpr int kPatience = 30'000;  // Milliseconds; a watchdog, no measure.
/// Gumbo compares each with all before it, and ThreadSanitizer looks at every comparison.
#if defined(__SANITIZE_THREAD__)
constexpr int kManyAttributes = 2'000;
#else
constexpr int kManyAttributes = 20'000;
#endif

struct Pipe {
  Pipe() {
    std::array<int, 2> ends{};
    EXPECT_EQ(pipe2(ends.data(), O_CLOEXEC), 0);
    read_end.reset(ends[0]);
    write_end.reset(ends[1]);
  }
  /// Everything until the last writer closed.
  std::string read_all() {
    write_end.reset();
    std::string text;
    std::array<char, 4096> buffer{};
    for (ssize_t count = 1; count > 0;) {
      count = read(read_end.get(), buffer.data(), buffer.size());
      if (count > 0) text.append(buffer.data(), static_cast<std::size_t>(count));
    }
    return text;
  }
  UniqueFd read_end, write_end;
};

/// A fetcher, and the parent's ends of all that it holds.
class Fetcher {
 public:
  Fetcher() {
    auto [mine, other] = ControlChannel::create().value();
    control_.emplace(std::move(mine));
    LaneDescriptors lane = create_lane(kLane).value();
    child_.emplace(ChildProcess::start({.program = DOUTU_FETCHER,
                                        .arguments = {},
                                        .fds = {{errors_.write_end.get(), STDERR_FILENO},
                                                {other.fd(), kControlFd},
                                                {stats_.fd(), kStatsFd},
                                                {lane.memory.get(), kLaneFd},
                                                {lane.data.get(), kLaneDataFd},
                                                {lane.space.get(), kLaneSpaceFd}}})
                       .value());
    consumer_ = attach_consumer(std::move(lane), kLane).value();
  }

  void configure(const std::string& settings) {
    const Configure configure{.settings = settings, .generation = kLane.generation};
    ASSERT_EQ(control_->send(configure), SendResult::ok);
  }

  void configure() {
    CrawlSettings settings;
    settings.run.run_id = kLane.run_id;
    settings.http.site_host = "127.0.0.1";
    settings.page.xpaths = {"//img"};
    configure(settings.encode());
  }

  void hand_out(std::uint64_t page, const std::string& url) {
    const FetchPage fetch{page, 1, url};
    ASSERT_EQ(control_->send(fetch), SendResult::ok);
  }

  void expect_ready() {
    Message message;
    ASSERT_EQ(control_->wait_receive(message, kPatience), ControlChannel::Received::message);
    EXPECT_TRUE(std::holds_alternative<Ready>(message));
  }

  ControlChannel& control() { return *control_; }
  ImageConsumer& lane() { return *consumer_; }
  ChildProcess& child() { return *child_; }
  StatsPage& stats() { return *stats_; }
  std::string log() { return errors_.read_all(); }

 private:
  SharedStats stats_ = SharedStats::create().value();
  Pipe errors_;
  std::optional<ControlChannel> control_;
  std::optional<ChildProcess> child_;
  std::unique_ptr<ImageConsumer> consumer_;
};

TEST(FetcherProgram, WorksPageAfterPageUntilItsChannelEnds) {
  const RawServer server([](const std::string& request) {
    if (request.starts_with("GET /404")) return RawAnswer{http_answer("", "", "404 Not Found"), Then::keep_alive};
    return RawAnswer{http_answer("<img src=a.jpg><p><p><img src=b.jpg>"), Then::keep_alive};
  });
  Fetcher fetcher;
  fetcher.configure();
  fetcher.expect_ready();
  EXPECT_EQ(fetcher.stats().state, FetcherState::idle);
  EXPECT_NE(fetcher.stats().beats[0], 0);
  fetcher.hand_out(1, server.url("/1"));
  fetcher.expect_ready();
  const RecordsOfPage first = take_page(fetcher.lane());
  EXPECT_EQ(first.end.page, 1U);
  EXPECT_EQ(first.images.size(), 2U);
  fetcher.hand_out(2, server.url("/404"));
  fetcher.expect_ready();
  EXPECT_EQ(take_page(fetcher.lane()).end.http_status, 404);

  fetcher.control().close();
  const Exit exit = fetcher.child().wait();
  EXPECT_EQ(exit.signal, 0);
  EXPECT_EQ(exit.status, 0);
  EXPECT_EQ(fetcher.log(), "");
}

std::string repeat(std::string_view text, std::size_t times) {
  std::string out;
  for (std::size_t i = 0; i < times; ++i) out += text;
  return out;
}

struct Page {
  std::string content_type;
  std::string body;
  std::vector<std::string> images;  ///< As paths.
  Cause cause = Cause::none;
};

/// Hands the pages to one fetcher, one after the other.
void expect_images(const std::vector<Page>& pages) {
  const RawServer server([&](const std::string& request) {
    const Page& page = pages.at(std::stoul(request.substr(std::string_view("GET /").size())));
    return RawAnswer{http_answer(page.body, "Content-Type: " + page.content_type + "\r\n"), Then::close};
  });
  Fetcher fetcher;
  fetcher.configure();
  fetcher.expect_ready();
  for (std::size_t i = 0; i < pages.size(); ++i) {
    fetcher.hand_out(i, server.url("/" + std::to_string(i)));
    fetcher.expect_ready();
    const RecordsOfPage seen = take_page(fetcher.lane());
    EXPECT_EQ(seen.end.cause, pages[i].cause) << "page " << i;
    std::vector<std::string> urls;
    for (const std::string& path : pages[i].images) urls.push_back(server.url(path));
    std::vector<std::string> found;
    for (const auto& [cause, url] : seen.images) found.push_back(url);
    EXPECT_EQ(found, urls) << "page " << i;
  }
}

TEST(FetcherProgram, FindsTheImagesOfPagesInAnyEncoding) {
  using namespace std::string_literals;
  expect_images({
      {"text/html; charset=gb2312", "<img src='\x81\x40?\x81\x40'><p>\x81'><img src=b>", {"/%E4%B8%82?%81@", "/b"}},
      {"text/html; charset=Big5", "<img src='\xb9\xcf?\xb9\xcf'>\xff<img src=b>", {"/%E5%9C%96?%B9%CF", "/b"}},
      {"text/html", "<meta charset=Shift_JIS><img src='\x90\x7d\x87\x40?\x83\x5c'>", {"/%E5%9B%B3%E2%91%A0?%83\\"}},
      {"text/html; charset=euc-kr", "<img src='\xb0\xa1\x81\x41?\xb0\xa1'>", {"/%EA%B0%80%EA%B0%82?%B0%A1"}},
      {"text/html; charset=iso-8859-1", "<img src='\x80\xe9?\x80\xe9'>", {"/%E2%82%AC%C3%A9?%80%E9"}},
      {"text/html; charset=utf-8",
       "\xff\xfe<\0i\0m\0g\0 \0s\0r\0c\0=\0\xfe\x56?\0\xfe\x56>\0"s,
       {"/%E5%9B%BE?%E5%9B%BE"}},
      {"text/html", "<title>caf\xe9</title><img src='\xe9?\xe9'>", {"/%C3%A9?%E9"}},
      {"text/html; charset=utf-8", "<img src=a>\xe5\x9b<img src='\xe5\x9b\xbe\xff'>", {"/a", "/%E5%9B%BE%EF%BF%BD"}},
  });
}

TEST(FetcherProgram, FindsTheImagesOfPagesThatStopOtherParsers) {
  using namespace std::string_literals;
  std::string attributes;
  for (int i = 0; i < kManyAttributes; ++i) attributes += " x" + std::to_string(i) + "=1";
  const std::string type = "text/html";
  expect_images({
      {type,
       "<img src=a>" + repeat("<div>", 5000) + "<img src=b>" + repeat("</div>", 5000) + "<img src=c>",
       {"/a", "/b", "/c"}},
      {type, "<img src=a><b\0>\0<img src=b><p \0><img src='c'>"s, {"/a", "/b", "/c"}},
      {type, "<img src=a><!--><img src=b><!---><img src=c>", {"/a", "/b", "/c"}},
      {type, "<img src=a" + attributes + "><img src=b>", {"/a", "/b"}},
      {type, "<img src=a>" + repeat("x", 7'000'000) + "<img src=b>", {"/a", "/b"}},
      {type, "<img src=a>" + repeat("x", 11'000'000) + "<img src=b>", {}, Cause::page_too_large},
      {type, "<IMG SRC='a?b=1&amp;c&copy=2' src=x><template><img src=y></template>", {"/a?b=1&c&copy=2"}},
  });
}

TEST(FetcherProgram, EndsAtOnceWhenItsChannelEndsInTheMiddleOfAPage) {
  std::promise<void> asked;
  const RawServer server([&](const std::string&) {
    asked.set_value();
    return RawAnswer{"", Then::hold_open};
  });
  Fetcher fetcher;
  fetcher.configure();
  fetcher.expect_ready();
  fetcher.hand_out(1, server.url("/"));
  asked.get_future().wait();
  fetcher.control().close();
  const Exit exit = fetcher.child().wait();  // The page itself would take a minute.
  EXPECT_EQ(exit.signal, 0);
  EXPECT_EQ(exit.status, 0);
}

TEST(FetcherProgram, EndsWhenItsChannelEndsBeforeItWasConfigured) {
  Fetcher fetcher;
  fetcher.control().close();
  EXPECT_EQ(fetcher.child().wait().status, 0);
}

TEST(FetcherProgram, BeatsWhileItWorksAndNotWhileItIsStopped) {
  Fetcher fetcher;
  fetcher.configure();
  fetcher.expect_ready();
  const std::int64_t first = fetcher.stats().beats[0];
  while (fetcher.stats().beats[0] == first) std::this_thread::yield();
  fetcher.child().signal(SIGSTOP);
  siginfo_t info{};
  ASSERT_EQ(waitid(P_PIDFD, static_cast<id_t>(fetcher.child().pidfd()), &info, WSTOPPED | WNOWAIT), 0);
  const std::int64_t last = fetcher.stats().beats[0];
  Message message;
  EXPECT_EQ(fetcher.control().wait_receive(message, 1500), ControlChannel::Received::nothing);
  EXPECT_EQ(fetcher.stats().beats[0], last);
  fetcher.child().signal(SIGCONT);
  while (fetcher.stats().beats[0] == last) std::this_thread::yield();
}

TEST(FetcherProgram, SaysWhyItCannotStart) {
  struct Case {
    std::string settings, complaint;
  };
  CrawlSettings bad_xpath;
  bad_xpath.run.run_id = kLane.run_id;
  bad_xpath.page.xpaths = {"//img["};
  CrawlSettings other_run;
  other_run.run.run_id = 1;
  for (const auto& [settings, complaint] :
       {Case{"nonsense=1", "fetcher: "}, Case{bad_xpath.encode(), "fetcher: XPath: Invalid expression"},
        Case{other_run.encode(), "fetcher: lane: "}}) {
    Fetcher fetcher;
    fetcher.configure(settings);
    EXPECT_EQ(fetcher.child().wait().status, 1);
    EXPECT_THAT(fetcher.log(), StartsWith("E " + complaint));
  }
}

TEST(FetcherProgram, RefusesAMessageThatIsForOthers) {
  Fetcher fetcher;
  fetcher.configure();
  fetcher.expect_ready();
  ASSERT_EQ(fetcher.control().send(NoMorePages{}), SendResult::ok);
  EXPECT_EQ(fetcher.child().wait().status, 1);
  EXPECT_THAT(fetcher.log(), HasSubstr("not for a fetcher"));
}

/// Exit status and standard output of `doutu-fetcher ARGUMENTS`.
std::pair<int, std::string> run(const std::vector<std::string>& arguments) {
  Pipe out;
  ChildProcess child =
      ChildProcess::start(
          {.program = DOUTU_FETCHER, .arguments = arguments, .fds = {{out.write_end.get(), STDOUT_FILENO}}})
          .value();
  std::string text = out.read_all();
  return {child.wait().status, std::move(text)};
}

TEST(FetcherProgram, ChecksXpathsBeforeItIsConfigured) {
  Fetcher fetcher;
  for (const auto& [xpath, wrong] :
       {std::pair("//img[", "Invalid expression at character 7, marked by >>>: //img[ >>> "), std::pair("//img", "")}) {
    ASSERT_EQ(fetcher.control().send(CheckXpath{xpath}), SendResult::ok);
    Message message;
    ASSERT_EQ(fetcher.control().wait_receive(message, kPatience), ControlChannel::Received::message);
    EXPECT_EQ(std::get<XpathChecked>(message).error, wrong);
  }
  fetcher.configure();
  fetcher.expect_ready();
}

TEST(FetcherProgram, ProbesNothingThatItWasNotTold) {
  auto [mine, other] = ControlChannel::create().value();
  Pipe out;
  ChildProcess child = ChildProcess::start({.program = DOUTU_FETCHER,
                                            .arguments = {"--probe"},
                                            .fds = {{out.write_end.get(), STDOUT_FILENO}, {other.fd(), kControlFd}}})
                           .value();
  other.close();
  mine.close();
  EXPECT_EQ(out.read_all(), "");
  EXPECT_EQ(child.wait().status, 1);
}

TEST(FetcherProgram, SaysHowItIsUsed) { EXPECT_EQ(run({"--unknown"}).first, 2); }

}  // namespace
}  // namespace doutu
