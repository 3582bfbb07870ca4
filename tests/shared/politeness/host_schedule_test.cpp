#include "shared/politeness/host_schedule.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace doutu {
namespace {

using Cost = HostSchedule::Cost;
using Past = HostSchedule::Past;

constexpr AttemptResult kFine{Cause::none, 200};
constexpr AttemptResult kNotFound{Cause::http_status, 404};
constexpr AttemptResult kThrottled{Cause::http_status, 429};
constexpr AttemptResult kRefused{Cause::connection_refused};

constexpr AttemptResult busy_for(seconds wait) { return {Cause::http_status, 503, wait}; }

class HostScheduleTest : public testing::Test {
 protected:
  [[nodiscard]] bool may_start() const { return schedule_.may_start_at(now_) <= now_; }
  /// Seconds from now; -1: when a request in flight has ended.
  [[nodiscard]] double starts_in() const {
    const MonoTime time = schedule_.may_start_at(now_);
    return time == MonoTime::max() ? -1 : std::chrono::duration<double>(std::max(time, now_) - now_).count();
  }
  /// An image that was not refused before.
  Cost end(const AttemptResult& result, HostSchedule::Ticket ticket) {
    Refusals::Past past;
    return schedule_.finished(result, ticket, now_, past, any_answer_);
  }
  Cost one(const AttemptResult& result) { return end(result, schedule_.started(now_)); }
  /// At the earliest time.
  Cost again(Refusals::Past& past, const AttemptResult& result = kThrottled) {
    now_ = std::max(now_, schedule_.may_start_at(now_));
    const auto ticket = schedule_.started(now_);
    return schedule_.finished(result, ticket, now_, past, any_answer_);
  }
  std::vector<HostSchedule::Ticket> start(int count) {
    std::vector<HostSchedule::Ticket> tickets;
    for (int i = 0; i < count; ++i) tickets.push_back(schedule_.started(now_));
    return tickets;
  }

  CrawlSettings settings_;
  MonoTime now_{seconds(1000)};
  MonoTime any_answer_{};  ///< Of any host.
  HostSchedule schedule_{settings_, Past::has_answered, {.most = 4}};
};

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
