// What the downloader can and cannot do once it is confined: each act in a process of its own.

#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <netdb.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <csignal>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

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
    std::ofstream(named_) << "certificates";
  }

  [[nodiscard]] Fate fate(const std::function<long()>& act) const {
    return fate_of(downloader_policy(inside_, {named_}, 20), act);
  }
  [[nodiscard]] Fate fate_of_opening(const std::string& path, int flags) const {
    return fate([&] { return ::open(path.c_str(), flags, 0600); });
  }

  TemporaryFolder folder_;
  const std::string inside_ = folder_ / "inside";
  const std::string outside_ = folder_ / "outside";
  const std::string named_ = folder_ / "ca.pem";  ///< By the user.
};

/// A way to a descriptor of whoever opens it, which has it already.
bool is_a_descriptor(const std::string& name) {
  return name.starts_with("/dev/std") || name.starts_with("/dev/fd") || name.find("/fd/") != std::string::npos;
}

/// Everything of a few folders down to a depth.
std::vector<std::string> names_below(const std::vector<std::string>& folders, int depth) {
  std::vector<std::string> names = folders;
  for (const std::string& folder : folders) {
    using Options = std::filesystem::directory_options;
    std::error_code ignored;
    auto at = std::filesystem::recursive_directory_iterator(folder, Options::skip_permission_denied, ignored);
    for (; at != std::filesystem::recursive_directory_iterator(); at.increment(ignored)) {
      if (at.depth() >= depth) at.disable_recursion_pending();
      if (!is_a_descriptor(at->path().string())) names.push_back(at->path().string());
    }
  }
  return names;
}

bool is_below(const std::string& path, const std::vector<std::string>& folders) {
  return std::ranges::any_of(folders, [&path](const std::string& folder) {
    std::error_code error;
    const std::string real = std::filesystem::canonical(folder, error).string();
    return !error && (path == real || path.starts_with(real + "/"));
  });
}

/// Those that the act's process can open for reading, as it tells in a file that it finds open.
std::vector<std::string> opened_among(const Policy& policy, const std::vector<std::string>& names) {
  const TemporaryFolder folder;
  const UniqueFd told(::open((folder / "told").c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600));
  EXPECT_EQ(fate_of(policy,
                    [&] {
                      for (const std::string& name : names) {
                        const int fd = ::open(name.c_str(), O_RDONLY | O_NONBLOCK | O_NOCTTY);
                        if (fd < 0) continue;
                        ::close(fd);
                        if (::dprintf(told.get(), "%s\n", name.c_str()) < 0) return -1;
                      }
                      return 0;
                    }),
            kDone);
  std::vector<std::string> opened;
  std::ifstream lines(folder / "told");
  for (std::string line; std::getline(lines, line);) opened.push_back(line);
  return opened;
}

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

// --- What it reads.

TEST_F(DownloaderPolicy, ReadsItsFolderAndWhatTheUserNamed) {
  EXPECT_EQ(fate_of_opening(inside_, O_RDONLY | O_DIRECTORY), kDone);
  EXPECT_EQ(fate_of_opening(inside_ + "/file", O_RDONLY), kDone);
  EXPECT_EQ(fate_of_opening(named_, O_RDONLY), kDone);
}

TEST_F(DownloaderPolicy, ReadsNoOtherFileOfTheUser) {
  EXPECT_EQ(fate_of_opening(outside_, O_RDONLY), refused(EACCES));
  EXPECT_EQ(fate_of_opening(folder_.path(), O_RDONLY | O_DIRECTORY), refused(EACCES));
  EXPECT_EQ(fate_of_opening(inside_ + "/../outside", O_RDONLY), refused(EACCES));
  std::filesystem::create_symlink(outside_, inside_ + "/link");
  EXPECT_EQ(fate_of_opening(inside_ + "/link", O_RDONLY), refused(EACCES));
  EXPECT_EQ(fate_of_opening("/etc/passwd", O_RDONLY), refused(EACCES));
  EXPECT_EQ(fate_of_opening("/etc/shadow", O_RDONLY), refused(EACCES)) << "also when root started it";
}

TEST_F(DownloaderPolicy, StillSeesWhatIsThere) {
  struct stat status {};
  EXPECT_EQ(fate([&] { return ::stat(outside_.c_str(), &status); }), kDone);
}

TEST_F(DownloaderPolicy, ReadsNothingOfOtherProcesses) {
  if (kSanitized) GTEST_SKIP() << "a sanitizer may";
  for (const std::string& process : {std::to_string(::getpid()), std::string("self"), std::string("1")}) {
    for (const char* file : {"/environ", "/mem", "/maps", "/cmdline"}) {
      EXPECT_EQ(fate_of_opening("/proc/" + process + file, O_RDONLY), refused(EACCES)) << process << file;
    }
  }
}

