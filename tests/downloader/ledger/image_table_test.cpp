#include "downloader/ledger/image_table.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <utility>

#include "shared/base/clock.h"
#include "tests/downloader/ledger/ledger_scene.h"

namespace doutu {
namespace {

const std::string kA = "http://i/a.jpg";
const std::string kB = "http://i/b.jpg";
const std::string kC = "http://j/c.jpg";

TEST(ImageTable, AJobHasTheUrlOfItsPageAsReferer) {
  LedgerScene scene;
  scene.job(1);
  must(scene.writer().begin());
  PageRecord page;
  page.number = 4;
  page.url = "http://user:secret@h/4";
  page = must(scene.writer().pages().begin_attempt(std::nullopt, page));
  const auto tasks = scene.hits(page, {kA});
  must(scene.writer().commit());
  ASSERT_EQ(tasks.size(), 1U);
  EXPECT_EQ(tasks[0].url, kA);
  EXPECT_EQ(tasks[0].referer, "http://h/4");
  const auto again = must(scene.writer().images().pending_tasks(tasks[0].host, 0, 10));
  ASSERT_EQ(again.size(), 1U);
  EXPECT_EQ(again[0].url, kA);
  EXPECT_EQ(again[0].referer, "http://h/4");
}

TEST(ImageTable, AnImageHasThePolicyOfThePlaceThatNamedItFirst) {
  using enum ReferrerPolicy;
  LedgerScene scene;
  scene.job(1);
  scene.referrer_policy = no_referrer;
  const auto tasks = scene.page(1, {kA});
  EXPECT_EQ(tasks.at(0).referrer_policy, no_referrer);
  scene.referrer_policy = unsafe_url;
  EXPECT_EQ(scene.page(2, {kA, kB}).at(0).referrer_policy, unsafe_url);
  const auto waiting = must(scene.writer().images().pending_tasks(tasks[0].host, 0, 10));
  ASSERT_EQ(waiting.size(), 2U);
  EXPECT_EQ(waiting[0].referrer_policy, no_referrer);
  EXPECT_EQ(waiting[1].referrer_policy, unsafe_url);

  scene.failed(tasks[0]);
  scene.job(2);
  scene.referrer_policy = same_origin;
  EXPECT_EQ(scene.page(1, {kA}).at(0).referrer_policy, same_origin) << "it is tried anew, as its new place has it";
}

TEST(ImageTable, APolicyThatNoVersionWritesIsTheDefault) {
  LedgerScene scene;
  scene.job(1);
  scene.referrer_policy = ReferrerPolicy::no_referrer;
  const auto tasks = scene.page(1, {kA});
  scene.close();
  {
    auto db = must(Database::open(state_in(scene.files.directory()), Database::Mode::create));
    must(db.execute("UPDATE found SET referrer_policy = 99"));
  }
  scene.open();
  scene.job(1);
  EXPECT_EQ(must(scene.writer().images().pending_tasks(tasks[0].host, 0, 10)).at(0).referrer_policy, ReferrerPolicy{});
}

TEST(ImageTable, OutcomesMoveFromPendingToTheirCount) {
  LedgerScene scene;
  scene.job(1);
  const auto tasks = scene.page(1, {kA, kB, kC, "http://i/d.jpg"});
  scene.saved(tasks[0]);
  scene.duplicate(tasks[1]);
  scene.failed(tasks[2]);
  EXPECT_EQ(scene.counters(), (JobCounters{.saved = 1, .duplicate = 1, .failed = 1, .pending = 1, .bytes = 100}));
  const auto first = scene.first_with(LedgerScene::content(1));
  ASSERT_TRUE(first);
  EXPECT_EQ(first->file, "1.jpg");
  EXPECT_EQ(first->url, kA);
  EXPECT_FALSE(scene.first_with(LedgerScene::content(2))) << "a duplicate is no first file";
}

TEST(ImageTable, ARetryStaysPendingAndIsReadWithItsTime) {
  LedgerScene scene;
  scene.job(1);
  const auto task = scene.page(1, {kA}).at(0);
  ImageOutcome retry;
  retry.id = task.id;
  retry.attempts = 2;
  retry.cause = Cause::http_status;
  retry.http_status = 503;
  retry.next_attempt_ms = wall_milliseconds() + 50'000;
  must(scene.writer().begin());
  must(scene.writer().images().record_retry(retry));
  must(scene.writer().commit());
  scene.expect_balance();

  const auto tasks = must(scene.writer().images().pending_tasks(task.host, 0, 10));
  ASSERT_EQ(tasks.size(), 1U);
  EXPECT_EQ(tasks[0].attempts, 2U);
  EXPECT_GT(tasks[0].not_before, mono_now() + seconds(40));
  EXPECT_LT(tasks[0].not_before, mono_now() + seconds(60));
}

TEST(ImageTable, AClockThatWasSetBackPutsNothingOffForYears) {
  LedgerScene scene;
  scene.job(1);
  ImageOutcome retry;
  const auto task = scene.page(1, {kA}).at(0);
  retry.id = task.id;
  retry.next_attempt_ms = wall_milliseconds() + std::int64_t{365} * 24 * 3'600'000;
  must(scene.writer().begin());
  must(scene.writer().images().record_retry(retry));
  must(scene.writer().commit());
  const auto again = must(scene.writer().images().pending_tasks(task.host, 0, 1)).at(0);
  EXPECT_LE(again.not_before, mono_now() + seconds(3600));
}

TEST(ImageTable, LostBytesArePendingAgainUnderANewId) {
  LedgerScene scene;
  scene.job(1);
  const auto tasks = scene.page(1, {kA, kB});
  scene.saved(tasks[0]);
  must(scene.writer().begin());
  const auto again = must(scene.writer().images().fetch_again(tasks[0].id));
  EXPECT_EQ(must(scene.writer().images().fetch_again(tasks[1].id)), std::nullopt) << "it was not fetched yet";
  must(scene.writer().commit());
  scene.expect_balance();
  ASSERT_TRUE(again.has_value());
  EXPECT_EQ(again->url, kA);
  EXPECT_GT(again->id, tasks[1].id);
  EXPECT_EQ(scene.counters(), (JobCounters{.pending = 2}));
}

TEST(ImageTable, LostBytesOfAnotherJobArePendingThereAndUnsettleIt) {
  LedgerScene scene;
  scene.job(1);
  const auto tasks = scene.page(1, {kA});
  scene.saved(tasks[0]);
  must(scene.writer().begin());
  must(scene.writer().jobs().settle());
  must(scene.writer().commit());
  scene.job(2, "20-30");
  must(scene.writer().begin());
  EXPECT_EQ(must(scene.writer().images().fetch_again(tasks[0].id)), std::nullopt) << "not this job's work";
  must(scene.writer().commit());
  scene.job(0, "1-10");
  EXPECT_EQ(scene.writer().job().id(), 1) << "it goes on";
  EXPECT_EQ(scene.counters(), (JobCounters{.pending = 1}));
}

TEST(ImageTable, LostBytesOfTheOwnSettledJobUnsettleIt) {
  LedgerScene scene;
  scene.job(1);
  const auto tasks = scene.page(1, {kA});
  scene.saved(tasks[0]);
  must(scene.writer().begin());
  must(scene.writer().jobs().settle());
  EXPECT_TRUE(must(scene.writer().images().fetch_again(tasks[0].id)).has_value());
  must(scene.writer().commit());
  scene.job(0);
  EXPECT_EQ(scene.writer().job().id(), 1) << "else its image would be pending for ever";
  EXPECT_EQ(scene.counters(), (JobCounters{.pending = 1}));
}

TEST(ImageTable, KeepsWhatAnImageIs) {
  LedgerScene scene;
  scene.job(1);
  const auto tasks = scene.page(1, {kA});
  scene.saved(tasks.at(0));
  EXPECT_EQ(
      scene.count("SELECT count(*) FROM images WHERE type = 'jpeg' AND width = 40 AND height = 30 AND frames = 1"), 1);
}

TEST(ImageTable, TakesNoNameFromALedgerThatLeadsOutOfTheFolder) {
  for (const char* name : {"../x.jpg", "/x.jpg", "..", ".", "", "a/b.jpg"}) {
    LedgerScene scene;
    scene.job(1);
    scene.saved(scene.page(1, {kA}).at(0));
    scene.close();
    {
      auto db = must(Database::open(state_in(scene.files.directory()), Database::Mode::create));
      must(db.prepare("UPDATE ended SET file = ?")->run(std::string(name)));
    }
    scene.open();
    const auto image = scene.writer().images().find(1);
    ASSERT_FALSE(image.ok()) << name;
    EXPECT_THAT(image.error().message, ::testing::HasSubstr("with the invalid file name"));
    EXPECT_FALSE(scene.writer().contents().place_of(LedgerScene::content(1), LedgerScene::alike_is_same()).ok())
        << name;
  }
}

}  // namespace
}  // namespace doutu
