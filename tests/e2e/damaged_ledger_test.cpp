// Ledgers that a disk or a broken copy has damaged: the same command, started again, ends with everything in the folder
// and totals that add up, or it says what is wrong and does not exit with 0. DOUTU_DAMAGES chooses how many ways each
// test takes (500 with DOUTU_LONG_TESTS=1), DOUTU_DAMAGE_SEED from which one on, DOUTU_DAMAGE_TABLE the table that
// flips are aimed at; with DOUTU_DAMAGE_SAID=1 each way is printed with what the crawl said.

#include <fmt/format.h>
#include <sys/resource.h>

#include <array>
#include <csignal>
#include <cstdlib>
#include <filesystem>
#include <optional>
#include <sstream>
#include <tuple>

#include "downloader/ledger/ledger_writer.h"
#include "tests/e2e/crawl_fixture.h"
#include "tests/e2e/ledger_damage.h"
#include "tests/site/state_in.h"

namespace doutu {
namespace {

namespace fs = std::filesystem;

constexpr std::uint64_t kPages = 6;
constexpr std::uint64_t kImagesPerPage = 20;
constexpr int kParts = 4;

unsigned from_environment(const char* name, unsigned otherwise) {
  const char* text = std::getenv(name);
  return text == nullptr ? otherwise : static_cast<unsigned>(std::strtoul(text, nullptr, 10));
}

/// In what state the crawl has left the ledger that is damaged.
enum class Left {
  settled,     ///< Everything is there: the next start begins a new job.
  unfinished,  ///< A job is settled, and another one of all pages was stopped in the middle.
  killed,      ///< The same, and then killed: half of what is known stands in the WAL.
};

class DamagedLedger : public CrawlTest, public testing::WithParamInterface<std::tuple<Left, int>> {
 protected:
  void SetUp() override {
    make_site();
    switch (std::get<Left>(GetParam())) {
      case Left::settled:
        ASSERT_EQ(crawl("1-6").status, 0);
        write_out(2);
        break;
      case Left::unfinished:
        stop_half_way();
        break;
      case Left::killed:
        stop_half_way();
        kill_further_on();
        break;
    }
    for (const std::string& path : held_) site_.release(path);
    fs::copy(folder_.path(), whole_, fs::copy_options::recursive);
    damage_.emplace(LedgerFiles{read_file(ledger(whole_)), read_file(ledger(whole_) + "-wal")}, stranger_wal());
  }

  /// Pages with images of their own, one that they carry in themselves, one of the page before, and one with the bytes
  /// of another.
  void make_site() {
    for (std::uint64_t page = 1; page <= kPages; ++page) {
      std::vector<std::string> urls;
      const std::uint64_t first = (page - 1) * kImagesPerPage;
      for (std::uint64_t number = first + 1; number <= first + kImagesPerPage; ++number) {
        urls.push_back(put(std::to_string(number), number));
      }
      if (page > 1) urls.push_back("/img/" + std::to_string(first) + ".png");
      urls.push_back(put("again-" + std::to_string(page), first + 3));
      const std::string carried = small_image(1000 + page);
      images_[sha256(carried) + ".png"] = sha256(carried);
      urls.push_back(data_url(carried));
      list(static_cast<int>(page), urls);
    }
  }

  std::string put(const std::string& name, std::uint64_t number) {
    std::string path = "/img/" + name + ".png";
    images_[name + ".png"] = image(path, number);
    return path;
  }

  void hold(const std::string& path) {
    held_.push_back(path);
    site_.hold(path);
  }

  void hold_images(std::uint64_t from, std::uint64_t to) {
    for (std::uint64_t number = from; number <= to; number += 3) hold("/img/" + std::to_string(number) + ".png");
  }

  /// Pages 1 and 2 are a job of their own; the second one has done pages 1 to 5, most of whose images wait.
  void stop_half_way() {
    ASSERT_EQ(crawl("1-2").status, 0);
    hold("/list/6");
    hold_images(2 * kImagesPerPage + 1, 5 * kImagesPerPage);
    kill_when_it_has(2 * kImagesPerPage + 12);
    write_out(2);
  }

  void kill_further_on() {
    for (std::size_t path = 1; path < held_.size(); path += 2) site_.release(held_[path]);
    kill_when_it_has(3 * kImagesPerPage);
  }

  void kill_when_it_has(std::size_t images) {
    const auto run = start("1-6", {"--downloaders", "8"});
    EXPECT_TRUE(eventually([&] { return folder_.images().size() >= images; }));
    for (const RunningProcess& child : children_of(run->pid())) kill(child.pid, SIGKILL);
    run->signal(SIGKILL);
    run->wait();
    kill_strays();
  }

  /// The keys of a crawl this small would all wait in memory; so would those of what it has met.
  void write_out(std::int64_t job) const {
    const StateFolder folder = state_in(folder_.path());
    auto writer = *LedgerWriter::open(folder, {.staged_keys = 8, .on_work = [] {}});
    ASSERT_TRUE(writer->begin().ok());
    const bool is_there = std::get<Left>(GetParam()) != Left::settled;
    if (is_there) {
      const JobSpec spec{site_.url("/list/{page}"), "1-6", std::string(kMemeXpath)};
      ASSERT_TRUE(writer->begin_job(job, spec, 1).ok());
    }
    ASSERT_TRUE(writer->commit().ok());
  }

