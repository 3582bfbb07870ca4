#include "shared/process/child_process.h"

#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <poll.h>
#include <sys/resource.h>
#include <unistd.h>

#include <array>
#include <csignal>
#include <cstdlib>

namespace doutu {
namespace {

struct Pipe {
  UniqueFd read_end, write_end;
};

Pipe make_pipe() {
  std::array<int, 2> ends{};
  EXPECT_EQ(::pipe2(ends.data(), O_CLOEXEC), 0);
  return {UniqueFd(ends[0]), UniqueFd(ends[1])};
}

Spawn shell(const std::string& command) { return {"/bin/sh", {"-c", command}, {}}; }

std::string all_of(int fd) {
  std::string text;
  std::array<char, 256> buffer{};
  for (ssize_t size = 0; (size = ::read(fd, buffer.data(), buffer.size())) > 0;) {
    text.append(buffer.data(), static_cast<std::size_t>(size));
  }
  return text;
}

/// What the command writes to descriptor 1.
std::string output_of(Spawn spawn) {
  Pipe pipe = make_pipe();
  spawn.fds.emplace_back(pipe.write_end.get(), STDOUT_FILENO);
  auto child = ChildProcess::start(spawn);
  EXPECT_TRUE(child.ok());
  pipe.write_end.reset();
  std::string text = all_of(pipe.read_end.get());
  child->wait();
  return text;
}

TEST(ChildProcess, TellsHowItEnded) {
  auto exited = ChildProcess::start(shell("exit 7"));
  ASSERT_TRUE(exited.ok());
  EXPECT_EQ(exited->wait().status, 7);
  auto killed = ChildProcess::start(shell("kill -SEGV $$"));
  ASSERT_TRUE(killed.ok());
  const Exit exit = killed->wait();
  EXPECT_EQ(exit.signal, SIGSEGV);
  EXPECT_TRUE(exit.is_crash());
  EXPECT_NE(exit.to_text().find("signal 11"), std::string::npos);
}

TEST(ChildProcess, SaysWhatItMeansToDieOfItsSandbox) {
  const Exit exit{.status = 0, .signal = SIGSYS};
  EXPECT_TRUE(exit.is_crash());
  EXPECT_NE(exit.to_text().find("sandbox"), std::string::npos);
}

TEST(ChildProcess, EndsWhenItsProcessorTimeIsUsedUp) {
  auto child = ChildProcess::start(shell("while :; do :; done"));
  ASSERT_TRUE(child.ok());
  child->allow_processor_time(seconds(0));  // what is left of the second that it is in, and one
  EXPECT_EQ(child->wait().signal, SIGXCPU);
}

TEST(ChildProcess, CannotBeReapedWhileItRuns) {
  Pipe pipe = make_pipe();
  Spawn spawn = shell("read line");
  spawn.fds = {{pipe.read_end.get(), STDIN_FILENO}};
  auto child = ChildProcess::start(spawn);
  ASSERT_TRUE(child.ok());
  EXPECT_EQ(child->reap(), std::nullopt);
  pipe.write_end.reset();
  EXPECT_EQ(child->wait().signal, 0);
}

TEST(ChildProcess, MakesItsPidfdReadableAtItsEnd) {
  auto child = ChildProcess::start(shell("exit 0"));
  ASSERT_TRUE(child.ok());
  pollfd waiting{child->pidfd(), POLLIN, 0};
  ASSERT_EQ(::poll(&waiting, 1, 30'000), 1);
  ASSERT_TRUE(child->reap().has_value());
  child->signal(SIGKILL);  // does nothing any more
  EXPECT_EQ(child->reap()->status, 0);
}

TEST(ChildProcess, IsKilledAndReapedWithItsOwner) {
  pid_t pid = 0;
  {
    auto child = ChildProcess::start(shell("while :; do sleep 1; done"));
    ASSERT_TRUE(child.ok());
    pid = child->pid();
  }
  EXPECT_NE(::kill(pid, 0), 0);
  EXPECT_EQ(errno, ESRCH);
}

TEST(ChildProcess, LivesInAProcessGroupOfItsOwn) {
  auto child = ChildProcess::start(shell("while :; do sleep 1; done"));
  ASSERT_TRUE(child.ok());
  EXPECT_EQ(::getpgid(child->pid()), child->pid());
}

TEST(ChildProcess, FindsPromisedDescriptorsEvenWhenTheirNumbersCross) {
  // Each number is the source of the other.
  Pipe first = make_pipe();
  Pipe second = make_pipe();
  const int a = first.write_end.get();
  const int b = second.write_end.get();
  ASSERT_LT(std::max(a, b), 10) << "sh knows descriptors of one digit";
  Spawn spawn = shell("echo one >&" + std::to_string(b) + "; echo two >&" + std::to_string(a));
  spawn.fds = {{a, b}, {b, a}};
  auto child = ChildProcess::start(spawn);
  ASSERT_TRUE(child.ok());
  first.write_end.reset();
  second.write_end.reset();
  EXPECT_EQ(all_of(first.read_end.get()), "one\n");
  EXPECT_EQ(all_of(second.read_end.get()), "two\n");
  child->wait();
}

/// Of a shell, whose `ls` finds its own descriptors: beside the passed ones the folder that it reads.
constexpr const char* kListDescriptors = "ls /proc/self/fd | tr '\\n' ' '";

TEST(ChildProcess, FindsNothingOpenThatItWasNotPromised) {
  const UniqueFd low(::open("/dev/null", O_RDONLY));  // NOLINT(android-cloexec-open): as a shell's `3</dev/null`
  const UniqueFd high(::fcntl(low.get(), F_DUPFD, 100));
  ASSERT_TRUE(high.valid());
  EXPECT_EQ(output_of(shell(kListDescriptors)), "0 1 2 3 ");
}

TEST(ChildProcess, FindsNothingOpenBetweenWhatItWasPromised) {
  const UniqueFd low(::open("/dev/null", O_RDONLY));  // NOLINT(android-cloexec-open)
  std::vector<UniqueFd> below;
  for (int i = 0; i < 8; ++i) below.emplace_back(::dup(low.get()));
  Spawn spawn = shell(kListDescriptors);
  spawn.fds = {{low.get(), 7}};
  EXPECT_EQ(output_of(std::move(spawn)), "0 1 2 3 7 ");
}

TEST(ChildProcess, HasNoVariableOfThisProcessThatItsLibrariesDoNotWant) {
  ::setenv("GITHUB_TOKEN", "secret", 1);
  ::setenv("RES_OPTIONS", "timeout:1", 1);
  const std::string environment = output_of({"/usr/bin/env", {}, {}});
  ::unsetenv("GITHUB_TOKEN");
  ::unsetenv("RES_OPTIONS");
  EXPECT_THAT(environment, testing::HasSubstr("RES_OPTIONS=timeout:1\n"));
  EXPECT_THAT(environment, testing::Not(testing::HasSubstr("TOKEN")));
  EXPECT_THAT(environment, testing::Not(testing::HasSubstr("HOME=")));
}

TEST(ChildProcess, CanBeStartedWithFewDescriptorsLeft) {
  const UniqueFd next(::open("/dev/null", O_RDONLY | O_CLOEXEC));
  rlimit before{};
  ASSERT_EQ(::getrlimit(RLIMIT_NOFILE, &before), 0);
  const rlimit low{static_cast<rlim_t>(next.get()) + 10, before.rlim_max};
  ASSERT_EQ(::setrlimit(RLIMIT_NOFILE, &low), 0);
  EXPECT_EQ(output_of(shell("echo started")), "started\n");
  EXPECT_EQ(::setrlimit(RLIMIT_NOFILE, &before), 0);
}

TEST(ChildProcess, StartsWithNoSignalIgnoredOrBlocked) {
  const auto old = std::signal(SIGINT, SIG_IGN);
  sigset_t set;
  sigset_t before;
  sigemptyset(&set);
  sigaddset(&set, SIGTERM);
  ASSERT_EQ(::sigprocmask(SIG_BLOCK, &set, &before), 0);
  const std::string masks = output_of(shell("grep -hE '^Sig(Blk|Ign)' /proc/self/status"));
  ::sigprocmask(SIG_SETMASK, &before, nullptr);
  std::signal(SIGINT, old);
  // The last eight digits: signals 1 to 31, and 32, which belongs to the C library.
  EXPECT_THAT(masks, testing::MatchesRegex("SigBlk:.[0-9a-f]{8}00000000.SigIgn:.[0-9a-f]{8}[08]0000000."));
}

TEST(ChildProcess, SaysWhichProgramItCannotStart) {
  const auto child = ChildProcess::start({"/no/such/program", {}, {}});
  ASSERT_FALSE(child.ok());
  EXPECT_NE(child.error().message.find("/no/such/program"), std::string::npos);
  EXPECT_EQ(child.error().code, ENOENT);
}

TEST(SiblingProgram, LiesBesideThisOne) { EXPECT_EQ(::access(companion_program("process_test").c_str(), X_OK), 0); }

}  // namespace
}  // namespace doutu
