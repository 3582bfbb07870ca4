// doutu-decoder as a program: this test is its parent, and asks it.
#include "downloader/decoder/decoder_process.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <poll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zlib.h>

#include <array>
#include <csignal>
#include <filesystem>
#include <fstream>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "crawler/demo/draw_image.h"
#include "shared/process/child_process.h"
#include "shared/process/control.h"
#include "shared/process/stats_page.h"
#include "shared/process/wholeness.h"
#include "shared/sandbox/instrumented.h"
#include "tests/downloader/check/image_format/bytes.h"
#include "tests/site/processes.h"
#include "tests/site/temporary_folder.h"

namespace doutu {
namespace {

constexpr int kWatchdogMilliseconds = 60'000;

std::string program() {
  const auto tests = std::filesystem::read_symlink("/proc/self/exe").parent_path();
  return tests.parent_path() / "bin" / "doutu-decoder";
}

std::pair<UniqueFd, UniqueFd> make_pair() {
  std::array<int, 2> fds{};
  EXPECT_EQ(::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, fds.data()), 0);
  return {UniqueFd(fds[0]), UniqueFd(fds[1])};
}

std::string chunk(const std::string& type, const std::string& content) {
  const std::string sound = type + content;
  const auto sum = crc32_z(0, reinterpret_cast<const Bytef*>(sound.data()), sound.size());
  return big(4, content.size()) + sound + big(4, sum);
}

/// A PNG of so many MiB when it is unpacked, which takes some milliseconds each.
std::string slow_image(unsigned mebibytes) {
  constexpr unsigned kWidth = (1U << 16U) - 1;  // And a filter: a row is of 64 KiB.
  const std::string zeros_of_it(std::size_t{1} << 20U, '\0');
  std::string packed(4096, '\0');
  z_stream stream{};
  deflateInit(&stream, Z_BEST_COMPRESSION);
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(zeros_of_it.data()));
  stream.avail_in = static_cast<uInt>(zeros_of_it.size());
  stream.next_out = reinterpret_cast<Bytef*>(packed.data());
  stream.avail_out = static_cast<uInt>(packed.size());
  deflate(&stream, Z_FULL_FLUSH);
  packed.resize(stream.total_out);
  deflateEnd(&stream);
  constexpr std::size_t kHeader = 2;
  std::string data = packed.substr(0, kHeader);
  for (unsigned i = 0; i < mebibytes; ++i) data += packed.substr(kHeader);
  const std::string size = big(4, kWidth) + big(4, std::uint64_t{16} * mebibytes);
  return "\x89PNG\r\n\x1a\n" + chunk("IHDR", size + std::string("\x08\0\0\0\0", 5)) + chunk("IDAT", data);
}

/// One that runs, with a log that the test reads at its end.
struct RunningDecoder {
  ControlChannel life_line;
  SharedStats stats;
  ChildProcess process;
};

class Decoder : public testing::Test {
 protected:
  void start() {
    auto [ours, its] = *ControlChannel::create();
    auto page = *SharedStats::create();
    auto process = *ChildProcess::start({.program = program(),
                                         .arguments = {},
                                         .fds = {{its.fd(), kControlFd},
                                                 {page.fd(), kStatsFd},
                                                 {doubts_.second.fd(), kDoubtsFd},
                                                 {log_.second.get(), STDERR_FILENO}}});
    running_.reset(new RunningDecoder{std::move(ours), std::move(page), std::move(process)});
  }

  [[nodiscard]] std::string file(const std::string& name, const std::string& bytes) const {
    std::ofstream(folder_ / name, std::ios::binary) << bytes;
    return folder_ / name;
  }

  void send(const std::string& type, const std::vector<int>& fds) {
    ASSERT_EQ(doubts_.first.send(ImageDoubted{.image = 17, .type = type}, fds), SendResult::ok);
  }

