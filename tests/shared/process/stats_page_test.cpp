#include "shared/process/stats_page.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/mman.h>
#include <unistd.h>

namespace doutu {
namespace {

TEST(SharedStats, ShowsTheParentWhatTheChildWrites) {
  auto parent = SharedStats::create();
  ASSERT_TRUE(parent.ok());
  auto child = SharedStats::attach(::dup(parent->fd()));
  ASSERT_TRUE(child.ok());
  (*child)->saved = 42;
  (*child)->in_flight[kMaxInFlight - 1] = 7;
  EXPECT_EQ((*parent)->saved, 42U);
  EXPECT_EQ((*parent)->in_flight[kMaxInFlight - 1], 7);
}

TEST(SharedStats, CannotBeTakenAwayFromUnderTheParent) {
  auto stats = SharedStats::create();
  ASSERT_TRUE(stats.ok());
  EXPECT_NE(::ftruncate(stats->fd(), 0), 0);
  EXPECT_NE(::ftruncate(stats->fd(), 1 << 20), 0);
}

TEST(SharedStats, RefusesWhatIsNoStatsPage) {
  EXPECT_FALSE(SharedStats::attach(::open("/dev/null", O_RDWR | O_CLOEXEC)).ok());
  const int other = ::memfd_create("other", MFD_CLOEXEC);
  ASSERT_EQ(::ftruncate(other, sizeof(StatsPage)), 0);
  EXPECT_FALSE(SharedStats::attach(other).ok());
}

TEST(FailureSlots, EveryCauseAndStatusHasItsOwn) {
  EXPECT_EQ(failure_slot_name(failure_slot(Cause::timeout, 0)), "timeout");
  EXPECT_EQ(failure_slot_name(failure_slot(Cause::timeout, 503)), "timeout");
  EXPECT_EQ(failure_slot_name(failure_slot(Cause::http_status, 404)), "http-404");
  EXPECT_EQ(failure_slot_name(failure_slot(Cause::http_status, 599)), "http-599");
  EXPECT_EQ(failure_slot(Cause::http_status, 600), failure_slot(Cause::http_status, -1)) << "what no server may send";
  EXPECT_LT(failure_slot(Cause::http_status, 599), kFailureSlots);
}

}  // namespace
}  // namespace doutu
