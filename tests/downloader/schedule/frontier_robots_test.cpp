// Images that obey robots.txt, in the frontier: who asks for it, who waits meanwhile, and what a Crawl-delay costs.
#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "shared/crawl/page_task.h"
#include "tests/downloader/schedule/frontier_scene.h"

namespace doutu {
namespace {

RobotsBook::Rules rules(const std::string& lines = "") {
  return std::make_shared<RobotsRules>(RobotsRules::parse("User-agent: *\n" + lines));
}

class FrontierRobots : public FrontierTest {
 protected:
  /// Of a page that a link led to.
  void add_found(std::int64_t first, std::int64_t last, std::int64_t host = 1) {
    frontier().answered(std::vector{name_of(host)}, now_);
    for (std::int64_t id = first; id <= last; ++id) {
      ImageTask task = job_of(id, host);
      task.spot.page = kFirstFoundPage;
      frontier().add(std::move(task));
    }
  }
  ImageTask must_next() {
    auto task = next();
    EXPECT_TRUE(task.has_value());
    return task.value_or(ImageTask());
  }
};

TEST_F(FrontierRobots, AreNoneOfANamedPage) {
  add(1, 3);
  for (const ImageTask& task : all()) {
    EXPECT_FALSE(task.asks_robots);
    EXPECT_EQ(task.robots, nullptr);
  }
}

TEST_F(FrontierRobots, AreAskedForByOneImageWhileTheOthersWait) {
  add_found(1, 3);
  auto first = must_next();
  EXPECT_TRUE(first.asks_robots);
  EXPECT_FALSE(next());
  frontier().robots_read(std::move(first), rules("Disallow: /2\n"), now_);
  const auto tasks = all();
  ASSERT_EQ(ids_of(tasks), (std::vector<std::int64_t>{1, 2, 3})) << "the one that asked comes first";
  for (const ImageTask& task : tasks) {
    EXPECT_FALSE(task.asks_robots);
    ASSERT_NE(task.robots, nullptr);
    EXPECT_EQ(task.robots->allows(task.url), task.id != 2);
  }
  const auto read = frontier().take_robots_read();
  ASSERT_EQ(read.size(), 1U);
  EXPECT_EQ(read[0].server, name_of(1));
  EXPECT_TRUE(frontier().take_robots_read().empty());
}

TEST_F(FrontierRobots, AreKnownForADay) {
  frontier().know_robots(name_of(1), rules(), now_ + RobotsBook::kKept);
  add_found(1, 1);
  EXPECT_FALSE(must_next().asks_robots);
  now_ += RobotsBook::kKept;
  add_found(2, 2);
  EXPECT_FALSE(next()) << "another one is in flight";
}

TEST_F(FrontierRobots, AreAskedForAnewAfterADay) {
  frontier().know_robots(name_of(1), rules(), now_ + RobotsBook::kKept);
  now_ += RobotsBook::kKept;
  add_found(1, 1);
  EXPECT_TRUE(must_next().asks_robots);
}

TEST_F(FrontierRobots, CostAForbiddenImageNothing) {
  settings_.politeness.host_gap = seconds(10);
  frontier().know_robots(name_of(1), rules("Disallow: /\nCrawl-delay: 20\n"), MonoTime::max());
  add_found(1, 3);
  for (std::int64_t id = 1; id <= 3; ++id) {
    const Verdict verdict = frontier().forbidden(must_next(), now_);
    EXPECT_EQ(verdict.kind, Kind::failed);
    EXPECT_EQ(verdict.attempts, 0U);
  }
  EXPECT_EQ(frontier().in_flight(), 0U);
}

TEST_F(FrontierRobots, KeepTheCrawlDelay) {
  settings_.politeness.host_gap = seconds(1);
  add_found(1, 2);
  frontier().robots_read(must_next(), rules("Crawl-delay: 20\n"), now_);
  EXPECT_FALSE(next());
  EXPECT_EQ(wait_.until, now_ + seconds(20)) << "also after the robots.txt";
  now_ += seconds(20);
  EXPECT_EQ(must_next().id, 1);
  EXPECT_FALSE(next());
  EXPECT_EQ(wait_.until, now_ + seconds(20));
}

TEST_F(FrontierRobots, ThatCannotBeReadFailTheOthersUnasked) {
  settings_.politeness.retries = 0;
  add_found(1, 3);
  EXPECT_EQ(finish(must_next(), kBroken).kind, Kind::failed);
  for (std::int64_t id = 2; id <= 3; ++id) {
    auto task = must_next();
    EXPECT_EQ(task.no_robots.cause, Cause::http_status);
    EXPECT_EQ(task.no_robots.http_status, 500);
    commit({task.id});
    EXPECT_EQ(frontier().forbidden(std::move(task), now_).kind, Kind::failed);
  }
  now_ += settings_.politeness.retry_wait_max;
  add_found(4, 4);
  EXPECT_EQ(must_next().no_robots.cause, Cause::none) << "one more asks";
}

TEST_F(FrontierRobots, AreThoseOfTheHostThatARedirectLeadsTo) {
  frontier().know_robots(name_of(1), rules(), MonoTime::max());
  add_found(1, 1);
  auto task = must_next();
  task.detour.url = "http://h2.test/elsewhere";
  frontier().redirected(std::move(task), now_);
  EXPECT_TRUE(must_next().asks_robots);
}

TEST_F(FrontierRobots, AreNobodysConcernIfTheUserSaysSo) {
  settings_.politeness.robots = Robots::nothing;
  add_found(1, 2);
  for (const ImageTask& task : all()) EXPECT_FALSE(task.asks_robots);
}

TEST_F(FrontierRobots, AreEverybodysConcernIfTheUserSaysSo) {
  settings_.politeness.robots = Robots::everything;
  add(1, 2);
  EXPECT_TRUE(must_next().asks_robots);
}

}  // namespace
}  // namespace doutu
