#include "crawler/report/report.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>
#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>
#include <sstream>

#include "tests/site/state_in.h"
#include "tests/site/temporary_folder.h"

namespace doutu {
namespace {

using testing::HasSubstr;
using Json = nlohmann::json;

class ReportFiles : public testing::Test {
 protected:
  ReportFiles() { std::filesystem::create_directory(state_folder(directory())); }
  [[nodiscard]] std::string directory() const { return folder_.path().string(); }
  [[nodiscard]] std::string content(const std::string& name) const {
    std::ifstream file(state_folder(directory()) + "/" + name);
    return {std::istreambuf_iterator<char>(file), {}};
  }
  [[nodiscard]] std::ptrdiff_t files() const {
    return std::distance(std::filesystem::directory_iterator(state_folder(directory())), {});
  }

 private:
  TemporaryFolder folder_;
};

Report report() {
  Report report;
  report.outcome = Outcome::failures;
  report.job = 3;
  report.seconds = 12.3456;
  report.pages = {.asked = 76, .done = 70, .empty = 2, .failed = 3};
  report.images.known = 1;
  report.images.repeated = 84;
  report.images.saved = 5000;
  report.images.duplicate = 2;
  report.images.skipped = 4;
  report.images.failed = 5;
  report.images.pending = 6;
  report.images.bytes = 21'940'000;
  report.without_end_mark = 2;
  report.replaced = 12;
  report.empty_pages = {.numbers = "4,6", .further = 0, .redirected_to = "http://example.com/login"};
  report.failures = {{"http-404", {5, 0, "http://example.com/a.jpg"}},
                     {"timeout", {3, 1, "http://example.com/list/4"}}};
  return report;
}

TEST_F(ReportFiles, TheReportHasTheFormOfTheDesignAndBalances) {
  ASSERT_TRUE(write_report(state_in(directory()), report()));
  const Json json = Json::parse(content("report.json"));
  EXPECT_EQ(json, Json::parse(R"({"schema": 1, "outcome": "failures", "limit": null, "job": 3, "seconds": 12.346,
    "pages": {"asked": 76, "outcomes": {"done": 70, "empty": 2, "failed": 3, "robots": 0, "beyond_end": 0, "pending": 1},
              "known": 0},
    "images": {"found": 5102, "outcomes": {"saved": 5000, "known": 1, "duplicate_link": 84, "duplicate_file": 2,
               "skipped": 4, "failed": 5, "robots": 0, "pending": 6}},
    "links_not_followed": {"other_site": 0, "max_depth": 0, "max_pages": 0, "endless": 0},
    "bytes": 21940000, "without_end_mark": 2, "replaced": 12,
    "empty_pages": {"count": 0, "numbers": "4,6", "further": 0, "found": 0, "example": null, "with_images": 0,
                    "redirected_to": "http://example.com/login"}, "failures": {"http-404": 5, "timeout": 3},
    "page_failures": {"timeout": 1}})"));
  std::uint64_t pages = 0;
  for (const Json& count : json["pages"]["outcomes"]) pages += count.get<std::uint64_t>();
  EXPECT_EQ(pages, json["pages"]["asked"]);
  std::uint64_t images = 0;
  for (const Json& count : json["images"]["outcomes"]) images += count.get<std::uint64_t>();
  EXPECT_EQ(images, json["images"]["found"]);
}

TEST_F(ReportFiles, IsReadBack) {
  EXPECT_FALSE(read_report(state_in(directory())));
  Report written = report();
  written.limit = "--max-bytes";
  ASSERT_TRUE(write_report(state_in(directory()), written));
  const auto past = read_report(state_in(directory()));
  ASSERT_TRUE(past);
  EXPECT_EQ(past->job, 3);
  EXPECT_EQ(past->outcome, "failures");
  EXPECT_EQ(past->limit, "--max-bytes");
  EXPECT_EQ(past->empty_pages, report().empty_pages);
}

TEST_F(ReportFiles, OneOfAnEarlierVersionIsReadBack) {
  std::ofstream(state_folder(directory()) + "/report.json") << R"({"account": 3, "outcome": "failures"})";
  const auto past = read_report(state_in(directory()));
  ASSERT_TRUE(past);
  EXPECT_EQ(past->job, 3);
  EXPECT_EQ(past->outcome, "failures");
}

TEST_F(ReportFiles, ADamagedReportIsNoReport) {
  for (const char* text : {"", "{", "[]", "null", "{}", R"({"job": "x", "outcome": 1})", R"({"job": 1})"}) {
    std::ofstream(state_folder(directory()) + "/report.json", std::ios::trunc) << text;
    EXPECT_FALSE(read_report(state_in(directory()))) << text;
  }
}

Failure failure(std::string url, std::string cause) {
  Failure failure;
  failure.url = std::move(url);
  failure.page = 7;
  failure.cause = std::move(cause);
  failure.attempts = 5;
  return failure;
}

FailureSource source_of(std::vector<Failure> failures) {
  return [failures = std::move(failures)](const auto& visit) {
    for (const Failure& one : failures) visit(one);
    return Status{};
  };
}

OddPageSource empty_pages(std::vector<OddPage> pages) {
  return [pages = std::move(pages)](const auto& visit) {
    for (const OddPage& page : pages) visit(page);
    return Status{};
  };
}

TEST_F(ReportFiles, EveryFailureIsOneLineAndCounted) {
  Failure page = failure("http://example.com/list/7", "http-404");
  page.is_page = true;
  page.http_status = 404;
  const auto causes = write_failures(
      state_in(directory()), source_of({page, failure("http://a/1", "timeout"), failure("http://a/2", "timeout")}),
      empty_pages({}));
  ASSERT_TRUE(causes);
  EXPECT_EQ(causes->at("timeout").count, 2U);
  EXPECT_EQ(causes->at("timeout").example, "http://a/1");
  EXPECT_EQ(causes->at("http-404").count, 1U);
  std::istringstream lines(content("failures.jsonl"));
  std::string line;
  std::getline(lines, line);
  EXPECT_EQ(Json::parse(line), Json::parse(R"({"kind": "page", "url": "http://example.com/list/7", "page": 7,
                                               "cause": "http-404", "status": 404, "attempts": 5,
                                               "final_url": null})"));
  int more = 0;
  while (std::getline(lines, line)) ++more;
  EXPECT_EQ(more, 2);
}

TEST_F(ReportFiles, AFailureNamesWhereARedirectLed) {
  Failure page = failure("http://e/7", "tls-unknown-issuer");
  page.final_url = "https://me:secret@other/x";
  const auto written = write_failures(state_in(directory()), source_of({page}), empty_pages({}));
  ASSERT_TRUE(written);
  EXPECT_EQ(written->at("tls-unknown-issuer").final_url, "https://me:secret@other/x");
  EXPECT_EQ(Json::parse(content("failures.jsonl"))["final_url"], "https://***@other/x");
  std::map<std::string, CauseCounters> found = {{"tls-unknown-issuer", {1, 1, ""}}};
  find_examples(state_in(directory()), found);
  EXPECT_EQ(found["tls-unknown-issuer"].final_url, "https://***@other/x");
}

TEST_F(ReportFiles, EveryEmptyPageIsALineBehindThemAndNoFailure) {
  const OddPage page{.number = 4,
                     .url = "http://me:secret@e/4",
                     .final_url = "http://e/login?token=secret",
                     .http_status = 200,
                     .attempts = 2};
  const auto causes =
      write_failures(state_in(directory()), source_of({failure("http://a/1", "timeout")}), empty_pages({page}));
  ASSERT_TRUE(causes);
  EXPECT_EQ(causes->size(), 1U);
  std::istringstream lines(content("failures.jsonl"));
  std::string line;
  std::getline(lines, line);
  EXPECT_THAT(line, HasSubstr("timeout"));
  std::getline(lines, line);
  EXPECT_EQ(Json::parse(line), Json::parse(R"({"kind": "page", "url": "http://***@e/4", "page": 4,
    "cause": "no-images", "status": 200, "attempts": 2, "final_url": "http://e/login?token=***"})"));
}

TEST_F(ReportFiles, NoFailuresAreAnEmptyFile) {
  const auto causes = write_failures(state_in(directory()), source_of({}), empty_pages({}));
  ASSERT_TRUE(causes);
  EXPECT_TRUE(causes->empty());
  EXPECT_TRUE(std::filesystem::exists(state_folder(directory()) + "/failures.jsonl"));
  EXPECT_EQ(content("failures.jsonl"), "");
}

TEST_F(ReportFiles, BytesOfStrangersStayAsciiOnOneLine) {
  Failure odd = failure("http://a/\xff\x1b[2J\n\xc2\x9b" + std::string{'\xe2', '\x80', '\xae'}, "timeout");
  odd.page = std::nullopt;
  ASSERT_TRUE(write_failures(state_in(directory()), source_of({odd}), empty_pages({})));
  const std::string text = content("failures.jsonl");
  EXPECT_EQ(std::count(text.begin(), text.end(), '\n'), 1);
  for (const char byte : text.substr(0, text.size() - 1)) EXPECT_TRUE(byte >= 0x20 && byte < 0x7f);
  EXPECT_TRUE(Json::parse(text)["page"].is_null());
}

TEST_F(ReportFiles, AFailedReadKeepsTheFileOfTheRunBefore) {
  ASSERT_TRUE(write_failures(state_in(directory()), source_of({failure("http://old/", "timeout")}), empty_pages({})));
  const auto damaged = [](const auto& visit) {
    visit(failure("http://new/", "timeout"));
    return Status{Error{"damaged"}};
  };
  const auto causes = write_failures(state_in(directory()), damaged, empty_pages({}));
  ASSERT_FALSE(causes);
  EXPECT_THAT(content("failures.jsonl"), HasSubstr("http://old/"));
  EXPECT_EQ(files(), 1) << "no temporary file stays behind";
}

TEST_F(ReportFiles, AFolderThatIsGoneIsAnErrorThatNamesTheFile) {
  const StateFolder folder = state_in(directory());
  std::filesystem::remove_all(state_folder(directory()));
  const Status written = write_report(folder, report());
  ASSERT_FALSE(written);
  EXPECT_THAT(written.error().message, HasSubstr("report.json"));
  EXPECT_THAT(written.error().message, HasSubstr("No such file"));
}

JobCounters counters(std::uint64_t saved, std::uint64_t known, std::uint64_t failed, std::uint64_t skipped) {
  JobCounters counters;
  counters.saved = saved;
  counters.known = known;
  counters.failed = failed;
  counters.skipped = skipped;
  return counters;
}

TEST(Outcome, OfAFinishedCrawlComesFromItsNumbers) {
  constexpr auto kOdd = EmptyPages::are_odd;
  const PageCounters came{.asked = 2, .done = 2, .empty = 0, .failed = 0};
  const PageCounters half{.asked = 2, .done = 1, .empty = 1, .failed = 0};
  const PageCounters empty{.asked = 2, .done = 0, .empty = 2, .failed = 0};
  const PageCounters failed{.asked = 2, .done = 1, .empty = 0, .failed = 1};
  const PageCounters rest_empty{.asked = 2, .done = 0, .empty = 1, .failed = 1};
  EXPECT_EQ(finished_outcome(came, counters(3, 0, 0, 0), kOdd), Outcome::complete);
  EXPECT_EQ(finished_outcome(came, counters(0, 3, 0, 0), kOdd), Outcome::complete);
  EXPECT_EQ(finished_outcome(failed, counters(3, 0, 0, 0), kOdd), Outcome::failures);
  EXPECT_EQ(finished_outcome(came, counters(3, 0, 1, 0), kOdd), Outcome::failures);
  EXPECT_EQ(finished_outcome(rest_empty, {}, kOdd), Outcome::failures);
  EXPECT_EQ(finished_outcome(half, counters(3, 0, 0, 0), kOdd), Outcome::no_images);
  EXPECT_EQ(finished_outcome(empty, {}, kOdd), Outcome::no_images);
  EXPECT_EQ(finished_outcome(came, counters(0, 0, 0, 3), kOdd), Outcome::no_images) << "nothing but mailto:";
}

TEST(Outcome, OfWhatRobotsForbidsIsNoFailure) {
  const PageCounters pages{.asked = 2, .done = 1, .robots = 1};
  JobCounters images = counters(3, 0, 0, 0);
  images.robots = 2;
  EXPECT_EQ(finished_outcome(pages, images, EmptyPages::are_odd), Outcome::complete);
  EXPECT_EQ(images.found(), 5U);
  images.saved = 0;
  EXPECT_EQ(finished_outcome(pages, images, EmptyPages::are_odd), Outcome::no_images) << "nothing else came";
  images.failed = 1;
  EXPECT_EQ(finished_outcome(pages, images, EmptyPages::are_odd), Outcome::failures);
}

TEST(Outcome, OfPagesThatMayBeEmptyIsComplete) {
  constexpr auto kFine = EmptyPages::are_fine;
  EXPECT_EQ(finished_outcome({.asked = 2, .done = 1, .empty = 1}, counters(3, 0, 0, 0), kFine), Outcome::complete);
  EXPECT_EQ(finished_outcome({.asked = 2, .done = 0, .empty = 2}, {}, kFine), Outcome::complete);
  EXPECT_EQ(finished_outcome({.asked = 2, .done = 0, .empty = 1, .failed = 1}, {}, kFine), Outcome::failures);
}

TEST(Outcome, HasANameAndAnExitStatus) {
  EXPECT_EQ(exit_status(Outcome::complete), 0);
  EXPECT_EQ(exit_status(Outcome::failures), 3);
  EXPECT_EQ(exit_status(Outcome::no_images), 4);
  EXPECT_EQ(exit_status(Outcome::stopped_early), 9);
  EXPECT_EQ(exit_status(Outcome::interrupted), 130);
  EXPECT_EQ(exit_status(Outcome::broken), 1);
  EXPECT_EQ(outcome_name(Outcome::complete), "complete");
  EXPECT_EQ(outcome_name(Outcome::stopped_early), "stopped-early");
}

TEST_F(ReportFiles, ExamplesAreFoundAgain) {
  std::map<std::string, CauseCounters> failures = {{"timeout", {2, 0, ""}}, {"stalled", {1, 0, ""}}};
  find_examples(state_in(directory()), failures);
  EXPECT_EQ(failures["timeout"].example, "") << "there is no file";
  const auto failed = [](const auto& visit) {
    Failure failure;
    failure.cause = "http-404";
    failure.url = "http://e/0";
    visit(failure);
    failure.cause = "timeout";
    for (const char* url : {"http://e/1", "http://e/2"}) {
      failure.url = url;
      visit(failure);
    }
    return Status();
  };
  ASSERT_TRUE(write_failures(state_in(directory()), failed, empty_pages({})));
  std::ofstream(state_folder(directory()) + "/failures.jsonl", std::ios::app) << "{ damaged\n[]\n";
  find_examples(state_in(directory()), failures);
  EXPECT_EQ(failures["timeout"].example, "http://e/1");
  EXPECT_EQ(failures["stalled"].example, "");
  EXPECT_EQ(failures.size(), 2U);
}

TEST_F(ReportFiles, ThatSomeoneEditedGiveTheExamplesTheyHave) {
  std::filesystem::create_directories(state_folder(directory()));
  std::ofstream(state_folder(directory()) + "/failures.jsonl")
      << "7\n{\"cause\": 7}\n{\"cause\": \"timeout\", \"url\": 7}\n{\"cause\": \"stalled\"}\n";
  std::map<std::string, CauseCounters> failures = {{"timeout", {}}, {"stalled", {}}};
  find_examples(state_in(directory()), failures);
  EXPECT_EQ(failures["timeout"].example, "?");
  EXPECT_EQ(failures["stalled"].example, "?");
}

TEST(FailureExamples, AreNotLookedForWithoutEndInAFileOfZeroBytes) {
  const TemporaryFolder folder;
  const StateFolder state = state_in(folder.path());
  ASSERT_TRUE(state.open_or_make("failures.jsonl"));
  std::filesystem::resize_file(folder / ".doutu/failures.jsonl", std::uintmax_t{1} << 40U);
  std::map<std::string, CauseCounters> failures = {{"http-404", {}}};
  const auto begun = std::chrono::steady_clock::now();
  find_examples(state, failures);
  EXPECT_LT(std::chrono::steady_clock::now() - begun, std::chrono::seconds(60)) << "a TiB takes many minutes";
  EXPECT_EQ(failures["http-404"].example, "");
}

}  // namespace
}  // namespace doutu
