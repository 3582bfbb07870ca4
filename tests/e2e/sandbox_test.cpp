// The programs as they are confined, seen from outside.

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <linux/capability.h>
#include <signal.h>  // NOLINT(modernize-deprecated-headers): kill
#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

#include "shared/process/child_process.h"
#include "shared/sandbox/instrumented.h"
#include "shared/sandbox/kernel_support.h"
#include "tests/e2e/crawl_fixture.h"

namespace doutu {
namespace {

using testing::HasSubstr;
using testing::IsEmpty;

/// A line of /proc/PID/status.
std::string status_of(pid_t process, const std::string& name) {
  std::ifstream file("/proc/" + std::to_string(process) + "/status");
  for (std::string line; std::getline(file, line);) {
    if (line.starts_with(name + ":\t")) return line.substr(name.size() + 2);
  }
  return "";
}

std::uint64_t capabilities_of(pid_t process) {
  return std::stoull(status_of(process, "CapPrm"), nullptr, 16) |
         std::stoull(status_of(process, "CapEff"), nullptr, 16);
}
constexpr std::uint64_t kForTheFolder = 1U << CAP_DAC_OVERRIDE | 1U << CAP_FOWNER;

class SandboxTest : public CrawlTest {
 protected:
  void SetUp() override {
    list(1, {"/1.png"});
    list(2, {"/2.png"});
    image("/1.png", 1);
    image("/2.png", 2);
  }

  static void skip_where_it_is_missing() {
    if (kCounting) GTEST_SKIP() << "this build confines nobody";
    const auto missing = missing_protection(SandboxMode::require);
    if (missing) GTEST_SKIP() << *missing;
  }

  /// A crawl on a kernel that lacks "landlock" or "seccomp".
  [[nodiscard]] Ended crawl_without(const std::string& protection, const std::string& mode) const {
    std::vector<std::string> arguments = {protection, DOUTU_PROGRAM};
    for (const std::string& word : command("1-2", {"--sandbox", mode})) arguments.push_back(word);
    return CrawlRun(arguments, "", {}, companion_program("without-protection")).wait();
  }

  /// What a process finds open: where each descriptor leads.
  static std::vector<std::string> descriptors_of(pid_t process) {
    std::vector<std::string> leads_to;
    for (const auto& entry : std::filesystem::directory_iterator("/proc/" + std::to_string(process) + "/fd")) {
      std::error_code gone;
      leads_to.push_back(std::filesystem::read_symlink(entry.path(), gone).string());
    }
    return leads_to;
  }

  static std::size_t count_in(const std::string& text, const std::string& sought) {
    std::size_t count = 0;
    for (auto at = text.find(sought); at != std::string::npos; at = text.find(sought, at + 1)) ++count;
    return count;
  }

