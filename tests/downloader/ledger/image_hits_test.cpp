#include "downloader/ledger/image_hits.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "tests/downloader/ledger/ledger_scene.h"

namespace doutu {
namespace {

const std::string kA = "http://i/a.jpg";
const std::string kB = "http://i/b.jpg";
const std::string kC = "http://j/c.jpg";

std::vector<std::int64_t> ids_of(const std::vector<ImageTask>& tasks) {
  std::vector<std::int64_t> ids;
  ids.reserve(tasks.size());
  for (const ImageTask& task : tasks) ids.push_back(task.id);
  return ids;
}

TEST(ImageHits, AHitIsPendingAndTheSecondOneRepeated) {
  LedgerScene scene;
  scene.job(1);
  EXPECT_EQ(scene.page(1, {kA, kB, kA}).size(), 2U);
  EXPECT_EQ(scene.page(2, {kB, kC}).size(), 1U);
  EXPECT_EQ(scene.counters(), (JobCounters{.repeated = 2, .pending = 3}));
}

TEST(ImageHits, WhatIsNoUrlIsSettledWhenItIsMet) {
  LedgerScene scene;
  scene.job(1);
  EXPECT_TRUE(scene.page(1, {"data:image/png;base64,AAAA", "http//broken", "data:image/png;base64,AAAA"}).empty());
  EXPECT_EQ(scene.counters(), (JobCounters{.repeated = 1, .skipped = 1, .failed = 1}));
}

TEST(ImageHits, ANewAttemptTakesBackWhatTheLastOneCounted) {
  LedgerScene scene;
  scene.job(1);
  scene.page(1, {kA, kA, kB}, Cause::connection_lost);
  EXPECT_EQ(scene.counters(), (JobCounters{.repeated = 1, .pending = 2}));
  EXPECT_TRUE(scene.page(1, {kA, kA, kB}).empty()) << "they are pending already";
  EXPECT_EQ(scene.counters(), (JobCounters{.repeated = 1, .pending = 2}));
}

TEST(ImageHits, AnAttemptBrokenOffAnywhereCountsOnce) {
  const std::vector<std::string> urls = {kA, kB, kA, kC, "data:,x", kB};
  for (std::size_t kept = 0; kept <= urls.size(); ++kept) {
    LedgerScene scene;
    scene.job(1);
    scene.page(2, {kC});
    scene.page(1, {urls.begin(), urls.begin() + static_cast<std::ptrdiff_t>(kept)}, Cause::bad_records);
    scene.page(1, urls);
    EXPECT_EQ(scene.counters(), (JobCounters{.repeated = 3, .skipped = 1, .pending = 3})) << kept;
  }
}

TEST(ImageHits, ImagesOfAnAttemptStayThoughTheNextOneHasOthers) {
  LedgerScene scene;
  scene.job(1);
  scene.page(1, {kA, kB}, Cause::connection_lost);
  scene.page(1, {kC, kB});
  EXPECT_EQ(scene.counters(), (JobCounters{.pending = 3}));
  scene.page(2, {kA});
  EXPECT_EQ(scene.counters(), (JobCounters{.repeated = 1, .pending = 3}));
}

TEST(ImageHits, ANewJobKnowsWhatIsSavedAndTriesTheRestAgain) {
  LedgerScene scene;
  scene.job(1);
  const auto first = scene.page(1, {kA, kB, kC, "data:,x"});
  scene.saved(first[0]);
  scene.duplicate(first[1]);
  scene.failed(first[2]);

  scene.job(2);
  EXPECT_EQ(scene.counters(), JobCounters{});
  const auto second = scene.page(1, {kA, kB, kC, "data:,x", kA});
  ASSERT_EQ(second.size(), 1U);
  EXPECT_EQ(second[0].url, kC);
  EXPECT_EQ(second[0].attempts, 0U);
  EXPECT_GT(second[0].id, first[2].id) << "ids rise in the order of becoming pending";
  EXPECT_EQ(scene.counters(), (JobCounters{.known = 2, .repeated = 1, .skipped = 1, .pending = 1}));
  scene.failed(second[0]);
  EXPECT_EQ(scene.counters(), (JobCounters{.known = 2, .repeated = 1, .skipped = 1, .failed = 1}));
}

TEST(ImageHits, AKnownImageCountsOnceThoughItsPageIsTriedTwice) {
  LedgerScene scene;
  scene.job(1);
  scene.saved(scene.page(1, {kA}).at(0));
  scene.job(2);
  scene.page(1, {kA}, Cause::connection_lost);
  scene.page(1, {kA});
  EXPECT_EQ(scene.counters(), (JobCounters{.known = 1}));
}

TEST(ImageHits, FetchesAgainWhatTheFolderHasLostSinceAnEarlierJob) {
  LedgerScene scene;
  std::vector<std::string> asked;
  scene.writer().hits().look_for_files([&](const std::string& file, std::uint64_t bytes) {
    EXPECT_EQ(bytes, 100U);
    asked.push_back(file);
    return file != "3.jpg";
  });
  scene.job(1);
  const auto first = scene.page(1, {kA, kB, kC, kA});
  scene.saved(first.at(0));
  scene.duplicate(first.at(1));
  scene.saved(first.at(2));
  scene.page(2, {kA, kB});
  EXPECT_TRUE(asked.empty()) << "a job that goes on looks at no file of its own";

  scene.job(2);
  const auto second = scene.page(1, {kA, kB, kC, kA});
  EXPECT_THAT(asked, ::testing::ElementsAre("1.jpg", "2.jpg", "3.jpg"));
  ASSERT_EQ(second.size(), 2U);
  EXPECT_EQ(second[0].url, kA);
  EXPECT_EQ(second[0].attempts, 0U);
  EXPECT_GT(second[0].id, first[2].id) << "ids rise in the order of becoming pending";
  EXPECT_EQ(scene.counters(), (JobCounters{.known = 1, .repeated = 1, .pending = 2}));
  EXPECT_FALSE(scene.first_with(LedgerScene::content(1))) << "nothing is linked to a file that is gone";
  scene.saved(second[0]);
  scene.failed(second[1]);
  EXPECT_EQ(scene.counters(), (JobCounters{.known = 1, .repeated = 1, .saved = 1, .failed = 1, .bytes = 100}));
  EXPECT_EQ(asked.size(), 3U);
}

TEST(ImageHits, AsksNothingOfAFileWhoseNameLeadsOutOfTheFolder) {
  LedgerScene scene;
  scene.job(1);
  scene.saved(scene.page(1, {kA}).at(0));
  scene.writer().hits().look_for_files([](const std::string& file, std::uint64_t) {
    ADD_FAILURE() << file;
    return true;
  });
  scene.job(2);
  must(scene.writer().begin());
  must(scene.writer().images().rename_file(1, "../x.jpg"));
  PageRecord page = scene.begin_page(1);
  EXPECT_FALSE(scene.writer().hits().add(page, {.page = 1, .attempt = 1, .position = 0, .url = kA}).ok());
  scene.writer().rollback();
}

TEST(ImageHits, TakesOverWhatAnUnfinishedJobLeftPending) {
  LedgerScene scene;
  scene.job(1, "1-10");
  const auto first = scene.page(1, {kA, kB});
  scene.job(2, "1-5");
  EXPECT_TRUE(must(scene.writer().hosts().with_pending(0, 100)).empty())
      << "what the other job asked for is not fetched";
  const auto second = scene.page(1, {kA});
  ASSERT_EQ(second.size(), 1U);
  EXPECT_GT(second[0].id, first[1].id);
  EXPECT_EQ(scene.counters(), (JobCounters{.pending = 1}));
  EXPECT_EQ(scene.count("SELECT pending FROM job WHERE id = 1"), 1);
  EXPECT_EQ(scene.count("SELECT known FROM job WHERE id = 1"), 1);

  scene.saved(second[0]);
  scene.job(1, "1-10");
  EXPECT_EQ(scene.counters(), (JobCounters{.known = 1, .pending = 1})) << "what moved away is known, without a row";
  EXPECT_THAT(ids_of(must(scene.writer().images().pending_tasks(first[1].host, 0, 10))),
              ::testing::ElementsAre(first[1].id));
}

TEST(ImageHits, AJobThatGoesOnRepeatsWhatItSavedItselfThoughAnotherMetItSince) {
  LedgerScene scene;
  scene.job(1, "1-10");
  scene.saved(scene.page(1, {kA}).at(0));
  scene.job(2, "1-5");
  scene.page(1, {kA});
  EXPECT_EQ(scene.counters(), (JobCounters{.known = 1}));
  scene.job(1, "1-10");
  must(scene.writer().begin());
  PageRecord page = scene.begin_page(2);
  scene.hits(page, {kA});
  EXPECT_EQ(scene.counters(), (JobCounters{.repeated = 1, .saved = 1, .bytes = 100}));
  scene.writer().rollback();
}

}  // namespace
}  // namespace doutu
