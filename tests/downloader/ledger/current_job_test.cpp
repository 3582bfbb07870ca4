#include "downloader/ledger/current_job.h"

#include <gtest/gtest.h>

#include <numeric>

#include "tests/downloader/ledger/ledger_scene.h"

namespace doutu {
namespace {

class CurrentJobTest : public ::testing::Test {
 public:
  CurrentJobTest() { job.begin(7, 77, {}); }

  CurrentJob job;
};

TEST_F(CurrentJobTest, CountsAnImageFromItsHitToItsEnd) {
  for (int i = 0; i < 3; ++i) job.add_image(ImageState::pending, Cause::none);
  job.add_image(ImageState::skipped, Cause::unsupported_scheme);
  job.add_image(ImageState::failed, Cause::bad_url);
  job.settle_fetched(ImageState::saved, 100, false);
  job.settle_fetched(ImageState::duplicate, 100, false);
  job.settle_failed(Cause::http_status, 404);
  EXPECT_EQ(job.counters(), (JobCounters{.saved = 1, .duplicate = 1, .skipped = 1, .failed = 2, .bytes = 100}));
  EXPECT_EQ(job.failures().at(failure_slot(Cause::bad_url, 0)), 1U);
  EXPECT_EQ(job.failures().at(failure_slot(Cause::http_status, 404)), 1U);
}

TEST_F(CurrentJobTest, TakesBackWhereverItCountedAFetchedImage) {
  job.add_image(ImageState::pending, Cause::none);
  job.add_image(ImageState::pending, Cause::none);
  job.settle_fetched(ImageState::saved, 100, false);
  job.settle_fetched(ImageState::duplicate, 100, false);
  job.add_known();
  job.unsettle(ImageState::saved, 100, false);
  EXPECT_EQ(job.counters(), (JobCounters{.known = 1, .duplicate = 1, .pending = 1}));
  job.unsettle(ImageState::duplicate, 100, false);
  EXPECT_EQ(job.counters(), (JobCounters{.known = 1, .pending = 2}));
  job.unsettle(ImageState::pending, 100, false);
  EXPECT_EQ(job.counters(), (JobCounters{.pending = 3}));
}

TEST_F(CurrentJobTest, CountsImagesWithoutTheirEndMark) {
  for (int i = 0; i < 2; ++i) job.add_image(ImageState::pending, Cause::none);
  job.settle_fetched(ImageState::saved, 100, true);
  job.settle_fetched(ImageState::duplicate, 100, true);
  EXPECT_EQ(job.totals().without_end_mark, 2U);
  job.unsettle(ImageState::saved, 100, true);
  job.unsettle(ImageState::pending, 100, true);  // Another job saved it, and counts it there.
  EXPECT_EQ(job.totals().without_end_mark, 1U);
}

TEST_F(CurrentJobTest, GoesBackToTheLastCommit) {
  job.add_image(ImageState::pending, Cause::none);
  job.add_repeated();
  EXPECT_TRUE(job.has_changed());
  job.committed();
  EXPECT_FALSE(job.has_changed());
  job.take_back_repeated(1);
  job.settle_failed(Cause::stalled, 0);
  job.rolled_back();
  EXPECT_FALSE(job.has_changed());
  EXPECT_EQ(job.counters(), (JobCounters{.repeated = 1, .pending = 1}));
  EXPECT_EQ(std::accumulate(job.failures().begin(), job.failures().end(), 0U), 0U);
}

TEST_F(CurrentJobTest, GoesOnFromWhatTheLedgerHas) {
  JobTotals totals{.counters = {.failed = 2, .pending = 5}};
  totals.failures.at(failure_slot(Cause::stalled, 0)) = 2;
  job.add_known();
  job.begin(8, 78, totals);
  EXPECT_FALSE(job.has_changed());
  EXPECT_EQ(job.id(), 8);
  EXPECT_EQ(job.run(), 78U);
  EXPECT_EQ(job.counters(), totals.counters);
  EXPECT_EQ(job.failures(), totals.failures);
}

}  // namespace
}  // namespace doutu
