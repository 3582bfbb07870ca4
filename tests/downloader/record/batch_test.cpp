#include "downloader/record/batch.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "tests/downloader/ledger/ledger_scene.h"

namespace doutu {
namespace {

using ::testing::ElementsAre;

/// A batch whose steps say that they ran.
class BatchTest : public ::testing::Test {
 protected:
  BatchTest() {
    scene_.job(1);
    for (const char* name : {"one", "two", "three"}) {
      batch_.on_commit([this, name](BatchEffects&) { ran_.push_back(name); });
      batch_.on_rollback([this, name] { ran_.push_back("back " + std::string(name)); });
    }
  }

  /// Work that records a page.
  Status record_page(std::uint64_t number) {
    (void)scene_.begin_page(number);
    return {};
  }
  bool has_page(std::uint64_t number) { return must(scene_.writer().pages().find(number)).has_value(); }

  LedgerScene scene_;
  Batch batch_{scene_.writer()};
  std::vector<std::string> ran_;
};

TEST_F(BatchTest, RunsTheStepsOfACommitInTheirOrder) {
  must(batch_.run([&](BatchEffects&) { return record_page(1); }));
  EXPECT_THAT(ran_, ElementsAre("one", "two", "three"));
  EXPECT_TRUE(has_page(1));
}

TEST_F(BatchTest, RunsTheStepsOfARollbackInTheirOrder) {
  const Status failed = batch_.run([&](BatchEffects&) -> Status {
    must(record_page(1));
    return Error{"the disk is full"};
  });
  ASSERT_FALSE(failed);
  EXPECT_EQ(failed.error().message, "the disk is full");
  EXPECT_THAT(ran_, ElementsAre("back one", "back two", "back three"));
  EXPECT_FALSE(has_page(1));
}

TEST_F(BatchTest, RollsBackWhatTheLedgerCannotCommit) {
  const Status failed = batch_.run([&](BatchEffects&) {
    must(record_page(1));
    must(scene_.writer().commit());  // The batch's own commit finds no transaction.
    return Status();
  });
  EXPECT_FALSE(failed);
  EXPECT_THAT(ran_, ElementsAre("back one", "back two", "back three"));
}

TEST_F(BatchTest, RunsNoStepWhenNothingWasBegun) {
  must(scene_.writer().begin());  // Within a transaction none begins.
  bool worked = false;
  EXPECT_FALSE(batch_.run([&](BatchEffects&) {
    worked = true;
    return Status();
  }));
  EXPECT_FALSE(worked);
  EXPECT_TRUE(ran_.empty());
  scene_.writer().rollback();
}

TEST_F(BatchTest, HandsWhatTheWorkLedToFromStepToStep) {
  std::size_t seen = 0;
  batch_.on_commit([](BatchEffects& effects) { effects.outcomes.push_back(7); });
  batch_.on_commit([&](BatchEffects& effects) { seen = effects.outcomes.size(); });
  for (int i = 0; i < 2; ++i) {
    must(batch_.run([](BatchEffects& effects) {
      effects.outcomes.push_back(6);
      return Status();
    }));
    EXPECT_EQ(seen, 2U) << "nothing of the batch before";
  }
}

TEST_F(BatchTest, SeesInEachStepWhatWasCommitted) {
  bool committed = false;
  batch_.on_commit([&](BatchEffects&) { committed = scene_.count("SELECT count(*) FROM pages") == 1; });
  must(batch_.run([&](BatchEffects&) { return record_page(1); }));
  EXPECT_TRUE(committed);
}

}  // namespace
}  // namespace doutu
