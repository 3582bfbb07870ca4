#include "crawler/view/crawl_log.h"

#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <pty.h>
#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstdlib>
#include <filesystem>
#include <fstream>

#include "shared/base/unique_fd.h"
#include "tests/site/temporary_folder.h"

namespace doutu {
namespace {

using testing::EndsWith;
using testing::HasSubstr;
using testing::internal::CaptureStderr;
using testing::internal::GetCapturedStderr;

class CrawlLogTest : public testing::Test {
 protected:
  void open(Verbosity verbosity = Verbosity::normal, CrawlLog::View view = CrawlLog::View::plain) {
    CaptureStderr();
    Result<std::unique_ptr<CrawlLog>> opened = CrawlLog::open(path(), verbosity, view);
    ASSERT_TRUE(opened) << opened.error().message;
    log_ = *std::move(opened);
  }
  /// What stood on stderr by the end.
  std::string close() {
    log_.reset();
    return GetCapturedStderr();
  }
  [[nodiscard]] std::string path() const { return folder_ / "state/crawl.log"; }
  [[nodiscard]] std::string file() const {
    std::ifstream stream(path());
    return {std::istreambuf_iterator<char>(stream), {}};
  }
  CrawlLog& log() { return *log_; }

 private:
  TemporaryFolder folder_;
  std::unique_ptr<CrawlLog> log_;
};

TEST_F(CrawlLogTest, KeepsEverythingAndShowsWarningsAndErrors) {
  open();
  log_info("begun {}", 1);
  log_warning("odd");
  log_error("bad");
  log_debug("detail");
  EXPECT_EQ(close(), "doutu: warning: odd\ndoutu: error: bad\n");
  EXPECT_THAT(file(), testing::ContainsRegex("^[0-9]{4}-[0-9-]+ [0-9:.]+ I begun 1\n.* W odd\n.* E bad\n$"));
}

TEST_F(CrawlLogTest, DoesNotWaitForAReaderThatSleeps) {
  std::array<int, 2> ends{};
  ASSERT_EQ(::pipe2(ends.data(), O_CLOEXEC | O_NONBLOCK), 0);
  const UniqueFd reader(ends[0]);
  const UniqueFd writer(ends[1]);
  while (::write(writer.get(), "x", 1) == 1) {
  }
  ASSERT_EQ(::fcntl(writer.get(), F_SETFL, 0), 0);  // from here on a write would wait
  open();
  const UniqueFd captured(::dup(STDERR_FILENO));
  ASSERT_EQ(::dup2(writer.get(), STDERR_FILENO), STDERR_FILENO);
  log_warning("odd");
  ASSERT_EQ(::dup2(captured.get(), STDERR_FILENO), STDERR_FILENO);
  EXPECT_EQ(close(), "");
  EXPECT_THAT(file(), HasSubstr(" W odd\n"));
}

TEST_F(CrawlLogTest, VerboseShowsInformationToo) {
  open(Verbosity::verbose);
  log_info("begun");
  log_debug("detail");
  EXPECT_EQ(close(), "doutu: begun\n");
  EXPECT_THAT(file(), HasSubstr(" D detail\n"));
}

TEST_F(CrawlLogTest, QuietShowsErrorsOnly) {
  open(Verbosity::quiet);
  log_warning("odd");
  log_error("bad");
  EXPECT_EQ(close(), "doutu: error: bad\n");
  EXPECT_THAT(file(), HasSubstr(" W odd\n"));
}

TEST_F(CrawlLogTest, LinesOfChildrenKeepTheirLevelAndGetTheirName) {
  open();
  log().write_child_line("fetcher 2", "I quiet");
  log().write_child_line("fetcher 2", "E loud");
  log().write_child_line("downloader", "terminate called");
  log().write_child_line("downloader", "");
  EXPECT_EQ(close(),
            "doutu: error: fetcher 2: loud\ndoutu: warning: downloader: terminate called\n"
            "doutu: warning: downloader: \n");
  EXPECT_THAT(file(), HasSubstr(" I fetcher 2: quiet\n"));
}

TEST_F(CrawlLogTest, NothingPassesUnescaped) {
  open();
  log().write_child_line("fetcher 1", "W \x1b[2J\n\xff" + std::string{'\xe2', '\x80', '\xae'});
  EXPECT_EQ(close(), "doutu: warning: fetcher 1: \\x1b[2J\\x0a\\xff\\u{202e}\n");
  EXPECT_THAT(file(), EndsWith("\\x1b[2J\\x0a\\xff\\u{202e}\n"));
}

TEST_F(CrawlLogTest, AWarningStandsAboveTheView) {
  open(Verbosity::normal, CrawlLog::View::redrawn);
  log().draw({"pages 1/2"}, Screen::Repaint::changed);
  log_warning("odd");
  log().draw({"pages 1/2"}, Screen::Repaint::changed);
  const std::string drawn = "\r\x1b[K\r\npages 1/2\x1b[K\x1b[J\r\x1b[1A";
  EXPECT_EQ(close(), drawn + "\r\x1b[Jdoutu: warning: odd\n" + drawn + "\r\x1b[J");
}

TEST_F(CrawlLogTest, ManyWarningsCostOneFrame) {
  open(Verbosity::normal, CrawlLog::View::redrawn);
  log().draw({"pages 1/2"}, Screen::Repaint::changed);
  std::string lines;
  for (int i = 0; i < 500; ++i) {
    log_warning("odd {}", i);
    lines += fmt::format("doutu: warning: odd {}\n", i);
  }
  log().draw({"pages 1/2"}, Screen::Repaint::changed);
  log_warning("last");
  const std::string drawn = "\r\x1b[K\r\npages 1/2\x1b[K\x1b[J\r\x1b[1A";
  EXPECT_EQ(close(), drawn + "\r\x1b[J" + lines + drawn + "\r\x1b[Jdoutu: warning: last\n") << "in order, none lost";
}

TEST_F(CrawlLogTest, TooManyWarningsForAFrameAreCounted) {
  open(Verbosity::normal, CrawlLog::View::redrawn);
  log().draw({"pages 1/2"}, Screen::Repaint::changed);
  for (int i = 0; i < 33; ++i) log_warning("{}", std::string(1000, 'x'));
  const std::string shown = close();
  EXPECT_EQ(std::count(shown.begin(), shown.end(), '\n'), 1 + 32 + 1);
  EXPECT_THAT(shown, EndsWith("\ndoutu: ... and 1 more line, see crawl.log\n"));
}

TEST_F(CrawlLogTest, PlainProgressIsLinesAndNoneIsNone) {
  open();
  log().show_progress("pages 1/2");
  log().draw({"pages 1/2"}, Screen::Repaint::all);
  EXPECT_EQ(close(), "pages 1/2\n");
  open(Verbosity::normal, CrawlLog::View::none);
  log().show_progress("pages 1/2");
  EXPECT_EQ(close(), "");
}

TEST_F(CrawlLogTest, AHangupOfATerminalThatStderrIsNotChangesNothing) {
  open();
  log().leave_terminal();
  log_warning("odd");
  EXPECT_EQ(close(), "doutu: warning: odd\n");
}

TEST_F(CrawlLogTest, AppendsToWhatIsThere) {
  open();
  log_info("first");
  close();
  open();
  log_info("second");
  close();
  EXPECT_THAT(file(), HasSubstr("first\n"));
  EXPECT_THAT(file(), HasSubstr("second\n"));
}

TEST_F(CrawlLogTest, KeepsAtMostThreeFilesOfTenMegabytes) {
  open(Verbosity::quiet);
  const std::string line(4000, 'x');
  for (int i = 0; i < 11'000; ++i) log().write(LogLevel::info, line);
  close();
  std::uintmax_t bytes = 0;
  int files = 0;
  for (const auto& entry : std::filesystem::directory_iterator(std::filesystem::path(path()).parent_path())) {
    bytes += entry.file_size();
    ++files;
  }
  EXPECT_EQ(files, 3);
  EXPECT_LE(bytes, 3 * CrawlLog::kMaxFileBytes);
  EXPECT_GE(bytes, 2 * CrawlLog::kMaxFileBytes - 10'000);
}

TEST_F(CrawlLogTest, AFullDiskLosesLinesOnly) {
  CaptureStderr();
  {
    const auto opened = CrawlLog::open("/dev/full", Verbosity::quiet, CrawlLog::View::none);
    ASSERT_TRUE(opened) << opened.error().message;
    for (int i = 0; i < 1000; ++i) log_warning("{}", std::string(100, 'x'));
    log_error("still here");
  }
  EXPECT_EQ(GetCapturedStderr(), "doutu: error: still here\n");
}

TEST(CrawlLog, AFileThatCannotBeWrittenIsAnErrorThatNamesIt) {
  const auto opened = CrawlLog::open("/proc/no/such.log", Verbosity::normal, CrawlLog::View::none);
  ASSERT_FALSE(opened);
  EXPECT_THAT(opened.error().message, HasSubstr("/proc/no/such.log"));
}

TEST(CrawlLog, AfterItsEndLinesStillReachStderr) {
  const TemporaryFolder folder;
  CrawlLog::open(folder / "x.log", Verbosity::normal, CrawlLog::View::none).value().reset();
  CaptureStderr();
  log_error("late");
  EXPECT_EQ(GetCapturedStderr(), "doutu: error: late\n");
}

/// stderr on a terminal of 100 columns while it lives.
class TerminalOnStderr {
 public:
  TerminalOnStderr() {
    const winsize size{25, 100, 0, 0};
    std::array<int, 2> fds{-1, -1};
    EXPECT_EQ(::openpty(&fds[0], &fds[1], nullptr, nullptr, &size), 0);
    near_ = UniqueFd(fds[0]);
    far_ = UniqueFd(fds[1]);
    ::dup2(far_.get(), STDERR_FILENO);
  }
  TerminalOnStderr(const TerminalOnStderr&) = delete;
  TerminalOnStderr& operator=(const TerminalOnStderr&) = delete;
  ~TerminalOnStderr() { ::dup2(saved_.get(), STDERR_FILENO); }

 private:
  UniqueFd saved_{::dup(STDERR_FILENO)};
  UniqueFd near_;
  UniqueFd far_;
};

TEST(CrawlLog, RedrawsOnATerminalThatCan) {
  const TerminalOnStderr terminal;
  const TemporaryFolder folder;
  ::setenv("TERM", "xterm", 1);
  EXPECT_EQ(CrawlLog::view_for(ProgressMode::automatic), CrawlLog::View::redrawn);
  EXPECT_EQ(CrawlLog::view_for(ProgressMode::plain), CrawlLog::View::plain);
  EXPECT_EQ(CrawlLog::view_for(ProgressMode::none), CrawlLog::View::none);
  EXPECT_EQ(CrawlLog::view_for(ProgressMode::bar), CrawlLog::View::redrawn);
  const auto log = CrawlLog::open(folder / "x.log", Verbosity::normal, CrawlLog::View::redrawn);
  EXPECT_EQ((*log)->terminal_size().columns, 100U);
  ::unsetenv("TERM");
  EXPECT_EQ(CrawlLog::view_for(ProgressMode::automatic), CrawlLog::View::plain);
  EXPECT_EQ(CrawlLog::view_for(ProgressMode::bar), CrawlLog::View::redrawn);
  ::setenv("TERM", "dumb", 1);
  EXPECT_EQ(CrawlLog::view_for(ProgressMode::bar), CrawlLog::View::plain);
  EXPECT_EQ(CrawlLog::view_for(ProgressMode::automatic), CrawlLog::View::plain);
}

TEST(CrawlLog, WritesPlainLinesWhereTheTerminalCannotBeOpenedAgain) {
#if defined(__SANITIZE_ADDRESS__)
  GTEST_SKIP() << "the sanitizer needs descriptors of its own";
#endif
  const TerminalOnStderr terminal;
  const TemporaryFolder folder;
  const UniqueFd next(::dup(STDERR_FILENO));
  rlimit before{};
  ASSERT_EQ(::getrlimit(RLIMIT_NOFILE, &before), 0);
  const rlimit one_more{static_cast<rlim_t>(next.get()) + 2, before.rlim_max};  // the file; none for the terminal
  ASSERT_EQ(::setrlimit(RLIMIT_NOFILE, &one_more), 0);
  const auto log = CrawlLog::open(folder / "x.log", Verbosity::normal, CrawlLog::View::redrawn);
  ::setrlimit(RLIMIT_NOFILE, &before);
  ASSERT_TRUE(log) << log.error().message;
  EXPECT_EQ((*log)->view(), CrawlLog::View::plain);
}

TEST(CrawlLog, ColorsOnATerminalUnlessRefused) {
  const TerminalOnStderr terminal;
  ::unsetenv("NO_COLOR");
  ::setenv("TERM", "xterm", 1);
  EXPECT_EQ(CrawlLog::color_for(ColorMode::automatic), Color::yes);
  EXPECT_EQ(CrawlLog::color_for(ColorMode::never), Color::no);
  ::setenv("NO_COLOR", "", 1);
  EXPECT_EQ(CrawlLog::color_for(ColorMode::automatic), Color::yes) << "an empty one does not count";
  ::setenv("NO_COLOR", "1", 1);
  EXPECT_EQ(CrawlLog::color_for(ColorMode::automatic), Color::no);
  EXPECT_EQ(CrawlLog::color_for(ColorMode::always), Color::yes);
  ::unsetenv("NO_COLOR");
  ::setenv("TERM", "dumb", 1);
  EXPECT_EQ(CrawlLog::color_for(ColorMode::automatic), Color::no);
}

TEST(CrawlLog, DoesNotRedrawInAFile) {
  CaptureStderr();
  EXPECT_EQ(CrawlLog::view_for(ProgressMode::automatic), CrawlLog::View::plain);
  GetCapturedStderr();
}

}  // namespace
}  // namespace doutu
