// Images fail and other URLs of theirs take their place, by a process that is killed at any step. The next one goes on,
// and in the end every page, every image and the job count what they count when nothing happens.
#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <string>
#include <vector>

#include "tests/downloader/ledger/kill_at_step.h"
#include "tests/downloader/ledger/ledger_scene.h"
#include "tests/site/quick_folder.h"

namespace doutu {
namespace {

namespace fs = std::filesystem;

using Urls = std::vector<std::string>;

// Job 1 has k. The last letter of a URL says what becomes of it: those of kFailing fail.
constexpr std::string_view kFailing = "abcfg";
const Urls kFirstPage = {"http://i/a http://i/b http://i/s", "http://i/c http://i/k", "http://i/t http://i/u"};
const Urls kSecondPage = {"http://i/f http://i/t", "http://i/g http://i/f", "http://i/a http://i/v"};

bool fails(const std::string& url) { return kFailing.find(url.back()) != std::string_view::npos; }

class ReplacementKilledAtEveryStep : public ::testing::TestWithParam<KillAt> {
 protected:
  ReplacementKilledAtEveryStep() : scene_(quick_folder()), before_(quick_folder()) {
    scene_.close();
    scene_.staged_keys = 3;  // So that keys are merged meanwhile.
    scene_.open();
    scene_.job(1);
    scene_.saved(scene_.page(1, {"http://i/k"}).at(0));
    scene_.close();
    fs::create_directories(before_.directory());
    fs::copy(state_folder(scene_.files.directory()), state_folder(before_.directory()), fs::copy_options::recursive);
    crawl();
    undisturbed_ = said();
  }

  void copy_before() {
    const fs::path state = state_folder(scene_.files.directory());
    fs::remove_all(state);
    fs::copy(state_folder(before_.directory()), state, fs::copy_options::recursive);
  }

  /// To the end, from wherever it is. An image that the page names is dealt with before the next page comes.
  void crawl() {
    scene_.open();
    scene_.job(2);
    scene_.expect_balance();
    fetch_all();
    read(1, kFirstPage);
    fetch_all();
    read(2, kSecondPage);
    fetch_all();
    scene_.close();
  }
  void read(std::uint64_t number, const Urls& urls) {
    const auto page = must(scene_.writer().pages().find(number));
    if (!page || page->state == PageState::open) scene_.page(number, urls);
  }
  void fetch_all() {
    while (scene_.counters().pending > 0) {
      for (const HostRow& host : must(scene_.writer().hosts().with_pending(0, 100))) {
        const ImageTask task = must(scene_.writer().images().pending_tasks(host.id, 0, 1)).at(0);
        const std::uint64_t found = scene_.counters().found();
        if (fails(task.url)) {
          scene_.failed(task);
        } else {
          scene_.saved(task);
        }
        ASSERT_EQ(scene_.counters().found(), found) << task.url;
      }
    }
  }

  std::vector<std::string> said() {
    constexpr const char* kSaid =
        "SELECT json_array('job', id, known, repeated, saved, failed, pending) FROM jobs UNION ALL "
        "SELECT json_array('page', job, number, state, hits, repeated) FROM pages UNION ALL "
        "SELECT json_array('image', id, url, job, page, position, state, cause) FROM images UNION ALL "
        "SELECT json_array('failure', url, cause) FROM failures UNION ALL "
        "SELECT json_array('replaced', job, url, other_url, other_state) FROM replacements ORDER BY 1";
    auto db = must(Database::open(state_in(scene_.files.directory()), Database::Mode::read_only));
    auto rows = must(db.prepare(kSaid));
    std::vector<std::string> lines;
    for (bool row = must(rows.first()); row; row = must(rows.next())) lines.emplace_back(rows.text(0));
    return lines;
  }

  LedgerScene scene_;
  FolderFiles before_;
  std::vector<std::string> undisturbed_;
};

TEST_P(ReplacementKilledAtEveryStep, LosesNoImageAndCountsNoneTwice) {
  // a, b, s: one after the other. c: k is known. f: t is saved. g: f has failed, t stands for it. a again: repeated.
  EXPECT_EQ(std::ranges::count_if(undisturbed_, [](const auto& line) { return line.starts_with("[\"replaced"); }), 5);
  const int steps = kill_at_every_step(
      GetParam(), [this] { copy_before(); }, [this] { crawl(); },
      [this] {
        crawl();
        EXPECT_EQ(said(), undisturbed_);
      });
  EXPECT_GT(steps, 50);
  RecordProperty("steps", steps);
}

INSTANTIATE_TEST_SUITE_P(Killed, ReplacementKilledAtEveryStep, kKillsAnywhere, name_of_kill);

}  // namespace
}  // namespace doutu
