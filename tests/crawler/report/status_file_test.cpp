#include "crawler/report/status_file.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

#include "tests/site/state_in.h"
#include "tests/site/temporary_folder.h"

namespace doutu {
namespace {

CrawlFigures figures() {
  CrawlFigures figures;
  figures.state = CrawlState::finishing;
  figures.directory = "图片";
  figures.request = {"https://e/{page}", "1-76", "//img/@src\n//a/@href"};
  figures.account = 3;
  figures.pid = 4711;
  figures.updated_ms = 1'700'000'000'000;
  figures.seconds = 125.25;
  figures.pages = {.asked = 76, .done = 70, .empty = 2, .failed = 3};
  figures.images = {
      .known = 1, .repeated = 2, .saved = 3, .duplicate = 4, .skipped = 5, .failed = 6, .pending = 7, .bytes = 8};
  figures.empty_pages = {.numbers = "4-5", .further = 1, .redirected_to = "https://e/login"};
  figures.in_flight = 5;
  figures.failures = {{"http-503", 9}};
  figures.page_failures = {{"http-503", 2}};
  figures.limit = "--max-images";
  figures.pages_per_second = 0.5;
  figures.images_per_second = 56.125;
  figures.bytes_per_second = 1000;
  figures.seconds_left = 370;
  figures.waits_for = WaitsFor::image_politeness;
  figures.sparing = {ImageWait::throttled, 12.5};
  figures.processes = {
      {.name = "fetcher 1", .pid = 4712, .state = "fetching", .restarts = 2, .seconds = 1.5, .url = "https://e/1"},
      {.name = "downloader", .state = "restarting"}};
  return figures;
}

TEST(StatusJson, IsReadBackWhole) {
  const std::string json = status_json(figures());
  const auto back = parse_status(json);
  ASSERT_TRUE(back);
  EXPECT_EQ(status_json(*back), json);
  EXPECT_EQ(back->images, figures().images);
  EXPECT_EQ(back->pages, figures().pages);
  EXPECT_EQ(back->request, figures().request);
  EXPECT_EQ(back->empty_pages, figures().empty_pages);
  EXPECT_EQ(back->page_failures, figures().page_failures);
  EXPECT_EQ(back->limit, "--max-images");
  EXPECT_EQ(back->directory, "图片");
  EXPECT_EQ(back->processes.at(0).url, "https://e/1");
  EXPECT_EQ(back->processes.at(1).pid, 0);
}

TEST(StatusJson, IsOneLineOfAsciiWhateverPagesSay) {
  CrawlFigures hostile = figures();
  hostile.processes[0].url = "https://e/\x1b[2J\n\xff图";
  const std::string json = status_json(hostile);
  EXPECT_TRUE(std::all_of(json.begin(), json.end(), [](char byte) { return byte >= 0x20 && byte < 0x7f; })) << json;
}

TEST(StatusJson, WhatIsOddIsNotBelieved) {
  for (const char* text : {"", "{", "[]", "7", "null", "{}", R"({"state": "asleep"})", R"({"state": 7})"}) {
    EXPECT_FALSE(parse_status(text)) << text;
  }
  const auto odd = parse_status(R"({"state": "running", "pid": "x", "pages": {"asked": 1, "done": 5}, "images": 7,
    "seconds": null, "failures": [1], "processes": {"a": 1}, "account": 99999999999999999999, "asked": [], "bytes": -3,
    "waits_for": "godot", "seconds_left": "soon"})");
  ASSERT_TRUE(odd);
  EXPECT_EQ(odd->pages, PageTally{}) << "more done than asked";
  EXPECT_EQ(odd->pid, 0);
  EXPECT_EQ(odd->images.bytes, 0U);
  EXPECT_TRUE(odd->failures.empty());
  EXPECT_TRUE(odd->processes.empty());
  EXPECT_FALSE(odd->seconds_left);
}

TEST(StatusFile, ReplacesTheOneBeforeAndLeavesNothingBeside) {
  const TemporaryFolder folder;
  EXPECT_FALSE(read_status(state_in(folder.path())));
  ASSERT_TRUE(write_status(state_in(folder.path()), figures()));
  CrawlFigures later = figures();
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
  EXPECT_FALSE(write_status(folder, figures()));
}

}  // namespace
}  // namespace doutu
