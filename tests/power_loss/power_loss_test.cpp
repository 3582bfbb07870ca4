// Power loss: a small crawl whose calls are recorded (call_recorder.cpp); what a power cut may have left of its folder
// (disk_model.h); and the same command started again in each such folder. It must bring every
// image once, under its own name and with its bytes, and nothing else, and the totals must add up.

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <memory>
#include <random>
#include <set>

#include "tests/power_loss/power_cuts.h"
#include "tests/power_loss/recording.h"
#include "tests/site/crawl_folder.h"
#include "tests/site/crawl_run.h"
#include "tests/site/meme_site.h"
#include "tests/site/processes.h"
#include "tests/site/quick_folder.h"
#include "tests/site/temporary_folder.h"
#include "tests/site/test_site.h"

namespace doutu {
namespace {

namespace fs = std::filesystem;
using std::chrono::minutes;
using std::chrono::seconds;
using std::chrono::steady_clock;

constexpr std::size_t kAtOnce = 4;  // Most of a run is waiting.
constexpr std::size_t kShortRun = 60;
constexpr unsigned kSeed = 20260229;

unsigned from_environment(const char* name, unsigned otherwise) {
  const char* text = std::getenv(name);
  return text == nullptr ? otherwise : static_cast<unsigned>(std::strtoul(text, nullptr, 10));
}

class PowerLoss : public testing::Test {
 protected:
  /// The sixth hit of page 2, when the second of page 1 has the name that both want.
  static constexpr const char* kOther = "2-p2-6.png";

  PowerLoss() : memes_(make_meme_site(site_, {.pages = 2, .images_per_page = 4})) {
    put("/img/again.png", 1);   // The bytes of another.
    put("/other/2.png", 1002);  // The name of another.
    site_.file("/other/2.png", small_image(1002));
    site_.page("/list/2", list_page({"/img/5.png", "/img/6.png", "/img/7.png", "/img/8.png", "/img/again.png",
                                     "/other/2.png", data_url(small_image(1003))}));
    memes_.images[sha256(small_image(1003)) + ".png"] = sha256(small_image(1003));
    memes_.images[kOther] = sha256(small_image(1002));
  }

  void put(const std::string& path, std::uint64_t number) {
    site_.file(path, small_image(number));
    if (path.starts_with("/img/")) memes_.images[path.substr(5)] = sha256(small_image(number));
  }

  [[nodiscard]] std::vector<std::string> command(const CrawlFolder& folder) const {
    return {"crawl",           memes_.pages_template,
            "--pages",         "1-2",
            "--xpath",         std::string(kMemeXpath),
            "--fetchers",      "1",
            "--directory",     folder.path(),
            "--progress",      "none",
            "--threads",       "1",
            "--retry-wait",    "0.05",
            "--min-free-disk", "0"};
  }

  /// Crawls under the recorder.
  [[nodiscard]] std::vector<Call> record(const CrawlFolder& folder) {
    const std::string recording = temporary_ / "recording";
    make_recording(recording);
    CrawlRun run(command(folder), "", {{"LD_PRELOAD", DOUTU_CALL_RECORDER}, {"DOUTU_RECORDING", recording}});
    const Ended ended = run.wait();
    EXPECT_EQ(ended.status, 0) << ended.err;
    expect_images(folder, "the recorded crawl");
    return read_recording(recording);
  }

  /// What SQLite and the parent write by a folder's descriptor is seen, also what is gone at the end.
  static void expect_seen(const std::vector<Call>& calls, const std::string& name) {
    std::set<std::uint64_t> files;
    bool written = false;
    for (const Call& call : calls) {
      if (call.kind == Call::Kind::made && call.folder != 0 && call.name == name) files.insert(call.file);
      written = written || (call.kind == Call::Kind::written && files.contains(call.file));
    }
    EXPECT_TRUE(written) << "nothing was seen of " << name;
  }

  /// Two images want one name: which of them was first does not matter.
  void expect_images(const CrawlFolder& folder, const std::string& what) const {
    auto found = folder.images();
    if (found["2.png"] == memes_.images.at(kOther)) {
      found[kOther] = std::exchange(found["2.png"], found["2-p1-2.png"]);
      found.erase("2-p1-2.png");
    }
    EXPECT_EQ(found, memes_.images) << what;
  }

  struct Recovery {
    const Cut* cut = nullptr;
    std::unique_ptr<TemporaryFolder> place;
    std::unique_ptr<CrawlFolder> folder;
    std::unique_ptr<CrawlRun> run;
  };

  Recovery recover(const DiskModel& model, const Cut& cut) const {
    Recovery recovery{&cut, std::make_unique<TemporaryFolder>(quick_folder()), nullptr, nullptr};
    recovery.folder = std::make_unique<CrawlFolder>(*recovery.place / "crawl");
    fs::create_directory(recovery.folder->path());
    for (const auto& [name, bytes] : model.state(cut)) {
      const std::string path = recovery.folder->path() + "/" + name;
      name.ends_with('/') ? void(fs::create_directory(path)) : write_file(path, bytes);
    }
    recovery.run = std::make_unique<CrawlRun>(command(*recovery.folder));
    return recovery;
  }

