// Hosts that have not answered yet, in the frontier.
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdint>
#include <utility>
#include <vector>

#include "tests/downloader/schedule/frontier_scene.h"

namespace doutu {
namespace {

TEST_F(FrontierTest, GivesAHostOneSlotUntilItAnswers) {
  add_strange(1, 5);
  auto first = next();
  ASSERT_TRUE(first);
  EXPECT_TRUE(first->is_first);
  EXPECT_FALSE(next());
  const int before = calls_;
  frontier().answered(*first, now_);
  EXPECT_EQ(calls_, before + 1);
  EXPECT_EQ(all().size(), 4U) << "though the rest of the first is still on its way";
}

TEST_F(FrontierTest, TakesAPageForAnAnswer) {
  add_strange(1, 5);
  EXPECT_EQ(all().size(), 1U);
  frontier().answered(std::vector{name_of(2), name_of(1)}, now_);
  EXPECT_EQ(all().size(), 4U);
  add_strange(11, 13, 2);
  EXPECT_EQ(all().size(), 3U) << "also one that came before its images";
}

TEST_F(FrontierTest, RemembersThatAForgottenHostHasAnswered) {
  add_strange(1, 1);
  finish(*next());
  now_ += seconds(1);
  EXPECT_FALSE(next());
  add_strange(2, 4);
  EXPECT_EQ(all().size(), 3U);
}

TEST_F(FrontierTest, KnowsHostsThatAnsweredInAnEarlierRun) {
  frontier().expect_hosts(std::vector<HostRow>{{1, name_of(1)}, {0, name_of(2)}});
  frontier().add_hosts(std::vector<HostRow>{{1, name_of(1)}, {2, name_of(2)}, {3, name_of(3)}});
  for (const Frontier::Refill& wanted : frontier().wanted_refills()) {
    std::vector<ImageTask> rows;
    for (std::int64_t i = 0; i < 5; ++i) rows.push_back(job_of(wanted.host * 10 + i, wanted.host));
    frontier().refill(wanted, std::move(rows));
  }
  const auto tasks = all();
  EXPECT_EQ(std::ranges::count(tasks, 1, &ImageTask::host), 5);
  EXPECT_EQ(std::ranges::count(tasks, 2, &ImageTask::host), 5) << "of a page";
  EXPECT_EQ(std::ranges::count(tasks, 3, &ImageTask::host), 1) << "a stranger";
}

TEST_F(FrontierTest, LeavesStrangersAQuarterOfTheSlots) {
  settings_.pool.downloaders = 8;
  for (std::int64_t host = 2; host <= 9; ++host) add_strange(host * 100, host * 100 + 9, host);
  add(1, 100);
  std::vector<ImageTask> tasks;
  while (tasks.size() < 8) tasks.push_back(*next());
  EXPECT_EQ(std::ranges::count(tasks, 1, &ImageTask::host), 6);
  for (ImageTask& task : tasks) {
    if (task.host == 1) finish(std::move(task));
  }
  for (int i = 0; i < 6; ++i) EXPECT_EQ(next()->host, 1);
}

TEST_F(FrontierTest, WakesForStrangersWhenTheSoundNeedTheirSlotsNoMore) {
  settings_.pool.downloaders = 8;
  add(1, 1);
  for (std::int64_t host = 2; host <= 9; ++host) add_strange(host * 100, host * 100 + 9, host);
  std::vector<ImageTask> tasks = all();
  EXPECT_EQ(tasks.size(), 3U);
  const MonoTime ended = now_ += seconds(1);
  finish(std::move(*std::ranges::find(tasks, 1, &ImageTask::host)));
  EXPECT_FALSE(next()) << "its next page may be near";
  EXPECT_EQ(wait_.until, ended + settings_.http.connect_timeout / 2);
  now_ = wait_.until;
  EXPECT_EQ(all().size(), 6U);
}

TEST_F(FrontierTest, FindsRoomForAHostThatAnswersAmongThousandsThatDoNot) {
  const auto hosts = static_cast<std::int64_t>(Frontier::kMaxHosts) * 2;
  for (std::int64_t host = 2; host <= hosts; ++host) add_strange(host, host, host);
  add(hosts + 1, hosts + 20);
  for (const Frontier::Refill& wanted : frontier().wanted_refills()) {
    std::vector<ImageTask> rows;  // Of all that are not known here, all rows come from the ledger.
    for (std::int64_t id = hosts + 1; id <= hosts + 20 && wanted.host == 1; ++id) rows.push_back(job_of(id));
    frontier().refill(wanted, std::move(rows));
  }
  std::int64_t good = 0;
  for (const ImageTask& task : all()) good += task.host == 1 && task.id > hosts ? 1 : 0;
  EXPECT_EQ(good, 20);
}

}  // namespace
}  // namespace doutu
