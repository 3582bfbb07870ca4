// What the frontier holds in memory of the ledger's rows: a window per host, and some hosts.
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdint>
#include <utility>
#include <vector>

#include "tests/downloader/schedule/frontier_scene.h"

namespace doutu {
namespace {

TEST_F(FrontierTest, HoldsOnlyAWindowOfAHostAndAsksForMore) {
  constexpr std::int64_t kLast = 5000;
  add(1, kLast);
  std::vector<std::int64_t> seen;
  std::size_t refills = 0;
  while (auto task = next()) {
    seen.push_back(task->id);
    finish(*std::move(task));
    for (const Frontier::Refill& wanted : frontier().wanted_refills()) {
      ++refills;
      EXPECT_LE(wanted.room, Frontier::kWindow);
      std::vector<ImageTask> tasks;
      for (std::int64_t id = wanted.after_id + 1; id <= kLast && tasks.size() < wanted.room; ++id)
        tasks.push_back(job_of(id));
      frontier().refill(wanted, std::move(tasks));
    }
  }
  EXPECT_EQ(seen.size(), static_cast<std::size_t>(kLast));
  EXPECT_TRUE(std::ranges::is_sorted(seen));
  EXPECT_GE(refills, 7U);
  EXPECT_LE(refills, 12U);
}

TEST_F(FrontierTest, TakesRowsThatAreAddedWhileARefillIsOnItsWay) {
  add(1, 1500);
  for (std::int64_t id = 1; id <= 600; ++id) finish(*next());
  const auto wanted = frontier().wanted_refills();
  ASSERT_EQ(wanted.size(), 1U);
  EXPECT_EQ(wanted[0].after_id, 1024);
  EXPECT_TRUE(frontier().wanted_refills().empty());
  add(1501, 1501);  // After the ledger was read.
  std::vector<ImageTask> rows;
  for (std::int64_t id = 1025; id <= 1500; ++id) rows.push_back(job_of(id));
  frontier().refill(wanted[0], std::move(rows));
  std::int64_t last = 0;
  while (auto task = next()) {
    last = task->id;
    finish(*std::move(task));
    refill(frontier(), 1501);
  }
  EXPECT_EQ(last, 1501);
}

TEST_F(FrontierTest, TakesAnOldRowThatBecamePendingAgain) {
  add(1000, 1010);
  add(5, 5);
  const auto tasks = all();
  EXPECT_EQ(tasks.size(), 12U);
  EXPECT_EQ(tasks.back().id, 5);
}

TEST_F(FrontierTest, GoesBackForAnOldRowWhenItsWindowIsFull) {
  add(100, 1300);
  add(5, 5);
  std::vector<std::int64_t> seen;
  while (auto task = next()) {
    seen.push_back(task->id);
    finish(*std::move(task));
    for (const Frontier::Refill& wanted : frontier().wanted_refills()) {
      std::vector<ImageTask> rows;  // Pending in the ledger: what has not been seen.
      for (std::int64_t id = wanted.after_id + 1; id <= 1300 && rows.size() < wanted.room; ++id) {
        if ((id == 5 || id >= 100) && std::ranges::find(seen, id) == seen.end()) rows.push_back(job_of(id));
      }
      frontier().refill(wanted, std::move(rows));
    }
  }
  std::ranges::sort(seen);
  EXPECT_EQ(seen.size(), 1202U);
  EXPECT_EQ(std::ranges::adjacent_find(seen), seen.end());
}

TEST_F(FrontierTest, TakesNoImageTwice) {
  add(1, 3);
  add(1, 3);
  auto tasks = all();
  EXPECT_EQ(tasks.size(), 3U);
  add(1, 3);  // In flight.
  EXPECT_FALSE(next());
  frontier().finished(std::move(tasks[0]), kFine, now_);
  add(1, 1);  // Settled, but the ledger does not know yet.
  EXPECT_FALSE(next());
}

TEST_F(FrontierTest, ReadsAHostOfAnEarlierRunWholeThoughNewRowsCameFirst) {
  frontier().expect_hosts({});
  add(501, 510);  // New, while 1 to 500 are left of an earlier run.
  EXPECT_FALSE(next());
  ASSERT_TRUE(frontier().wants_hosts());
  frontier().add_hosts(std::vector<HostRow>{{1, name_of(1)}});
  EXPECT_FALSE(frontier().wants_hosts());
  refill(frontier(), 510);
  std::size_t seen = 0;
  while (auto task = next()) {
    ++seen;
    finish(*std::move(task));
    refill(frontier(), 510);
  }
  EXPECT_EQ(seen, 510U);
}

TEST_F(FrontierTest, HoldsNoMoreHostsThanThereIsRoomForAndMeetsTheOthersLater) {
  const auto hosts = static_cast<std::int64_t>(Frontier::kMaxHosts) * 3;
  for (std::int64_t host = 1; host <= hosts; ++host) add_strange(host, host, host);
  std::int64_t done = 0;
  while (done < hosts) {
    std::int64_t held = 0;
    while (auto task = next()) {
      EXPECT_EQ(task->id, ++done) << "each once, in turn";
      ++held;
      finish(*std::move(task));
    }
    ASSERT_GT(held, 0);
    EXPECT_LE(held, static_cast<std::int64_t>(Frontier::kMaxHosts));
    now_ += seconds(1);
    EXPECT_FALSE(next()) << "and forgets those that are done";
    if (!frontier().wants_hosts()) break;
    std::vector<HostRow> rest;
    for (std::int64_t host = done + 1; host <= hosts && rest.size() < Frontier::kMaxHosts; ++host) {
      rest.push_back({host, name_of(host)});
    }
    frontier().add_hosts(rest);
    for (const Frontier::Refill& wanted : frontier().wanted_refills()) {
      frontier().refill(wanted, {job_of(wanted.host, wanted.host)});
    }
  }
  EXPECT_EQ(done, hosts);
}

TEST_F(FrontierTest, MeetsAllHostsInTurnWhateverBecomesOfTheFirst) {
  std::vector<HostRow> first;
  for (std::size_t i = 1; i <= Frontier::kMaxHosts; ++i) {
    const auto host = static_cast<std::int64_t>(i);
    first.push_back({host, name_of(host)});
  }
  frontier().expect_hosts({});
  EXPECT_EQ(frontier().hosts_after(), 0);
  frontier().add_hosts(first);
  EXPECT_EQ(frontier().hosts_after(), first.back().id);
  for (const Frontier::Refill& wanted : frontier().wanted_refills()) frontier().refill(wanted, {});
  now_ += seconds(1);
  EXPECT_FALSE(next());
  ASSERT_TRUE(frontier().wants_hosts());
  frontier().add_hosts(std::vector<HostRow>{{9000, name_of(9000)}});
  EXPECT_EQ(frontier().hosts_after(), 0);
  EXPECT_TRUE(frontier().wants_hosts()) << "the first may have rows again";
  frontier().add_hosts(std::vector<HostRow>{{1, name_of(1)}});
  EXPECT_FALSE(frontier().wants_hosts());
}

TEST_F(FrontierTest, KnowsWhichOutcomesWereCommitted) {
  add(1, 2);
  auto first = next();
  auto second = next();
  frontier().finished(*std::move(first), kFine, now_);
  frontier().finished(*std::move(second), kFine, now_);
  commit({2});  // Two loops: what ended first is not always what is recorded first.
  add(1, 1);
  EXPECT_FALSE(next()) << "its row is pending until it is recorded, and it has been fetched";
}

TEST_F(FrontierTest, HoldsLittleOfEachHostWhenThereAreMany) {
  for (std::int64_t host = 1; host <= 100; ++host) add(host * 10'000, host * 10'000 + 1999, host);
  std::size_t held = 0;
  settings_.pool.downloaders = 1;
  while (next()) ++held;
  EXPECT_LE(held, Frontier::kMaxHeld + 100 * Frontier::kLeastWindow);
  EXPECT_GE(held, Frontier::kMaxHeld);
}

}  // namespace
}  // namespace doutu
