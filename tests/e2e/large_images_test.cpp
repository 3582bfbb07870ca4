// Large images over connections that break, and crawls under --limit-rate.

#include <fmt/format.h>

#include <algorithm>
#include <string>
#include <vector>

#include "tests/downloader/check/small_gif.h"
#include "tests/e2e/crawl_fixture.h"
#include "tests/shared/http/raw_server.h"

namespace doutu {
namespace {

using Then = RawAnswer::Then;

class LargeImages : public CrawlTest {};

TEST_F(LargeImages, FiftyMegabytesThatBreakOffTenTimesAreSentOnce) {
  const std::string image = small_gif(50'000'000);
  std::vector<std::string> requests;
  std::size_t sent = 0;
  const RawServer server([&](const std::string& request) {
    requests.push_back(request);
    constexpr std::string_view kRange = "\r\nRange: bytes=";
    const std::size_t at = request.find(kRange);
    const std::size_t from = at == std::string::npos ? 0 : std::stoul(request.substr(at + kRange.size()));
    const std::string range = fmt::format("Content-Range: bytes {}-{}/{}\r\n", from, image.size() - 1, image.size());
    std::string answer = from == 0 ? http_answer(image, "ETag: \"1\"\r\n")
                                   : http_answer(image.substr(from), range + "ETag: \"1\"\r\n", "206 Partial Content");
    const std::size_t count = requests.size() > 10 ? image.size() - from : 4'000'000 + requests.size();
    sent += count;
    answer.resize(answer.find("\r\n\r\n") + 4 + count);
    return RawAnswer{std::move(answer), Then::close};
  });
  list(1, {server.url("/large.gif")});
  EXPECT_EQ(crawl("1", {"--retries", "0"}).status, 0);
  EXPECT_EQ(folder_.images(), (std::map<std::string, std::string>{{"large.gif", sha256(image)}}));
  EXPECT_EQ(requests.size(), 11U);
  EXPECT_EQ(sent, image.size());
  EXPECT_EQ(folder_.leftovers(), std::vector<std::string>());
}

TEST_F(LargeImages, AreHeldToTheRateWithTheirPagesAndNothingIsCalledSlow) {
  constexpr std::size_t kImages = 10;
  std::vector<std::string> paths;
  for (std::size_t i = 0; i < kImages; ++i) {
    paths.push_back(fmt::format("/{}.gif", i));
    site_.file(paths.back(), small_gif(100'000 + i));
  }
  list(1, {paths.begin(), paths.begin() + 5});
  list(2, {paths.begin() + 5, paths.end()});
  const auto began = std::chrono::steady_clock::now();
  EXPECT_EQ(crawl("1-2", {"--limit-rate", "256K", "--speed-limit", "1000000000", "--speed-time", "1", "--max-time", "2",
                          "--retries", "0"})
                .status,
            0);
  const std::chrono::duration<double> took = std::chrono::steady_clock::now() - began;
  EXPECT_GE(took.count(), 1'000'000.0 / (256 << 10) - 0.2);
  EXPECT_EQ(folder_.images().size(), kImages);
}

}  // namespace
}  // namespace doutu
