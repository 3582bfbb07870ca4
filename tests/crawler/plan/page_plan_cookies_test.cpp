// The first page of a server is recorded before a second one is given out: the others have the cookies that it sets.
#include "tests/crawler/plan/page_plan_fixture.h"

namespace doutu {
namespace {

class PagePlanCookiesTest : public PagePlanTest {
 protected:
  PagePlanCookiesTest() { settings_.http.no_cookies = false; }
};

TEST_F(PagePlanCookiesTest, GivesOutTheFirstPageOfASiteAlone) {
  PagePlan plan(range("1-9"), settings_);
  const auto first = next(plan);
  ASSERT_TRUE(first);
  EXPECT_FALSE(next(plan));
  EXPECT_EQ(plan.recorded(*first, kGood, now_), Decision::settled);
  EXPECT_TRUE(next(plan));
  EXPECT_TRUE(next(plan)) << "the site is met now";
}

TEST_F(PagePlanCookiesTest, AFirstPageThatTheServerRefusesWillDo) {
  PagePlan plan(range("1-9"), settings_);
  EXPECT_EQ(fetch(plan, kMissing), Decision::give_up);
  EXPECT_TRUE(next(plan));
  EXPECT_TRUE(next(plan));
}

TEST_F(PagePlanCookiesTest, AFirstPageThatDoesNotComeHoldsTheOthersUpForAMomentOnly) {
  PagePlan plan(range("1-9"), settings_);
  ASSERT_TRUE(next(plan));
  EXPECT_FALSE(next(plan));
  EXPECT_EQ(wake_at_, now_ + seconds(10));
  now_ += seconds(10);
  EXPECT_TRUE(next(plan));
  EXPECT_TRUE(next(plan));
}

TEST_F(PagePlanCookiesTest, AFirstPageWhoseFetcherDiesIsFetchedAloneAgain) {
  PagePlan plan(range("1-9"), settings_);
  const auto first = next(plan);
  ASSERT_TRUE(first);
  EXPECT_EQ(plan.fetcher_died(*first, Strikes::Death::killed, now_), Decision::retry);
  EXPECT_TRUE(next(plan));
  EXPECT_FALSE(next(plan));
}

TEST_F(PagePlanCookiesTest, WithoutCookiesNoPageWaitsForTheFirst) {
  settings_.http.no_cookies = true;
  PagePlan plan(range("1-9"), settings_);
  EXPECT_TRUE(next(plan));
  EXPECT_TRUE(next(plan));
}

}  // namespace
}  // namespace doutu
