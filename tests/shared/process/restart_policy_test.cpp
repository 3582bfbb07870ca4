#include "shared/process/restart_policy.h"

#include <gtest/gtest.h>

#include <cerrno>

namespace doutu {
namespace {

using Worked = RestartPolicy::Worked;

TEST(RestartPolicy, ReplacesAChildThatHasWorkedAtOnce) {
  RestartPolicy policy;
  for (int i = 0; i < 1000; ++i) EXPECT_EQ(policy.after_death(Worked::yes), Duration::zero());
}

TEST(RestartPolicy, ThrottlesAChildThatDiesBeforeItsFirstJobAndGivesItUpInTheEnd) {
  RestartPolicy policy;
  Duration total{};
  Duration last{};
  for (int i = 0; i < RestartPolicy::kMaxStillborn; ++i) {
    const auto delay = policy.after_death(Worked::no);
    ASSERT_TRUE(delay.has_value());
    EXPECT_GE(*delay, last);
    EXPECT_LE(*delay, RestartPolicy::kMaxDelay);
    total += last = *delay;
  }
  EXPECT_GT(total, seconds(10));
  EXPECT_LT(total, seconds(60));
  EXPECT_EQ(policy.after_death(Worked::no), std::nullopt);
}

TEST(RestartPolicy, ForgetsOldDeathsOnceAChildHasWorked) {
  RestartPolicy policy;
  for (int i = 0; i < RestartPolicy::kMaxStillborn; ++i) (void)policy.after_death(Worked::no);
  (void)policy.after_death(Worked::yes);
  EXPECT_EQ(policy.after_death(Worked::no), RestartPolicy::kFirstDelay);
}

TEST(RestartPolicy, NeverGivesUpAChildThatIsKilledFromOutside) {
  RestartPolicy policy;
  std::optional<Duration> delay;
  for (int i = 0; i < 3 * RestartPolicy::kMaxStillborn; ++i) {
    delay = policy.after_death(Worked::no, RestartPolicy::Killed::from_outside);
    ASSERT_TRUE(delay.has_value()) << i;
  }
  EXPECT_EQ(delay, RestartPolicy::kMaxDelay);
}

TEST(RestartPolicy, TriesAgainAfterAStartOnlyWhereTheSystemWasShortOfSomething) {
  RestartPolicy policy;
  EXPECT_EQ(policy.after_failed_start({"no memory", ENOMEM}), RestartPolicy::kFirstDelay);
  EXPECT_EQ(policy.after_failed_start({"no such file", ENOENT}), std::nullopt);
}

TEST(Strikes, AreEnoughAtTheThirdCrash) {
  Strikes strikes;
  EXPECT_FALSE(strikes.add(Strikes::Death::crash));
  EXPECT_FALSE(strikes.add(Strikes::Death::crash));
  EXPECT_TRUE(strikes.add(Strikes::Death::crash));
}

TEST(Strikes, AreEnoughAtTheTenthKillFromOutside) {
  Strikes strikes;
  for (int i = 1; i < 10; ++i) EXPECT_FALSE(strikes.add(Strikes::Death::killed)) << i;
  EXPECT_TRUE(strikes.add(Strikes::Death::killed));
}

}  // namespace
}  // namespace doutu
