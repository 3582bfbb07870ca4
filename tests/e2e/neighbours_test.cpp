// Hosts that never answer, that drip, or that tell to wait for a day, among the images of a good one, which must not
// wait for them. Connections may take 50 s here: a good image that waits for one of theirs comes too late.

#include <netinet/in.h>
#include <sys/socket.h>

#include <csignal>

#include "shared/base/check.h"
#include "shared/base/unique_fd.h"
#include "tests/e2e/crawl_fixture.h"
#include "tests/shared/http/raw_server.h"

namespace doutu {
namespace {

using std::chrono::seconds;

constexpr int kPages = 5;
constexpr int kGoodOnes = 30;    ///< On each page.
constexpr int kNeighbours = 60;  ///< Each has an image on each page: three times as many as there are slots.
constexpr seconds kSoon{30 * kPatience};

/// A port at which no address of this machine answers: its queue of connections is full, and what comes is dropped.
class DeadHosts {
 public:
  DeadHosts() {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    socklen_t size = sizeof address;
    auto* any = reinterpret_cast<sockaddr*>(&address);
    DOUTU_CHECK(::bind(listener_.get(), any, size) == 0 && ::listen(listener_.get(), 0) == 0);
    DOUTU_CHECK(::getsockname(listener_.get(), any, &size) == 0);
    port_ = ntohs(address.sin_port);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    for (int i = 0; i < 3; ++i) {
      waiting_.emplace_back(::socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
      (void)::connect(waiting_.back().get(), any, size);
    }
  }
  [[nodiscard]] std::uint16_t port() const { return port_; }

 private:
  UniqueFd listener_{::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)};
  std::vector<UniqueFd> waiting_;
  std::uint16_t port_ = 0;
};

class Neighbours : public CrawlTest {
 protected:
  /// Pages of good images and of one image of each neighbour, the neighbours' first.
  void serve_pages(std::uint16_t port_of_neighbours) {
    for (int page = 1; page <= kPages; ++page) {
      std::vector<std::string> urls;
      for (int i = 1; i <= kNeighbours; ++i) urls.push_back(neighbour(i, port_of_neighbours, page));
      append_good_ones(page, urls);
      list(page, urls);
    }
  }
  void append_good_ones(int page, std::vector<std::string>& urls) {
    for (int i = 0; i < kGoodOnes; ++i) {
      const int number = page * 100 + i;
      urls.push_back("/good/" + std::to_string(number) + ".png");
      image(urls.back(), static_cast<std::uint64_t>(number));
    }
  }
  static std::string neighbour(int i, std::uint16_t port, int page) {
    return "http://127.9.0." + std::to_string(i) + ":" + std::to_string(port) + "/" + std::to_string(page) + ".png";
  }
  /// All good images of a crawl are asked for, and no neighbour was given up by then.
  void expect_good_ones(std::size_t count = static_cast<std::size_t>(kPages) * kGoodOnes) {
    const auto run = start("1-" + std::to_string(kPages), {"--allow-private", "--connect-timeout", "50"});
    EXPECT_TRUE(site_.wait_for_under("/good/", count, kSoon)) << site_.count_under("/good/") << " of " << count;
    run->signal(SIGINT);
    EXPECT_EQ(run->wait().status, 130);
    EXPECT_TRUE(folder_.report().balances());
  }
};

TEST_F(Neighbours, ThatNeverAnswer) {
  const DeadHosts dead;
  serve_pages(dead.port());
  expect_good_ones();
}

TEST_F(Neighbours, ThatBeginToAnswerAndHang) {
  const RawServer drips(
      [](const std::string&) {
        return RawAnswer{"HTTP/1.1 200 OK\r\nContent-Length: 5000\r\n\r\n\x89PNG", RawAnswer::Then::hold_open};
      },
      RawServer::Listens::everywhere);
  serve_pages(drips.port());
  expect_good_ones();
}

TEST_F(Neighbours, ThatTheGoodOneRedirectsTo) {
  const DeadHosts dead;
  for (int page = 1; page <= kPages; ++page) {
    std::vector<std::string> urls;
    for (int i = 1; i <= kNeighbours; ++i) {
      urls.push_back("/moved/" + std::to_string(page * 100 + i) + ".png");
      site_.respond(urls.back(), Response{.status = 302, .headers = {{"Location", neighbour(i, dead.port(), page)}}});
    }
    append_good_ones(page, urls);
    list(page, urls);
  }
  expect_good_ones();
}

TEST_F(Neighbours, ThatTellARedirectedImageToWaitForADay) {
  const RawServer busy(
      [](const std::string&) { return RawAnswer{http_answer("", "Retry-After: 99999\r\n", "429 Too Many Requests")}; });
  site_.respond("/moved.png", Response{.status = 302, .headers = {{"Location", busy.url("/x.png")}}});
  for (int page = 1; page <= kPages; ++page) {
    std::vector<std::string> urls{"/moved.png"};
    append_good_ones(page, urls);
    list(page, urls);
  }
  expect_good_ones();
  EXPECT_EQ(busy.requests().size(), 1U);
}

TEST_F(Neighbours, OfOneImageThatIsToldToWaitForADay) {
  site_.respond("/busy.png", Response{.status = 503, .headers = {{"Retry-After", "99999"}}});
  for (int page = 1; page <= kPages; ++page) {
    std::vector<std::string> urls{"/busy.png"};
    append_good_ones(page, urls);
    list(page, urls);
  }
  expect_good_ones();
  EXPECT_LE(site_.count("/busy.png"), 4U) << "after a second, then eight, then a minute";
}

TEST_F(Neighbours, OfPagesThatAreToldToWaitForADay) {
  const RawServer busy(
      [](const std::string&) { return RawAnswer{http_answer("", "Retry-After: 99999\r\n", "429 Too Many Requests")}; });
  site_.respond("/list/1", Response{.status = 302, .headers = {{"Location", busy.url("/")}}});
  site_.respond("/list/2", Response{.status = 429, .headers = {{"Retry-After", "99999"}}});
  for (int page = 3; page <= kPages; ++page) {
    std::vector<std::string> urls;
    append_good_ones(page, urls);
    list(page, urls);
  }
  expect_good_ones(static_cast<std::size_t>(kPages - 2) * kGoodOnes);
}

}  // namespace
}  // namespace doutu
