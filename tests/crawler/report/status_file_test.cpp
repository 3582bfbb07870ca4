#include "crawler/report/status_file.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

#include "tests/site/state_in.h"
#include "tests/site/temporary_folder.h"

namespace doutu {
namespace {

CrawlSnapshot snapshot() {
  CrawlSnapshot snapshot;
  snapshot.state = CrawlState::finishing;
  snapshot.directory = "图片";
  snapshot.spec = {"https://e/{page}", "1-76", "//img/@src\n//a/@href"};
  snapshot.job = 3;
  snapshot.pid = 4711;
  snapshot.updated_ms = 1'700'000'000'000;
  snapshot.seconds = 125.25;
  snapshot.pages = {.asked = 76, .done = 70, .empty = 2, .failed = 2, .robots = 1};
  snapshot.images = {.known = 1,
                     .repeated = 2,
                     .saved = 3,
                     .duplicate = 4,
                     .skipped = 5,
                     .failed = 6,
                     .robots = 9,
                     .pending = 7,
                     .bytes = 8};
  snapshot.empty_pages = {.numbers = "4-5", .further = 1, .redirected_to = "https://e/login"};
  snapshot.in_flight = 5;
  snapshot.failures = {{"http-503", 9}};
  snapshot.page_failures = {{"http-503", 2}};
  snapshot.limit = "--max-images";
  snapshot.pages_per_second = 0.5;
  snapshot.images_per_second = 56.125;
  snapshot.bytes_per_second = 1000;
  snapshot.seconds_left = 370;
  snapshot.bottleneck = Bottleneck::image_politeness;
  snapshot.back_off = {ImageWait::throttled, 12.5};
  snapshot.processes = {
      {.name = "fetcher 1", .pid = 4712, .state = "fetching", .restarts = 2, .seconds = 1.5, .url = "https://e/1"},
      {.name = "downloader", .state = "restarting"}};
  return snapshot;
}

TEST(StatusJson, IsReadBackWhole) {
  const std::string json = status_json(snapshot());
  const auto back = parse_status(json);
  ASSERT_TRUE(back);
  EXPECT_EQ(status_json(*back), json);
  EXPECT_EQ(back->images, snapshot().images);
  EXPECT_EQ(back->pages, snapshot().pages);
  EXPECT_EQ(back->spec, snapshot().spec);
  EXPECT_EQ(back->empty_pages, snapshot().empty_pages);
  EXPECT_EQ(back->page_failures, snapshot().page_failures);
  EXPECT_EQ(back->limit, "--max-images");
  EXPECT_EQ(back->directory, "图片");
  EXPECT_EQ(back->processes.at(0).url, "https://e/1");
  EXPECT_EQ(back->processes.at(1).pid, 0);
}

TEST(StatusJson, IsOneLineOfAsciiWhateverPagesSay) {
  CrawlSnapshot hostile = snapshot();
  hostile.processes[0].url = "https://e/\x1b[2J\n\xff图";
  const std::string json = status_json(hostile);
  EXPECT_TRUE(std::all_of(json.begin(), json.end(), [](char byte) { return byte >= 0x20 && byte < 0x7f; })) << json;
}

TEST(StatusJson, WhatIsOddIsNotBelieved) {
  for (const char* text : {"", "{", "[]", "7", "null", "{}", R"({"state": "asleep"})", R"({"state": 7})"}) {
    EXPECT_FALSE(parse_status(text)) << text;
  }
  const auto odd =
      parse_status(R"({"state": "running", "pid": "x", "pages": {"asked": 1, "outcomes": {"done": 5}}, "images": 7,
    "seconds": null, "failures": [1], "processes": {"a": 1}, "job": 99999999999999999999, "spec": [], "bytes": -3,
    "bottleneck": "godot", "seconds_left": "soon"})");
  ASSERT_TRUE(odd);
  EXPECT_EQ(odd->pages, PageCounters{}) << "more done than asked";
  EXPECT_EQ(odd->pid, 0);
  EXPECT_EQ(odd->images.bytes, 0U);
  EXPECT_TRUE(odd->failures.empty());
  EXPECT_TRUE(odd->processes.empty());
  EXPECT_FALSE(odd->seconds_left);
}

TEST(StatusJson, MayHaveOutcomesThatThisVersionDoesNotKnow) {
  const auto status = parse_status(R"({"state": "running", "job": 1, "images":
    {"found": 3, "outcomes": {"filtered": 2, "saved": 1}}})");
  ASSERT_TRUE(status);
  EXPECT_EQ(status->images.saved, 1U);
}

TEST(StatusJson, OfACrawlBeforeTheFirstReleaseSaysWhichJobWasKilledAndNothingOfOneThatEnded) {
  EXPECT_FALSE(parse_status(R"({"state": "complete", "account": 3, "pages": {"asked": 2, "done": 2}})"));
  const auto killed = parse_status(R"({"state": "running", "account": 3, "updated_ms": 5})");
  ASSERT_TRUE(killed);
  EXPECT_EQ(killed->job, 3);
}

TEST(StatusFile, ReplacesTheOneBeforeAndLeavesNothingBeside) {
  const TemporaryFolder folder;
  EXPECT_FALSE(read_status(state_in(folder.path())));
  ASSERT_TRUE(write_status(state_in(folder.path()), snapshot()));
  CrawlSnapshot later = snapshot();
  later.seconds = 126;
  ASSERT_TRUE(write_status(state_in(folder.path()), later));
  EXPECT_DOUBLE_EQ(read_status(state_in(folder.path())).value().seconds, 126);
  EXPECT_EQ(std::distance(std::filesystem::directory_iterator(state_folder(folder.path())), {}), 1);
  remove_status(state_in(folder.path()));
  EXPECT_FALSE(read_status(state_in(folder.path())));
}

TEST(StatusFile, AFolderThatCannotBeWrittenIsAnErrorAndNoMore) {
  const TemporaryFolder place;
  const StateFolder folder = state_in(place.path());
  std::filesystem::remove_all(state_folder(place.path()));
  EXPECT_FALSE(write_status(folder, snapshot()));
}

}  // namespace
}  // namespace doutu
