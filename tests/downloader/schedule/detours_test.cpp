#include "downloader/schedule/detours.h"

#include <gtest/gtest.h>

#include <cstdint>

namespace doutu {
namespace {

TEST(DetoursTest, LeaveRoomForOtherHosts) {
  Detours detours;
  for (std::size_t i = 0; i < Detours::kMostOfHost; ++i) detours.add(1, -1);
  EXPECT_FALSE(detours.has_room(1, -2)) << "too many come from there";
  EXPECT_FALSE(detours.has_room(2, -1)) << "too many lead there";
  EXPECT_TRUE(detours.has_room(2, -2));
  EXPECT_TRUE(detours.has_room(2, 0)) << "nobody knows that host yet";
  detours.remove(1, -1);
  EXPECT_TRUE(detours.has_room(1, -1));
}

TEST(DetoursTest, AreBoundedInAll) {
  Detours detours;
  for (std::size_t i = 0; i < Detours::kMost; ++i) {
    EXPECT_TRUE(detours.has_room(1'000'000, -1'000'000));
    const auto host = static_cast<std::int64_t>(i) + 1;
    detours.add(host, -host);
  }
  EXPECT_FALSE(detours.has_room(1'000'000, -1'000'000));
}

}  // namespace
}  // namespace doutu
