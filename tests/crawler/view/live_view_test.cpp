#include "crawler/view/live_view.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace doutu {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;

CrawlSnapshot snapshot() {
  CrawlSnapshot snapshot;
  snapshot.state = CrawlState::running;
  snapshot.seconds = 125;
  snapshot.pages = {.asked = 76, .done = 26, .empty = 1, .failed = 0};
  snapshot.images.saved = 1222;
  snapshot.images.failed = 12;
  snapshot.images.pending = 602;
  snapshot.images.bytes = 12'900'000;
  snapshot.failures = {{"http-503", 9}, {"timeout", 3}};
  snapshot.images_per_second = 56.1;
  snapshot.bytes_per_second = 1'258'291;
  snapshot.seconds_left = 370;
  snapshot.bottleneck = Bottleneck::network;
  snapshot.processes = {
      {.name = "fetcher 1", .pid = 4711, .state = "fetching", .seconds = 3, .url = "https://example.com/list?page=28"},
      {.name = "fetcher 2", .pid = 0, .state = "restarting", .restarts = 2},
      {.name = "downloader", .pid = 4715, .state = "idle", .in_flight = 20}};
  return snapshot;
}

TEST(LiveView, ShowsTheWholeCrawl) {
  EXPECT_THAT(live_view(snapshot(), {.columns = 90}),
              ElementsAre("pages   ##########....................  27/76   36 %   1 empty",
                          "images  #######.......................  1,234/~5,168   24 %   56/s",
                          "time    2 min 05 s   about 6 min 10 s left   waiting for the network",
                          "failed  9 http-503, 3 timeout", "bytes   12.3 MiB   1.2 MiB/s",
                          "fetcher 1       4711  fetching    3 s  https://example.com/list?page=28",
                          "fetcher 2          -  restarting   2 restarts", "downloader      4715  20 in flight"));
}

TEST(LiveView, NeverFillsTheTerminal) {
  CrawlSnapshot many = snapshot();
  many.processes.clear();
  for (int i = 1; i <= 64; ++i) {
    many.processes.push_back({.name = "fetcher " + std::to_string(i),
                              .pid = i,
                              .state = "fetching",
                              .url = "https://例え.jp/" + std::string(300, 'x') + "/图片/" + std::to_string(i)});
  }
  many.processes.push_back({.name = "downloader", .pid = 99, .state = "disk full"});
  for (const std::size_t columns : {1U, 2U, 10U, 40U, 80U, 200U}) {
    for (const std::size_t rows : {1U, 2U, 3U, 4U, 8U, 24U, 50U, 100U}) {
      for (const Charset charset : {Charset::ascii, Charset::utf8}) {
        const auto lines = live_view(many, {columns, rows, charset, Color::no});
        EXPECT_GE(lines.size(), 1U);
        EXPECT_LE(lines.size() + 2, std::max<std::size_t>(rows, 3)) << rows;
        for (const auto& line : lines) EXPECT_LT(columns_of(line), std::max<std::size_t>(columns, 2)) << line;
      }
    }
  }
}

TEST(LiveView, SaysHowManyProcessesHaveNoRoomAndKeepsTheDownloader) {
  CrawlSnapshot many = snapshot();
  many.processes.insert(many.processes.begin(), 10, many.processes.front());
  const auto lines = live_view(many, {.columns = 80, .rows = 12});
  ASSERT_EQ(lines.size(), 10U);
  EXPECT_EQ(lines[8], "and 9 more");
  EXPECT_THAT(lines[9], HasSubstr("downloader"));
}

TEST(LiveView, WhatCannotBeToldIsLeftOut) {
  CrawlSnapshot first;
  first.pages.asked = 10;
  const auto lines = live_view(first, {.columns = 80});
  EXPECT_THAT(lines, ElementsAre(HasSubstr("0/10   0 %"), HasSubstr("0/~0   0.0/s"), "time    0 s   starting",
                                 "bytes   0 B   0 B/s"));
}

TEST(LiveView, NothingOfOthersReachesTheTerminalUnescaped) {
  CrawlSnapshot hostile = snapshot();
  hostile.processes[0].url = "https://me:secret@e/\x1b[2J\r\n\xff";
  hostile.failures["\x1b[2J"] = 1;
  for (const std::string& line : live_view(hostile, {.columns = 200})) {
    EXPECT_THAT(line, Not(HasSubstr("\x1b")));
    EXPECT_THAT(line, Not(HasSubstr("secret")));
    EXPECT_THAT(line, Not(HasSubstr("\n")));
  }
}

TEST(LiveView, ColorsEndOnTheirLine) {
  for (const std::string& line : live_view(snapshot(), {80, 24, Charset::utf8, Color::yes})) {
    const std::size_t last = line.rfind('\x1b');
    if (last == std::string::npos) continue;
    EXPECT_EQ(line.substr(last, 4), "\x1b[0m") << line;
  }
  EXPECT_THAT(live_view(snapshot(), {80, 24, Charset::utf8, Color::yes})[0], HasSubstr("\x1b[32m"));
}

TEST(FailuresInShort, TheMostFrequentFirstThenANumber) {
  EXPECT_EQ(failures_in_short({{"a", 1}, {"b", 5}, {"c", 2}, {"d", 2}}, 2), "5 b, 2 c, 3 others");
  EXPECT_EQ(failures_in_short({}, 2), "");
}

}  // namespace
}  // namespace doutu
