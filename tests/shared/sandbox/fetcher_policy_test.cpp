// What a page fetcher cannot do once it is confined: each forbidden act in a process of its own.

#include <arpa/inet.h>
#include <fcntl.h>
#include <gtest/gtest.h>
#include <iconv.h>
#include <netdb.h>
#include <netinet/in.h>
#include <sched.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <csignal>
#include <cstdint>
#include <cstdlib>
#include <fstream>
#include <thread>

#include "shared/base/unique_fd.h"
#include "shared/sandbox/instrumented.h"
#include "tests/shared/sandbox/confined_child.h"
#include "tests/site/temporary_folder.h"

namespace doutu {
namespace {

/// Another process of the user, as a sibling is: ended with the test.
class Sibling {
 public:
  Sibling() : pid_(::fork()) {
    while (pid_ == 0) ::pause();
  }
  Sibling(const Sibling&) = delete;
  Sibling& operator=(const Sibling&) = delete;
  ~Sibling() {
    ::kill(pid_, SIGKILL);
    ::waitpid(pid_, nullptr, 0);
  }
  [[nodiscard]] pid_t pid() const { return pid_; }
  [[nodiscard]] bool lives() const { return ::waitpid(pid_, nullptr, WNOHANG) == 0; }

 private:
  const pid_t pid_;
};

class FetcherPolicy : public testing::Test {
 protected:
  void SetUp() override {
    if (kCounting) GTEST_SKIP() << "this build confines nobody";
    std::ofstream(file_) << "secret";
  }

  [[nodiscard]] static Fate fate(const std::function<long()>& act) { return fate_of(fetcher_policy({}), act); }
  [[nodiscard]] std::string content() const {
    std::string text;
    std::ifstream(file_) >> text;
    return text;
  }