  /// Where the answer will come.
  UniqueFd ask(const std::string& path, const std::string& type = "png") {
    const UniqueFd image(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK));
    EXPECT_TRUE(image.valid());
    auto [ours, its] = make_pair();
    send(type, {image.get(), its.get()});
    return std::move(ours);
  }

  /// nullopt: an end without a byte.
  static std::optional<Wholeness> answer_on(const UniqueFd& socket) {
    pollfd waiting{socket.get(), POLLIN, 0};
    EXPECT_EQ(::poll(&waiting, 1, kWatchdogMilliseconds), 1) << "no answer";
    Wholeness answer{};
    if (::read(socket.get(), &answer, 1) != 1) return std::nullopt;
    char more = 0;
    EXPECT_EQ(::read(socket.get(), &more, 1), 0) << "the answer is one byte";
    return answer;
  }
  std::optional<Wholeness> answer_about(const std::string& path, const std::string& type = "png") {
    return answer_on(ask(path, type));
  }

  [[nodiscard]] rlim_t processor_limit() const {
    rlimit limit{};
    EXPECT_EQ(::prlimit(running_->process.pid(), RLIMIT_CPU, nullptr, &limit), 0);
    return limit.rlim_cur;
  }
  void allow_one_second() const {
    const rlimit limit{1, RLIM_INFINITY};
    EXPECT_EQ(::prlimit(running_->process.pid(), RLIMIT_CPU, &limit, nullptr), 0);
  }

  Exit end() {
    const bool has_ended = eventually([&] { return running_->process.reap().has_value(); });
    EXPECT_TRUE(has_ended);
    return has_ended ? *running_->process.reap() : Exit{.status = -1};
  }
  static void expect_plain(Exit exit) {
    EXPECT_EQ(exit.signal, 0) << exit.to_text();
    EXPECT_EQ(exit.status, 0) << exit.to_text();
  }
  /// What it has printed until now.
  [[nodiscard]] std::string log() const {
    std::string text(64'000, '\0');
    const ssize_t size = ::read(log_.first.get(), text.data(), text.size());
    return text.substr(0, static_cast<std::size_t>(std::max<ssize_t>(size, 0)));
  }

  static std::pair<UniqueFd, UniqueFd> make_log() {
    std::array<int, 2> fds{};
    EXPECT_EQ(::pipe2(fds.data(), O_CLOEXEC), 0);
    ::fcntl(fds[0], F_SETFL, O_NONBLOCK);
    return {UniqueFd(fds[0]), UniqueFd(fds[1])};
  }

  const TemporaryFolder folder_;
  std::pair<UniqueFd, UniqueFd> log_ = make_log();
  std::pair<ControlChannel, ControlChannel> doubts_ = *ControlChannel::create();
  std::unique_ptr<RunningDecoder> running_;

  const std::string image_ = draw_image(1);
  const std::string whole_ = file("whole.png", image_.substr(0, image_.size() - 12));  // Without IEND.
  const std::string half_ = file("half.png", image_.substr(0, image_.size() / 2));
};

TEST_F(Decoder, TellsWholeImagesFromOthers) {
  start();
  EXPECT_EQ(answer_about(whole_), Wholeness::whole);
  EXPECT_EQ(answer_about(half_), Wholeness::not_whole);
  EXPECT_EQ(answer_about(whole_, "jpeg"), Wholeness::not_whole);
  EXPECT_EQ(answer_about(whole_, "no type"), Wholeness::not_whole);
  EXPECT_EQ(log(), "");
}

TEST_F(Decoder, SaysThatItWorks) {
  start();
  EXPECT_EQ(running_->stats->beats[0], 0);
  EXPECT_EQ(answer_about(whole_), Wholeness::whole);
  EXPECT_NE(running_->stats->beats[0], 0);
}

TEST_F(Decoder, ReadsAFileFromItsBeginning) {
  start();
  const UniqueFd image(::open(whole_.c_str(), O_RDONLY | O_CLOEXEC));
  ASSERT_EQ(::lseek(image.get(), 100, SEEK_SET), 100);
  auto [ours, its] = make_pair();
  send("png", {image.get(), its.get()});
  its.reset();
  EXPECT_EQ(answer_on(ours), Wholeness::whole);
  EXPECT_EQ(::lseek(image.get(), 0, SEEK_CUR), 100);
}

TEST_F(Decoder, TakesAThousandImagesInARow) {
  start();
  for (int i = 0; i < 500; ++i) {
    ASSERT_EQ(answer_about(whole_), Wholeness::whole) << i;
    ASSERT_EQ(answer_about(half_), Wholeness::not_whole) << i;
  }
}

TEST_F(Decoder, FindsWhatWasAskedBeforeItStarted) {
  const UniqueFd first = ask(whole_);
  const UniqueFd second = ask(half_);
  start();
  EXPECT_EQ(answer_on(first), Wholeness::whole);
  EXPECT_EQ(answer_on(second), Wholeness::not_whole);
}

// --- What a request may lack.

TEST_F(Decoder, GoesOnAfterARequestWithoutDescriptors) {
  start();
  send("png", {});
  const UniqueFd image(::open(whole_.c_str(), O_RDONLY | O_CLOEXEC));
  send("png", {image.get()});
  send("png", {image.get(), image.get()});  // No socket to answer on.
  EXPECT_EQ(answer_about(whole_), Wholeness::whole);
}

TEST_F(Decoder, EndsARequestOfAnotherKindWithoutAnAnswer) {
  start();
  const UniqueFd image(::open(whole_.c_str(), O_RDONLY | O_CLOEXEC));
  auto [ours, its] = make_pair();
  ASSERT_EQ(doubts_.first.send(Configure{}, {image.get(), its.get()}), SendResult::ok);
  its.reset();
  EXPECT_EQ(answer_on(ours), std::nullopt);
  ASSERT_EQ(::send(doubts_.first.fd(), "damaged", 7, 0), 7);
  EXPECT_EQ(answer_about(whole_), Wholeness::whole);
}

