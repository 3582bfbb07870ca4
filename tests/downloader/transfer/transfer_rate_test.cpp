// Transfers under --limit-rate.

#include <gtest/gtest.h>

#include <cstdio>
#include <string>
#include <thread>

#include "tests/downloader/check/small_gif.h"
#include "tests/downloader/transfer/transfer_pool_fixture.h"
#include "tests/shared/http/raw_server.h"
#include "tests/site/h2_site.h"

namespace doutu {
namespace {

using Then = RawAnswer::Then;

/// Chunks of an odd size.
std::string chunked(const std::string& body) {
  std::string answer = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n";
  for (std::size_t at = 0; at < body.size(); at += 0xbad) {
    const std::string chunk = body.substr(at, 0xbad);
    char size[16];
    std::snprintf(size, sizeof size, "%zx\r\n", chunk.size());
    answer += size + chunk + "\r\n";
  }
  return answer + "0\r\n\r\n";
}

class TransferRateTest : public TransferPoolTest {
 protected:
  TransferRateTest() {
    settings_.limits.max_rate = 200'000;
    settings_.politeness.retries = 0;
  }
};

TEST_F(TransferRateTest, IsOneForAllImagesTogether) {
  settings_.limits.max_rate = 500'000;
  constexpr std::size_t kImages = 10;
  std::size_t bytes = 0;
  for (std::size_t i = 0; i < kImages; ++i) {
    const std::string body = small_gif(80'000 + i);
    bytes += body.size();
    site_.file("/" + std::to_string(i) + ".gif", body);
    add_path("/" + std::to_string(i) + ".gif");
  }
  const MonoTime began = mono_now();
  ASSERT_TRUE(settle(kImages));
  const std::chrono::duration<double> took = mono_now() - began;
  const double least = static_cast<double>(bytes) / 500'000.0 - 0.1;
  EXPECT_GE(took.count(), least - 0.15) << "the burst, and the last piece";
  for (const auto& [id, outcome] : settled_) {
    EXPECT_EQ(outcome.kind, Kind::fetched);
    EXPECT_EQ(content_of(incoming(id)), outcome.content);
  }
}

TEST_F(TransferRateTest, NeitherSpeedNorTimeCountWhileATransferIsHeld) {
  settings_.image.speed_limit = 1U << 30U;
  settings_.image.speed_time = seconds(1);
  settings_.image.timeout = milliseconds(1500);
  const std::string bytes = small_gif(700'000);
  site_.file("/a.gif", bytes);
  const MonoTime began = mono_now();
  const ImageOutcome outcome = fetch("/a.gif");
  EXPECT_EQ(outcome.kind, Kind::fetched) << cause_name(outcome.cause, 0);
  EXPECT_EQ(outcome.content, content_of(bytes));
  EXPECT_GE(mono_now() - began, seconds(3)) << "else it was not held";
}

TEST_F(TransferRateTest, TakesChunksAsWell) {
  const std::string bytes = small_gif(200'000);
  const RawServer server([&](const std::string&) { return RawAnswer{chunked(bytes), Then::keep_alive}; });
  const ImageOutcome outcome = fetch_url(server.url("/a.gif"));
  EXPECT_EQ(outcome.kind, Kind::fetched) << cause_name(outcome.cause, 0);
  EXPECT_EQ(incoming(outcome.id), bytes);
}

TEST_F(TransferRateTest, TakesHttp2AsWell) {
  constexpr std::size_t kFrame = 16'384;
  settings_.http.insecure = true;
  const std::string bytes = small_gif(400'000);
  H2Answer answer{.frames = {h2_head(std::to_string(bytes.size()))}};
  for (std::size_t at = 0; at < bytes.size(); at += kFrame) {
    const auto then = at + kFrame < bytes.size() ? H2Then::stream_goes_on : H2Then::stream_ends;
    answer.frames.push_back(h2_data(bytes.substr(at, kFrame), then));
  }
  H2Site site;
  site.respond("/X1", {answer});
  const MonoTime began = mono_now();
  const ImageOutcome outcome = fetch_url(site.url("/X1"));
  EXPECT_EQ(outcome.kind, Kind::fetched) << cause_name(outcome.cause, 0);
  EXPECT_EQ(incoming(outcome.id), bytes);
  EXPECT_GE(mono_now() - began, milliseconds(1500));
}

TEST_F(TransferRateTest, AServerThatFallsSilentHasStalled) {
  settings_.image.speed_time = seconds(1);
  const std::string half = http_answer(small_gif(100'000)).substr(0, 50'000);
  const RawServer server([&](const std::string&) { return RawAnswer{half, Then::hold_open}; });
  expect_failed(fetch_url(server.url("/a.gif")), Cause::stalled, 1);
}

TEST_F(TransferRateTest, TimeEndsWhatIsNotHeld) {
  settings_.image.speed_limit = 0;
  settings_.image.timeout = milliseconds(500);
  const std::string half = http_answer(small_gif(100'000)).substr(0, 50'000);
  const RawServer server([&](const std::string&) { return RawAnswer{half, Then::hold_open}; });
  expect_failed(fetch_url(server.url("/a.gif")), Cause::timeout, 1);
}

TEST_F(TransferRateTest, AConnectionThatBreaksWhileItIsHeldIsNoticed) {
  const std::string half = http_answer(small_gif(300'000)).substr(0, 150'000);
  const RawServer server([&](const std::string&) { return RawAnswer{half, Then::close}; });
  expect_failed(fetch_url(server.url("/a.gif")), Cause::truncated, 1);
}

TEST_F(TransferRateTest, EndsAtOnceWithThePool) {
  settings_.limits.max_rate = 1'000;
  site_.file("/a.gif", small_gif(100'000));
  add_path("/a.gif");
  pool();
  while (site_.count("/a.gif") == 0) std::this_thread::yield();
  const MonoTime began = mono_now();
  pool_.reset();
  EXPECT_LT(mono_now() - began, seconds(10));
  EXPECT_EQ(files(), 0U);
}

}  // namespace
}  // namespace doutu