  TemporaryFolder folder_;
  const std::string file_ = folder_ / "file";
};

// --- Files.

TEST_F(FetcherPolicy, ReadsNoFileOfTheUser) {
  EXPECT_EQ(fate([&] { return ::open(file_.c_str(), O_RDONLY); }), refused(EACCES));
  EXPECT_EQ(fate([] { return ::open("/etc/passwd", O_RDONLY); }), refused(EACCES));
  EXPECT_EQ(fate([&] { return ::open(folder_.path().c_str(), O_RDONLY | O_DIRECTORY); }), refused(EACCES));
}

TEST_F(FetcherPolicy, ReadsNoPrivateKeysThatLieBesideTheCertificates) {
  EXPECT_NE(fate([] { return ::open("/etc/ssl/private", O_RDONLY | O_DIRECTORY); }), kDone);
}

TEST_F(FetcherPolicy, ReadsNothingOfOtherProcesses) {
  if (kSanitized) GTEST_SKIP() << "a sanitizer may";
  const std::string environment = "/proc/" + std::to_string(::getpid()) + "/environ";
  EXPECT_EQ(fate([&] { return ::open(environment.c_str(), O_RDONLY); }), refused(EACCES));
  EXPECT_EQ(fate([] { return ::open("/proc/self/mem", O_RDONLY); }), refused(EACCES));
}

TEST_F(FetcherPolicy, OpensNothingForWriting) {
  for (const int flags : {O_WRONLY, O_RDWR, O_RDONLY | O_TRUNC, O_WRONLY | O_APPEND}) {
    EXPECT_EQ(fate([&] { return ::open(file_.c_str(), flags); }), refused(ENOSYS)) << flags;
    EXPECT_EQ(fate([&] { return ::syscall(SYS_open, file_.c_str(), flags); }), refused(ENOSYS)) << flags;
  }
  EXPECT_EQ(content(), "secret");
}

TEST_F(FetcherPolicy, MakesNothing) {
  const std::string made = folder_ / "made";
  EXPECT_EQ(fate([&] { return ::open(made.c_str(), O_WRONLY | O_CREAT, 0600); }), refused(ENOSYS));
  EXPECT_EQ(fate([&] { return ::open(folder_.path().c_str(), O_TMPFILE | O_RDWR, 0600); }), refused(ENOSYS));
  EXPECT_EQ(fate([&] { return ::mkdir(made.c_str(), 0700); }), refused(ENOSYS));
  EXPECT_EQ(fate([&] { return ::symlink("/", made.c_str()); }), refused(ENOSYS));
  EXPECT_EQ(fate([&] { return ::link(file_.c_str(), made.c_str()); }), refused(ENOSYS));
  EXPECT_EQ(fate([&] { return ::mknod(made.c_str(), S_IFIFO | 0600, 0); }), refused(ENOSYS));
  EXPECT_EQ(fate([] { return ::memfd_create("code", 0); }), refused(ENOSYS));
}

TEST_F(FetcherPolicy, ChangesNothingThatIsThere) {
  EXPECT_EQ(fate([&] { return ::truncate(file_.c_str(), 0); }), refused(ENOSYS));
  EXPECT_EQ(fate([&] { return ::unlink(file_.c_str()); }), refused(ENOSYS));
  EXPECT_EQ(fate([&] { return ::rename(file_.c_str(), (folder_ / "other").c_str()); }), refused(ENOSYS));
  EXPECT_EQ(fate([&] { return ::chmod(file_.c_str(), 0777); }), refused(ENOSYS));
  EXPECT_EQ(fate([&] { return ::chown(file_.c_str(), 1, 1); }), refused(ENOSYS));
  EXPECT_EQ(content(), "secret");
}

TEST_F(FetcherPolicy, DiesOfWritingToAFileThatWasLeftOpen) {
  const UniqueFd open(::open(file_.c_str(), O_WRONLY | O_APPEND | O_CLOEXEC));
  EXPECT_EQ(fate([&] { return ::write(open.get(), "x", 1); }), ended_by(SIGXFSZ));
  EXPECT_EQ(content(), "secret");
}

TEST_F(FetcherPolicy, ReadsWhatTheUserNamed) {
  const Policy policy = fetcher_policy({file_});
  EXPECT_EQ(fate_of(policy, [&] { return ::open(file_.c_str(), O_RDONLY); }), kDone);
  EXPECT_EQ(fate_of(policy, [&] { return ::open(file_.c_str(), O_WRONLY); }), refused(ENOSYS));
}

// --- Programs.

TEST_F(FetcherPolicy, DiesOfExecuting) {
  const auto execute = [] { return ::execl("/bin/true", "true", nullptr); };
  EXPECT_EQ(fate(execute), ended_by(SIGSYS));
  EXPECT_EQ(fate([] { return ::syscall(SYS_execveat, AT_FDCWD, "/bin/true", nullptr, nullptr, 0); }), ended_by(SIGSYS));
}

TEST_F(FetcherPolicy, StartsNoProcess) {
  if (kSanitized) GTEST_SKIP() << "a sanitizer may";
  EXPECT_EQ(fate([] { return ::fork(); }), refused(ENOSYS));
  EXPECT_EQ(fate([] { return ::syscall(SYS_clone, CLONE_NEWUSER | SIGCHLD, 0, 0, 0, 0); }), refused(ENOSYS));
  const long thread = CLONE_VM | CLONE_SIGHAND | CLONE_THREAD;
  EXPECT_EQ(fate([&] { return ::syscall(SYS_clone, thread | CLONE_NEWNS, 0, 0, 0, 0); }), refused(ENOSYS));
}

TEST_F(FetcherPolicy, MakesNoNamespaces) {
  EXPECT_EQ(fate([] { return ::unshare(CLONE_NEWUSER); }), ended_by(SIGSYS));
  EXPECT_EQ(fate([] { return ::setns(0, 0); }), ended_by(SIGSYS));
  EXPECT_EQ(fate([] { return ::syscall(SYS_clone3, nullptr, 0); }), refused(ENOSYS));
}

TEST_F(FetcherPolicy, DiesOfCallsThatOnlyAttackersMake) {
  EXPECT_EQ(fate([] { return ::mount("none", "/", "tmpfs", 0, nullptr); }), ended_by(SIGSYS));
  for (const long call : {SYS_bpf, SYS_perf_event_open, SYS_userfaultfd, SYS_io_uring_setup, SYS_keyctl,
                          SYS_init_module, SYS_chroot, SYS_setuid, SYS_open_by_handle_at}) {
    EXPECT_EQ(fate([&] { return ::syscall(call, -1, -1, -1, -1, -1); }), ended_by(SIGSYS)) << call;
  }
}

// --- Other processes.

TEST_F(FetcherPolicy, DiesOfTracing) {
  if (kSanitized) GTEST_SKIP() << "a sanitizer may";
  const Sibling sibling;
  EXPECT_EQ(fate([&] { return ::ptrace(PTRACE_ATTACH, sibling.pid(), nullptr, nullptr); }), ended_by(SIGSYS));
  EXPECT_EQ(fate([&] { return ::syscall(SYS_process_vm_writev, sibling.pid(), nullptr, 0, nullptr, 0, 0); }),
            ended_by(SIGSYS));
}

TEST_F(FetcherPolicy, SignalsNobodyElse) {
  const Sibling sibling;
  EXPECT_EQ(fate([&] { return ::kill(sibling.pid(), SIGKILL); }), refused(ENOSYS));
  EXPECT_EQ(fate([] { return ::kill(::getppid(), SIGKILL); }), refused(ENOSYS));
  EXPECT_EQ(fate([&] { return ::syscall(SYS_tgkill, sibling.pid(), sibling.pid(), SIGKILL); }), refused(ENOSYS));
  EXPECT_EQ(fate([&] { return ::syscall(SYS_tkill, sibling.pid(), SIGKILL); }), refused(ENOSYS));
  EXPECT_EQ(fate([&] { return ::syscall(SYS_pidfd_open, sibling.pid(), 0); }), refused(ENOSYS));
  EXPECT_EQ(fate([&] { return ::sigqueue(sibling.pid(), SIGKILL, {}); }), refused(ENOSYS));
  EXPECT_TRUE(sibling.lives());
}

TEST_F(FetcherPolicy, LetsNoDescriptorSignalAnother) {
  const Sibling sibling;
  std::array<int, 2> pair{};
  ASSERT_EQ(::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair.data()), 0);
  const UniqueFd one(pair[0]);
  const UniqueFd other(pair[1]);
  EXPECT_EQ(fate([&] { return ::fcntl(one.get(), F_SETOWN, sibling.pid()); }), refused(ENOSYS));
}

TEST_F(FetcherPolicy, LeavesNoCore) {
  EXPECT_EQ(fate([] {
              rlimit core{};
              ::getrlimit(RLIMIT_CORE, &core);
              return core.rlim_max == 0 ? 0 : -1;
            }),
            kDone);
}

TEST_F(FetcherPolicy, CanBeReadByNoDebugger) {
  if (kSanitized) GTEST_SKIP() << "a sanitizer may";
  EXPECT_EQ(fate([] { return ::prctl(PR_SET_DUMPABLE, 1); }), refused(ENOSYS));
  EXPECT_EQ(fate([] { return ::prctl(PR_SET_PTRACER, PR_SET_PTRACER_ANY); }), refused(ENOSYS));
}

TEST_F(FetcherPolicy, StillEndsByItsOwnHand) {
  EXPECT_EQ(fate([]() -> long { std::abort(); }), ended_by(SIGABRT));
}

// --- The network.

TEST_F(FetcherPolicy, ListensNowhere) {
  const auto socket = [](int family, int type) { return ::socket(family, type, 0); };
  EXPECT_EQ(fate([&] { return ::listen(socket(AF_INET, SOCK_STREAM), 1); }), refused(ENOSYS));
  EXPECT_EQ(fate([&] {
              const sockaddr_in any{.sin_family = AF_INET, .sin_port = 0, .sin_addr = {INADDR_ANY}, .sin_zero = {}};
              return ::bind(socket(AF_INET, SOCK_STREAM), reinterpret_cast<const sockaddr*>(&any), sizeof any);
            }),
            refused(ENOSYS));
}

TEST_F(FetcherPolicy, HasNoSocketsButThoseOfTcpAndUdp) {
  EXPECT_EQ(fate([] { return ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0); }), kDone);
  EXPECT_EQ(fate([] { return ::socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0); }), kDone);
  for (const int family : {AF_UNIX, AF_NETLINK, AF_PACKET, AF_VSOCK, AF_ALG}) {
    EXPECT_EQ(fate([&] { return ::socket(family, SOCK_STREAM, 0); }), refused(ENOSYS)) << family;
  }
  EXPECT_EQ(fate([] { return ::socket(AF_INET, SOCK_RAW, IPPROTO_ICMP); }), refused(ENOSYS));
}

