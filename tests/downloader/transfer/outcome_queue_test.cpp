#include "downloader/transfer/outcome_queue.h"

#include <gtest/gtest.h>
#include <poll.h>

#include <utility>

namespace doutu {
namespace {

class OutcomeQueueTest : public testing::Test {
 protected:
  void push(std::size_t count) {
    for (std::size_t i = 0; i < count; ++i) {
      ImageOutcome outcome;
      outcome.id = ++last_id_;
      queue_.push(std::move(outcome));
    }
  }
  bool rings() {
    pollfd wake{queue_.wake_fd(), POLLIN, 0};
    return ::poll(&wake, 1, 0) == 1;
  }

  OutcomeQueue queue_;

 private:
  std::int64_t last_id_ = 0;
};

TEST_F(OutcomeQueueTest, GivesWhatCameInItsOrder) {
  push(3);
  EXPECT_EQ(queue_.size(), 3U);
  const auto taken = queue_.take_all();
  ASSERT_EQ(taken.size(), 3U);
  EXPECT_EQ(taken.front().id, 1);
  EXPECT_EQ(taken.back().id, 3);
  EXPECT_EQ(queue_.size(), 0U);
}

TEST_F(OutcomeQueueTest, SignalsForTheFirstAndWhenABatchIsFull) {
  EXPECT_FALSE(rings());
  push(1);
  EXPECT_TRUE(rings());
  queue_.clear_wake();
  push(Frontier::kFullBatch - 2);
  EXPECT_FALSE(rings());
  push(1);
  EXPECT_TRUE(rings());
  queue_.clear_wake();
  push(1);
  EXPECT_FALSE(rings());
  EXPECT_EQ(queue_.take_all().size(), Frontier::kFullBatch + 1);
  push(1);
  EXPECT_TRUE(rings());
}

TEST_F(OutcomeQueueTest, SignalsWhenItIsToldTo) {
  queue_.wake();
  EXPECT_TRUE(rings());
  EXPECT_TRUE(queue_.take_all().empty());
  EXPECT_FALSE(rings());
}

}  // namespace
}  // namespace doutu
