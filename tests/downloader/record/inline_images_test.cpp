#include "downloader/record/inline_images.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <cstdint>
#include <map>
#include <string>

#include "crawler/demo/draw_image.h"
#include "downloader/store/inline_image_url.h"
#include "tests/downloader/record/lane_intake_scene.h"

namespace doutu {
namespace {

TEST_F(LaneIntakeTest, SavesTheImagesThatAPageCarriesInItself) {
  const std::string image = draw_image(1, 16);
  const std::string name(inline_image_hash(inline_image_url(sha256_of(image))));
  assign(1);
  put_begin(1);
  put_inline(1, 0, image);
  put_hit(1, 1, "http://i/1.jpg");
  put_inline(1, 2, image);
  put_inline(1, 3, "no image");
  put_inline(1, 4, "");
  put_end(1, 5);
  expect_recorded(batch(), 1, Cause::none, 5);
  EXPECT_EQ(scene.counters(),
            (JobCounters{.repeated = 1, .saved = 1, .failed = 2, .pending = 1, .bytes = image.size()}));
  EXPECT_EQ(scene.files.images(), (std::map<std::string, std::string>{{name + ".png", image}}));
  EXPECT_EQ(scene.files.incoming_count(), 0U);
}

TEST_F(LaneIntakeTest, HoldsAnInlineImageToTheLimitsOfOthers) {
  settings.image.max_pixels = std::uint64_t{16} * 16;
  settings.image.max_bytes = 1000;
  restart();
  assign(1);
  put_begin(1);
  put_inline(1, 0, draw_image(1, 17));
  put_inline(1, 1, draw_image(2, 16) + std::string(1000, 'x'));
  put_inline(1, 2, draw_image(2, 16));
  put_end(1, 3);
  expect_recorded(batch(), 1, Cause::none, 3);
  EXPECT_EQ(scene.counters().saved, 1U);
  EXPECT_EQ(scene.writer().job().failures().at(static_cast<std::size_t>(Cause::too_many_pixels)), 1U);
  EXPECT_EQ(scene.writer().job().failures().at(static_cast<std::size_t>(Cause::too_large)), 1U);
}

TEST_F(LaneIntakeTest, KnowsAnInlineImageOfAnOlderJob) {
  const std::string image = draw_image(1, 16);
  const auto crawl = [&] {
    assign(1);
    put_begin(1);
    put_inline(1, 0, image);
    put_end(1, 1);
    batch();
  };
  crawl();
  scene.job(2);
  crawl();
  EXPECT_EQ(scene.counters(), (JobCounters{.known = 1}));
  EXPECT_EQ(scene.files.images().size(), 1U);
}

TEST_F(LaneIntakeTest, LeavesNothingOfAnInlineImageWhoseBatchFailed) {
  assign(1);
  put_begin(1);
  put_inline(1, 0, draw_image(1, 16));
  put_end(1, 1);
  batch(Fate::roll_back);
  EXPECT_EQ(scene.files.incoming_count(), 0U);
  expect_recorded(batch(), 1, Cause::none, 1);
  EXPECT_EQ(scene.files.images().size(), 1U);
  EXPECT_EQ(scene.files.incoming_count(), 0U);
}

TEST_F(LaneIntakeTest, GoesOnBehindAnInlineImageThatCannotBeWritten) {
  ASSERT_EQ(::mkdir(scene.files.incoming(1).c_str(), 0700), 0) << "where the first image of the ledger goes";
  assign(1);
  put_begin(1);
  put_inline(1, 0, draw_image(1, 16));
  put_inline(1, 1, draw_image(2, 16));
  put_end(1, 2);
  expect_recorded(batch(), 1, Cause::none, 2);
  EXPECT_EQ(scene.counters().failed, 1U);
  EXPECT_EQ(scene.counters().saved, 1U);
}

TEST_F(LaneIntakeTest, CountsAnInlineImageOnceWhenItIsKilledBeforeItAcknowledges) {
  assign(1);
  put_begin(1);
  put_inline(1, 0, draw_image(1, 16));
  batch(Fate::kill_before_acknowledge);
  scene.close();
  scene.open();
  scene.job(1);
  restart();
  must(batch_writer->publisher().redo());
  publish_images();
  assign(1);
  put_end(1, 1);
  expect_recorded(batch(), 1, Cause::none, 1);
  EXPECT_EQ(scene.counters().saved, 1U);
  EXPECT_EQ(scene.files.images().size(), 1U);
}

}  // namespace
}  // namespace doutu
