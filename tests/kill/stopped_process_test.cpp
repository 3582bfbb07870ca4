// SIGSTOP on each kind of process for longer than the heartbeat: a child that gives no sign of life is replaced, a
// parent that slept does not take its children for dead.

#include <gtest/gtest.h>
#include <signal.h>  // NOLINT(modernize-deprecated-headers): kill
#include <unistd.h>

#include <algorithm>
#include <memory>

#include "tests/site/crawl_folder.h"
#include "tests/site/crawl_run.h"
#include "tests/site/meme_site.h"
#include "tests/site/test_site.h"

namespace doutu {
namespace {

using std::chrono::milliseconds;

class StoppedProcess : public testing::Test {
 protected:
  StoppedProcess() {
    memes_ = make_meme_site(site_, {.pages = 4, .images_per_page = 50});
    site_.hold("/list/4");
    site_.delay_all(milliseconds(10));
    run_ = std::make_unique<CrawlRun>(std::vector<std::string>{
        "crawl", memes_.pages_template, "--pages", "1-4", "--xpath", std::string(kMemeXpath), "--directory",
        folder_.path(), "--progress", "none", "--retry-wait", "0.05", "--heartbeat", "1", "--fetchers", "2"});
    EXPECT_TRUE(site_.wait_for_under("/img/", 60));
    EXPECT_TRUE(site_.wait_for("/list/4"));
  }

  void expect_everything() {
    EXPECT_EQ(run_->wait().status, 0);
    EXPECT_EQ(folder_.images(), memes_.images);
    EXPECT_EQ(folder_.report().images, (ReportFile::Images{.found = 200, .saved = 200}));
    EXPECT_TRUE(strays_after(std::chrono::seconds(20)).empty());
    EXPECT_EQ(folder_.leftovers(), std::vector<std::string>());
  }

  [[nodiscard]] bool is_child(pid_t pid) const {
    const auto children = children_of(run_->pid());
    return std::any_of(children.begin(), children.end(), [pid](const auto& child) { return child.pid == pid; });
  }

  TestSite site_;
  TemporaryFolder temporary_;
  CrawlFolder folder_{temporary_ / "out"};
  MemeSite memes_;
  std::unique_ptr<CrawlRun> run_;
};

TEST_F(StoppedProcess, EveryFetcherIsReplaced) {
  const std::vector<pid_t> fetchers = run_->children("doutu-fetcher");
  ASSERT_FALSE(fetchers.empty());
  for (const pid_t fetcher : fetchers) kill(fetcher, SIGSTOP);
  for (const pid_t fetcher : fetchers) EXPECT_TRUE(eventually([&] { return !is_child(fetcher); }));
  site_.release("/list/4");
  expect_everything();
}

TEST_F(StoppedProcess, TheDownloaderIsReplaced) {
  const pid_t downloader = run_->child("doutu-downloader");
  kill(downloader, SIGSTOP);
  EXPECT_TRUE(eventually([&] { return !is_child(downloader); }));
  site_.release("/list/4");
  expect_everything();
}

TEST_F(StoppedProcess, TheParentGoesOnAfterwards) {
  const pid_t downloader = run_->child("doutu-downloader");
  run_->signal(SIGSTOP);
  EXPECT_FALSE(eventually([&] { return !run_->running(); }, milliseconds(2500)));
  run_->signal(SIGCONT);
  EXPECT_TRUE(is_child(downloader));
  site_.release("/list/4");
  expect_everything();
}

}  // namespace
}  // namespace doutu
