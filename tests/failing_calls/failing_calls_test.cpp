// Every failing call: a small crawl, in which the first, the second ... the last system call of one kind in one program
// fails once (failing_call.cpp). Neither parent nor downloader may crash or hang, nothing in the folder may be torn, a
// run that does not end well must say why, and the same command without failures must bring everything, once.
// Of the kinds that are called often only every so manieth call fails; DOUTU_LONG_TESTS=1 takes them all.

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <cerrno>
#include <cstring>
#include <ostream>

#include "tests/failing_calls/failing_crawl.h"

namespace doutu {
namespace {

constexpr std::uint64_t kMost = 2000;  // A kind that is called more often counts what it should not.

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
  return fmt::format("{}_{}_{}", role_of(info.param.program), info.param.call, strerrorname_np(info.param.error));
}

class FailingCalls : public FailingCrawl, public testing::WithParamInterface<Failure> {
 protected:
  /// A crawl whose at-th call fails.
  struct Counted : Point {
    std::uint64_t at = 0;
    std::string counter;

    /// How many calls of the kind there were.
    [[nodiscard]] std::uint64_t calls() const {
      std::uint64_t count = 0;
      const std::string bytes = read_file(counter);
      if (bytes.size() == sizeof count) std::memcpy(&count, bytes.data(), sizeof count);
      return count;
    }
  };

  Counted start_failing(std::uint64_t at) {
    const std::string name = std::to_string(at);
    const std::string counter = temporary_ / ("counter-" + name);
    write_file(counter, std::string(sizeof(std::uint64_t), '\0'));
    return {start(name, {{"LD_PRELOAD", DOUTU_FAILING_CALL},
                         {"DOUTU_FAIL_PROGRAM", GetParam().program},
                         {"DOUTU_FAIL_CALL", GetParam().call},
                         {"DOUTU_FAIL_AT", name},
                         {"DOUTU_FAIL_ERRNO", std::to_string(GetParam().error)},
                         {"DOUTU_FAIL_COUNTER", counter}}),
            at, counter};
  }
};

TEST_P(FailingCalls, EndInAMessageOrInSuccessAndTheNextStartCompletes) {
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
  GTEST_SKIP() << "the sanitizer's own library must be loaded first";
#endif
  const std::uint64_t stride = all_are_asked_for() ? 1 : GetParam().stride;
  const std::vector<std::string> causes{std::strerror(GetParam().error), "SQLite error"};
  std::uint64_t points = 0;
  bool reached = true;
  for (std::uint64_t next = 1; reached && next <= kMost;) {
    std::vector<Counted> batch;
    for (std::uint64_t i = 0; i < kAtOnce; ++i, next += stride) batch.push_back(start_failing(next));
    for (Counted& point : batch) {
      SCOPED_TRACE(fmt::format("call {}", point.at));
      const Ended ended = wait(point);
      ASSERT_GT(point.calls(), 0U) << "the library did not reach the program, or it makes no such call";
      if (point.calls() < point.at) reached = false;
      if (point.calls() >= point.at) ++points;
      expect_an_orderly_end(point, ended, causes);
    }
    expect_no_strays();
    for (Counted& point : batch) start_again(point);
    for (Counted& point : batch) {
      SCOPED_TRACE(fmt::format("call {}, the next start", point.at));
      expect_everything(point, wait(point));
    }
    expect_no_strays();
  }
  EXPECT_FALSE(reached) << "more than " << kMost << " calls";
  fmt::print("{} of {}: {} calls failed with {}, one at a time{}\n", GetParam().call, GetParam().program, points,
             strerrorname_np(GetParam().error), ends());
  EXPECT_GT(points, 0U);
}

INSTANTIATE_TEST_SUITE_P(OfTheParent, FailingCalls,
                         testing::Values(Failure{"doutu", "write", ENOSPC}, Failure{"doutu", "read", EIO},
                                         Failure{"doutu", "open", EMFILE}, Failure{"doutu", "rename", EIO},
                                         Failure{"doutu", "mmap", ENOMEM}, Failure{"doutu", "recvmsg", ENOMEM},
                                         Failure{"doutu", "sendmsg", ENOBUFS}, Failure{"doutu", "allocate", ENOSPC},
                                         Failure{"doutu", "descriptor", EMFILE}, Failure{"doutu", "process", EAGAIN},
                                         Failure{"doutu", "write", EINTR}, Failure{"doutu", "short_write", 0},
                                         Failure{"doutu", "read", EINTR}, Failure{"doutu", "recvmsg", EINTR},
                                         Failure{"doutu", "sendmsg", EINTR}, Failure{"doutu", "close", EIO}),
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
                    Failure{"doutu-downloader", "process", EAGAIN}, Failure{"doutu-downloader", "write", EINTR, 13},
                    Failure{"doutu-downloader", "short_write", 0, 13}, Failure{"doutu-downloader", "read", EINTR, 5},
                    Failure{"doutu-downloader", "recv", EINTR}, Failure{"doutu-downloader", "recvmsg", EINTR},
                    Failure{"doutu-downloader", "sendmsg", EINTR}, Failure{"doutu-downloader", "close", EIO, 3}),
    name_of);

INSTANTIATE_TEST_SUITE_P(
    OfTheFetcher, FailingCalls,
    testing::Values(Failure{"doutu-fetcher", "open", EMFILE}, Failure{"doutu-fetcher", "mmap", ENOMEM},
                    Failure{"doutu-fetcher", "connect", ECONNREFUSED}, Failure{"doutu-fetcher", "recv", ECONNRESET},
                    Failure{"doutu-fetcher", "recvmsg", ENOMEM}, Failure{"doutu-fetcher", "send", EPIPE},
                    Failure{"doutu-fetcher", "sendmsg", ENOBUFS}, Failure{"doutu-fetcher", "descriptor", EMFILE},
                    Failure{"doutu-fetcher", "process", EAGAIN}, Failure{"doutu-fetcher", "recv", EINTR},
                    Failure{"doutu-fetcher", "recvmsg", EINTR}, Failure{"doutu-fetcher", "sendmsg", EINTR}),
    name_of);

}  // namespace
}  // namespace doutu
