// Pages that links lead to, ranges without an end, lists with several servers: what the plan gives out when.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "tests/crawler/plan/list_pages.h"
#include "tests/crawler/plan/page_plan_fixture.h"

namespace doutu {
namespace {

using testing::ElementsAre;

constexpr std::uint64_t kFirst = kFirstFoundPage;
const PageResult kList{.cause = Cause::none, .http_status = 200, .has_links = true};
const PageResult kFresh{.cause = Cause::none, .http_status = 200, .images = 5, .fresh = 5};
const PageResult kStale{.cause = Cause::none, .http_status = 200, .images = 5, .fresh = 0};

class PagePlanLinksTest : public PagePlanTest {
 protected:
  PagePlanLinksTest() {
    settings_.page.follow = {"//a"};
    settings_.politeness.robots = Robots::nothing;  // Or one page would be read for it, and the others would wait.
  }

  static PageTask found(std::uint64_t number, std::uint32_t step = 2) {
    return {.id = kFirst + number, .attempt = 1, .url = "http://site.example/f" + std::to_string(number), .step = step};
  }
  /// The ledger has so many, and tells them.
  void tell(PagePlan& plan, std::uint64_t from, std::uint64_t count) {
    plan.note_links(kFirst + from + count - 1, 0);
    EXPECT_TRUE(plan.found().to_ask());
    for (std::uint64_t i = from; i < from + count; ++i) plan.found().told(found(i));
    plan.found().told_up_to(kFirst + from + count - 1);
  }
};

TEST_F(PagePlanLinksTest, GivesOutWhatAListPageLeadsToBeforeTheNextListPage) {
  PagePlan plan(range("1-2"), settings_);
  EXPECT_EQ(fetch(plan, kList), Decision::settled);
  tell(plan, 0, 20);
  EXPECT_EQ(plan.counters().asked, 22U);
  std::vector<std::uint64_t> order;
  while (const auto task = next(plan)) order.push_back(task->id >= kFirst ? task->id - kFirst + 100 : task->id);
  ASSERT_EQ(order.size(), 21U);
  EXPECT_EQ(order[0], 100U);
  EXPECT_EQ(order[5], 2U) << "in time, so that no fetcher waits for its links";
  EXPECT_EQ(order[20], 119U);
}

TEST_F(PagePlanLinksTest, SaysWhetherPagesMayBecomeMore) {
  settings_.page.each_once = true;
  PagePlan plan(range("1-2"), settings_);
  EXPECT_TRUE(plan.counters().may_grow);
  EXPECT_EQ(fetch(plan, kList), Decision::settled);
  EXPECT_TRUE(plan.counters().may_grow);
  EXPECT_EQ(fetch(plan, kList), Decision::settled);
  EXPECT_FALSE(plan.counters().may_grow) << "all lists are read";
}

TEST_F(PagePlanLinksTest, GivesOutOneListPageAtATimeWhileThereIsEnoughElse) {
  PagePlan plan(range("1-9"), settings_);
  EXPECT_EQ(fetch(plan, kList), Decision::settled);
  tell(plan, 0, 2);
  EXPECT_EQ(next(plan)->id, 2U);
  EXPECT_EQ(next(plan)->id, kFirst);
  EXPECT_EQ(next(plan)->id, kFirst + 1);
  EXPECT_EQ(next(plan)->id, 3U) << "before a fetcher is idle";
}

TEST_F(PagePlanLinksTest, SettlesBadLinesOfAListOnlyAsFastAsTheLedgerConfirmsThem) {
  PagePlan plan(std::make_unique<ListPages>(std::vector<std::string>(2000, "no URL"), ListPages::Are::bad), settings_);
  EXPECT_FALSE(next(plan));
  const auto first = plan.take_unfetched();
  EXPECT_EQ(first.size(), 1024U);
  EXPECT_FALSE(next(plan));
  EXPECT_TRUE(plan.take_unfetched().empty()) << "a million lines must not be on their way at once";
  plan.confirm_failure(first[0].task);
  EXPECT_FALSE(next(plan));
  EXPECT_EQ(plan.take_unfetched().size(), 1U);
}

TEST_F(PagePlanLinksTest, WaitsForPagesThatTheLedgerHasNotToldYet) {
  PagePlan plan(range("1"), settings_);
  EXPECT_EQ(fetch(plan, kList), Decision::settled);
  EXPECT_TRUE(plan.all_settled());
  plan.note_links(kFirst + 1, 0);
  EXPECT_FALSE(plan.all_settled());
  EXPECT_FALSE(next(plan));
  EXPECT_EQ(plan.found().to_ask(), kFirst - 1);
  EXPECT_EQ(plan.found().to_ask(), std::nullopt) << "once";
  plan.found().told(found(0));
  plan.found().ask_again();
  EXPECT_EQ(plan.found().to_ask(), kFirst) << "whoever was asked died: behind what it had told";
  plan.found().told(found(1));
  plan.found().told_up_to(kFirst + 1);
  EXPECT_EQ(fetch(plan, kFresh), Decision::settled);
  EXPECT_EQ(fetch(plan, kFresh), Decision::settled);
  EXPECT_TRUE(plan.all_settled());
}

TEST_F(PagePlanLinksTest, GoesOnWithTheFoundPagesThatARunHadLeft) {
  PagePlan plan(range("1"), settings_);
  plan.recall({1, PageState::done, 1});
  plan.recall({kFirst, PageState::done, 1});
  plan.recall({kFirst + 1, PageState::open, 2});
  plan.note_links(kFirst + 2, 7);
  EXPECT_EQ(plan.counters().asked, 4U);
  EXPECT_EQ(plan.counters().known, 7U);
  EXPECT_EQ(plan.waiting(), 2U);
  EXPECT_EQ(plan.found().to_ask(), kFirst - 1);
  plan.found().told(found(1));
  plan.found().told(found(2));
  plan.found().told_up_to(kFirst + 2);
  EXPECT_EQ(next(plan)->attempt, 3U);
}

TEST_F(PagePlanLinksTest, EndsAnOpenRangeAtThePageThatIsNotThere) {
  PagePlan plan(range("1-"), settings_);
  EXPECT_EQ(fetch(plan, kFresh), Decision::settled);
  EXPECT_FALSE(plan.all_settled());
  const auto second = next(plan);
  const auto third = next(plan);
  const auto fourth = next(plan);
  EXPECT_EQ(plan.recorded(*third, kMissing, now_), Decision::beyond_end);
  EXPECT_EQ(plan.recorded(*fourth, kBroken, now_), Decision::beyond_end) << "whatever it is";
  EXPECT_EQ(plan.recorded(*second, kFresh, now_), Decision::settled);
  EXPECT_FALSE(next(plan));
  EXPECT_FALSE(plan.all_settled());
  plan.confirm_beyond_end(*third);
  plan.confirm_beyond_end(*fourth);
  EXPECT_TRUE(plan.all_settled());
  EXPECT_EQ(plan.counters(), (PageCounters{.asked = 4, .done = 2, .beyond_end = 2}));
}

TEST_F(PagePlanLinksTest, TakesBackTheEmptyPagesThatTurnOutToBeBeyondTheEnd) {
  PagePlan plan(range("1-"), settings_);
  for (const PageResult* result : {&kFresh, &kEmpty, &kEmpty}) EXPECT_EQ(fetch(plan, *result), Decision::settled);
  const auto fourth = next(plan);
  EXPECT_EQ(plan.recorded(*fourth, kEmpty, now_), Decision::beyond_end);
  plan.confirm_beyond_end(*fourth);
  const auto unfetched = plan.take_unfetched();
  ASSERT_EQ(unfetched.size(), 2U);
  EXPECT_EQ(plan.counters().empty, 0U);
  for (const auto& [task, cause] : unfetched) {
    EXPECT_EQ(cause, Cause::none);
    plan.confirm_beyond_end(task);
  }
  EXPECT_FALSE(next(plan));
  EXPECT_TRUE(plan.all_settled());
  EXPECT_EQ(plan.counters(), (PageCounters{.asked = 4, .done = 1, .beyond_end = 3}));
}

TEST_F(PagePlanLinksTest, AsksForNoMoreOfAnOpenRangeWhenItsServerFailsForGood) {
  PagePlan plan(range("1-"), settings_);
  std::uint64_t given_out = 0;
  while (const auto task = next(plan)) {
    ++given_out;
    EXPECT_EQ(plan.recorded(*task, {.cause = Cause::http_status, .http_status = 403}, now_), Decision::give_up);
    plan.confirm_failure(*task);
  }
  EXPECT_EQ(given_out, 20U);
  EXPECT_TRUE(plan.all_settled());
  EXPECT_EQ(plan.counters(), (PageCounters{.asked = 20, .failed = 20}));
}

TEST_F(PagePlanLinksTest, EndsAnOpenRangeBehindAPageWithNothingNew) {
  PagePlan plan(range("1-"), settings_);
  EXPECT_EQ(fetch(plan, kFresh), Decision::settled);
  EXPECT_EQ(fetch(plan, kStale), Decision::settled) << "it is one";
  EXPECT_FALSE(next(plan));
  EXPECT_TRUE(plan.all_settled());
}

TEST_F(PagePlanLinksTest, RemembersTheEndOfAnOpenRange) {
  PagePlan plan(range("1-"), settings_);
  plan.recall({1, PageState::done, 1});
  plan.recall({3, PageState::beyond_end, 1});
  EXPECT_EQ(next(plan)->id, 2U);
  EXPECT_FALSE(next(plan));
}

TEST_F(PagePlanLinksTest, StopsGivingOutListsWhenEnoughImagesInARowAreKnown) {
  settings_.limits.until_known = 20;
  PagePlan plan(range("1-1000"), settings_);
  PageResult result = kList;
  result.known_in_row = 19;
  EXPECT_EQ(fetch(plan, result), Decision::settled);
  tell(plan, 0, 1);
  result.known_in_row = 20;
  EXPECT_EQ(fetch(plan, result), Decision::settled) << "the second list page";
  plan.note_links(kFirst + 1, 0);
  (void)plan.found().to_ask();
  plan.found().told(found(1, 1));
  plan.found().told_up_to(kFirst + 1);
  EXPECT_EQ(next(plan)->id, kFirst) << "what was found on the way is new";
  EXPECT_FALSE(next(plan));
  const auto unfetched = plan.take_unfetched();
  ASSERT_EQ(unfetched.size(), 1U) << "a next link";
  plan.confirm_beyond_end(unfetched[0].task);
  EXPECT_EQ(plan.recorded(found(0), kFresh, now_), Decision::settled);
  EXPECT_TRUE(plan.all_settled());
  EXPECT_EQ(plan.counters(), (PageCounters{.asked = 4, .done = 3, .beyond_end = 1}));
}

TEST_F(PagePlanLinksTest, LetsNoServerThatThrottlesHoldUpTheOthers) {
  settings_.page.follow.clear();
  PagePlan plan(std::make_unique<ListPages>(std::vector<std::string>{"http://a/1", "http://a/2", "http://b/1"}),
                settings_);
  EXPECT_EQ(fetch(plan, kThrottled), Decision::retry);
  EXPECT_EQ(next(plan)->url, "http://b/1");
  EXPECT_FALSE(next(plan));
  EXPECT_GT(wake_at_, now_);
  now_ = wake_at_;
  EXPECT_EQ(next(plan)->url.substr(0, 9), "http://a/");
}

TEST_F(PagePlanLinksTest, LetsNoServerThatIsOutHoldUpManyPagesOfOthers) {
  settings_.page.follow.clear();
  std::vector<std::string> urls;
  for (int i = 0; i < 40; ++i)
    urls.insert(urls.end(), {"http://a/" + std::to_string(i), "http://b/" + std::to_string(i)});
  PagePlan plan(std::make_unique<ListPages>(urls), settings_);
  EXPECT_EQ(fetch(plan, kThrottled), Decision::retry);
  std::size_t of_b = 0;
  while (const auto task = next(plan)) {
    EXPECT_TRUE(task->url.starts_with("http://b/")) << task->url;
    EXPECT_EQ(plan.recorded(*task, kFresh, now_), Decision::settled);
    ++of_b;
  }
  EXPECT_EQ(of_b, 40U);
}

TEST_F(PagePlanLinksTest, EndsAnOpenRangeWhoseListPagesLeadToNothingNew) {
  PagePlan plan(range("1-"), settings_);
  PageResult result = kList;
  result.has_fresh_links = true;
  EXPECT_EQ(fetch(plan, result), Decision::settled);
  EXPECT_EQ(fetch(plan, kList), Decision::settled);
  EXPECT_FALSE(next(plan));
  EXPECT_TRUE(plan.all_settled());
  EXPECT_EQ(plan.take_early_end()->range, (RangeEnd::End{3, RangeEnd::Why::nothing_new}));
  EXPECT_FALSE(plan.take_early_end());
}

TEST_F(PagePlanLinksTest, AsksForThePagesThatTheUserHasNamedBeforeTheOpenPart) {
  PagePlan plan(range("1-3,10-"), settings_);
  EXPECT_EQ(fetch(plan, kMissing), Decision::give_up) << "page 1";
  EXPECT_EQ(fetch(plan, kFresh), Decision::settled);
}

TEST_F(PagePlanLinksTest, CountsWhatARunHadSettledBehindTheEndOfAnOpenRange) {
  PagePlan plan(range("1-"), settings_);
  plan.recall({1, PageState::done, 1});
  plan.recall({2, PageState::beyond_end, 1});
  plan.recall({3, PageState::failed, 1});
  plan.recall({4, PageState::beyond_end, 1});
  EXPECT_FALSE(next(plan));
  EXPECT_TRUE(plan.all_settled());
  EXPECT_EQ(plan.counters(), (PageCounters{.asked = 4, .done = 1, .failed = 1, .beyond_end = 2}));
}

TEST_F(PagePlanLinksTest, BoundsAnOpenRange) {
  settings_.limits.max_pages = 2;
  PagePlan plan(range("1-"), settings_);
  EXPECT_EQ(fetch(plan, kFresh), Decision::settled);
  EXPECT_EQ(fetch(plan, kFresh), Decision::settled);
  EXPECT_FALSE(next(plan));
  EXPECT_TRUE(plan.all_settled());
}

TEST_F(PagePlanLinksTest, KeepsAGapForEachServer) {
  settings_.page.follow.clear();
  settings_.politeness.host_gap = milliseconds(500);
  PagePlan plan(std::make_unique<ListPages>(std::vector<std::string>{"http://a/1", "http://a/2", "http://b/1"}),
                settings_);
  EXPECT_EQ(next(plan)->url, "http://a/1");
  EXPECT_EQ(next(plan)->url, "http://b/1");
  EXPECT_FALSE(next(plan));
  EXPECT_EQ(wake_at_, now_ + milliseconds(500));
  now_ = wake_at_;
  EXPECT_EQ(next(plan)->url, "http://a/2");
}

}  // namespace
}  // namespace doutu
