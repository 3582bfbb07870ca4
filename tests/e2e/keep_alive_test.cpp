// One connection for one request after the other, and a server that does not keep to it: no failure, no mix-up.

#include "tests/e2e/crawl_fixture.h"

namespace doutu {
namespace {

using Ending = Response::Ending;

class KeepAlive : public CrawlTest {
 protected:
  /// One fetcher, one image after the other, and no second attempt: what costs one fails.
  Ended crawl_in_order(const std::string& pages, const std::vector<std::string>& more = {}) const {
    std::vector<std::string> flags = {"--fetchers", "1", "--downloaders", "1", "--threads", "1", "--retries", "0"};
    flags.insert(flags.end(), more.begin(), more.end());
    return crawl(pages, flags);
  }

  [[nodiscard]] std::size_t connections_for(const std::string& prefix) const {
    std::set<std::uint64_t> connections;
    for (const Hit& hit : site_.log()) {
      if (hit.path.starts_with(prefix)) connections.insert(hit.connection);
    }
    return connections.size();
  }

  /// Pages with one image each; all answers end so.
  std::map<std::string, std::string> make_site(int pages, Ending ending) {
    std::map<std::string, std::string> images;
    for (int i = 1; i <= pages; ++i) {
      const std::string name = std::to_string(i) + ".png";
      const std::string bytes = small_image(static_cast<std::uint64_t>(i));
      site_.respond("/img/" + name, Response{.body = bytes, .ending = ending});
      site_.respond("/list/" + std::to_string(i), Response{.body = list_page({"/img/" + name}), .ending = ending});
      images[name] = sha256(bytes);
    }
    return images;
  }

  void expect_whole(const Ended& ended, const std::map<std::string, std::string>& images) {
    EXPECT_EQ(ended.status, 0) << ended.err;
    EXPECT_EQ(folder_.images(), images);
    EXPECT_TRUE(folder_.report().balances());
    EXPECT_TRUE(folder_.failures().empty());
  }
};

TEST_F(KeepAlive, OneConnectionServesAll) {
  expect_whole(crawl_in_order("1-6"), make_site(6, Ending::keep_alive));
  EXPECT_EQ(connections_for("/list/"), 1U);
  EXPECT_EQ(connections_for("/img/"), 1U);
  EXPECT_EQ(site_.log().size(), 12U);
}

TEST_F(KeepAlive, ClosedAfterEveryAnswer) { expect_whole(crawl_in_order("1-6"), make_site(6, Ending::close)); }

TEST_F(KeepAlive, ClosedJustWhenTheNextRequestGoesOut) {
  expect_whole(crawl_in_order("1-6"), make_site(6, Ending::close_at_next));
  EXPECT_EQ(connections_for("/list/"), 6U);
  EXPECT_EQ(site_.count_under("/list/"), 11U) << "each but the first met a connection that ended";
  EXPECT_EQ(site_.count_under("/img/"), 11U);
}

TEST_F(KeepAlive, WhatComesWhileNothingIsAskedForAnswersNothing) {
  const auto images = make_site(4, Ending::keep_alive);
  const auto then_speak_up = [](Response response, const std::string& forged) {
    response.again = "HTTP/1.1 200 OK\r\nContent-Length: " + std::to_string(forged.size()) + "\r\n\r\n" + forged;
    response.again_every = std::chrono::milliseconds(5);
    return response;
  };
  std::vector<std::string> urls;
  for (std::uint64_t i = 1; i <= 4; ++i) {
    urls.push_back("/img/" + std::to_string(i) + ".png");
    site_.respond(urls.back(), then_speak_up({.body = small_image(i)}, small_image(99)));
  }
  site_.respond("/list/1",
                {then_speak_up({.status = 500}, list_page({"/forged.png"})), Response{.body = list_page(urls)}});
  // Time enough to speak, between images and before the page's second attempt.
  expect_whole(crawl_in_order("1", {"--wait", "0.3", "--retries", "1", "--retry-wait", "0.3"}), images);
  EXPECT_EQ(site_.log().size(), 6U);
}

}  // namespace
}  // namespace doutu
