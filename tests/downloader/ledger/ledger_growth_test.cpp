// What a ledger keeps of images whose bytes are lost, of rolled back batches and of several jobs.
#include <gtest/gtest.h>

#include <string>

#include "tests/downloader/ledger/ledger_scene.h"

namespace doutu {
namespace {

const std::string kA = "http://i/a.jpg";
const std::string kB = "http://i/b.jpg";
const std::string kC = "http://i/c.jpg";
const std::string kD = "http://i/d.jpg";

class LedgerGrowth : public ::testing::Test {
 protected:
  /// A new process, which merges when so many keys wait.
  void restart(std::size_t staged_keys, std::int64_t job) {
    scene_.close();
    scene_.staged_keys = staged_keys;
    scene_.open();
    scene_.job(job);
  }
  std::optional<ImageTask> lose(std::int64_t id) {
    must(scene_.writer().begin());
    auto task = must(scene_.writer().images().fetch_again(id));
    must(scene_.writer().commit());
    return task;
  }
  void settle() {
    must(scene_.writer().begin());
    must(scene_.writer().jobs().settle());
    must(scene_.writer().commit());
  }
  void job_of_other_pages(std::int64_t id) {
    must(scene_.writer().begin());
    must(scene_.writer().begin_job(id, {"http://other/{page}", "1-10", "//img"}, LedgerScene::kRun));
    must(scene_.writer().commit());
  }
  std::int64_t hits(std::int64_t job) {
    return scene_.count("SELECT sum(hits) FROM pages WHERE job = " + std::to_string(job));
  }

