// Every failing call: a small crawl, in which the first, the second ... the last system call of one kind in one program
// fails once (failing_call.cpp). Neither parent nor downloader may crash or hang, nothing in the folder may be torn, a
// run that does not end well must say why, and the same command without failures must bring everything, once.
// Of the kinds that are called often only every so manieth call fails; DOUTU_LONG_TESTS=1 takes them all.

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <memory>
#include <ostream>

#include "tests/site/crawl_folder.h"
#include "tests/site/crawl_run.h"
#include "tests/site/meme_site.h"
#include "tests/site/processes.h"
#include "tests/site/temporary_folder.h"
#include "tests/site/test_site.h"

namespace doutu {
namespace {

using std::chrono::seconds;

constexpr std::uint64_t kAtOnce = 4;   // Most of a run is waiting.
constexpr std::uint64_t kMost = 2000;  // A kind that is called more often counts what it should not.
constexpr seconds kLimit{60};

struct Failure {
  const char* program;
  const char* call;
  int error;
  std::uint64_t stride = 1;  ///< Every so manieth, unless all are asked for.
};

std::ostream& operator<<(std::ostream& out, const Failure& failure) {
  return out << failure.call << " of " << failure.program;
}

std::string name_of(const testing::TestParamInfo<Failure>& info) {
  const std::string program(info.param.program);
  return fmt::format("{}_{}_{}", program == "doutu" ? "parent" : program.substr(program.find('-') + 1), info.param.call,
                     strerrorname_np(info.param.error));
}

bool all_are_asked_for() {
  const char* text = std::getenv("DOUTU_LONG_TESTS");
  return text != nullptr && std::string(text) != "0";
}

/// One crawl with its failure, in a folder of its own.
struct Point {
  std::uint64_t at = 0;
  std::string counter;
  CrawlFolder folder;
  std::unique_ptr<CrawlRun> run;

  /// How many calls of the kind there were.
  [[nodiscard]] std::uint64_t calls() const {
    std::uint64_t count = 0;
    const std::string bytes = read_file(counter);
    if (bytes.size() == sizeof count) std::memcpy(&count, bytes.data(), sizeof count);
    return count;
  }
};

class FailingCalls : public testing::TestWithParam<Failure> {
 protected:
  FailingCalls() : memes_(make_meme_site(site_, {.pages = 2, .images_per_page = 3})) {
    // The bytes of another, for which there is a hard link.
    site_.file("/img/again.png", small_image(1));
    memes_.images["again.png"] = sha256(small_image(1));
    site_.page("/list/2", list_page({"/img/4.png", "/img/5.png", "/img/6.png", "/img/again.png"}));
  }

  [[nodiscard]] std::vector<std::string> command(const CrawlFolder& folder) const {
    return {"crawl",        memes_.pages_template,
            "--pages",      "1-2",
            "--xpath",      std::string(kMemeXpath),
            "--fetchers",   "1",
            "--directory",  folder.path(),
            "--progress",   "none",
            "--threads",    "1",
            "--heartbeat",  "10",
            "--retry-wait", "0.05"};
  }

  Point start(std::uint64_t at) {
    const std::string name = std::to_string(at);
    Point point{at, temporary_ / ("counter-" + name), CrawlFolder(temporary_ / name), nullptr};
    write_file(point.counter, std::string(sizeof(std::uint64_t), '\0'));
    point.run = std::make_unique<CrawlRun>(
        command(point.folder), "",
        std::map<std::string, std::string>{{"LD_PRELOAD", DOUTU_FAILING_CALL},
                                           {"DOUTU_FAIL_PROGRAM", GetParam().program},
                                           {"DOUTU_FAIL_CALL", GetParam().call},
                                           {"DOUTU_FAIL_AT", name},
                                           {"DOUTU_FAIL_ERRNO", std::to_string(GetParam().error)},
                                           {"DOUTU_FAIL_COUNTER", point.counter}});
    return point;
  }

  [[nodiscard]] static bool names_the_error(const std::string& message) {
    return message.find(std::strerror(GetParam().error)) != std::string::npos ||
           message.find("SQLite error") != std::string::npos;
  }

  void expect_an_orderly_end(const Point& point, const Ended& ended) {
    ++ends_[ended.status];
    const std::string log = read_file(point.folder.state("crawl.log"));
    EXPECT_TRUE(ended.status == 0 || (ended.status == 1 && names_the_error(ended.err)))
        << "ended with " << ended.status << ":\n"
        << ended.err << log;
    for (const char* bad : {"downloader: ended by signal", "downloader: no sign of life",
                            "downloader: terminate called", "bug:", "AddressSanitizer"}) {
      EXPECT_EQ((ended.err + log).find(bad), std::string::npos) << ended.err << log;
    }
    for (const auto& [name, hash] : point.folder.images()) {
      const auto image = memes_.images.find(name);
      EXPECT_TRUE(image != memes_.images.end() && image->second == hash) << name << " is none of the site's";
    }
    const ReportFile report = point.folder.report();
    EXPECT_TRUE(report.balances()) << report.images;
    if (ended.status != 0) return;
    EXPECT_EQ(point.folder.images(), memes_.images) << ended.err << log;
    EXPECT_EQ(report.outcome, "complete") << ended.err << log;
  }

