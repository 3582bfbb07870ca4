#include "shared/politeness/reach_notice.h"

#include <gtest/gtest.h>

namespace doutu {
namespace {

using std::chrono::minutes;

constexpr NamedCause kUnknownName{.cause = Cause::dns_failure};
constexpr NamedCause kBusy{.cause = Cause::http_status, .http_status = 503};
constexpr Patience kAtFirst{.retries = 4, .span = seconds(15)};
constexpr Patience kOutage{.is_outage = true, .retries = 4, .span = minutes(30)};

TEST(Patience, IsThatOfRetriesOrThatOfAnOutage) {
  using Cost = HostSchedule::Cost;
  const PolitenessOptions politeness;
  EXPECT_EQ(patience_after(politeness, Cost::attempt).span, kAtFirst.span);
  EXPECT_FALSE(patience_after(politeness, Cost::attempt).is_outage);
  for (const Cost cost : {Cost::nothing, Cost::alone}) {
    EXPECT_EQ(patience_after(politeness, cost).span, kOutage.span);
    EXPECT_TRUE(patience_after(politeness, cost).is_outage);
  }
}

TEST(ReachNotice, ComesAtOnceAndOnce) {
  ReachNotice notice;
  const MonoTime now = mono_now();
  EXPECT_EQ(notice.after(kUnknownName, kAtFirst, now),
            "the host name cannot be resolved; trying again for 15 s (--retries 4)");
  EXPECT_EQ(notice.after(kUnknownName, kAtFirst, now + minutes(5)), std::nullopt);
}

TEST(ReachNotice, OfAnOutageSaysHowLongItIsWaitedFor) {
  ReachNotice notice;
  notice.came();
  EXPECT_EQ(notice.after({.cause = Cause::proxy_unreachable}, kOutage, mono_now()),
            "the proxy cannot be reached; trying again for up to 30 min 00 s (--outage-wait)");
}

TEST(ReachNotice, ComesAgainAfterAPageButNotAllTheTime) {
  ReachNotice notice;
  const MonoTime now = mono_now();
  EXPECT_NE(notice.after(kUnknownName, kAtFirst, now), std::nullopt);
  notice.came();
  EXPECT_EQ(notice.after(kUnknownName, kOutage, now + seconds(59)), std::nullopt);
  EXPECT_NE(notice.after(kUnknownName, kOutage, now + seconds(61)), std::nullopt);
}

TEST(ReachNotice, OfAnAnswerComesOnlyBeforeTheFirstPage) {
  ReachNotice notice;
  EXPECT_EQ(notice.after(kBusy, kAtFirst, mono_now()), "the server answered 503; trying again for 15 s (--retries 4)");
  ReachNotice later;
  later.came();
  EXPECT_EQ(later.after(kBusy, kAtFirst, mono_now()), std::nullopt) << "one page of many";
}

}  // namespace
}  // namespace doutu
