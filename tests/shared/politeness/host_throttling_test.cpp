// A host that throttles: 429, or 503 with Retry-After.
#include <gtest/gtest.h>

#include <chrono>
#include <vector>

#include "tests/shared/politeness/host_schedule_scene.h"

namespace doutu {
namespace {

TEST_F(HostScheduleTest, TakesABurstOfThrottlingAsOneEvent) {
  for (const auto ticket : start(4)) EXPECT_EQ(end(kThrottled, ticket), Cost::nothing);
  EXPECT_EQ(starts_in(), 1);
  now_ += seconds(1);
  EXPECT_EQ(one(kThrottled), Cost::nothing);
  EXPECT_EQ(starts_in(), 2);
}

TEST_F(HostScheduleTest, KnowsTheStragglersOfABurstByTheirTickets) {
  const auto tickets = start(4);
  EXPECT_EQ(end(kThrottled, tickets[0]), Cost::nothing);
  now_ += seconds(10);  // The first wait is long over when the others answer.
  for (int i = 1; i < 4; ++i) {
    EXPECT_EQ(end(kThrottled, tickets[static_cast<std::size_t>(i)]), Cost::nothing);
  }
  EXPECT_EQ(starts_in(), 0);
}

TEST_F(HostScheduleTest, BelievesRetryAfterTheMoreTheOftenerItIsSaid) {
  for (const double wait : {1, 8, 64, 90, 90}) {
    EXPECT_EQ(one(busy_for(seconds(90))), Cost::nothing);
    EXPECT_EQ(starts_in(), wait);
    now_ = schedule_.may_start_at(now_);
  }
  settings_.politeness.retry_after_max = seconds(200);
  for (const double wait : {90, 200}) {
    EXPECT_EQ(one(busy_for(seconds(100'000))), Cost::nothing);
    EXPECT_EQ(starts_in(), wait) << "the less of what two were told";
    now_ = schedule_.may_start_at(now_);
  }
}

TEST_F(HostScheduleTest, BoundsWhatNoClockCanHold) {
  settings_.politeness.outage_wait = std::chrono::hours(100);
  for (int i = 0; i < 12; ++i) {
    one(busy_for(seconds::max()));
    EXPECT_GT(starts_in(), 0);
    EXPECT_LE(starts_in(), 3600);
    now_ = schedule_.may_start_at(now_);
  }
}

TEST_F(HostScheduleTest, BelievesAtOnceWhatAHostHasKept) {
  for (int i = 0; i < 3; ++i) {
    one(busy_for(seconds(50)));
    now_ = schedule_.may_start_at(now_);
  }
  one(kFine);
  one(busy_for(seconds(50)));
  EXPECT_EQ(starts_in(), 50) << "and not 1 s";
  now_ = schedule_.may_start_at(now_);
  one(kFine);
  one(busy_for(seconds(1000)));
  EXPECT_EQ(starts_in(), 50) << "no more than it has kept";
}

TEST_F(HostScheduleTest, IsNotHeldUpByOneThatAloneIsToldToWait) {
  for (int i = 0; i < 3; ++i) {
    EXPECT_EQ(one(busy_for(seconds(100'000))), Cost::nothing);
    EXPECT_LE(starts_in(), 2);
    now_ = schedule_.may_start_at(now_);
    one(kFine);
  }
}

TEST_F(HostScheduleTest, TakesNoMoreThanASecondFromABurstThatIsToldToWait) {
  for (const auto ticket : start(4)) (void)end(busy_for(seconds(3600)), ticket);
  EXPECT_EQ(starts_in(), 1) << "one event";
}

TEST_F(HostScheduleTest, IsNotThrottledByOneAmongManyAnswers) {
  for (int i = 0; i < 6; ++i) one(kFine);
  EXPECT_EQ(one(kThrottled), Cost::alone);
  EXPECT_TRUE(may_start());
  EXPECT_EQ(one(kThrottled), Cost::nothing) << "another, and no answer between";
  EXPECT_FALSE(may_start());
}

TEST_F(HostScheduleTest, LetsOneAloneWaitAloneAlsoLater) {
  for (int i = 0; i < 6; ++i) one(kFine);
  Refusals::Past past;
  for (int i = 0; i < 4; ++i) EXPECT_EQ(again(past), Cost::alone);
  now_ += 5 * settings_.politeness.retry_wait_max;
  EXPECT_EQ(again(past), Cost::attempt) << "by now it is long";
  EXPECT_TRUE(may_start());
}

TEST_F(HostScheduleTest, CountsRefusalsWhereOthersComeMeanwhile) {
  Refusals::Past past;
  for (int i = 0; i < 4; ++i) {
    EXPECT_EQ(again(past), Cost::nothing) << i;
    one(kFine);
  }
  for (int i = 0; i < 5; ++i) {
    EXPECT_EQ(again(past), Cost::attempt) << i;
    EXPECT_TRUE(may_start()) << "others need not wait for that one";
    one(kFine);
  }
}

TEST_F(HostScheduleTest, CountsNoRefusalWhereWhatWasRefusedComesAfterAll) {
  Refusals::Past early;
  for (int i = 0; i < 3; ++i) EXPECT_EQ(again(early), Cost::nothing);
  EXPECT_EQ(again(early, kFine), Cost::attempt);
  Refusals::Past late;
  for (int i = 0; i < 4 + 8 * 3; ++i) {
    EXPECT_NE(again(late), Cost::attempt) << i;
    again(early, kFine);
  }
  EXPECT_EQ(again(late), Cost::attempt);
}

TEST_F(HostScheduleTest, HasPatienceWithTheLastWhereNothingProvesThatItIsAboutThem) {
  for (int i = 0; i < 6; ++i) one(kFine);
  Refusals::Past last;
  const MonoTime began = now_;
  while (again(last) != Cost::attempt) now_ += settings_.politeness.retry_wait_max;
  EXPECT_GE(now_ - began, 5 * settings_.politeness.retry_wait_max) << "it may be the end of a quota";
  EXPECT_LE(now_ - began, 7 * settings_.politeness.retry_wait_max);
}

TEST_F(HostScheduleTest, TakesWhatItTookForOneForAllWhenFreshOnesAreRefusedToo) {
  for (int i = 0; i < 6; ++i) one(kFine);
  Refusals::Past last;
  EXPECT_EQ(again(last), Cost::alone);
  EXPECT_EQ(one(kThrottled), Cost::nothing) << "a fresh one";
  EXPECT_EQ(again(last), Cost::nothing);
  for (int i = 0; i < 10; ++i) {
    EXPECT_EQ(again(last), Cost::nothing);
    now_ += settings_.politeness.retry_wait_max;
  }
}

TEST_F(HostScheduleTest, TakesRefusalsForThoseOfImagesWhereFreshOnesComeAndRefusedOnesNeverDo) {
  std::vector<Refusals::Past> refused(16);
  for (Refusals::Past& past : refused) {
    EXPECT_EQ(again(past), Cost::nothing);
    EXPECT_EQ(again(past), Cost::nothing);
    Refusals::Past fresh;
    again(fresh, kFine);
  }
  Refusals::Past another;
  EXPECT_EQ(again(another), Cost::alone) << "at its first refusal";
}

TEST_F(HostScheduleTest, GivesUpAHostThatThrottlesForTwiceAsLongAsAnOutageMayLast) {
  const MonoTime began = now_;
  while (schedule_.given_up(now_).cause == Cause::none) {
    one(kThrottled);
    now_ = schedule_.may_start_at(now_);
  }
  EXPECT_GT(now_ - began, 2 * settings_.politeness.outage_wait);
  EXPECT_LE(now_ - began, 3 * settings_.politeness.outage_wait);
  EXPECT_EQ(schedule_.given_up(now_).http_status, 429);
  EXPECT_TRUE(schedule_.was_last_try(kThrottled));
  one(kFine);
  EXPECT_EQ(schedule_.given_up(now_).cause, Cause::none) << "an answer ends it";
}

TEST_F(HostScheduleTest, GivesNoHostUpForTheTimeInWhichNobodyAsked) {
  for (int i = 0; i < 8; ++i) one(kThrottled);
  now_ += 10 * settings_.politeness.outage_wait;  // A full disk.
  EXPECT_EQ(one(kThrottled), Cost::nothing);
  EXPECT_EQ(schedule_.given_up(now_).cause, Cause::none);
}

TEST_F(HostScheduleTest, GivesNoHostUpForThrottlingWhileOthersAnswer) {
  for (int i = 0; i < 100; ++i) {
    any_answer_ = now_ = schedule_.may_start_at(now_);
    EXPECT_EQ(one(kThrottled), Cost::nothing);
  }
  EXPECT_EQ(schedule_.given_up(now_).cause, Cause::none);
}

TEST_F(HostScheduleTest, WaitsLongerThanAPenaltyThatEachRefusalStartsAnew) {
  MonoTime free_at = now_ + seconds(200);
  int asked = 0;
  for (; now_ < free_at; ++asked) {
    one(kThrottled);
    free_at = now_ + seconds(200);
    now_ = schedule_.may_start_at(now_);
  }
  EXPECT_LE(asked, 30);
}

TEST_F(HostScheduleTest, OpensUpGentlyAfterThrottling) {
  EXPECT_EQ(one(kThrottled), Cost::nothing);
  now_ += seconds(1);
  for (int allowed = 1; allowed < 4; ++allowed) {
    const auto tickets = start(allowed);
    EXPECT_EQ(starts_in(), -1) << allowed;
    for (const auto ticket : tickets) EXPECT_EQ(end(kFine, ticket), Cost::attempt);
  }
  start(4);
  EXPECT_EQ(one(kThrottled), Cost::alone);
  EXPECT_EQ(one(kThrottled), Cost::nothing);
  EXPECT_EQ(schedule_.may_start_at(now_), MonoTime::max());  // A new event, and others are in flight.
}

}  // namespace
}  // namespace doutu