TEST_F(DownloaderPolicy, OpensNothingOfThisMachineThatIsNotOnItsList) {
  const Policy policy = downloader_policy(inside_, {named_}, 20);
  const std::string parent = "/proc/" + std::to_string(::getpid());
  std::vector<std::string> names = names_below({"/", "/dev", "/etc", "/home", parent, "/root", "/run", "/var"}, 1);
  names.insert(names.end(), {"/root/.ssh/id_ed25519", outside_, inside_ + "/file", named_});
  ASSERT_GT(names.size(), 200U);
  std::vector<std::string> listed = policy.files.readable;
  listed.push_back(inside_);
  const std::vector<std::string> opened = opened_among(policy, names);
  EXPECT_THAT(opened, testing::IsSupersetOf({inside_ + "/file", named_, std::string("/etc/hosts")}));
  for (const std::string& name : opened) {
    std::error_code gone;  // Processes come and go, and their folders in /proc with them.
    const std::string real = std::filesystem::canonical(name, gone).string();
    EXPECT_TRUE(gone || is_below(real, listed)) << name;
  }
}

/// A folder that is open is a way to the files in it, whatever has become of its name.
TEST_F(DownloaderPolicy, OpensFilesOfItsFolderBesideAnOpenDescriptor) {
  const UniqueFd folder(::open(inside_.c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC));
  const std::string way = "/proc/self/fd/" + std::to_string(folder.get());
  EXPECT_EQ(fate_of_opening(way + "/file", O_RDWR), kDone);
  EXPECT_EQ(fate_of_opening(way + "/new", O_RDWR | O_CREAT), kDone);
  EXPECT_EQ(fate_of_opening(way + "/../outside", O_RDONLY), refused(EACCES));
}

TEST_F(DownloaderPolicy, ResolvesNamesAndReadsCertificates) {
  EXPECT_EQ(fate([] {
              addrinfo* found = nullptr;
              return ::getaddrinfo("localhost", "80", nullptr, &found) == 0 ? 0 : -1;
            }),
            kDone);
  constexpr const char* kBundle = "/etc/ssl/certs/ca-certificates.crt";
  if (::access(kBundle, R_OK) != 0) GTEST_SKIP() << "there is no " << kBundle;
  EXPECT_EQ(fate_of_opening(kBundle, O_RDONLY), kDone);
}

TEST_F(DownloaderPolicy, WorksInTheFolderOfAnotherUserWhenRootStartedIt) {
  if (::geteuid() != 0) GTEST_SKIP() << "only root may";
  constexpr uid_t kNobody = 65534;
  ASSERT_EQ(::chown(inside_.c_str(), kNobody, kNobody), 0);
  ASSERT_EQ(::chmod(inside_.c_str(), S_ISVTX | 0700), 0);  // where only owners rename and delete
  ASSERT_EQ(::chown((inside_ + "/file").c_str(), kNobody, kNobody), 0);
  ASSERT_EQ(::chmod((inside_ + "/file").c_str(), 0600), 0);
  EXPECT_EQ(fate_of_opening(inside_ + "/file", O_RDWR), kDone);
  EXPECT_EQ(fate_of_opening(inside_ + "/new", O_WRONLY | O_CREAT), kDone);
  EXPECT_EQ(fate([&] { return ::link((inside_ + "/file").c_str(), (inside_ + "/linked").c_str()); }), kDone);
  EXPECT_EQ(fate([&] { return ::rename((inside_ + "/file").c_str(), (inside_ + "/named").c_str()); }), kDone);
  EXPECT_EQ(fate([&] { return ::unlink((inside_ + "/linked").c_str()); }), kDone);
}

// --- What else it does not.

TEST_F(DownloaderPolicy, ChangesNoAttributesOfWhatIsNotItsOwn) {
  EXPECT_EQ(fate([&] { return ::truncate(outside_.c_str(), 0); }), refused(ENOSYS));
  EXPECT_EQ(fate([&] { return ::chmod(outside_.c_str(), 0777); }), refused(ENOSYS));
  const UniqueFd open(::open(outside_.c_str(), O_RDONLY | O_CLOEXEC));
  EXPECT_EQ(fate([&] { return ::fchmod(open.get(), 0777); }), refused(ENOSYS));
  EXPECT_EQ(fate([&] { return ::fchown(open.get(), 1, 1); }), refused(ENOSYS));
  EXPECT_EQ(fate([&] { return ::utimensat(AT_FDCWD, outside_.c_str(), nullptr, 0); }), refused(ENOSYS));
}

TEST_F(DownloaderPolicy, SetsTheTimeOfAFileThatItHasOpen) {
  EXPECT_EQ(fate([&] {
              const UniqueFd open(::open((inside_ + "/file").c_str(), O_WRONLY | O_CLOEXEC));
              return ::futimens(open.get(), nullptr);
            }),
            kDone);
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
