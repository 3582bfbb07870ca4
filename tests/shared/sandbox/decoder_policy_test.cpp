// What the decoder cannot do once it is confined: each forbidden act in a process of its own.

#include <fcntl.h>
#include <gtest/gtest.h>
#include <poll.h>
#include <sched.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <csignal>
#include <cstdlib>
#include <ctime>
#include <fstream>

#include "shared/base/unique_fd.h"
#include "shared/sandbox/instrumented.h"
#include "tests/shared/sandbox/confined_child.h"
#include "tests/site/temporary_folder.h"

namespace doutu {
namespace {

class DecoderPolicy : public testing::Test {
 protected:
  void SetUp() override {
    if (kCounting) GTEST_SKIP() << "this build confines nobody";
    if (kSanitized) GTEST_SKIP() << "a sanitizer may more";
    std::ofstream(file_) << "secret";
  }

  [[nodiscard]] static Fate fate(const std::function<long()>& act) { return fate_of(decoder_policy(), act); }

  TemporaryFolder folder_;
  const std::string file_ = folder_ / "file";
};

TEST_F(DecoderPolicy, OpensNothing) {
  for (const int flags : {O_RDONLY, O_WRONLY, O_RDWR, O_PATH, O_WRONLY | O_CREAT}) {
    EXPECT_EQ(fate([&] { return ::open(file_.c_str(), flags, 0600); }), refused(ENOSYS)) << flags;
    EXPECT_EQ(fate([&] { return ::syscall(SYS_open, file_.c_str(), flags, 0600); }), refused(ENOSYS)) << flags;
  }
  EXPECT_EQ(fate([] { return ::open("/usr/lib", O_RDONLY | O_DIRECTORY); }), refused(ENOSYS));
  EXPECT_EQ(fate([] { return ::open("/proc/self/mem", O_RDONLY); }), refused(ENOSYS));
}

TEST_F(DecoderPolicy, SeesNoFile) {
  struct stat status {};
  std::array<char, 8> target{};
  EXPECT_EQ(fate([&] { return ::stat(file_.c_str(), &status); }), refused(ENOSYS));
  EXPECT_EQ(fate([&] { return ::access(file_.c_str(), F_OK); }), refused(ENOSYS));
  EXPECT_EQ(fate([&] { return ::readlink("/proc/self/exe", target.data(), target.size()); }), refused(ENOSYS));
}

TEST_F(DecoderPolicy, OpensNothingWhereOnlyLandlockHoldsIt) {
  EXPECT_EQ(fate_of(decoder_policy().files, [&] { return ::open(file_.c_str(), O_RDONLY); }), refused(EACCES));
  EXPECT_EQ(fate_of(decoder_policy().files, [] { return ::open("/etc/hosts", O_RDONLY); }), refused(EACCES));
}

TEST_F(DecoderPolicy, MakesNoSockets) {
  for (const int family : {AF_INET, AF_INET6, AF_UNIX, AF_NETLINK}) {
    for (const int type : {SOCK_STREAM, SOCK_DGRAM}) {
      EXPECT_EQ(fate([&] { return ::socket(family, type, 0); }), refused(ENOSYS)) << family;
    }
  }
  std::array<int, 2> pair{};
  EXPECT_EQ(fate([&] { return ::socketpair(AF_UNIX, SOCK_STREAM, 0, pair.data()); }), refused(ENOSYS));
  EXPECT_EQ(fate([&] { return ::pipe(pair.data()); }), refused(ENOSYS));
}

TEST_F(DecoderPolicy, StartsNothing) {
  EXPECT_EQ(fate([] { return ::fork(); }), refused(ENOSYS));
  const long thread = CLONE_VM | CLONE_FS | CLONE_FILES | CLONE_SIGHAND | CLONE_THREAD | CLONE_SYSVSEM;
  EXPECT_EQ(fate([&] { return ::syscall(SYS_clone, thread, 0, 0, 0, 0); }), refused(ENOSYS));
  EXPECT_EQ(fate([] { return ::execl("/bin/true", "true", nullptr); }), ended_by(SIGSYS));
}

TEST_F(DecoderPolicy, SignalsNobodyElse) {
  EXPECT_EQ(fate([] { return ::kill(::getppid(), 0); }), refused(ENOSYS));
  EXPECT_EQ(fate([]() -> long { std::abort(); }), ended_by(SIGABRT));
}

TEST_F(DecoderPolicy, SetsNoLimitButThatOfItsProcessorTime) {
  const rlimit limit{20, 20};
  EXPECT_EQ(fate([&] { return ::setrlimit(RLIMIT_CPU, &limit); }), kDone);
  EXPECT_EQ(fate([&] { return ::setrlimit(RLIMIT_DATA, &limit); }), refused(ENOSYS));
  EXPECT_EQ(fate([&] { return ::setrlimit(RLIMIT_NOFILE, &limit); }), refused(ENOSYS));
  EXPECT_EQ(fate([&] { return ::prlimit(::getppid(), RLIMIT_CPU, &limit, nullptr); }), refused(ENOSYS));
}

TEST_F(DecoderPolicy, ReadsAndAnswersWhatItWasHanded) {
  const UniqueFd image(::open(file_.c_str(), O_RDONLY | O_CLOEXEC));
  std::array<int, 2> pair{};
  ASSERT_EQ(::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair.data()), 0);
  const UniqueFd one(pair[0]);
  const UniqueFd other(pair[1]);
  std::array<char, 6> text{};
  EXPECT_EQ(fate([&] { return ::pread(image.get(), text.data(), text.size(), 0); }), kDone);
  EXPECT_EQ(fate([&] { return ::send(one.get(), "w", 1, MSG_NOSIGNAL); }), kDone);
  EXPECT_EQ(fate([&] { return ::write(STDERR_FILENO, "", 0); }), kDone);
}

TEST_F(DecoderPolicy, IsEndedByItsClocks) {
  timespec used{};
  EXPECT_EQ(fate([&] { return ::clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &used); }), kDone);
  EXPECT_EQ(fate([]() -> long {
              ::alarm(1);
              for (;;) ::poll(nullptr, 0, -1);
            }),
            ended_by(SIGALRM));
}

TEST_F(DecoderPolicy, TakesAGibibyteAtMost) {
  const auto map = [](std::size_t mebibytes) {
    return ::mmap(nullptr, mebibytes << 20U, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1,
                  0) == MAP_FAILED
               ? -1
               : 0;
  };
  EXPECT_EQ(fate([&] { return map(960); }), kDone);
  EXPECT_EQ(fate([&] { return map(1030); }), refused(ENOMEM));
}

}  // namespace
}  // namespace doutu
