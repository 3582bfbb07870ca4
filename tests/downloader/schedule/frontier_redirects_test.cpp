// Images that are redirected to other hosts, in the frontier.
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdint>
#include <utility>
#include <vector>

#include "tests/downloader/schedule/frontier_scene.h"

namespace doutu {
namespace {

class Redirects : public FrontierTest {
 protected:
  void redirect(ImageTask task, std::int64_t to) {
    task.detour.url = "http://h" + std::to_string(to) + ".test/elsewhere";
    task.detour.redirects = 1;
    frontier().redirected(std::move(task), now_);
  }
  void redirect_all(std::int64_t to) {
    for (ImageTask& task : all()) redirect(std::move(task), to);
  }
};

TEST_F(Redirects, GiveTheSlotBackAndTakeTheirTurnThere) {
  settings_.politeness.max_per_host = 1;
  add(1, 2);
  redirect_all(2);
  EXPECT_EQ(frontier().in_flight(), 0U);
  const auto tasks = all();
  ASSERT_EQ(ids_of(tasks), (std::vector<std::int64_t>{1, 2}));
  EXPECT_EQ(tasks[0].detour.url, "http://h2.test/elsewhere");
  EXPECT_EQ(tasks[1].detour.url, "");
}

TEST_F(Redirects, HoldNoSlotsOfTheHostThatTheyComeFrom) {
  settings_.pool.downloaders = 8;
  add(1, 100);
  std::vector<ImageTask> dead;
  for (int i = 0; i < 50; ++i) {
    auto task = next();
    ASSERT_TRUE(task);
    if (task->detour.host != 0) {
      dead.push_back(*std::move(task));
    } else {
      redirect(*task, 100 + i % 10);
    }
  }
  EXPECT_EQ(dead.size(), 2U);
  EXPECT_EQ(next()->host, 1);
}

TEST_F(Redirects, AreThrottledWhereTheyLead) {
  add(1, 1);
  redirect_all(2);
  auto there = next();
  ASSERT_EQ(there->detour.url, "http://h2.test/elsewhere");
  add(2, 20);
  EXPECT_EQ(finish(*std::move(there), {Cause::http_status, 429, seconds(99'999)}).attempts, 0U);
  EXPECT_EQ(all().size(), 19U) << "the host that redirected goes on";
  add_strange(31, 33, 2);
  EXPECT_FALSE(next()) << "but the other does not";
  EXPECT_EQ(wait_.until, now_ + seconds(1));
  EXPECT_EQ(wait_.reason, ImageWait::throttled);
}

TEST_F(Redirects, GoHomeWhenTheyFail) {
  add(1, 1);
  redirect_all(2);
  now_ += seconds(1);  // Meanwhile its own host has nothing more, and is forgotten.
  auto there = next();
  now_ += seconds(10);
  const Verdict verdict = finish(*std::move(there), {Cause::connect_timeout});
  EXPECT_EQ(verdict.kind, Kind::retry);
  EXPECT_EQ(verdict.attempts, 1U);
  now_ = verdict.next_attempt;
  const auto again = next();
  ASSERT_TRUE(again);
  EXPECT_EQ(again->detour.url, "");
  EXPECT_EQ(again->detour.host, 0);
}

TEST_F(Redirects, AreAskedForAgainWhenTheyWaitedLong) {
  add(1, 9);
  redirect_all(2);
  auto there = next();
  ASSERT_TRUE(there);
  EXPECT_FALSE(next());
  now_ += Frontier::kDetourKept + seconds(1);
  finish(*std::move(there), {Cause::connect_timeout});
  const auto other = next();
  ASSERT_TRUE(other);
  EXPECT_EQ(other->detour.url, "") << "what it was told may be void by now";
  EXPECT_FALSE(next()) << "the others wait until it is back";
}

TEST_F(Redirects, AreFollowedTheSecondTimeHoweverLongTheyWaited) {
  add(1, 1);
  redirect_all(2);
  now_ += Frontier::kDetourKept + seconds(1);
  auto again = next();
  ASSERT_TRUE(again);
  EXPECT_EQ(again->detour.url, "");
  redirect(*again, 2);
  now_ += Frontier::kDetourKept + seconds(1);
  const auto there = next();
  ASSERT_TRUE(there);
  EXPECT_EQ(there->detour.url, "http://h2.test/elsewhere");
}

TEST_F(Redirects, GoHomeWhenTooManyWait) {
  const auto most = static_cast<std::int64_t>(Detours::kMostOfHost);
  for (std::int64_t id = 1; id <= most + 1; ++id) add(id, id, 10 + id % 2);
  std::vector<ImageTask> tasks = all();
  ASSERT_EQ(tasks.size(), static_cast<std::size_t>(most + 1));
  for (ImageTask& task : tasks) redirect(std::move(task), 2);
  add(most + 2, most + 3, 10 + (most + 1) % 2);
  EXPECT_NE(next()->detour.host, 0);
  EXPECT_FALSE(next()) << "one at a time there, and who redirected the last one waits";
  now_ = wait_.until;
  const auto again = all();
  ASSERT_EQ(again.size(), 3U);
  const auto last = std::ranges::find(again, most + 1, &ImageTask::id);
  ASSERT_NE(last, again.end());
  EXPECT_EQ(last->detour.url, "");
  EXPECT_EQ(last->attempts, 0U) << "that costs nothing";
}

TEST_F(Redirects, OfOneHostLeaveRoomForThoseOfOthers) {
  const auto most = static_cast<std::int64_t>(Detours::kMostOfHost);
  add(1, most, 1);
  for (ImageTask& task : all()) {
    const std::int64_t host = 1000 + task.id % 8;
    redirect(std::move(task), host);
  }
  add(most + 1, most + 1, 2);
  for (ImageTask& task : all()) {
    if (task.host == 2) redirect(std::move(task), 3000);
  }
  const auto there = next();
  ASSERT_TRUE(there);
  EXPECT_EQ(there->detour.url, "http://h3000.test/elsewhere");
}

TEST_F(Redirects, TakeNoRoomFromHostsThatPagesName) {
  settings_.pool.downloaders = 40'000;
  for (std::int64_t host = 1; host <= 4; ++host) {
    const auto most = static_cast<std::int64_t>(Detours::kMostOfHost);
    add(host * 2000, host * 2000 + most - 1, host);
    for (ImageTask& task : all()) {
      if (task.host == host && task.detour.host == 0) redirect(task, 1'000'000 + task.id);
    }
  }
  add_strange(100'000, 100'000, 99);
  const auto tasks = all();
  EXPECT_EQ(std::ranges::count(tasks, 99, &ImageTask::host), 1);
}

TEST_F(Redirects, FailUntriedAtAHostThatIsGivenUp) {
  settings_.politeness.retries = 0;
  add(1, 4);
  redirect_all(2);
  for (int round = 0; round < 3; ++round) EXPECT_EQ(finish(*next(), kRefused).kind, Kind::failed);
  EXPECT_EQ(next()->given_up.cause, Cause::connection_refused);
}

TEST_F(Redirects, AreCountedWithTheImagesThatPagesNameThere) {
  settings_.politeness.max_per_host = 2;
  add(1, 1);
  redirect_all(2);
  add(11, 13, 2);
  EXPECT_EQ(all().size(), 2U);
}

}  // namespace
}  // namespace doutu