  LedgerScene scene_;
};

TEST_F(LedgerGrowth, GivesNoIdTwiceThatARolledBackBatchHadBeforeAMerge) {
  restart(2, 1);
  const auto tasks = scene_.page(1, {kA, kB});
  must(scene_.writer().begin());
  PageRecord page = scene_.begin_page(2);
  scene_.hits(page, {kC, kD});
  scene_.writer().rollback();
  scene_.saved(tasks.at(0));
  scene_.saved(tasks.at(1));  // The contents are merged.
  restart(KeyStage::kFull, 1);
  EXPECT_EQ(scene_.page(2, {kC, kD}).size(), 2U);
  restart(KeyStage::kFull, 1);
  EXPECT_EQ(scene_.page(3, {kC, kD}).size(), 0U);
  EXPECT_EQ(scene_.count("SELECT count(*) FROM found"), 4);
}

TEST_F(LedgerGrowth, AKnownImageThatIsLostStandsWhereItsNewJobMetIt) {
  scene_.job(1);
  scene_.referrer_policy = ReferrerPolicy::origin;
  const auto first = scene_.page(5, {kA});
  scene_.saved(first.at(0));
  settle();
  scene_.job(2);
  scene_.page(9, {kA}, Cause::stalled);
  const auto task = lose(first.at(0).id);
  ASSERT_TRUE(task);
  EXPECT_EQ(task->referrer_policy, ReferrerPolicy::origin);
  EXPECT_EQ(task->referer, "http://h/9");
  EXPECT_EQ(task->spot, (Spot{9, 0}));
  scene_.page(9, {kA});
  EXPECT_EQ(scene_.counters(), (JobCounters{.pending = 1}));
  EXPECT_EQ(hits(2), 1);
  scene_.page(5, {kA});
  EXPECT_EQ(scene_.counters(), (JobCounters{.repeated = 1, .pending = 1}));
  EXPECT_EQ(hits(2), 2);
}

TEST_F(LedgerGrowth, AKnownImageThatIsLostAfterItsPageHasNoReferer) {
  scene_.job(1);
  const auto first = scene_.page(5, {kA});
  scene_.saved(first.at(0));
  settle();
  scene_.job(2);
  scene_.page(9, {kA});
  const auto task = lose(first.at(0).id);
  ASSERT_TRUE(task);
  EXPECT_EQ(task->referer, "");
  scene_.page(5, {kA});
  EXPECT_EQ(scene_.counters(), (JobCounters{.repeated = 1, .pending = 1}));
}

TEST_F(LedgerGrowth, AJobThatGoesOnBehindAnotherKnowsWhatItHasMet) {
  scene_.job(1);
  scene_.saved(scene_.page(1, {kA}).at(0));
  settle();
  scene_.job(2);
  scene_.page(1, {kA}, Cause::stalled);
  job_of_other_pages(3);
  scene_.job(2);
  scene_.page(1, {kA});
  scene_.page(2, {kA});
  EXPECT_EQ(scene_.counters(), (JobCounters{.known = 1, .repeated = 1}));
  EXPECT_EQ(hits(2), 2);
}

TEST_F(LedgerGrowth, ForgetsWhatSettledJobsHaveMet) {
  scene_.job(1);
  scene_.saved(scene_.page(1, {kA}).at(0));
  settle();
  for (std::int64_t job = 2; job < 12; ++job) {
    scene_.job(job);
    scene_.page(1, {kA});
    settle();
  }
  EXPECT_EQ(scene_.count("SELECT count(*) FROM met"), 1);
}

TEST_F(LedgerGrowth, RemembersTheLastImageOfADurableEpochThatIsMergedInPart) {
  restart(3, 1);
  const auto early = scene_.page(1, {kA, kB});
  scene_.page(2, {kC});
  const std::int64_t epoch = scene_.writer().syncs().epoch();
  const auto late = scene_.page(3, {kD, "http://i/e.jpg"});
  scene_.saved(late.at(0));
  scene_.saved(late.at(1));
  scene_.saved(early.at(0));  // The third: all are merged.
  scene_.saved(early.at(1));
  scene_.writer().syncs().begin_epoch();
  must(scene_.writer().syncs().save_durable(epoch));
  EXPECT_EQ(must(scene_.writer().syncs().last_image(epoch)), late.at(1).id);
}

TEST_F(LedgerGrowth, KeepsNoRowForARetryOfAnImageThatHasEnded) {
  restart(1, 1);
  const ImageTask task = scene_.page(1, {kA}).at(0);
  ImageOutcome put_off = ImageOutcome::of(task);
  put_off.kind = ImageOutcome::Kind::retry;
  put_off.cause = Cause::http_status;
  put_off.http_status = 429;
  put_off.next_attempt_ms = 1;
  must(scene_.writer().begin());
  must(scene_.writer().images().record_retry(put_off));
  must(scene_.writer().commit());
  EXPECT_EQ(scene_.count("SELECT count(*) FROM images WHERE cause = 'http-429'"), 1);
  scene_.saved(task);
  EXPECT_EQ(scene_.count("SELECT count(*) FROM images WHERE cause IS NOT NULL"), 0);
  EXPECT_EQ(scene_.count("SELECT count(*) FROM retry"), 0) << "forgotten by the merge";
}

TEST_F(LedgerGrowth, HasOneContentKeyForAnImageThatIsLostAgainAndAgain) {
  restart(1, 1);
  ImageTask task = scene_.page(1, {kA}).at(0);
  for (int times = 0; times < 5; ++times) {
    ImageOutcome outcome = ImageOutcome::of(task);
    outcome.attempts = 1;
    outcome.content = LedgerScene::content(1);
    outcome.facts = {.type = "jpeg", .width = 40, .height = 30, .frames = 1};
    must(scene_.writer().begin());
    const auto place = must(scene_.writer().contents().place_of(outcome.content, LedgerScene::alike_is_same()));
    must(scene_.writer().images().record_fetched(outcome, place, "a.jpg"));
    must(scene_.writer().commit());
    task = *lose(task.id);
  }
  EXPECT_EQ(scene_.count("SELECT count(*) FROM content_key"), 1);
}

TEST_F(LedgerGrowth, ForgetsAFailureThatTheNextJobTriesAgain) {
  scene_.job(1);
  scene_.failed(scene_.page(1, {kA}).at(0));
  settle();
  for (std::int64_t job = 2; job < 5; ++job) {
    scene_.job(job);
    scene_.failed(scene_.page(1, {kA}).at(0));
    settle();
  }
  EXPECT_EQ(scene_.count("SELECT count(*) FROM failed"), 1);
  EXPECT_EQ(scene_.count("SELECT count(*) FROM failures WHERE job = 4 AND kind = 'image'"), 1);
}

TEST_F(LedgerGrowth, KeepsThePagesOfTheLastJobsAndOfTheCurrentOne) {
  constexpr std::int64_t kLater = 9;
  scene_.job(1);
  scene_.page(1, {kA});
  for (std::int64_t job = 2; job < 2 + kLater; ++job) {
    scene_.job(job);
    scene_.page(1, {kB});
    settle();
  }
  EXPECT_EQ(hits(1), 1) << "it may go on";
  scene_.job(1);
  settle();
  scene_.job(1);
  EXPECT_EQ(hits(1), 1) << "it goes on";
  EXPECT_EQ(scene_.count("SELECT count(DISTINCT job) FROM page WHERE job > 1"), 8);
}

TEST_F(LedgerGrowth, HasNoJobWhoseBeginningWasRolledBack) {
  must(scene_.writer().begin());
  must(scene_.writer().begin_job(0, {"http://h/{page}", "1-10", "//img"}, LedgerScene::kRun));
  EXPECT_EQ(scene_.writer().job().id(), 1);
  scene_.writer().rollback();
  EXPECT_EQ(scene_.writer().job().id(), 0);
}

TEST_F(LedgerGrowth, DoesNotTakeAnImageForAnEpochThatItHasLeftForAnotherName) {
  scene_.job(1);
  const auto tasks = scene_.page(1, {kA});
  const std::int64_t epoch = scene_.writer().syncs().epoch();
  scene_.saved(tasks.at(0));
  scene_.writer().syncs().begin_epoch();
  must(scene_.writer().begin());
  must(scene_.writer().images().rename_file(tasks.at(0).id, "other.jpg"));
  must(scene_.writer().commit());
  must(scene_.writer().syncs().save_durable(epoch));
  EXPECT_FALSE(must(scene_.writer().named_images().last(epoch)));
}

TEST_F(LedgerGrowth, RefusesAnIdThatNoLedgerReaches) {
  for (const char* id : {"1000000000000", "-3"}) {
    LedgerScene damaged;
    damaged.job(1);
    damaged.page(1, {kA});
    damaged.close();
    {
      auto db = must(Database::open(state_in(damaged.files.directory()), Database::Mode::create));
      must(db.execute(("UPDATE found SET id = " + std::string(id)).c_str()));
    }
    const auto writer = LedgerWriter::open(state_in(damaged.files.directory()));
    ASSERT_FALSE(writer.ok()) << id;
    EXPECT_EQ(writer.error().code, EBADMSG);
  }
}

}  // namespace
}  // namespace doutu
