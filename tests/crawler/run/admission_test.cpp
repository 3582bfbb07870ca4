#include "crawler/run/admission.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace doutu {
namespace {

using testing::HasSubstr;
using testing::Not;
using Verdict = Admission::Verdict;

const BeforeRequest kGate{.url = "https://example.com/age?ok=1"};
const BeforeRequest kLogin{.url = "https://me:pw@example.com/login", .fills_in_form = true};

class AdmissionTest : public testing::Test {
 protected:
  /// Makes the requests that are due; how many.
  int make_all(Admission& admission, const Prepared& answer = {}) {
    int made = 0;
    for (MonoTime wake_at{}; admission.next(now_, wake_at) != nullptr; ++made) admission.prepared(answer, now_);
    return made;
  }
  Verdict judge(Admission& admission, Cause cause, int status = 200, std::uint64_t page = 1) {
    return admission.judge({page, cause, status, admission.round()}, now_);
  }

  CrawlSettings settings_;
  MonoTime now_{std::chrono::hours(1)};
};

TEST_F(AdmissionTest, IsOpenWhereThereIsNothingToMake) {
  Admission admission({}, settings_);
  EXPECT_TRUE(admission.is_open());
  EXPECT_EQ(judge(admission, Cause::http_status, 401), Verdict::counts);
  EXPECT_EQ(judge(admission, Cause::http_status, 403), Verdict::counts);
}

TEST_F(AdmissionTest, OpensWhenAllRequestsWereMadeInTheirOrder) {
  Admission admission({kGate, kLogin}, settings_);
  MonoTime wake_at{};
  EXPECT_FALSE(admission.is_open());
  EXPECT_EQ(*admission.next(now_, wake_at), kGate);
  EXPECT_EQ(admission.next(now_, wake_at), nullptr) << "one at a time";
  EXPECT_EQ(wake_at, MonoTime::max());
  admission.prepared({}, now_);
  EXPECT_FALSE(admission.is_open());
  EXPECT_EQ(*admission.next(now_, wake_at), kLogin);
  admission.prepared({}, now_);
  EXPECT_TRUE(admission.is_open());
  EXPECT_EQ(admission.round(), 1U);
}

TEST_F(AdmissionTest, TriesAgainWhatMayHelp) {
  settings_.politeness.retries = 2;
  Admission admission({kLogin}, settings_);
  MonoTime wake_at{};
  for (int i = 0; i < 2; ++i) {
    ASSERT_NE(admission.next(now_, wake_at), nullptr);
    i == 0 ? admission.prepared({.cause = Cause::timeout}, now_) : admission.fetcher_died(now_);
    EXPECT_EQ(admission.next(now_, wake_at), nullptr);
    EXPECT_GT(wake_at, now_);
    now_ = wake_at;
  }
  ASSERT_NE(admission.next(now_, wake_at), nullptr);
  EXPECT_EQ(admission.failure(), "");
  admission.prepared({.cause = Cause::http_status, .http_status = 503}, now_);
  EXPECT_THAT(admission.failure(), HasSubstr("/login (--before, request 1 of 1): the server answered 503"));
  EXPECT_THAT(admission.failure(), Not(HasSubstr("pw")));
  EXPECT_FALSE(admission.is_open());
}

TEST_F(AdmissionTest, EndsWithWhatTheAnswerLacks) {
  Admission admission({kGate, kLogin}, settings_);
  make_all(admission, {.problem = "the page has no form\x1b[2J"});
  EXPECT_THAT(admission.failure(), HasSubstr("request 1 of 2): the page has no form\\x1b[2J"));
}

TEST_F(AdmissionTest, MakesTheRequestsAgainWhenPagesLeadThere) {
  Admission admission({kLogin}, settings_);
  make_all(admission);
  EXPECT_EQ(judge(admission, Cause::none), Verdict::counts);
  const std::uint32_t before = admission.round();
  EXPECT_EQ(judge(admission, Cause::login_needed), Verdict::again);
  EXPECT_FALSE(admission.is_open());
  EXPECT_EQ(admission.judge({2, Cause::login_needed, 302, before}, now_), Verdict::again) << "was in flight";
  EXPECT_EQ(make_all(admission), 1) << "at once the first time";
  EXPECT_TRUE(admission.is_open());
  EXPECT_EQ(admission.judge({3, Cause::login_needed, 302, before}, now_), Verdict::again) << "was in flight, too";
  EXPECT_TRUE(admission.is_open());
}

TEST_F(AdmissionTest, MakesThemAgainOnceInAMinuteAndNotForEver) {
  Admission admission({kLogin}, settings_);
  make_all(admission);
  (void)judge(admission, Cause::none);
  (void)judge(admission, Cause::login_needed);
  EXPECT_EQ(make_all(admission), 1);
  for (std::uint32_t again = 1; again < Admission::kMostInVain; ++again) {
    (void)judge(admission, Cause::login_needed, 302, 1 + again);
    EXPECT_EQ(make_all(admission), 0);
    now_ += Admission::kPause;
    EXPECT_EQ(make_all(admission), 1);
  }
  EXPECT_EQ(judge(admission, Cause::login_needed, 302, 9), Verdict::again);
  EXPECT_THAT(admission.failure(), HasSubstr("pages still lead to the login"));
}

TEST_F(AdmissionTest, GoesOnForAsLongAsPagesCome) {
  Admission admission({kLogin}, settings_);
  make_all(admission);
  for (std::uint64_t night = 1; night < 100; ++night) {
    (void)judge(admission, Cause::none, 200, 2 * night);
    EXPECT_EQ(judge(admission, Cause::login_needed, 302, 2 * night + 1), Verdict::again);
    now_ += Admission::kPause;
    EXPECT_EQ(make_all(admission), 1);
  }
  EXPECT_EQ(admission.failure(), "");
}

TEST_F(AdmissionTest, LetsAPageFailThatAlwaysLeadsToTheLogin) {
  Admission admission({kLogin}, settings_);
  make_all(admission);
  (void)judge(admission, Cause::none);
  for (std::uint32_t i = 0; i < Admission::kMostExcuses; ++i) {
    EXPECT_EQ(judge(admission, Cause::login_needed, 302, 17), Verdict::again);
    now_ += Admission::kPause;
    EXPECT_EQ(make_all(admission), 1);
  }
  EXPECT_EQ(judge(admission, Cause::login_needed, 302, 17), Verdict::counts) << "although nothing came since";
  EXPECT_TRUE(admission.is_open()) << "no other page waits for it";
  EXPECT_EQ(admission.failure(), "");
}

TEST_F(AdmissionTest, GivesUpSoonWhereNothingEverCame) {
  Admission admission({kLogin}, settings_);
  make_all(admission);
  (void)judge(admission, Cause::login_needed);
  EXPECT_EQ(make_all(admission), 1);
  (void)judge(admission, Cause::login_needed);
  EXPECT_THAT(admission.failure(), HasSubstr("is the password right?"));
}

TEST_F(AdmissionTest, TakesARefusalForAnEndedLoginOnlyWherePagesCame) {
  Admission admission({kLogin}, settings_);
  make_all(admission);
  EXPECT_EQ(judge(admission, Cause::http_status, 403), Verdict::counts);
  (void)judge(admission, Cause::none);
  EXPECT_EQ(judge(admission, Cause::http_status, 404), Verdict::counts);
  EXPECT_EQ(judge(admission, Cause::http_status, 403, 7), Verdict::again);
  EXPECT_EQ(make_all(admission), 1);
  EXPECT_EQ(judge(admission, Cause::http_status, 403, 7), Verdict::counts) << "it is that page";
}

TEST_F(AdmissionTest, LetsRefusalsCountWhereOneRemained) {
  Admission admission({kLogin}, settings_);
  make_all(admission);
  (void)judge(admission, Cause::none);
  const std::uint32_t before = admission.round();
  (void)judge(admission, Cause::http_status, 403, 7);
  EXPECT_EQ(make_all(admission), 1);
  EXPECT_EQ(judge(admission, Cause::http_status, 403, 7), Verdict::counts);
  EXPECT_EQ(judge(admission, Cause::http_status, 401, 8), Verdict::counts) << "at once";
  EXPECT_EQ(admission.judge({9, Cause::http_status, 403, before}, now_), Verdict::again) << "asked before the login";
  EXPECT_TRUE(admission.is_open()) << "nothing waits for any of them";
  EXPECT_EQ(judge(admission, Cause::login_needed, 302, 10), Verdict::again) << "the session has ended";
  now_ += Admission::kPause;
  EXPECT_EQ(make_all(admission), 1);
  EXPECT_EQ(judge(admission, Cause::http_status, 403, 11), Verdict::again);
}

TEST_F(AdmissionTest, TakesNoRefusalForALoginThatFails) {
  Admission admission({kLogin}, settings_);
  make_all(admission);
  (void)judge(admission, Cause::none);
  for (std::uint64_t page = 2; page < 2 + 2 * Admission::kMostInVain; ++page) {
    EXPECT_EQ(judge(admission, Cause::http_status, 403, page), Verdict::again);
    now_ += Admission::kPause;
    EXPECT_EQ(make_all(admission), 1);
  }
  EXPECT_EQ(admission.failure(), "");
  for (std::uint64_t page = 101; page < 101 + Admission::kMostInVain; ++page) {
    EXPECT_EQ(judge(admission, Cause::login_needed, 302, page), Verdict::again);
    now_ += Admission::kPause;
    EXPECT_EQ(make_all(admission), 1) << "as often as without them";
  }
}

TEST_F(AdmissionTest, EndsACrawlWhosePasswordIsWrong) {
  settings_.login.user = "me:wrong";
  Admission admission({}, settings_);
  for (std::uint64_t page = 1; page <= Admission::kMostRefusals; ++page) {
    EXPECT_EQ(admission.failure(), "");
    EXPECT_EQ(judge(admission, Cause::http_status, 401, page), Verdict::again);
  }
  EXPECT_THAT(admission.failure(), HasSubstr("the server refuses the user and the password"));
  EXPECT_THAT(admission.failure(), Not(HasSubstr("wrong")));

  Admission good({}, settings_);
  (void)judge(good, Cause::none);
  EXPECT_EQ(judge(good, Cause::http_status, 401), Verdict::counts) << "that page alone";
}

}  // namespace
}  // namespace doutu
