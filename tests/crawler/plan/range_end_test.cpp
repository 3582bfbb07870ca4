#include "crawler/plan/range_end.h"

#include <gtest/gtest.h>

namespace doutu {
namespace {

class RangeEndTest : public testing::Test {
 protected:
  RangeEndTest() {
    for (std::uint64_t number = 1; number < 100; number += 3) end_.given_out(number);
  }
  std::optional<RangeEnd::End> empty(std::uint64_t number) {
    return end_.after({.number = number, .http_status = 200});
  }
  std::optional<RangeEnd::End> failed(std::uint64_t number, int status) {
    return end_.after({.number = number, .cause = Cause::http_status, .http_status = status});
  }

  RangeEnd end_;
};

TEST_F(RangeEndTest, IsThePageThatIsNotThere) {
  EXPECT_EQ(failed(7, 404), (RangeEnd::End{7, RangeEnd::Why::not_there}));
  EXPECT_EQ(failed(4, 410), (RangeEnd::End{4, RangeEnd::Why::not_there}));
  EXPECT_EQ(failed(1, 500), std::nullopt);
  EXPECT_EQ(end_.after({.number = 10, .cause = Cause::stalled}), std::nullopt);
}

TEST_F(RangeEndTest, IsBehindThePageWhoseImagesWereAllMet) {
  EXPECT_EQ(end_.after({.number = 4, .images = 5, .fresh = 1}), std::nullopt);
  EXPECT_EQ(end_.after({.number = 7, .images = 5, .fresh = 0}), (RangeEnd::End{8, RangeEnd::Why::nothing_new}));
}

TEST_F(RangeEndTest, IsTheFirstOfThreeEmptyPagesInARowInWhateverOrderTheyCome) {
  EXPECT_EQ(empty(10), std::nullopt);
  EXPECT_EQ(empty(4), std::nullopt);
  EXPECT_EQ(empty(16), std::nullopt) << "13 is between";
  EXPECT_EQ(empty(7), (RangeEnd::End{4, RangeEnd::Why::empty}));
}

TEST_F(RangeEndTest, IsNotToldByAnEmptyPageThatWasRedirected) {
  EXPECT_EQ(empty(1), std::nullopt);
  EXPECT_EQ(end_.after({.number = 4, .http_status = 200, .is_redirected = true}), std::nullopt);
  EXPECT_EQ(empty(7), std::nullopt);
  EXPECT_EQ(empty(10), std::nullopt);
  EXPECT_EQ(empty(13), (RangeEnd::End{7, RangeEnd::Why::empty}));
}

TEST_F(RangeEndTest, IsBehindTwentyFailedPagesInARow) {
  EXPECT_EQ(failed(1, 500), std::nullopt) << "it may be tried again";
  for (std::uint64_t number = 1; number < 58; number += 3) EXPECT_EQ(end_.after_failure(number), std::nullopt);
  EXPECT_EQ(end_.after_failure(58), (RangeEnd::End{59, RangeEnd::Why::failed}));
  EXPECT_EQ(end_.after_failure(58), std::nullopt) << "once";
}

}  // namespace
}  // namespace doutu
