// An attempt at a page takes over what the one before had found, and is killed at any step of it. In the end the page
// and the job count what they count when nothing happens.
#include <gtest/gtest.h>

#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "tests/downloader/ledger/kill_at_step.h"
#include "tests/downloader/ledger/ledger_scene.h"
#include "tests/site/quick_folder.h"

namespace doutu {
namespace {

namespace fs = std::filesystem;

using Urls = std::vector<std::string>;

std::string url(const std::string& name) { return "http://i/" + name; }
Urls urls(const Urls& names) {
  Urls all;
  for (const std::string& name : names) all.push_back(url(name));
  return all;
}

// k: known, job 1 has fetched them. n: new. x: another page of this job has them. k5 is known, and on that page, too.
const std::vector<Urls> kBrokenOff = {{"k1", "n1"}, {"k2", "x1", "k5", "k1"}, {"n2", "k3"}};
const std::vector<Urls> kTakesOver = {{"n1", "k1", "k2"}, {"x1", "k5", "k1"}, {"k3", "n2", "k4"}, {"n3", "k6"}};
const std::vector<Urls> kWhole = {{"k1", "n1", "k2", "x1", "k5", "k1", "n2", "k3", "k4", "n3", "k6"}};
const Urls kOtherPage = {"x1", "k5"};
const Urls kLastPage = {"k6", "n3", "k1", "n4"};

class TakeOverKilledAtEveryStep : public ::testing::TestWithParam<KillAt> {
 protected:
  TakeOverKilledAtEveryStep() : scene_(quick_folder()), before_(quick_folder()) {
    scene_.close();
    scene_.staged_keys = 3;
    scene_.open();
    scene_.job(1);
    for (const ImageTask& task : scene_.page(1, urls({"k1", "k2", "k3", "k4", "k5", "k6"}))) scene_.saved(task);
    scene_.job(2);
    scene_.page(2, urls(kOtherPage));
    scene_.close();
    fs::create_directories(before_.directory());
    fs::copy(state_folder(scene_.files.directory()), state_folder(before_.directory()), fs::copy_options::recursive);

    open();
    attempt(kWhole);
    scene_.page(3, urls(kLastPage));
    undisturbed_ = said();
    scene_.close();
  }

  void copy_before() {
    const fs::path state = state_folder(scene_.files.directory());
    fs::remove_all(state);
    fs::copy(state_folder(before_.directory()), state, fs::copy_options::recursive);
  }
  void open() {
    scene_.open();
    scene_.job(2);
  }

  /// At page 1, a batch for each of these.
  void attempt(const std::vector<Urls>& batches, PageState end = PageState::done) {
    PageRecord page;
    for (const Urls& batch : batches) {
      must(scene_.writer().begin());
      if (&batch == &batches.front()) page = scene_.begin_page(1);
      scene_.hits(page, urls(batch));
      if (&batch == &batches.back()) page.state = end;
      must(scene_.writer().pages().save(page));
      must(scene_.writer().commit());
      scene_.expect_balance();
    }
  }

  void crawl() {
    open();
    attempt(kBrokenOff, PageState::open);
    scene_.close();
    open();
    attempt(kTakesOver);
    scene_.close();
  }

  /// Goes on to the end of the job.
  void look() {
    open();
    scene_.expect_balance();
    if (const auto page = state_of(1); page != PageState::done) attempt(kWhole);
    scene_.page(3, urls(kLastPage));
    EXPECT_EQ(said(), undisturbed_);
    scene_.close();
  }
  PageState state_of(std::uint64_t number) {
    const auto page = must(scene_.writer().pages().find(number));
    return page ? page->state : PageState::open;
  }

  std::vector<std::string> said() {
    constexpr const char* kSaid =
        "SELECT json_array('job', id, known, repeated, saved, pending) FROM jobs UNION ALL "
        "SELECT json_array('page', job, number, state, hits, repeated) FROM pages UNION ALL "
        "SELECT json_array('image', url, job, page, state) FROM images ORDER BY 1";
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

TEST_P(TakeOverKilledAtEveryStep, CountsWhatIsCountedUndisturbed) {
  const int steps = kill_at_every_step(
      GetParam(), [this] { copy_before(); }, [this] { crawl(); }, [this] { look(); });
  EXPECT_GT(steps, 80);
  RecordProperty("steps", steps);
}

INSTANTIATE_TEST_SUITE_P(Killed, TakeOverKilledAtEveryStep, kKillsAnywhere, name_of_kill);

}  // namespace
}  // namespace doutu