  /// Of a crawl of another site, killed.
  std::string stranger_wal() {
    TestSite elsewhere;
    const CrawlFolder folder(temporary_ / "elsewhere");
    make_meme_site(elsewhere, {.pages = 2, .images_per_page = 30, .first_number = 5000});
    elsewhere.hold("/img/5030.png");
    CrawlRun run({"crawl", elsewhere.url("/list/{page}"), "--pages", "1-2", "--xpath", std::string(kMemeXpath),
                  "--directory", folder.path(), "--progress", "none"});
    EXPECT_TRUE(eventually([&] { return folder.images().size() >= 40; }));
    for (const RunningProcess& child : children_of(run.pid())) kill(child.pid, SIGKILL);
    run.signal(SIGKILL);
    run.wait();
    kill_strays();
    return read_file(folder.state("ledger.sqlite-wal"));
  }

  [[nodiscard]] static std::string ledger(const std::string& folder) { return folder + "/.doutu/ledger.sqlite"; }

  void lay_out(const LedgerFiles& files) const {
    fs::remove_all(folder_.path());
    fs::copy(whole_, folder_.path(), fs::copy_options::recursive);
    write_file(ledger(folder_.path()), files.database);
    fs::remove(ledger(folder_.path()) + "-wal");
    if (!files.wal.empty()) write_file(ledger(folder_.path()) + "-wal", files.wal);
  }

  /// What is wrong with how the crawl ended, for people; empty: nothing.
  [[nodiscard]] std::string fault_in(const Ended& ended) const {
    if (ended.status > 128 || ended.status < 0) return "it was killed";
    if (ended.err.find("terminate") != std::string::npos) return "it crashed";
    if (ended.status != 0) return ended.err.find("doutu") == std::string::npos ? "it does not say why" : "";
    const auto now = folder_.images();
    for (const auto& [name, hash] : images_) {
      if (!now.contains(name)) return name + " is missing";
      if (now.at(name) != hash) return name + " has other bytes";
    }
    for (const auto& [name, hash] : now) {
      if (!images_.contains(name)) return name + " is one too many";
    }
    if (const auto left = folder_.leftovers(); !left.empty()) return left.front() + " is left behind";
    const ReportFile report = folder_.report();
    if (report.outcome != "complete") return "the report says " + report.outcome;
    if (!report.balances() || report.pages.done != kPages) return "the report does not balance";
    if (report.images.pending + report.images.failed != 0) return "the report has images that are not there";
    return {};
  }

  void try_way(unsigned number) {
    const auto damaged = damage_->damaged(number);
    lay_out(damaged.files);
    const Ended ended = CrawlRun(command("1-6")).wait();
    kill_strays();
    const std::string fault = fault_in(ended);
    ++(ended.status == 0 ? recovered_ : refused_);
    if (std::getenv("DOUTU_DAMAGE_SAID") != nullptr) {
      fmt::print("{}: {}: exit {}; {}\n{}", number, damaged.how, ended.status, fault, ended.err);
    }
    if (fault.empty()) return;
    std::ostringstream counts;
    counts << folder_.report().images;
    ADD_FAILURE() << "damage " << number << ": " << damaged.how << ": exit status " << ended.status << ", but " << fault
                  << "\n"
                  << counts.str() << "\n"
                  << ended.err;
  }

  const std::string whole_ = temporary_ / "whole";
  std::map<std::string, std::string> images_;  ///< SHA-256 by file name: what the folder must hold.
  std::vector<std::string> held_;
  std::optional<LedgerDamage> damage_;
  int recovered_ = 0;
  int refused_ = 0;
};

TEST_P(DamagedLedger, NeverLeadsToAWrongExit0) {
  const unsigned ways = from_environment("DOUTU_DAMAGES", from_environment("DOUTU_LONG_TESTS", 0) != 0 ? 500 : 20);
  const auto part = static_cast<unsigned>(std::get<int>(GetParam()));
  const unsigned first = from_environment("DOUTU_DAMAGE_SEED", 0) + part * ways;
  lay_out(damage_->whole());
  ASSERT_EQ(fault_in(crawl("1-6")), "") << "without any damage";
  for (unsigned number = first; number < first + ways; ++number) try_way(number);
  fs::remove_all(folder_.path());
  rusage usage{};
  getrusage(RUSAGE_CHILDREN, &usage);
  fmt::print("damaged ledger: {} ways, {} times everything is there, {} times it says what is wrong; at most {} MiB\n",
             ways, recovered_, refused_, usage.ru_maxrss >> 10U);
  EXPECT_LT(usage.ru_maxrss, 400 << 10U) << "KiB of the largest process";
}

std::string name_of(const testing::TestParamInfo<std::tuple<Left, int>>& param) {
  constexpr std::array kNames = {"Settled", "Unfinished", "Killed"};
  return fmt::format("{}Part{}", kNames.at(static_cast<std::size_t>(std::get<Left>(param.param))),
                     std::get<int>(param.param) + 1);
}

INSTANTIATE_TEST_SUITE_P(AfterACrawlThatWas, DamagedLedger,
                         testing::Combine(testing::Values(Left::settled, Left::unfinished, Left::killed),
                                          testing::Range(0, kParts)),
                         name_of);

}  // namespace
}  // namespace doutu
