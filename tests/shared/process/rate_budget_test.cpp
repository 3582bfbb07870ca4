#include "shared/process/rate_budget.h"

#include <gtest/gtest.h>
#include <sys/mman.h>
#include <unistd.h>

#include <cstdint>
#include <thread>
#include <vector>

namespace doutu {
namespace {

constexpr std::uint64_t kRate = 1'000'000;
const MonoTime kNow{std::chrono::hours(10)};

class RateBudgetTest : public testing::Test {
 protected:
  RateBudget child(std::uint64_t rate = kRate) const { return *RateBudget::attach(::dup(parent_.fd()), rate); }
  /// As a fetcher that was taken over could.
  void write(std::int64_t free_at) const { ASSERT_EQ(::pwrite(parent_.fd(), &free_at, sizeof free_at, 0), 8); }

  const RateBudget parent_ = *RateBudget::create();
};

TEST_F(RateBudgetTest, GivesTheTimeFromWhichOnTheNextByteMayBeTaken) {
  RateBudget budget = child();
  ASSERT_TRUE(budget.is_limited());
  EXPECT_EQ(budget.book(100'000, kNow), kNow - RateBudget::kBurst) << "what was not used lasts for a burst";
  EXPECT_EQ(budget.book(250'000, kNow), kNow);
  EXPECT_EQ(budget.book(1, kNow), kNow + milliseconds(250));
  EXPECT_EQ(budget.book(1, kNow + milliseconds(300)), kNow + milliseconds(250) + std::chrono::microseconds(1));
  EXPECT_EQ(budget.book(1, kNow + seconds(3)), kNow + seconds(3) - RateBudget::kBurst);
}

TEST_F(RateBudgetTest, IsOneForAllProcessesEvenAfterTheDeathOfSome) {
  RateBudget first = child();
  const MonoTime due = first.book(500'000, kNow);
  first = RateBudget();
  RateBudget second = child();
  EXPECT_EQ(second.book(1, kNow), due + milliseconds(500));
}

TEST_F(RateBudgetTest, LosesNoByteBetweenThreads) {
  RateBudget budget = child(100 * kRate);
  write(to_nanoseconds(kNow));
  constexpr int kEach = 20'000;
  std::vector<std::jthread> threads;
  for (int i = 0; i < 4; ++i) {
    threads.emplace_back([&budget] {
      for (int k = 0; k < kEach; ++k) (void)budget.book(1'000, kNow);
    });
  }
  threads.clear();
  EXPECT_EQ(budget.book(1, kNow), kNow + milliseconds(800));
}

TEST_F(RateBudgetTest, HoldsNobodyForEverWhateverIsWrittenThere) {
  RateBudget budget = child();
  for (const std::int64_t written : {std::int64_t{-1}, INT64_MIN, INT64_MAX, to_nanoseconds(kNow + seconds(3600))}) {
    write(written);
    for (int i = 0; i < 3; ++i) EXPECT_LE(budget.book(10'000, kNow), kNow + milliseconds(50)) << written;
  }
}

TEST_F(RateBudgetTest, TellsTheParentWhetherSomebodyWaits) {
  EXPECT_FALSE(parent_.is_spent(kNow));
  RateBudget budget = child();
  (void)budget.book(300'000, kNow);
  EXPECT_TRUE(parent_.is_spent(kNow));
  EXPECT_FALSE(parent_.is_spent(kNow + milliseconds(200)));
}

TEST_F(RateBudgetTest, CannotBeTakenAwayFromUnderAnybody) {
  EXPECT_NE(::ftruncate(parent_.fd(), 0), 0);
  EXPECT_FALSE(RateBudget::attach(::memfd_create("other", MFD_CLOEXEC), kRate).ok());
  const auto unlimited = RateBudget::attach(-1, 0);
  ASSERT_TRUE(unlimited.ok());
  EXPECT_FALSE(unlimited->is_limited());
}

TEST(ImagesAtATime, AreSoManyThatEachGetsEnough) {
  CrawlSettings settings;
  settings.pool.downloaders = 20;
  EXPECT_EQ(images_at_a_time(settings), 20U);
  const auto with = [&](std::uint64_t rate) {
    settings.limits.max_rate = rate;
    return images_at_a_time(settings);
  };
  EXPECT_EQ(with(1 << 20), 20U);
  EXPECT_EQ(with(64 << 10), 8U);
  EXPECT_EQ(with(10 << 10), 2U);
  EXPECT_EQ(with(1), 2U);
  EXPECT_EQ(with(std::uint64_t{1} << 60), 20U);
  settings.pool.downloaders = 1;
  EXPECT_EQ(with(1), 1U);
}

}  // namespace
}  // namespace doutu
