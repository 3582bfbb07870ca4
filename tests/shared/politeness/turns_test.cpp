#include "shared/politeness/turns.h"

#include <gtest/gtest.h>

#include <string>

namespace doutu {
namespace {

TEST(TurnsTest, BeginWithWhatWasNotRefused) { EXPECT_FALSE(Turns().is_of_refused()); }

TEST(TurnsTest, AreSharedWithoutAPeriod) {
  Turns turns;
  std::string order;
  for (int i = 0; i < 1024; ++i) {
    turns.throttled();
    order += turns.is_of_refused() ? 'r' : 'f';
  }
  EXPECT_EQ(order.substr(0, 8), "ffrfrrff") << "once before it, twice after";
  for (std::size_t period = 1; period < 100; ++period) {
    EXPECT_NE(order.substr(0, 3 * period), order.substr(period, 3 * period)) << period;
  }
  EXPECT_EQ(order.find("rrr"), std::string::npos) << "neither has three turns in a row";
  EXPECT_EQ(order.find("fff"), std::string::npos);
}

}  // namespace
}  // namespace doutu
