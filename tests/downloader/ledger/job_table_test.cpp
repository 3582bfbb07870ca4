#include "downloader/ledger/job_table.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/downloader/ledger/ledger_scene.h"

namespace doutu {
namespace {

const std::string kA = "http://i/a.jpg";
const std::string kB = "http://i/b.jpg";

TEST(JobTable, CountsFailuresByCauseAlsoOverARestartAndARollback) {
  LedgerScene scene;
  scene.job(1);
  const auto tasks = scene.page(1, {kA, kB, "http//broken"});
  scene.failed(tasks.at(0));
  const auto stalled = failure_slot(Cause::stalled, 0);
  EXPECT_EQ(scene.writer().job().failures().at(stalled), 1U);
  EXPECT_EQ(scene.writer().job().failures().at(failure_slot(Cause::bad_url, 0)), 1U);

  must(scene.writer().begin());
  ImageOutcome outcome = ImageOutcome::of(tasks.at(1));
  outcome.cause = Cause::stalled;
  must(scene.writer().images().record_failed(outcome));
  EXPECT_EQ(scene.writer().job().failures().at(stalled), 2U);
  scene.writer().rollback();
  EXPECT_EQ(scene.writer().job().failures().at(stalled), 1U);

  scene.close();
  scene.open();
  scene.job(1);
  scene.expect_balance();
  EXPECT_EQ(scene.writer().job().failures().at(stalled), 1U);
  scene.job(2);
  scene.expect_balance();
}

TEST(JobTable, ContinuesAJobByItsSpecUntilItIsSettled) {
  LedgerScene scene;
  scene.job(0);
  EXPECT_EQ(scene.writer().job().id(), 1);
  scene.page(1, {kA});
  scene.job(0, "7");
  EXPECT_EQ(scene.writer().job().id(), 2);
  scene.job(0);
  EXPECT_EQ(scene.writer().job().id(), 1);
  EXPECT_EQ(scene.counters(), (JobCounters{.pending = 1}));
  must(scene.writer().begin());
  must(scene.writer().jobs().settle());
  must(scene.writer().commit());
  scene.job(0);
  EXPECT_EQ(scene.writer().job().id(), 3);
  scene.job(1);
  EXPECT_EQ(scene.writer().job().id(), 1) << "named by its number it goes on, settled or not";
}

TEST(JobTable, RefusesANumberThatBelongsToAnotherRequest) {
  LedgerScene scene;
  scene.job(1);
  must(scene.writer().begin());
  for (const JobSpec& other : {JobSpec{"http://h/{page}", "1", "//a"}, {"http://i/{page}", "1", "//img"}}) {
    const Status status = scene.writer().begin_job(1, other, LedgerScene::kRun);
    ASSERT_FALSE(status.ok());
    EXPECT_THAT(status.error().message, ::testing::HasSubstr("has another request"));
  }
  scene.writer().rollback();
}

}  // namespace
}  // namespace doutu
