#include "downloader/transfer/doubts.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "tests/downloader/check/small_jpeg.h"
#include "tests/downloader/transfer/transfer_pool_fixture.h"
#include "tests/site/processes.h"

namespace doutu {
namespace {

TEST_F(TransferPoolTest, AsksADecoderAboutAnImageWithoutItsEndMark) {
  be_decoder();
  const std::string bytes = jpeg_without_end_mark();
  site_.file("/a.jpg", bytes);
  const std::int64_t id = add_path("/a.jpg");
  const ImageDoubted asked = doubt();
  EXPECT_EQ(asked.image, id);
  EXPECT_EQ(asked.type, "jpeg");
  std::string shown(bytes.size() + 1, '\0');
  EXPECT_EQ(::pread(asked.fds[0].get(), shown.data(), shown.size(), 0), std::ssize(bytes));
  EXPECT_EQ(shown.substr(0, bytes.size()), bytes);
  EXPECT_EQ(in_flight_slots(id), 1U);
  answer(asked, Wholeness::whole);
  ASSERT_TRUE(settle(1));
  EXPECT_EQ(settled_[id].kind, Kind::fetched);
  EXPECT_TRUE(settled_[id].lacks_end_mark);
  EXPECT_EQ(incoming(id), bytes);
}

TEST_F(TransferPoolTest, TriesAgainWhatADecoderFindsTorn) {
  be_decoder();
  site_.respond("/a.jpg", {Response{.body = jpeg_without_end_mark()}, Response{.body = small_jpeg()}});
  const std::int64_t id = add_path("/a.jpg");
  answer(doubt(), Wholeness::not_whole);
  ASSERT_TRUE(settle(1));
  EXPECT_EQ(settled_[id].attempts, 2U);
  EXPECT_FALSE(settled_[id].lacks_end_mark);
  EXPECT_EQ(incoming(id), small_jpeg());
}

TEST_F(TransferPoolTest, TakesTheDeathOfADecoderForANo) {
  settings_.politeness.retries = 0;
  be_decoder();
  site_.file("/a.jpg", jpeg_without_end_mark());
  const std::int64_t id = add_path("/a.jpg");
  doubt().fds.clear();
  ASSERT_TRUE(settle(1));
  expect_failed(settled_[id], Cause::incomplete_image, 1);
  doubts_.second.close();
  expect_failed(fetch("/a.jpg"), Cause::incomplete_image, 1);
}

TEST_F(TransferPoolTest, AsksAFewQuestionsAtATime) {
  settings_.pool.downloaders = 12;
  settings_.pool.threads = 1;
  be_decoder();
  site_.file("/a.jpg", jpeg_without_end_mark());
  for (int i = 0; i < 12; ++i) add_path("/a.jpg");
  std::vector<ImageDoubted> asked;
  for (std::size_t i = 0; i < Doubts::kMaxAsked; ++i) asked.push_back(doubt());
  ASSERT_TRUE(eventually([this] { return stats_->in_flight_count == 12 && files() == 12; }));
  Message more;
  EXPECT_EQ(doubts_.second.receive(more), ControlChannel::Received::nothing);
  for (const ImageDoubted& one : asked) answer(one, Wholeness::whole);
  for (std::size_t i = Doubts::kMaxAsked; i < 12; ++i) answer(doubt(), Wholeness::whole);
  EXPECT_TRUE(settle(12));
}

TEST_F(TransferPoolTest, LeavesNothingOfAnImageInDoubtWhenItStops) {
  be_decoder();
  site_.file("/a.jpg", jpeg_without_end_mark());
  add_path("/a.jpg");
  const ImageDoubted asked = doubt();
  EXPECT_EQ(files(), 1U);
  pool_.reset();
  EXPECT_EQ(files(), 0U);
}

}  // namespace
}  // namespace doutu