  void expect_everything(const DiskModel& model, const Recovery& recovery) const {
    const std::string what = model.describe(*recovery.cut);
    const Ended ended = recovery.run->wait();
    EXPECT_EQ(ended.status, 0) << what << "\n" << ended.err << read_file(recovery.folder->state("crawl.log"));
    expect_images(*recovery.folder, what);
    const ReportFile report = recovery.folder->report();
    EXPECT_EQ(report.outcome, "complete") << what;
    EXPECT_TRUE(report.balances()) << what << ": " << report.images;
    EXPECT_EQ(recovery.folder->leftovers(), std::vector<std::string>()) << what;
    EXPECT_EQ(recovery.folder->wrong_image_lines(), std::vector<std::string>()) << what;
  }

  /// Those that were not yet, up to so many in all, as long as there is time.
  void recover_new(const DiskModel& model, const PowerCuts& cuts, std::size_t most, const char* what) {
    const std::size_t end = std::min(most, cuts.cuts().size());
    while (recovered_ < end && steady_clock::now() < until_ && !too_many_failed()) {
      std::vector<Recovery> batch;
      for (; batch.size() < kAtOnce && recovered_ < end; ++recovered_) {
        batch.push_back(recover(model, cuts.cuts()[recovered_]));
      }
      for (const Recovery& recovery : batch) expect_everything(model, recovery);
    }
    fmt::print("{}: {} states tried, {} different, {} recovered\n", what, cuts.tried(), cuts.cuts().size(), recovered_);
    std::fflush(stdout);
    EXPECT_TRUE(strays_after(seconds(20)).empty());
  }

  static bool too_many_failed() {
    const auto* result = testing::UnitTest::GetInstance()->current_test_info()->result();
    return result->total_part_count() > static_cast<int>(from_environment("DOUTU_POWER_LOSS_FAILURES", 20));
  }

  const steady_clock::time_point until_ =
      steady_clock::now() + minutes(from_environment("DOUTU_POWER_LOSS_MINUTES", 8));
  std::size_t recovered_ = 0;
  TestSite site_;
  MemeSite memes_;
  TemporaryFolder temporary_{quick_folder()};
};

TEST_F(PowerLoss, LeavesNothingThatTheNextStartDoesNotComplete) {
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
  GTEST_SKIP() << "the sanitizer's own library must be loaded first";
#endif
  const CrawlFolder folder(temporary_ / "recorded");
  const std::vector<Call> calls = record(folder);
  for (const char* name : {"ledger.sqlite", "ledger.sqlite-wal", "ledger.sqlite-journal", "report.json.new", "1"})
    expect_seen(calls, name);
  DiskModel model(calls, folder.path());

  // The recording is whole, and so the library was in all processes that write: what it leads to is what the crawl
  // left.
  DiskState left;
  for (const auto& entry : fs::recursive_directory_iterator(folder.path())) {
    const std::string name = fs::relative(entry.path(), folder.path()).string();
    if (name.find("/crawl.log") != std::string::npos || name.find("/status.json") != std::string::npos ||
        name.ends_with("/lock")) {
      continue;
    }
    left[entry.is_directory() ? name + "/" : name] = entry.is_directory() ? "" : read_file(entry.path().string());
  }
  const DiskState replayed = model.state({.calls = model.calls(), .fates = {}});
  std::set<std::string> names;
  for (const auto& [name, bytes] : replayed) names.insert(name);
  for (const auto& [name, bytes] : left) names.insert(name);
  for (const std::string& name : names) {
    ASSERT_TRUE(replayed.contains(name) && left.contains(name)) << name;
    ASSERT_TRUE(replayed.at(name) == left.at(name)) << name << " is not as it was recorded";
  }

  std::minstd_rand random(from_environment("DOUTU_POWER_LOSS_SEED", kSeed));
  PowerCuts cuts(model);
  fmt::print("{} calls recorded\n", calls.size());
  if (from_environment("DOUTU_LONG_TESTS", 0) == 0) {
    cuts.add_random(kShortRun, random);
    cuts.add_some_missing(kShortRun, random);
    return recover_new(model, cuts, kShortRun, "random ones");
  }
  cuts.add_prefixes();
  recover_new(model, cuts, SIZE_MAX, "prefixes");
  cuts.add_one_missing();
  recover_new(model, cuts, SIZE_MAX, "and one effect missing");
  cuts.add_random(10'000, random);
  recover_new(model, cuts, SIZE_MAX, "and random ones");
  cuts.add_two_missing();
  recover_new(model, cuts, SIZE_MAX, "and two effects missing");
}

}  // namespace
}  // namespace doutu