TEST_F(Decoder, KeepsNoDescriptorOfARequest) {
  start();
  const UniqueFd image(::open(whole_.c_str(), O_RDONLY | O_CLOEXEC));
  for (int i = 0; i < 100; ++i) send("png", {image.get(), image.get(), image.get()});
  EXPECT_EQ(answer_about(whole_), Wholeness::whole);
}

TEST_F(Decoder, DoesNotMindWhenWhoAskedHasGone) {
  start();
  ask(whole_).reset();
  EXPECT_EQ(answer_about(whole_), Wholeness::whole);
}

TEST_F(Decoder, WaitsForNoPipe) {
  start();
  const std::string pipe = folder_ / "pipe";
  ASSERT_EQ(::mkfifo(pipe.c_str(), 0600), 0);
  const UniqueFd writer(::open(pipe.c_str(), O_RDWR | O_CLOEXEC));
  EXPECT_EQ(answer_about(pipe), Wholeness::not_whole);
  EXPECT_EQ(answer_about(folder_.path()), Wholeness::not_whole);
  EXPECT_EQ(answer_about("/dev/null"), Wholeness::not_whole);
}

TEST_F(Decoder, CallsAFileThatIsCutOffMeanwhileNotWhole) {
  start();
  const std::string large = file("large.png", image_);
  ASSERT_EQ(::truncate(large.c_str(), 50 << 20), 0);
  const UniqueFd answer = ask(large);
  ASSERT_EQ(::truncate(large.c_str(), 100), 0);
  EXPECT_TRUE(answer_on(answer).has_value());  // Before or after it was read.
  EXPECT_EQ(answer_about(large), Wholeness::not_whole);
}

// --- Bounds.

TEST_F(Decoder, TakesNoFileThatIsTooLarge) {
  start();
  const std::string huge = file("huge.png", image_);
  ASSERT_EQ(::truncate(huge.c_str(), 300 << 20), 0);
  EXPECT_EQ(answer_about(huge), Wholeness::not_whole);
  EXPECT_EQ(answer_about("/dev/zero"), Wholeness::not_whole);
  EXPECT_EQ(log(), "W image 17: too large to decode; not saved\nW image 17: too large to decode; not saved\n");
}

TEST_F(Decoder, GivesEachImageItsOwnTime) {
  if (kSanitized) GTEST_SKIP() << "the limits of a sanitizer's build are others";
  start();
  EXPECT_EQ(answer_about(whole_), Wholeness::whole);
  EXPECT_EQ(processor_limit(), 11U);
  const std::string slow = file("slow.png", slow_image(500));
  for (int i = 0; i < 50 && processor_limit() == 11; ++i) EXPECT_EQ(answer_about(slow), Wholeness::whole);
  EXPECT_GT(processor_limit(), 11U);
}

TEST_F(Decoder, IsEndedByAnImageThatTakesTooLong) {
  if (kSanitized) GTEST_SKIP() << "the limits of a sanitizer's build are others";
  for (const int signal : {SIGXCPU, SIGALRM}) {
    const std::string slow = file("slow.png", slow_image(3500));
    start();
    const UniqueFd answer = ask(slow);
    ASSERT_TRUE(eventually([&] { return running_->stats->beats[0] != 0 && processor_limit() == 11; }));
    if (signal == SIGXCPU) allow_one_second();
    if (signal == SIGALRM) running_->process.signal(SIGALRM);
    EXPECT_EQ(answer_on(answer), std::nullopt);
    EXPECT_EQ(end().signal, signal);
  }
}

// --- Its end.

TEST_F(Decoder, WhoDiesTakesOneImageWithItAndLeavesTheNextToTheNext) {
  start();
  const UniqueFd lost = ask(file("slow.png", slow_image(3500)));
  const UniqueFd next = ask(whole_);
  ASSERT_TRUE(eventually([&] { return running_->stats->beats[0] != 0; }));
  running_->process.signal(SIGKILL);
  EXPECT_EQ(answer_on(lost), std::nullopt);
  EXPECT_EQ(end().signal, SIGKILL);
  start();
  EXPECT_EQ(answer_on(next), Wholeness::whole);
}

TEST_F(Decoder, EndsWithTheParentsLifeLine) {
  start();
  EXPECT_EQ(answer_about(whole_), Wholeness::whole);
  running_->life_line.close();
  expect_plain(end());
}

TEST_F(Decoder, EndsWithTheDoubts) {
  start();
  EXPECT_EQ(answer_about(whole_), Wholeness::whole);
  doubts_.first.close();
  expect_plain(end());
}

TEST_F(Decoder, EndsByItselfWithoutWork) {
  start();
  EXPECT_EQ(answer_about(whole_), Wholeness::whole);
  expect_plain(end());
  EXPECT_EQ(log(), "");
}

}  // namespace
}  // namespace doutu
