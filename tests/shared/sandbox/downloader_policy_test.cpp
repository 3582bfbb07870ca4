// What the downloader can and cannot do once it is confined: each act in a process of its own.

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <filesystem>
#include <fstream>

#include "shared/base/unique_fd.h"
#include "shared/sandbox/instrumented.h"
#include "tests/shared/sandbox/confined_child.h"
#include "tests/site/temporary_folder.h"

namespace doutu {
namespace {

class DownloaderPolicy : public testing::Test {
 protected:
  void SetUp() override {
    if (kCounting) GTEST_SKIP() << "this build confines nobody";
    std::filesystem::create_directories(inside_ + "/deep");
    std::ofstream(inside_ + "/file") << "image";
    std::ofstream(outside_) << "secret";
  }

  [[nodiscard]] Fate fate(const std::function<long()>& act) const {
    return fate_of(downloader_policy(inside_, 20), act);
  }
  [[nodiscard]] Fate fate_of_opening(const std::string& path, int flags) const {
    return fate([&] { return ::open(path.c_str(), flags, 0600); });
  }

  TemporaryFolder folder_;
  const std::string inside_ = folder_ / "inside";
  const std::string outside_ = folder_ / "outside";
};

TEST_F(DownloaderPolicy, WritesInItsFolderAndBelow) {
  EXPECT_EQ(fate_of_opening(inside_ + "/new", O_WRONLY | O_CREAT), kDone);
  EXPECT_EQ(fate_of_opening(inside_ + "/deep/new", O_RDWR | O_CREAT | O_TRUNC), kDone);
  EXPECT_EQ(fate([&] { return ::mkdir((inside_ + "/made").c_str(), 0700); }), kDone);
  EXPECT_EQ(fate([&] { return ::rename((inside_ + "/deep/new").c_str(), (inside_ + "/named").c_str()); }), kDone);
  EXPECT_EQ(fate([&] { return ::link((inside_ + "/named").c_str(), (inside_ + "/deep/linked").c_str()); }), kDone);
  EXPECT_EQ(fate([&] { return ::unlink((inside_ + "/deep/linked").c_str()); }), kDone);
}

TEST_F(DownloaderPolicy, AsksForWhatTheDiskHas) {
  const UniqueFd open(::open((inside_ + "/file").c_str(), O_RDONLY | O_CLOEXEC));
  EXPECT_EQ(fate([&] { return ::posix_fadvise(open.get(), 0, 0, POSIX_FADV_DONTNEED) == 0 ? 0 : -1; }), kDone);
}

TEST_F(DownloaderPolicy, WritesNowhereElse) {
  EXPECT_EQ(fate_of_opening(outside_, O_WRONLY), refused(EACCES));
  EXPECT_EQ(fate_of_opening(outside_, O_RDONLY | O_TRUNC), refused(EACCES));
  EXPECT_EQ(fate_of_opening(folder_ / "new", O_WRONLY | O_CREAT), refused(EACCES));
  EXPECT_EQ(fate([&] { return ::mkdir((folder_ / "made").c_str(), 0700); }), refused(EACCES));
  EXPECT_EQ(fate([&] { return ::unlink(outside_.c_str()); }), refused(EACCES));
  EXPECT_EQ(fate([&] { return ::rename(outside_.c_str(), (inside_ + "/taken").c_str()); }), refused(EACCES));
  EXPECT_EQ(fate([&] { return ::link(outside_.c_str(), (inside_ + "/taken").c_str()); }), refused(EXDEV));
  EXPECT_EQ(fate([&] { return ::rename((inside_ + "/file").c_str(), (folder_ / "out").c_str()); }), refused(EACCES));
}

TEST_F(DownloaderPolicy, ChangesNoAttributesOfWhatItMayRead) {
  EXPECT_EQ(fate([&] { return ::truncate(outside_.c_str(), 0); }), refused(ENOSYS));
  EXPECT_EQ(fate([&] { return ::chmod(outside_.c_str(), 0777); }), refused(ENOSYS));
  const UniqueFd open(::open(outside_.c_str(), O_RDONLY | O_CLOEXEC));
  EXPECT_EQ(fate([&] { return ::fchmod(open.get(), 0777); }), refused(ENOSYS));
  EXPECT_EQ(fate([&] { return ::fchown(open.get(), 1, 1); }), refused(ENOSYS));
}

TEST_F(DownloaderPolicy, LeavesNoTrapsInItsFolder) {
  EXPECT_EQ(fate([&] { return ::symlink("/", (inside_ + "/root").c_str()); }), refused(ENOSYS));
  EXPECT_EQ(fate([&] { return ::mknod((inside_ + "/pipe").c_str(), S_IFIFO | 0600, 0); }), refused(ENOSYS));
}

TEST_F(DownloaderPolicy, ExecutesNothing) {
  EXPECT_EQ(fate([] { return ::execl("/bin/true", "true", nullptr); }), ended_by(SIGSYS));
}

TEST_F(DownloaderPolicy, StartsNoProcess) {
  if (kSanitized) GTEST_SKIP() << "a sanitizer may";
  EXPECT_EQ(fate([] { return ::fork(); }), refused(ENOSYS));
}

TEST_F(DownloaderPolicy, SignalsNobodyAndListensNowhere) {
  EXPECT_EQ(fate([] { return ::kill(::getppid(), SIGKILL); }), refused(ENOSYS));
  EXPECT_EQ(fate([] { return ::listen(::socket(AF_INET, SOCK_STREAM, 0), 1); }), refused(ENOSYS));
}

}  // namespace
}  // namespace doutu
