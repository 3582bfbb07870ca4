// What robots.txt means for the plan of pages: who obeys, a Crawl-delay, and pages that are not asked for.
#include <gtest/gtest.h>

#include <memory>
#include <string>

#include "tests/crawler/plan/page_plan_fixture.h"

namespace doutu {
namespace {

constexpr const char* kServer = "http://site.example:80";
const PageResult kForbidden{Cause::robots};

RobotsBook::Rules rules(const std::string& lines) {
  return std::make_shared<RobotsRules>(RobotsRules::parse("User-agent: *\n" + lines));
}

class PagePlanRobots : public PagePlanTest {
 protected:
  static PageTask found() { return {.id = kFirstFoundPage, .attempt = 1, .url = "http://site.example/f"}; }
};

TEST_F(PagePlanRobots, AreKnownToPagesThatObey) {
  PagePlan plan(range("1-3"), settings_);
  EXPECT_EQ(plan.robots_of(found(), now_), nullptr);
  plan.note_robots(kServer, rules("Disallow: /\n"), now_ + seconds(9), now_);
  EXPECT_NE(plan.robots_of(found(), now_), nullptr);
  EXPECT_EQ(plan.robots_of(page_of(1), now_), nullptr) << "the user has named it";
  EXPECT_EQ(plan.robots_of(found(), now_ + seconds(9)), nullptr);
}

TEST_F(PagePlanRobots, KeepTheCrawlDelayOfThose) {
  settings_.politeness.robots = Robots::everything;
  settings_.politeness.host_gap = seconds(2);
  PagePlan plan(range("1-3"), settings_);
  ASSERT_TRUE(next(plan));
  plan.note_robots(kServer, rules("Crawl-delay: 7\n"), MonoTime::max(), now_);
  EXPECT_FALSE(next(plan));
  EXPECT_EQ(wake_at_, now_ + seconds(7));
  now_ += seconds(7);
  ASSERT_TRUE(next(plan));
  EXPECT_FALSE(next(plan));
  EXPECT_EQ(wake_at_, now_ + seconds(7));
}

TEST_F(PagePlanRobots, CostAForbiddenPageNeitherAWaitNorAFailure) {
  settings_.politeness.robots = Robots::everything;
  settings_.politeness.host_gap = seconds(100);
  PagePlan plan(range("1-3"), settings_);
  for (int page = 1; page <= 3; ++page) {
    const auto task = next(plan);
    ASSERT_TRUE(task);
    EXPECT_EQ(plan.recorded(*task, kForbidden, now_), Decision::give_up);
    plan.confirm_failure(*task, Cause::robots);
  }
  EXPECT_EQ(plan.counters().robots, 3U);
  EXPECT_EQ(plan.counters().failed, 0U);
  EXPECT_TRUE(plan.all_settled());
}

TEST_F(PagePlanRobots, AreReadForOnePageWhileTheOthersWait) {
  settings_.politeness.robots = Robots::everything;
  PagePlan plan(range("1-4"), settings_);
  const auto first = next(plan);
  ASSERT_TRUE(first);
  EXPECT_FALSE(next(plan));
  EXPECT_EQ(wake_at_, MonoTime::max());
  EXPECT_EQ(plan.fetcher_died(*first, Strikes::Death::killed, now_), Decision::retry);
  const auto second = next(plan);
  ASSERT_TRUE(second);
  plan.note_robots(kServer, rules(""), MonoTime::max(), now_);
  EXPECT_EQ(plan.recorded(*second, kGood, now_), Decision::settled);
  EXPECT_TRUE(next(plan));
  EXPECT_TRUE(next(plan));
}

TEST_F(PagePlanRobots, AreRememberedOfARunBefore) {
  PagePlan plan(range("1-2"), settings_);
  plan.recall({.number = 1, .state = PageState::failed, .is_robots = true});
  EXPECT_EQ(plan.counters().robots, 1U);
  EXPECT_EQ(plan.counters().pending(), 1U);
}

}  // namespace
}  // namespace doutu
