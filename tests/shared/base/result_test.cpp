#include "shared/base/result.h"

#include <gtest/gtest.h>

#include <memory>

namespace doutu {
namespace {

TEST(Result, HoldsAValueOrAnError) {
  const Result<int> good = 5;
  EXPECT_TRUE(good);
  EXPECT_EQ(*good, 5);
  const Result<int> bad = Error{"no"};
  EXPECT_FALSE(bad);
  EXPECT_EQ(bad.error().message, "no");
}

TEST(Result, MovesWhatCannotBeCopied) {
  Result<std::unique_ptr<int>> result = std::make_unique<int>(7);
  const std::unique_ptr<int> taken = *std::move(result);
  EXPECT_EQ(*taken, 7);
}

TEST(Result, OfTextKeepsAnErrorApart) {
  const Result<std::string> result = Error{"no", ENOENT};
  ASSERT_FALSE(result.ok());
  EXPECT_EQ(result.error().code, ENOENT);
}

TEST(Status, IsGoodUnlessItHasAnError) {
  EXPECT_TRUE(Status());
  EXPECT_FALSE(Status(Error{"no"}));
}

TEST(Error, TellsItsStoryFromTheOutside) {
  const Error error = system_error("open", ENOSPC).within("ledger").within("cannot start");
  EXPECT_EQ(error.message, "cannot start: ledger: open: No space left on device");
  EXPECT_EQ(error.code, ENOSPC);
}

TEST(ResultDeathTest, AskingForWhatIsNotThereIsABug) {
  const Result<int> bad = Error{"no"};
  EXPECT_DEATH(static_cast<void>(bad.value()), "ok\\(\\)");
  const Status good;
  EXPECT_DEATH(static_cast<void>(good.error()), "ok_");
}

}  // namespace
}  // namespace doutu