TEST_F(FetcherPolicy, HasNoPairOfSocketsThatCouldBePointedElsewhere) {
  std::array<int, 2> pair{};
  EXPECT_EQ(fate([&] { return ::socketpair(AF_UNIX, SOCK_STREAM, 0, pair.data()); }), kDone);
  EXPECT_EQ(fate([&] { return ::socketpair(AF_UNIX, SOCK_DGRAM, 0, pair.data()); }), refused(ENOSYS));
}

// --- What its work needs.

TEST_F(FetcherPolicy, ResolvesNames) {
  EXPECT_EQ(fate([] {
              addrinfo* found = nullptr;
              return ::getaddrinfo("localhost", "80", nullptr, &found) == 0 ? 0 : -1;
            }),
            kDone);
}

TEST_F(FetcherPolicy, AsksHowLongTheAnswerOfANameServerIs) {
  EXPECT_EQ(fate([] {
              int length = 0;
              return ::ioctl(::socket(AF_INET, SOCK_DGRAM, 0), FIONREAD, &length);
            }),
            kDone);
}

TEST_F(FetcherPolicy, LoadsCharacterSets) {
  for (const char* name : {"BIG5-HKSCS", "EUC-KR"}) {
    const auto load = [name] { return reinterpret_cast<std::intptr_t>(::iconv_open("UTF-32LE", name)) == -1 ? -1 : 0; };
    EXPECT_EQ(fate(load), kDone) << name;
  }
}

TEST_F(FetcherPolicy, ReadsCertificates) {
  constexpr const char* kBundle = "/etc/ssl/certs/ca-certificates.crt";
  if (::access(kBundle, R_OK) != 0) GTEST_SKIP() << "there is no " << kBundle;
  EXPECT_EQ(fate([] { return ::open(kBundle, O_RDONLY); }), kDone);
}

TEST_F(FetcherPolicy, StartsThreads) {
  EXPECT_EQ(fate([] {
              std::thread([] {}).join();
              return 0;
            }),
            kDone);
}

// --- A kernel whose Landlock is not there: the filter alone.

TEST_F(FetcherPolicy, OpensNothingForWritingWhereOnlyTheFilterHoldsIt) {
  Policy policy = fetcher_policy({});
  policy.files = {.readable = {}, .writable = {"/"}};
  EXPECT_EQ(fate_of(policy, [&] { return ::open(file_.c_str(), O_RDONLY); }), kDone);
  EXPECT_EQ(fate_of(policy, [&] { return ::open(file_.c_str(), O_WRONLY); }), refused(ENOSYS));
}

}  // namespace
}  // namespace doutu
