// The same request every night over images that are known by then: the ledger keeps the pages of the last nights, and
// does not grow otherwise. DOUTU_LONG_TESTS=1 takes as many images as a large site has.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <iostream>
#include <string>
#include <vector>

#include "tests/downloader/ledger/ledger_scene.h"
#include "tests/site/quick_folder.h"

namespace doutu {
namespace {

constexpr std::int64_t kOfPage = 68;
constexpr std::int64_t kJobs = 30;

std::int64_t pages() {
  const char* text = std::getenv("DOUTU_LONG_TESTS");
  return text != nullptr && std::string(text) != "0" ? 1471 : 147;  // 100,028 images, 9,996
}

class NightlyJobs : public ::testing::Test {
 protected:
  /// A crawl of all pages, in a process of its own. Images that are new are saved.
  void night(std::int64_t job) {
    scene_.open();
    scene_.job(job);
    for (std::int64_t page = 1; page <= pages(); ++page) {
      std::vector<std::string> urls;
      for (std::int64_t i = 0; i < kOfPage; ++i)
        urls.push_back(fmt::format("http://i/uploads/2019/03/04/{:05}-{:02}.gif", page, i));
      must(scene_.writer().begin());
      PageRecord record = scene_.begin_page(static_cast<std::uint64_t>(page));
      const auto tasks = scene_.hits(record, urls);
      record.state = PageState::done;
      must(scene_.writer().pages().save(record));
      save(tasks);
      must(scene_.writer().commit());
    }
    must(scene_.writer().syncs().save_durable(scene_.writer().syncs().begin_epoch() - 1));
    must(scene_.writer().jobs().settle());
    scene_.expect_balance();
    EXPECT_EQ(scene_.counters().known, job == 1 ? 0 : static_cast<std::uint64_t>(pages() * kOfPage));
    scene_.close();
  }
  void save(const std::vector<ImageTask>& tasks) {
    for (const ImageTask& task : tasks) {
      ImageOutcome outcome = ImageOutcome::of(task);
      outcome.attempts = 1;
      outcome.facts = {.type = "gif", .width = 40, .height = 30, .frames = 1};
      outcome.content = content_of(task.url);
      const auto place = must(scene_.writer().contents().place_of(outcome.content, LedgerScene::alike_is_same()));
      must(scene_.writer().images().record_fetched(outcome, place, fmt::format("{:08}.gif", task.id)));
    }
  }
  std::int64_t bytes() {
    auto db = must(Database::open(state_in(scene_.files.directory()), Database::Mode::create));
    return must(db.query_integer("PRAGMA page_count")) * must(db.query_integer("PRAGMA page_size"));
  }

  LedgerScene scene_{quick_folder()};
};

TEST_F(NightlyJobs, MakeNoLedgerGrow) {
  scene_.close();
  night(1);
  night(2);
  const std::int64_t second = bytes();
  for (std::int64_t job = 3; job <= kJobs; ++job) night(job);
  const std::int64_t last = bytes();
  EXPECT_LE(last * 100, second * 105);
  std::cout << fmt::format("{} bytes after two jobs, {} after {}\n", second, last, kJobs);
}

}  // namespace
}  // namespace doutu