  void expect_everything(const Ended& ended) {
    EXPECT_EQ(ended.status, 0) << ended.err;
    EXPECT_EQ(folder_.images().size(), 2U);
  }
};

TEST_F(SandboxTest, HoldsBothChildrenWhileACrawlRuns) {
  skip_where_it_is_missing();
  if (IsSkipped()) return;
  site_.hold("/list/2");
  site_.hold("/1.png");
  const auto run = start("1-2", {"--sandbox", "require"});
  ASSERT_TRUE(site_.wait_for("/list/2"));
  ASSERT_TRUE(site_.wait_for("/1.png"));
  std::vector<pid_t> children = run->children("doutu-fetcher");
  for (const pid_t fetcher : children) {
    EXPECT_TRUE(eventually([&] { return capabilities_of(fetcher) == 0; }));
  }
  children.push_back(run->child("doutu-downloader"));
  EXPECT_GE(children.size(), 2U);
  for (const pid_t child : children) {
    EXPECT_TRUE(eventually([&] { return status_of(child, "Seccomp") == "2"; })) << "2: by a filter";
    EXPECT_EQ(status_of(child, "NoNewPrivs"), "1");
    EXPECT_EQ(capabilities_of(child) & ~kForTheFolder, 0U) << "also when root started it";
    EXPECT_EQ(std::stoi(status_of(child, "Seccomp_filters")), std::stoi(status_of(run->pid(), "Seccomp_filters")) + 1);
  }
  site_.release("/list/2");
  site_.release("/1.png");
  expect_everything(run->wait());
}

TEST_F(SandboxTest, HoldsNobodyWhenItIsOff) {
  site_.hold("/list/1");
  const auto run = start("1-2", {"--sandbox", "off"});
  ASSERT_TRUE(site_.wait_for("/list/1"));
  EXPECT_EQ(status_of(run->child("doutu-fetcher"), "NoNewPrivs"), "0");
  site_.release("/list/1");
  expect_everything(run->wait());
}

TEST_F(SandboxTest, DoesWithoutWhatTheKernelLacksAndSaysSoOnce) {
  for (const std::string protection : {"landlock", "seccomp"}) {
    SCOPED_TRACE(protection);
    const Ended ended = crawl_without(protection, "auto");
    expect_everything(ended);
    EXPECT_EQ(count_in(ended.err, "sandbox: this kernel lacks"), 1U) << ended.err;
    std::filesystem::remove_all(folder_.path());
  }
}

TEST_F(SandboxTest, StartsNothingWhenItIsRequiredAndTheKernelLacksIt) {
  for (const std::string protection : {"landlock", "seccomp"}) {
    SCOPED_TRACE(protection);
    const Ended ended = crawl_without(protection, "require");
    EXPECT_EQ(ended.status, 1);
    EXPECT_THAT(ended.err, HasSubstr("sandbox: this kernel lacks"));
    EXPECT_THAT(site_.log(), IsEmpty());
    EXPECT_FALSE(std::filesystem::exists(folder_.path()));
  }
}

/// Nothing here asks for one.
constexpr const char* kCertificates = "-----BEGIN CERTIFICATE-----\n";

TEST_F(SandboxTest, GivesWayToAnotherFetcherWhenAFileItMayReadIsReplaced) {
  skip_where_it_is_missing();
  if (IsSkipped()) return;
  const std::string certificates = temporary_ / "ca.pem";
  write_file(certificates, kCertificates);
  site_.hold("/list/1");
  const auto run = start("1-2", {"--cacert", certificates, "--fetchers", "1"});
  ASSERT_TRUE(site_.wait_for("/list/1"));
  write_file(certificates + ".new", kCertificates);
  std::filesystem::rename(certificates + ".new", certificates);
  site_.release("/list/1");
  expect_everything(run->wait());
  EXPECT_THAT(read_file(folder_.state("crawl.log")), HasSubstr("system files were replaced"));
  EXPECT_EQ(site_.count("/list/1"), 1U) << "the page was done";
}

TEST_F(SandboxTest, GivesWayToAnotherDownloaderWhenAFileItMayReadIsReplaced) {
  skip_where_it_is_missing();
  if (IsSkipped()) return;
  const std::string certificates = temporary_ / "ca.pem";
  write_file(certificates, kCertificates);
  site_.hold("/1.png");
  site_.hold("/list/2");
  const auto run = start("1-2", {"--cacert", certificates, "--fetchers", "1"});
  ASSERT_TRUE(site_.wait_for("/1.png"));
  const pid_t first = run->child("doutu-downloader");
  write_file(certificates + ".new", kCertificates);
  std::filesystem::rename(certificates + ".new", certificates);
  const auto gives_way = [&] {
    return read_file(folder_.state("crawl.log")).find("a new downloader reads") != std::string::npos;
  };
  EXPECT_TRUE(eventually(gives_way)) << run->err();
  site_.release("/1.png");
  EXPECT_TRUE(eventually([&] {
    const auto now = run->children("doutu-downloader");
    return !now.empty() && now.front() != first;
  })) << run->err();
  site_.release("/list/2");
  expect_everything(run->wait());
  EXPECT_EQ(site_.count("/1.png"), 1U) << "what was in hand was finished";
}

TEST_F(SandboxTest, LetsRootCrawlIntoAFolderOfAnotherUser) {
  skip_where_it_is_missing();
  if (IsSkipped()) return;
  if (::geteuid() != 0) GTEST_SKIP() << "only root may";
  constexpr uid_t kNobody = 65534;
  std::filesystem::create_directory(folder_.path());
  ASSERT_EQ(::chown(folder_.path().c_str(), kNobody, kNobody), 0);
  ASSERT_EQ(::chmod(folder_.path().c_str(), 0700), 0);
  list(2, {"/2.png", "/again.png"});
  image("/again.png", 1);  // a link
  const Ended ended = crawl("1-2", {"--sandbox", "require"});
  EXPECT_EQ(ended.status, 0) << ended.err;
  EXPECT_EQ(folder_.images().size(), 3U);
}

/// Who could not go on with the crawl otherwise: a confined downloader gives nothing away.
TEST_F(SandboxTest, LeavesWhatRootMadeToTheFoldersOwnerAlsoWhenItIsKilled) {
  if (::geteuid() != 0) GTEST_SKIP() << "only root may";
  constexpr uid_t kNobody = 65534;
  std::filesystem::create_directories(folder_.state(""));
  ASSERT_EQ(::chown(folder_.state("").c_str(), kNobody, kNobody), 0);
  site_.hold("/list/2");
  const auto run = start("1-2");
  ASSERT_TRUE(site_.wait_for("/list/2"));
  ASSERT_TRUE(eventually([&] { return !folder_.images().empty(); })) << run->err();
  run->signal(SIGSTOP);  // Or it starts another downloader, which ends in order.
  ::kill(run->child("doutu-downloader"), SIGKILL);
  run->signal(SIGKILL);
  run->wait();
  site_.release("/list/2");
  ASSERT_TRUE(strays_after(std::chrono::seconds(20)).empty());
  ASSERT_TRUE(std::filesystem::exists(folder_.state("ledger.sqlite-wal"))) << "or this test tests little";
  for (const auto& entry : std::filesystem::directory_iterator(folder_.state(""))) {
    struct stat status {};
    ASSERT_EQ(::lstat(entry.path().c_str(), &status), 0);
    EXPECT_EQ(status.st_uid, kNobody) << entry.path();
  }
  EXPECT_EQ(crawl("1-2").status, 0);
}

// --- What its children have of the parent.

TEST_F(SandboxTest, GivesChildrenNothingOfTheUsersSession) {
  if (::geteuid() != 0) GTEST_SKIP() << "only root sees what a process has that no debugger may look at";
  site_.hold("/list/2");
  site_.hold("/1.png");
  std::vector<std::string> arguments = {"-c", "exec \"$0\" \"$@\" 5</etc/hosts 77</etc/hosts", DOUTU_PROGRAM};
  for (const std::string& word : command("1-2")) arguments.push_back(word);
  CrawlRun run(arguments, "", {{"GITHUB_TOKEN", "secret-of-the-session"}, {"RES_OPTIONS", "attempts:1"}}, "/bin/bash");
  ASSERT_TRUE(site_.wait_for("/list/2"));
  ASSERT_TRUE(site_.wait_for("/1.png"));
  // What replaces the first ones is started when the parent has all its files open.
  const pid_t first = run.child("doutu-downloader");
  ::kill(first, SIGKILL);
  ASSERT_TRUE(eventually([&] {
    const auto now = run.children("doutu-downloader");
    return !now.empty() && now.front() != first && status_of(now.front(), "Threads") > "1";
  })) << run.err();
  std::vector<pid_t> children = run.children("doutu-fetcher");
  children.push_back(run.child("doutu-downloader"));
  EXPECT_GE(children.size(), 2U);
  for (const pid_t child : children) {
    const std::string environment = read_file("/proc/" + std::to_string(child) + "/environ");
    EXPECT_THAT(environment, HasSubstr("RES_OPTIONS=attempts:1"));
    EXPECT_THAT(environment, testing::Not(HasSubstr("secret-of-the-session")));
    EXPECT_THAT(environment, testing::Not(HasSubstr("PATH=")));
    for (const std::string& open : descriptors_of(child)) {
      EXPECT_NE(open, "/etc/hosts");
      EXPECT_FALSE(open.ends_with("/crawl.log")) << open;
    }
  }
  site_.release("/list/2");
  site_.release("/1.png");
  expect_everything(run.wait());
}

TEST_F(SandboxTest, CallsAPageTooSlowThatUsesUpItsProcessorTime) {
  site_.hold("/list/1");
  const auto run = start("1", {"--fetchers", "1"});
  ASSERT_TRUE(site_.wait_for("/list/1"));
  ::kill(run->child("doutu-fetcher"), SIGXCPU);
  EXPECT_EQ(run->wait().status, 3);
  EXPECT_THAT(folder_.causes(), testing::ElementsAre(testing::Pair(site_.url("/list/1"), "page-too-slow")));
}

TEST_F(SandboxTest, HoldsTheFetcherOfAProbe) {
  skip_where_it_is_missing();
  if (IsSkipped()) return;
  const Ended ended = run_doutu({"probe", site_.url("/list/1"), "--sandbox", "require"});
  EXPECT_EQ(ended.status, 0) << ended.err;
  EXPECT_THAT(ended.out, HasSubstr("img"));
}

}  // namespace
}  // namespace doutu
