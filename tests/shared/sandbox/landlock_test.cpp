// Landlock without the filter of system calls, which forbids most of this a second time.

#include "shared/sandbox/landlock.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <fstream>

#include "shared/sandbox/kernel_support.h"
#include "tests/shared/sandbox/confined_child.h"
#include "tests/site/temporary_folder.h"

namespace doutu {
namespace {

class Landlock : public testing::Test {
 protected:
  void SetUp() override {
    if (landlock_version() < kOldestLandlock) GTEST_SKIP() << "this kernel's Landlock is " << landlock_version();
    std::ofstream(file_) << "text";
    rules_.readable = {file_, folder_ / "absent"};
  }

  TemporaryFolder folder_;
  const std::string file_ = folder_ / "file";
  FileRules rules_;
};

TEST_F(Landlock, GivesBackTheFileThatIsListedAndNoOther) {
  EXPECT_EQ(fate_of(rules_, [&] { return ::open(file_.c_str(), O_RDONLY); }), kDone);
  EXPECT_EQ(fate_of(rules_, [&] { return ::open(file_.c_str(), O_WRONLY); }), refused(EACCES));
  EXPECT_EQ(fate_of(rules_, [] { return ::open("/etc/passwd", O_RDONLY); }), refused(EACCES));
}

TEST_F(Landlock, LetsNothingBeExecuted) {
  rules_.readable = {"/"};
  rules_.writable = {"/"};
  EXPECT_EQ(fate_of(rules_, [] { return ::execl("/bin/true", "true", nullptr); }), refused(EACCES));
}

TEST_F(Landlock, LetsNothingBeTruncatedFromItsThirdVersionOn) {
  if (landlock_version() < 3) GTEST_SKIP() << "this kernel's Landlock is " << landlock_version();
  EXPECT_EQ(fate_of(rules_, [&] { return ::truncate(file_.c_str(), 0); }), refused(EACCES));
}

TEST_F(Landlock, LetsNoPortBeBoundFromItsFourthVersionOn) {
  if (landlock_version() < 4) GTEST_SKIP() << "this kernel's Landlock is " << landlock_version();
  const auto bind = [] {
    sockaddr_in any{};
    any.sin_family = AF_INET;
    return ::bind(::socket(AF_INET, SOCK_STREAM, 0), reinterpret_cast<const sockaddr*>(&any), sizeof any);
  };
  EXPECT_EQ(fate_of(rules_, bind), refused(EACCES));
}

TEST_F(Landlock, LetsNobodyElseBeSignalledFromItsSixthVersionOn) {
  if (landlock_version() < 6) GTEST_SKIP() << "this kernel's Landlock is " << landlock_version();
  EXPECT_EQ(fate_of(rules_, [] { return ::kill(::getppid(), SIGCONT); }), refused(EPERM));
  EXPECT_EQ(fate_of(rules_, [] { return ::kill(::getpid(), SIGCONT); }), kDone);
}

}  // namespace
}  // namespace doutu
