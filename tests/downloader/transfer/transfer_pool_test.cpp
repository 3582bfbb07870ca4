#include "downloader/transfer/transfer_pool.h"

#include <gtest/gtest.h>
#include <sys/mount.h>

#include <algorithm>
#include <cerrno>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <filesystem>
#include <set>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "tests/downloader/check/small_gif.h"
#include "tests/downloader/transfer/transfer_pool_fixture.h"
#include "tests/shared/http/raw_server.h"

namespace doutu {
namespace {

TEST_F(TransferPoolTest, FetchesAnImageAndTellsAllAboutIt) {
  const std::string bytes = small_gif(5000);
  site_.file("/a.gif", bytes);
  const ImageOutcome outcome = fetch("/a.gif");
  EXPECT_EQ(outcome.kind, Kind::fetched);
  EXPECT_EQ(outcome.attempts, 1U);
  EXPECT_EQ(outcome.facts.type, "gif");
  EXPECT_EQ(outcome.facts.width, 1U);
  EXPECT_EQ(outcome.facts.height, 1U);
  EXPECT_EQ(outcome.facts.frames, 1U);
  EXPECT_EQ(outcome.content, content_of(bytes));
  EXPECT_EQ(outcome.url, site_.url("/a.gif"));
  EXPECT_EQ(outcome.final_url, "");
  EXPECT_EQ(incoming(outcome.id), bytes);
}

TEST_F(TransferPoolTest, AsksAsABrowserDoesThatReadThePage) {
  site_.file("/a.gif", small_gif(100));
  fetch("/a.gif");
  const Hit hit = site_.log().at(0);
  EXPECT_EQ(hit.header("referer"), "http://pages.example/");
  EXPECT_EQ(hit.header("accept-encoding"), "identity");
  EXPECT_EQ(hit.header("user-agent"), settings_.http.user_agent);
}

TEST_F(TransferPoolTest, TellsOfThePageWhatItsPolicyAllows) {
  using enum ReferrerPolicy;
  site_.file("/a.gif", small_gif(100));
  const auto referer = [&](ReferrerPolicy policy) {
    referrer_policy_ = policy;
    site_.forget_log();
    fetch("/a.gif");
    return site_.log().at(0).header("referer");
  };
  EXPECT_EQ(referer(unsafe_url), "http://pages.example/list?page=1");
  EXPECT_EQ(referer(no_referrer), "");
  EXPECT_EQ(referer(same_origin), "");
  EXPECT_EQ(referer(origin), "http://pages.example/");
}

TEST_F(TransferPoolTest, SaysWhatTheImagesServerSaysToRobots) {
  const auto tag = [&](Headers headers) {
    site_.respond("/a.gif", Response{.headers = std::move(headers), .body = small_gif(100)});
    return fetch("/a.gif").robots_tag;
  };
  EXPECT_EQ(tag({}), "");
  EXPECT_EQ(tag({{"X-Robots-Tag", "noindex"}, {"x-robots-tag", "otherbot: noai, noimageai"}}),
            "noindex, otherbot: noai, noimageai");
  EXPECT_EQ(tag({{"X-Robots-Tag", "a\x1b[1m\xe4"}}), "a?[1m?");
  EXPECT_EQ(tag({{"X-Robots-Tag", std::string(5000, 'x')}}), std::string(kMaxRobotsTag, 'x'));
}

TEST_F(TransferPoolTest, FetchesManyImagesOverFewConnections) {
  constexpr std::size_t kImages = 2000;
  for (std::size_t i = 0; i < kImages; ++i) {
    const std::string path = "/" + std::to_string(i) + ".gif";
    site_.file(path, small_gif(100 + i * 37 % 20'000, static_cast<char>('a' + i % 26)));
    add_path(path);
    if (i % 100 == 99) take();
  }
  // The frontier's window holds part of them; the rest comes as from the ledger.
  std::size_t before = 0;
  while (settled_.size() < kImages) {
    ASSERT_TRUE(settle(before = std::min(settled_.size() + 100, kImages)));
    for (const Frontier::Refill& wanted : pool().frontier().wanted_refills()) {
      std::vector<ImageTask> rows;
      for (std::int64_t id = wanted.after_id + 1; id <= last_id_ && rows.size() < wanted.room; ++id) {
        if (settled_.contains(id)) continue;
        ImageTask task;
        task.id = id;
        task.host = 1;
        task.url = site_.url("/" + std::to_string(id - 1) + ".gif");
        rows.push_back(std::move(task));
      }
      pool().frontier().refill(wanted, std::move(rows));
    }
  }
  std::set<std::uint64_t> connections;
  for (const Hit& hit : site_.log()) connections.insert(hit.connection);
  EXPECT_EQ(site_.log().size(), kImages);
  EXPECT_LE(connections.size(), settings_.pool.downloaders);
  EXPECT_EQ(files(), kImages);
  for (const auto& [id, outcome] : settled_) {
    EXPECT_EQ(outcome.kind, Kind::fetched);
    EXPECT_EQ(content_of(incoming(id)), outcome.content);
  }
}

TEST_F(TransferPoolTest, FetchesALargeImage) {
  const std::string bytes = small_gif(3'000'000);
  site_.file("/large.gif", bytes);
  const ImageOutcome outcome = fetch("/large.gif");
  EXPECT_EQ(outcome.content, content_of(bytes));
  EXPECT_EQ(incoming(outcome.id), bytes);
}

TEST_F(TransferPoolTest, FailsWhatTheServerDoesNotHave) {
  expect_failed(fetch("/missing.gif"), Cause::http_status, 1);
  EXPECT_EQ(settled_[1].http_status, 404);
}

TEST_F(TransferPoolTest, ReadsNoMoreThanALittleOfAnErrorPage) {
  site_.respond("/huge", Response{.status = 404, .body = std::string(5'000'000, 'x')});
  expect_failed(fetch("/huge"), Cause::http_status, 1);
  site_.respond("/announced", Response{.status = 403, .headers = {{"Content-Length", "99999999999"}}, .body = "x"});
  expect_failed(fetch("/announced"), Cause::http_status, 1);
  EXPECT_EQ(settled_[2].http_status, 403);
}

TEST_F(TransferPoolTest, TriesAgainWhatMayGetBetter) {
  site_.respond("/a.gif", {Response{.status = 500}, Response{.status = 200, .body = small_gif(100)}});
  const ImageOutcome outcome = fetch("/a.gif");
  EXPECT_EQ(outcome.kind, Kind::fetched);
  EXPECT_EQ(outcome.attempts, 2U);
  site_.respond("/b.gif", Response{.status = 500});
  add_path("/b.gif");
  ASSERT_TRUE(settle(2));
  EXPECT_EQ(settled_[2].attempts, 3U);
  EXPECT_EQ(site_.count("/b.gif"), 3U);
}

TEST_F(TransferPoolTest, WaitsWhenTheServerAsksForIt) {
  site_.respond("/a.gif",
                {Response{.status = 503, .headers = {{"Retry-After", "1"}}}, Response{.body = small_gif(100)}});
  const ImageOutcome outcome = fetch("/a.gif");
  EXPECT_EQ(outcome.kind, Kind::fetched);
  EXPECT_EQ(outcome.attempts, 1U);
  const auto log = site_.log();
  ASSERT_EQ(log.size(), 2U);
  EXPECT_GE(log[1].asked - log[0].asked, milliseconds(1000));
}

TEST_F(TransferPoolTest, AsksAStrangerForMoreWhenItBeginsToAnswer) {
  const RawServer drips([](const std::string&) {
    return RawAnswer{"HTTP/1.1 200 OK\r\nContent-Length: 5000\r\n\r\nGIF", RawAnswer::Then::hold_open};
  });
  for (int i = 0; i < 4; ++i) add(drips.url("/a.gif"));
  const MonoTime end = mono_now() + seconds(30);
  while (drips.connections() < 4 && mono_now() < end) std::this_thread::yield();
  EXPECT_EQ(drips.connections(), 4U);
}

TEST_F(TransferPoolTest, AsksAMisdirectedServerAgainOverANewConnection) {
  const std::string bytes = small_gif(100);
  site_.file("/before.gif", bytes);
  site_.respond("/a.gif", {Response{.status = 421}, Response{.body = bytes}});
  site_.respond("/never.gif", Response{.status = 421});
  settings_.pool.downloaders = settings_.pool.threads = 1;
  EXPECT_EQ(fetch("/before.gif").kind, Kind::fetched);
  EXPECT_EQ(fetch("/a.gif").attempts, 1U);
  const auto log = site_.log();
  ASSERT_EQ(log.size(), 3U);
  EXPECT_EQ(log[1].connection, log[0].connection);
  EXPECT_NE(log[2].connection, log[1].connection);
  EXPECT_EQ(fetch("/never.gif").cause, Cause::http_status);
  EXPECT_EQ(site_.count("/never.gif"), 2U);
}

/// curl keeps the words that it wrote of the connection that was reset.
TEST_F(TransferPoolTest, JudgesAnAnswerThatCameBehindADeadConnection) {
  std::size_t requests = 0;
  const RawServer server([&](const std::string&) -> RawAnswer {
    switch (++requests) {
      case 1:
        return {http_answer("", "Location: /a.gif\r\n", "302 Found"), RawAnswer::Then::keep_alive};
      case 2:
        return {"", RawAnswer::Then::reset};
      default:
        return {"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n-1\r\nx\r\n0\r\n\r\n", RawAnswer::Then::close};
    }
  });
  settings_.pool.downloaders = settings_.pool.threads = 1;
  settings_.politeness.retries = 0;
  expect_failed(fetch_url(server.url("/")), Cause::bad_response, 1);
  EXPECT_EQ(requests, 4U);
}

TEST_F(TransferPoolTest, EndsATransferThatStalls) {
  settings_.image.speed_time = seconds(1);
  settings_.politeness.retries = 0;
  site_.respond("/stalls.gif", Response{.body = small_gif(5000), .cut_after = 1000, .ending = Response::Ending::hang});
  expect_failed(fetch("/stalls.gif"), Cause::stalled, 1);
}

TEST_F(TransferPoolTest, EndsATransferThatTakesTooLong) {
  settings_.image.timeout = milliseconds(300);
  settings_.politeness.retries = 0;
  site_.hold("/never.gif");
  expect_failed(fetch("/never.gif"), Cause::timeout, 1);
}

TEST_F(TransferPoolTest, FailsAHostThatNeverAnsweredAfterTheOrdinaryRetries) {
  site_.go_down();
  expect_failed(fetch("/a.gif"), Cause::connection_refused, 3);
}

TEST_F(TransferPoolTest, WaitsForNoTlsServerInTurn) {
  // Each image has its own connection, and its own connect timeout.
  const RawServer says_nothing([](const std::string&) { return RawAnswer{"", RawAnswer::Then::hold_open}; });
  settings_.pool.threads = 1;
  for (int i = 0; i < 4; ++i) add("https" + says_nothing.url("/a.gif").substr(4), i + 1);
  const MonoTime end = mono_now() + seconds(30);
  while (says_nothing.connections() < 4 && mono_now() < end) std::this_thread::yield();
  EXPECT_EQ(says_nothing.connections(), 4U);
}

TEST_F(TransferPoolTest, SignalsWhenNothingIsInFlight) {
  pool();
  EXPECT_TRUE(wait_for_outcomes());
}

TEST_F(TransferPoolTest, WaitsForAHostThatHasAnswered) {
  site_.file("/a.gif", small_gif(100));
  EXPECT_EQ(fetch("/a.gif").kind, Kind::fetched);
  site_.go_down();
  const std::int64_t id = add_path("/a.gif");
  while (attempts_ < 2) {  // The first refusal.
    ASSERT_TRUE(wait_for_outcomes());
    take();
  }
  site_.come_back();
  ASSERT_TRUE(settle(2));
  EXPECT_EQ(settled_[id].kind, Kind::fetched);
  EXPECT_EQ(settled_[id].attempts, 1U);
}

TEST_F(TransferPoolTest, ShowsWhatIsInFlightAndBeats) {
  site_.hold("/held.gif");
  site_.file("/held.gif", small_gif(100));
  const std::int64_t id = add_path("/held.gif");
  ASSERT_TRUE(site_.wait_for("/held.gif"));
  EXPECT_EQ(stats_->in_flight_count, 1U);
  EXPECT_EQ(in_flight_slots(id), 1U);
  EXPECT_GT(stats_->beats[1], 0);
  EXPECT_GT(stats_->beats[2], 0);
  EXPECT_EQ(stats_->beats[3], 0);
  site_.release("/held.gif");
  ASSERT_TRUE(settle(1));
  EXPECT_EQ(stats_->in_flight_count, 0U);
  EXPECT_EQ(in_flight_slots(0), stats_->in_flight.size());
}

TEST_F(TransferPoolTest, BreaksOffWhatIsInFlightWhenItEnds) {
  site_.respond("/hangs.gif",
                Response{.body = small_gif(300'000), .cut_after = 200'000, .ending = Response::Ending::hang});
  for (int i = 0; i < 10; ++i) add_path("/hangs.gif");
  ASSERT_TRUE(site_.wait_for("/hangs.gif", 4));
  pool_.reset();
  EXPECT_EQ(files(), 0U);
  EXPECT_EQ(outcomes_.size(), 0U);
  EXPECT_EQ(stats_->in_flight_count, 0U);
  EXPECT_EQ(stats_->beats[1], 0) << "no thread, and none that is silent";
  EXPECT_EQ(stats_->beats[2], 0);
}

TEST_F(TransferPoolTest, TakesABrokenHeaderForNoAnswer) {
  settings_.politeness.retries = 0;
  const RawServer server([](const std::string&) {
    return RawAnswer{"HTTP/1.1 302 Found\r\nX-A: b\r\n", RawAnswer::Then::reset};
  });
  const std::int64_t id = add(server.url("/a.gif"));
  ASSERT_TRUE(settle(1));
  EXPECT_EQ(cause_name(settled_[id].cause), "connection-lost");
}

TEST_F(TransferPoolTest, FinishesWhatIsInFlightAfterAStop) {
  site_.hold("/a.gif");
  site_.file("/a.gif", small_gif(100));
  const std::int64_t id = add_path("/a.gif");
  ASSERT_TRUE(site_.wait_for("/a.gif"));
  pool().frontier().stop();
  add_path("/b.gif");
  site_.release("/a.gif");
  ASSERT_TRUE(settle(1));
  EXPECT_EQ(settled_[id].kind, Kind::fetched);
  EXPECT_EQ(site_.count("/b.gif"), 0U);
}

TEST_F(TransferPoolTest, FailsNoImageWhenTheDiskIsFull) {
  const std::string disk = root_ / "disk";
  std::filesystem::create_directory(disk);
  if (::mount("doutu-test", disk.c_str(), "tmpfs", 0, "size=64k") != 0) {
    GTEST_SKIP() << "mounting a small file system: " << std::strerror(errno);
  }
  directory_ = disk;
  site_.file("/large.gif", small_gif(500'000));
  const std::int64_t id = add_path("/large.gif");
  int disk_error = 0;
  while (disk_error == 0 && wait_for_outcomes()) {
    outcomes_.clear_wake();  // It may have been signalled because nothing was in flight yet.
    disk_error = pool().take_disk_error();
  }
  EXPECT_EQ(disk_error, ENOSPC);
  EXPECT_EQ(pool().take_disk_error(), 0);
  EXPECT_EQ(outcomes_.size(), 0U);
  EXPECT_EQ(pool().frontier().in_flight(), 0U);
  EXPECT_EQ(files(), 0U);
  EXPECT_EQ(::mount("doutu-test", disk.c_str(), "tmpfs", MS_REMOUNT, "size=1m"), 0);
  take();  // As the ledger thread does; the eventfd is quiet again.
  pool().frontier().set_paused(false);
  EXPECT_TRUE(settle(1));
  EXPECT_EQ(settled_[id].kind, Kind::fetched);
  EXPECT_EQ(settled_[id].attempts, 1U);
  pool_.reset();
  sink_.reset();
  cookies_.reset();
  state_.reset();
  EXPECT_EQ(::umount(disk.c_str()), 0);
}

TEST_F(TransferPoolTest, FailsNoImageWhenIncomingIsGone) {
  (void)sink();
  std::filesystem::remove(incoming());
  site_.file("/a.gif", small_gif(100));
  const std::int64_t id = add_path("/a.gif");
  int error = 0;
  while (error == 0 && wait_for_outcomes()) {
    outcomes_.clear_wake();
    error = pool().take_disk_error();
  }
  EXPECT_EQ(error, ENOENT);
  EXPECT_EQ(outcomes_.size(), 0U);
  ASSERT_TRUE(sink().mend());
  pool().frontier().set_paused(false);
  EXPECT_TRUE(settle(1));
  EXPECT_EQ(settled_[id].kind, Kind::fetched);
  EXPECT_EQ(settled_[id].attempts, 1U);
  EXPECT_TRUE(std::filesystem::exists(incoming() / std::to_string(id)));
}

TEST_F(TransferPoolTest, CallsAFileThatCannotBeMadeAnErrorOfItsOwn) {
  (void)sink();
  std::filesystem::create_directory(incoming() / "1");  // In place of the first image's file.
  settings_.politeness.retries = 0;
  site_.file("/a.gif", small_gif(100));
  EXPECT_EQ(fetch("/a.gif").cause, Cause::internal_error);
}

}  // namespace
}  // namespace doutu