  void expect_everything(const Point& point, const Ended& ended) {
    EXPECT_EQ(ended.status, 0) << ended.err << read_file(point.folder.state("crawl.log"));
    EXPECT_EQ(point.folder.images(), memes_.images);
    EXPECT_EQ(point.folder.report().outcome, "complete");
    EXPECT_TRUE(point.folder.report().balances());
    EXPECT_EQ(point.folder.leftovers(), std::vector<std::string>());
  }

  void expect_no_strays() {
    for (const RunningProcess& stray : strays_after(seconds(20))) ADD_FAILURE() << stray.program << " still runs";
    kill_strays();
  }

  [[nodiscard]] std::string ends() const {
    std::string text;
    for (const auto& [status, count] : ends_) text += fmt::format(", {} ended with {}", count, status);
    return text;
  }

  TestSite site_;
  MemeSite memes_;
  TemporaryFolder temporary_;
  std::map<int, int> ends_;
};

TEST_P(FailingCalls, EndInAMessageOrInSuccessAndTheNextStartCompletes) {
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
  GTEST_SKIP() << "the sanitizer's own library must be loaded first";
#endif
  const std::uint64_t stride = all_are_asked_for() ? 1 : GetParam().stride;
  std::uint64_t points = 0;
  bool reached = true;
  for (std::uint64_t next = 1; reached && next <= kMost;) {
    std::vector<Point> batch;
    for (std::uint64_t i = 0; i < kAtOnce; ++i, next += stride) batch.push_back(start(next));
    for (Point& point : batch) {
      SCOPED_TRACE(fmt::format("call {}", point.at));
      const Ended ended = point.run->wait(kLimit);
      if (point.calls() < point.at) reached = false;
      if (point.calls() >= point.at) ++points;
      expect_an_orderly_end(point, ended);
    }
    expect_no_strays();
    for (Point& point : batch) point.run = std::make_unique<CrawlRun>(command(point.folder));
    for (Point& point : batch) {
      SCOPED_TRACE(fmt::format("call {}, the next start", point.at));
      expect_everything(point, point.run->wait(kLimit));
    }
    expect_no_strays();
  }
  EXPECT_FALSE(reached) << "more than " << kMost << " calls";
  fmt::print("{} of {}: {} calls failed with {}, one at a time{}\n", GetParam().call, GetParam().program, points,
             strerrorname_np(GetParam().error), ends());
  EXPECT_GT(points, 0U) << "no such call in this program";
}

INSTANTIATE_TEST_SUITE_P(OfTheParent, FailingCalls,
                         testing::Values(Failure{"doutu", "write", ENOSPC}, Failure{"doutu", "read", EIO},
                                         Failure{"doutu", "open", EMFILE}, Failure{"doutu", "rename", EIO},
                                         Failure{"doutu", "mmap", ENOMEM}, Failure{"doutu", "recvmsg", ENOMEM},
                                         Failure{"doutu", "sendmsg", ENOBUFS}, Failure{"doutu", "allocate", ENOSPC},
                                         Failure{"doutu", "descriptor", EMFILE}, Failure{"doutu", "process", EAGAIN}),
                         name_of);

INSTANTIATE_TEST_SUITE_P(
    OfTheDownloader, FailingCalls,
    testing::Values(Failure{"doutu-downloader", "write", ENOSPC, 9}, Failure{"doutu-downloader", "write", EIO, 13},
                    Failure{"doutu-downloader", "read", EIO, 2}, Failure{"doutu-downloader", "open", EMFILE, 2},
                    Failure{"doutu-downloader", "open", ENOSPC, 5}, Failure{"doutu-downloader", "rename", EIO},
                    Failure{"doutu-downloader", "rename", EPERM}, Failure{"doutu-downloader", "link", EIO},
                    Failure{"doutu-downloader", "link", EMLINK}, Failure{"doutu-downloader", "fsync", EIO},
                    Failure{"doutu-downloader", "mmap", ENOMEM}, Failure{"doutu-downloader", "connect", ECONNREFUSED},
                    Failure{"doutu-downloader", "connect", ENETUNREACH},
                    Failure{"doutu-downloader", "recv", ECONNRESET}, Failure{"doutu-downloader", "recvmsg", ENOMEM},
                    Failure{"doutu-downloader", "send", EPIPE}, Failure{"doutu-downloader", "sendmsg", ENOBUFS},
                    Failure{"doutu-downloader", "allocate", ENOSPC}, Failure{"doutu-downloader", "descriptor", EMFILE},
                    Failure{"doutu-downloader", "process", EAGAIN}),
    name_of);

INSTANTIATE_TEST_SUITE_P(
    OfTheFetcher, FailingCalls,
    testing::Values(Failure{"doutu-fetcher", "open", EMFILE}, Failure{"doutu-fetcher", "mmap", ENOMEM},
                    Failure{"doutu-fetcher", "connect", ECONNREFUSED}, Failure{"doutu-fetcher", "recv", ECONNRESET},
                    Failure{"doutu-fetcher", "recvmsg", ENOMEM}, Failure{"doutu-fetcher", "send", EPIPE},
                    Failure{"doutu-fetcher", "sendmsg", ENOBUFS}, Failure{"doutu-fetcher", "descriptor", EMFILE},
                    Failure{"doutu-fetcher", "process", EAGAIN}),
    name_of);

}  // namespace
}  // namespace doutu
