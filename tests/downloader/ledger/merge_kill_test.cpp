// A crawl whose keys are merged again and again is killed at any step. The next process finds every image that was
// committed, by its URL and by its bytes, and the tables of keys have those of the rows and no others.
#include <gtest/gtest.h>

#include <filesystem>
#include <string>
#include <vector>

#include "tests/downloader/ledger/kill_at_step.h"
#include "tests/downloader/ledger/ledger_scene.h"
#include "tests/downloader/ledger/shared_number.h"
#include "tests/site/quick_folder.h"

namespace doutu {
namespace {

constexpr std::size_t kStaged = 5;
constexpr int kPages = 3;
constexpr int kOfPage = 3;  ///< Images.

class MergeKilledAtEveryStep : public ::testing::TestWithParam<KillAt> {
 protected:
  MergeKilledAtEveryStep() : scene_(quick_folder()) { scene_.close(); }

  void begin_anew() {
    std::filesystem::remove_all(state_folder(scene_.files.directory()));
    std::filesystem::create_directories(state_folder(scene_.files.directory()));
    found_.set(0);
    saved_.set(0);
  }

  /// Every page brings images, which are saved; of each page the first is lost then, and fetched again. What is said to
  /// be committed is so.
  void crawl() {
    scene_.staged_keys = kStaged;
    scene_.open();
    scene_.job(1);
    for (int page = 1; page <= kPages; ++page) {
      const auto tasks = scene_.page(static_cast<std::uint64_t>(page), urls_of(page));
      found_.set(page * kOfPage);
      ASSERT_EQ(tasks.size(), std::size_t{kOfPage});
      save(tasks);
      saved_.set(page * kOfPage);
      fetch_again(tasks[0].id);
      if (page % 2 == 0) must(scene_.writer().syncs().save_durable(scene_.writer().syncs().begin_epoch() - 1));
      if (page == 3) must(scene_.writer().checkpoint());
    }
    scene_.close();
  }
  static std::vector<std::string> urls_of(int page) {
    std::vector<std::string> urls;
    for (int i = 0; i < kOfPage; ++i) urls.push_back("http://i/" + std::to_string(page) + "/" + std::to_string(i));
    return urls;
  }
  void save(const std::vector<ImageTask>& tasks) {
    must(scene_.writer().begin());
    for (const ImageTask& task : tasks) record(task);
    must(scene_.writer().commit());
  }
  /// By its URL: when it is fetched again it has the same.
  static Content content_of(const std::string& url) {
    Content content = LedgerScene::content(static_cast<std::int64_t>(url.back()));
    content.xxh128->at(1) = static_cast<std::byte>(url.at(url.size() - 3));
    return content;
  }
  /// It is saved: no other has these bytes.
  void record(const ImageTask& task) {
    ImageOutcome outcome;
    outcome.id = task.id;
    outcome.attempts = 1;
    outcome.content = content_of(task.url);
    outcome.facts = {.type = "jpeg", .width = 40, .height = 30, .frames = 1};
    const auto place = must(scene_.writer().contents().place_of(outcome.content, LedgerScene::alike_is_same()));
    EXPECT_FALSE(place.first);
    must(scene_.writer().images().record_fetched(outcome, place, std::to_string(task.id) + ".jpg"));
  }
  /// And it brings the same bytes.
  void fetch_again(std::int64_t id) {
    must(scene_.writer().begin());
    const auto task = must(scene_.writer().images().fetch_again(id));
    must(scene_.writer().commit());
    ASSERT_TRUE(task);
    save({*task});
  }

  void look() {
    scene_.staged_keys = kStaged;
    scene_.open();
    scene_.job(1);
    scene_.expect_balance();
    EXPECT_GE(scene_.count("SELECT count(*) FROM found"), found_.get());
    EXPECT_GE(scene_.count("SELECT count(*) FROM images WHERE state = 1"), saved_.get() == 0 ? 0 : saved_.get() - 1)
        << "but for the one that is fetched again";
    look_for_contents();
    look_for_urls();
    scene_.close();
    look_at_keys();
  }

  void look_for_contents() {
    for (const std::int64_t id : numbers("SELECT id FROM images WHERE state = 1")) {
      const auto first = scene_.first_with(must(scene_.writer().images().find(id))->content);
      ASSERT_TRUE(first) << "image " << id;
      EXPECT_EQ(first->id, id);
    }
  }
  void look_for_urls() {
    for (int page = 1; page <= kPages; ++page) {
      const std::int64_t before = scene_.count("SELECT count(*) FROM found");
      const std::size_t is_new = before >= std::int64_t{page} * kOfPage ? 0 : kOfPage;
      EXPECT_EQ(scene_.page(100, urls_of(page)).size(), is_new) << "page " << page;
      EXPECT_EQ(scene_.count("SELECT count(*) - count(DISTINCT url) FROM found"), 0);
    }
  }
  /// All of them are merged when no more may wait.
  void look_at_keys() {
    scene_.staged_keys = 1;
    scene_.open();
    scene_.job(1);
    scene_.page(200, {"http://i/5/0"});
    save(must(scene_.writer().images().pending_tasks(1, 0, 100)));
    EXPECT_EQ(scene_.counters().pending, 0U);
    scene_.close();
    constexpr const char* kWrongUrls =
        "SELECT count(*) FROM found f FULL JOIN url_key k ON k.image = f.id WHERE k.k IS NULL OR f.id IS NULL";
    constexpr const char* kWrongContents =
        "SELECT count(*) FROM (SELECT id FROM ended WHERE state = 1) e FULL JOIN content_key k ON k.image = e.id"
        " WHERE k.k IS NULL OR e.id IS NULL";
    EXPECT_EQ(scene_.count(kWrongUrls), 0);
    EXPECT_EQ(scene_.count(kWrongContents), 0);
    EXPECT_EQ(scene_.count("SELECT count(*) FROM url_key"), scene_.count("SELECT count(*) FROM found"));
  }

  std::vector<std::int64_t> numbers(const std::string& sql) {
    auto db = must(Database::open(state_in(scene_.files.directory()), Database::Mode::read_only));
    auto rows = must(db.prepare(sql));
    std::vector<std::int64_t> found;
    for (bool row = must(rows.first()); row; row = must(rows.next())) found.push_back(rows.integer(0));
    return found;
  }

  LedgerScene scene_;
  SharedNumber found_;
  SharedNumber saved_;
};

TEST_P(MergeKilledAtEveryStep, LosesNoImageAndNoKey) {
  const int steps = kill_at_every_step(
      GetParam(), [this] { begin_anew(); }, [this] { crawl(); }, [this] { look(); });
  EXPECT_GT(steps, 100);
  RecordProperty("steps", steps);
}

INSTANTIATE_TEST_SUITE_P(Killed, MergeKilledAtEveryStep, kKillsAnywhere, name_of_kill);

}  // namespace
}  // namespace doutu
