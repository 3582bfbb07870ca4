// PageFetcherTest: a page fetcher whose lane ends in the test, and servers that answer as they are told.
#pragma once

#include <gtest/gtest.h>
#include <unistd.h>

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "crawler/fetcher/page_fetcher.h"
#include "shared/lane/local_queue.h"
#include "tests/crawler/fetcher/records_of_page.h"
#include "tests/shared/http/raw_server.h"

namespace doutu {

class PageFetcherTest : public testing::Test {
 protected:
  using Then = RawAnswer::Then;

  static void SetUpTestSuite() { init_http(); }

  PageFetcherTest() {
    settings_.http.site_host = "127.0.0.1";
    settings_.page.xpaths = {"//img/@src"};
    settings_.page.timeout = seconds(20);
  }

  std::unique_ptr<PageFetcher> make_fetcher() {
    return std::make_unique<PageFetcher>(settings_, PageExpressions::compile(settings_.page).value(), *producer_,
                                         *stats_, *RateBudget::attach(::dup(budget_.fd()), settings_.limits.max_rate));
  }

  RecordsOfPage fetch(const std::string& url, std::uint32_t step = 1) {
    EXPECT_EQ(make_fetcher()->fetch({.id = 7, .attempt = 2, .url = url, .step = step}), PageFetcher::Done::yes);
    RecordsOfPage seen = take_page(*consumer_);
    EXPECT_EQ(seen.end.page, 7U);
    EXPECT_EQ(seen.end.attempt, 2U);
    EXPECT_EQ(seen.end.hits, seen.images.size());
    EXPECT_EQ(seen.end.links, seen.pages.size());
    EXPECT_TRUE(consumer_->empty()) << "nothing follows PageEnd";
    return seen;
  }

  /// A page that did not come: its cause, and nothing else in the lane.
  PageEnd fetch_in_vain(const std::string& url) {
    const RecordsOfPage seen = fetch(url);
    EXPECT_NE(seen.final_url, url) << "only where a redirect led is worth a record";
    EXPECT_TRUE(seen.images.empty());
    return seen.end;
  }

  PageEnd fetch_answer_in_vain(const std::string& bytes, Then then = Then::close) {
    const RawServer server([&](const std::string&) { return RawAnswer{bytes, then}; });
    return fetch_in_vain(server.url("/"));
  }

  CrawlSettings settings_;
  const RateBudget budget_ = *RateBudget::create();
  const std::unique_ptr<LocalQueue> queue_ = LocalQueue::create(kMinLaneCapacity).value();
  const std::unique_ptr<ImageProducer> producer_ = queue_->producer();
  const std::unique_ptr<ImageConsumer> consumer_ = queue_->consumer();
  const std::unique_ptr<StatsPage> stats_ = std::make_unique<StatsPage>();
};

}  // namespace doutu
