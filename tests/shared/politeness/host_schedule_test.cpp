#include "shared/politeness/host_schedule.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>
#include <string>

#include "tests/shared/politeness/host_schedule_scene.h"

namespace doutu {
namespace {

/// A host that has not answered yet.
class Stranger : public HostScheduleTest {
 protected:
  Stranger() { schedule_ = HostSchedule(settings_, Past::unknown, {.most = 4}); }
};

TEST_F(HostScheduleTest, KeepsToTheLimitInFlight) {
  start(3);
  EXPECT_TRUE(may_start());
  start(1);
  EXPECT_EQ(starts_in(), -1);
  schedule_ = HostSchedule(settings_, Past::has_answered, {});
  start(1000);
  EXPECT_TRUE(may_start()) << "there is none";
}

TEST_F(HostScheduleTest, KeepsTheGapBetweenStarts) {
  settings_.politeness.host_gap = milliseconds(500);
  EXPECT_TRUE(may_start());
  start(1);
  EXPECT_EQ(starts_in(), 0.5);
  now_ += milliseconds(500);
  EXPECT_TRUE(may_start());
}

TEST_F(HostScheduleTest, CountsOrdinaryFailuresAsAttempts) {
  for (const AttemptResult& result : {kNotFound, AttemptResult{Cause::http_status, 500}, AttemptResult{Cause::stalled},
                                      AttemptResult{Cause::http_status, 503}, AttemptResult{Cause::truncated, 200}}) {
    EXPECT_EQ(one(result), Cost::attempt);
    EXPECT_TRUE(may_start());
  }
}

TEST_F(Stranger, HasNoGraceWhenItIsOutOfReach) {
  for (int i = 0; i < 100; ++i) {
    EXPECT_EQ(one(kRefused), Cost::attempt);
    EXPECT_TRUE(may_start());
  }
}

TEST_F(HostScheduleTest, FreezesAHostThatHasAnsweredAndProbesItMoreAndMoreSeldom) {
  for (const Cause cause :
       {Cause::dns_failure, Cause::connection_refused, Cause::unreachable, Cause::connect_timeout}) {
    one(kFine);
    EXPECT_EQ(one({cause}), Cost::nothing);
    for (const double wait : {1, 2, 4, 8, 16, 32, 60, 60}) {
      EXPECT_EQ(starts_in(), wait);
      now_ = schedule_.may_start_at(now_);
      const auto probe = schedule_.started(now_);
      EXPECT_EQ(starts_in(), -1);  // One at a time.
      EXPECT_EQ(end({cause}, probe), Cost::nothing);
    }
  }
}

TEST_F(HostScheduleTest, TakesTheEndsOfRequestsFromBeforeAnOutageAsOneEvent) {
  one(kFine);
  for (const auto ticket : start(4)) EXPECT_EQ(end(kRefused, ticket), Cost::nothing);
  EXPECT_EQ(starts_in(), 1);
}

TEST_F(HostScheduleTest, EndsAnOutageOnAnyAnswer) {
  one(kFine);
  EXPECT_EQ(one(kRefused), Cost::nothing);
  now_ += seconds(1);
  EXPECT_EQ(one({Cause::connection_lost}), Cost::nothing);  // Accepts again, but does not answer yet.
  EXPECT_EQ(starts_in(), 2);
  now_ += seconds(2);
  EXPECT_EQ(one(kNotFound), Cost::attempt);
  start(3);
  EXPECT_TRUE(may_start());
}

TEST_F(HostScheduleTest, WaitsForAnOutageOnlySoLong) {
  one(kFine);
  const MonoTime began = now_;
  while (one(kRefused) == Cost::nothing) now_ = schedule_.may_start_at(now_);
  EXPECT_EQ(now_ - began, settings_.politeness.outage_wait);
  for (const auto ticket : start(4)) EXPECT_EQ(end(kRefused, ticket), Cost::attempt);
  EXPECT_TRUE(may_start());  // Thawed: what is left fails by the ordinary retries.
}

TEST_F(Stranger, HasOneRequestInFlightUntilItAnswers) {
  const auto first = start(1)[0];
  EXPECT_EQ(starts_in(), -1);
  (void)end(kRefused, first);
  const auto second = start(1)[0];
  EXPECT_EQ(starts_in(), -1);
  (void)end(kNotFound, second);
  start(3);
  EXPECT_TRUE(may_start());
}

TEST_F(Stranger, HasAsManyInFlightAsItsRulesSay) {
  schedule_ = HostSchedule(settings_, Past::unknown, {.most = 4, .at_first = 2});
  start(1);
  EXPECT_TRUE(may_start());
  const auto last = start(1)[0];
  EXPECT_EQ(starts_in(), -1);
  (void)end(kFine, last);
  start(2);
  EXPECT_TRUE(may_start());
}

TEST_F(HostScheduleTest, TriesWhatIsLeftAGapApartWhereItsRulesSaySo) {
  settings_.politeness.host_gap = milliseconds(500);
  for (const AttemptResult& result : {kRefused, kThrottled}) {
    schedule_ = HostSchedule(settings_, Past::has_answered, {.fails_untried = false});
    while (one(result) == Cost::nothing) now_ = std::max(now_, schedule_.may_start_at(now_));
    for (int i = 0; i < 10; ++i) {
      EXPECT_EQ(starts_in(), 0.5) << "though it was given up";
      now_ = schedule_.may_start_at(now_);
      EXPECT_EQ(one(result), Cost::attempt);
    }
  }
}

TEST_F(Stranger, IsGivenUpWhenItNeverAnswersThoughItTakesConnections) {
  for (const Cause cause : {Cause::stalled, Cause::connection_lost, Cause::tls_failure, Cause::tls_unknown_issuer,
                            Cause::tls_missing, Cause::connect_timeout}) {
    schedule_ = HostSchedule(settings_, Past::unknown, {.most = 4});
    for (std::uint32_t round = 0; round <= settings_.politeness.retries; ++round) {
      EXPECT_EQ(schedule_.given_up(now_).cause, Cause::none);
      one({cause});
      now_ += seconds(5);
    }
    EXPECT_EQ(schedule_.given_up(now_).cause, cause);
  }
}

TEST_F(Stranger, IsOneNoMoreWhenItSaysWhatNobodyUnderstands) {
  one({Cause::bad_response});
  start(3);
  EXPECT_TRUE(may_start());
}

TEST_F(Stranger, IsOneNoMoreWhenItBeginsToAnswer) {
  start(1);
  schedule_.note(HostSchedule::Sign::first_byte, now_);
  EXPECT_TRUE(may_start());
  EXPECT_FALSE(schedule_.is_known()) << "the rest may drip";
}

TEST_F(Stranger, IsOneNoMoreWhenItHasAnsweredAPage) {
  for (int i = 0; i < 3; ++i) one(kRefused);
  schedule_.note(HostSchedule::Sign::page, now_);
  EXPECT_TRUE(schedule_.is_known());
  EXPECT_EQ(one(kRefused), Cost::nothing) << "an outage";
}

TEST_F(HostScheduleTest, IsMissingWhenItFailsToAnswerForSomeTimesAndSomeSeconds) {
  for (const AttemptResult& result : {AttemptResult{Cause::connect_timeout},
                                      {Cause::stalled, 200},
                                      {Cause::timeout, 200},
                                      {Cause::dns_failure},
                                      {Cause::connection_lost},
                                      {Cause::http_status, 504},
                                      {Cause::http_status, 502}}) {
    const std::string name(cause_name(result.cause, result.http_status));
    one(kFine);
    for (int i = 0; i < 25; ++i) one(result);
    EXPECT_FALSE(schedule_.is_missing(now_)) << "a burst of " << name;
    now_ += settings_.http.connect_timeout;
    EXPECT_TRUE(schedule_.is_missing(now_)) << name;
    one(kFine);
    EXPECT_FALSE(schedule_.is_missing(now_)) << name;
    now_ += std::chrono::hours(1);
    for (int i = 0; i < 2; ++i) one(result);
    now_ += settings_.http.connect_timeout;
    const bool is_outage = result.cause == Cause::connect_timeout || result.cause == Cause::dns_failure;
    EXPECT_EQ(schedule_.is_missing(now_), is_outage) << name;
  }
}

TEST_F(HostScheduleTest, IsNotMissingWhateverItAnswersInTime) {
  for (const AttemptResult& result : {kNotFound, kThrottled, AttemptResult{Cause::html_not_image, 200}}) {
    for (int i = 0; i < 3; ++i) one({Cause::connection_lost});
    now_ += settings_.http.connect_timeout;
    one(result);
    EXPECT_FALSE(schedule_.is_missing(now_)) << cause_name(result.cause, result.http_status);
  }
}

TEST_F(HostScheduleTest, IsMissingNoMoreWhenItServesAPage) {
  for (int i = 0; i < 3; ++i) one({Cause::connection_lost});
  now_ += settings_.http.connect_timeout;
  EXPECT_TRUE(schedule_.is_missing(now_));
  schedule_.note(HostSchedule::Sign::page, now_);
  EXPECT_FALSE(schedule_.is_missing(now_));
}

TEST_F(HostScheduleTest, IsNotMissingForATimeWhenItWasNotAsked) {
  now_ += std::chrono::hours(1);
  for (const auto ticket : start(4)) (void)end({Cause::connection_lost}, ticket);
  EXPECT_FALSE(schedule_.is_missing(now_));
}

TEST_F(HostScheduleTest, RemembersThatAHostHasAnsweredBefore) {
  schedule_ = HostSchedule(settings_, Past::has_answered, {.most = 4});
  EXPECT_EQ(one(kRefused), Cost::nothing);
}

TEST_F(HostScheduleTest, ProbesAgainWhenAProbeWasBrokenOff) {
  one(kFine);
  one(kRefused);
  now_ += seconds(1);
  schedule_.put_back(schedule_.started(now_));
  EXPECT_TRUE(may_start());
}

TEST_F(HostScheduleTest, SaysFromWhenItMayBeForgotten) {
  EXPECT_LE(schedule_.forget_at(), now_);
  settings_.politeness.host_gap = seconds(3);
  one(kFine);
  EXPECT_EQ(schedule_.forget_at(), now_ + seconds(3));
  one(kThrottled);
  EXPECT_GE(schedule_.forget_at(), now_ + settings_.politeness.retry_wait_max);
}

}  // namespace
}  // namespace doutu
