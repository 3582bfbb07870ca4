#include "downloader/ledger/image_alternatives.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cerrno>
#include <string>
#include <utility>
#include <vector>

#include "tests/downloader/ledger/ledger_scene.h"
#include "tests/site/quick_folder.h"

namespace doutu {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

using Tasks = std::vector<ImageTask>;
using Urls = std::vector<std::string>;

const std::string kA = "http://i/a.jpg";
const std::string kB = "http://i/b.jpg";
const std::string kC = "http://j/c.jpg";
const std::string kD = "http://j/d.jpg";

/// A hit with other URLs.
std::string with(const Urls& urls) {
  std::string text;
  for (const std::string& url : urls) text += (text.empty() ? "" : " ") + url;
  return text;
}

Urls urls_of(const Tasks& tasks) {
  Urls urls;
  for (const ImageTask& task : tasks) urls.push_back(task.url);
  return urls;
}

class ImageAlternativesTest : public ::testing::Test {
 protected:
  ImageAlternativesTest() { scene.job(1); }

  ImageState state_of(const std::string& url) {
    return static_cast<ImageState>(scene.count("SELECT state FROM images WHERE url = '" + url + "'"));
  }
  std::int64_t rows(const std::string& table) { return scene.count("SELECT count(*) FROM " + table); }
  /// Images that came from another URL of theirs.
  std::int64_t replaced_in(int job) {
    return scene.count("SELECT count(DISTINCT other) FROM replacements WHERE other_state IN (1, 2) AND job = " +
                       std::to_string(job));
  }
  void reopen(std::int64_t job) {
    scene.close();
    scene.open();
    scene.job(job);
  }

  LedgerScene scene;
};

TEST_F(ImageAlternativesTest, TheNextUrlTakesThePlaceOfOneThatFails) {
  scene.referrer_policy = ReferrerPolicy::no_referrer;
  const Tasks first = scene.page(7, {kD, with({kA, kB, kC})});
  scene.referrer_policy = {};
  const Tasks second = scene.failed(first.at(1));
  ASSERT_THAT(urls_of(second), ElementsAre(kB));
  EXPECT_EQ(second[0].referrer_policy, ReferrerPolicy::no_referrer);
  EXPECT_GT(second[0].id, first[1].id) << "ids rise in the order of becoming pending";
  EXPECT_EQ(second[0].spot, (Spot{7, 1}));
  EXPECT_EQ(second[0].referer, "http://h/7");
  EXPECT_EQ(scene.counters(), (JobCounters{.pending = 2}));

  const Tasks third = scene.failed(second[0]);
  ASSERT_THAT(urls_of(third), ElementsAre(kC));
  scene.saved(third[0]);
  EXPECT_EQ(scene.counters(), (JobCounters{.saved = 1, .pending = 1, .bytes = 100}));
  EXPECT_EQ(state_of(kA), ImageState::replaced);
  EXPECT_EQ(state_of(kB), ImageState::replaced);
  EXPECT_EQ(scene.count("SELECT count(*) FROM images WHERE state = 5 AND cause = 'stalled'"), 2);
  EXPECT_EQ(rows("failures"), 0);
  EXPECT_EQ(replaced_in(1), 1) << "one image, though two URLs of it failed";
}

TEST_F(ImageAlternativesTest, AnImageFailsWithItsLastUrl) {
  const Tasks first = scene.page(1, {with({kA, kB})});
  EXPECT_THAT(scene.failed(scene.failed(first.at(0)).at(0)), IsEmpty());
  EXPECT_EQ(scene.counters(), (JobCounters{.failed = 1}));
  EXPECT_EQ(scene.count("SELECT count(*) FROM failures WHERE url = '" + kB + "'"), 1);
  EXPECT_EQ(rows("failures"), 1);
  EXPECT_EQ(rows("alternative"), 0);
  EXPECT_EQ(replaced_in(1), 0);
}

TEST_F(ImageAlternativesTest, AnImageThatIsFetchedNeedsNone) {
  scene.saved(scene.page(1, {with({kA, kB})}).at(0));
  EXPECT_EQ(scene.counters(), (JobCounters{.saved = 1, .bytes = 100}));
  EXPECT_EQ(rows("found"), 1);
}

TEST_F(ImageAlternativesTest, ARestartFindsThem) {
  const Tasks first = scene.page(1, {with({kA, kB, kC})});
  reopen(1);
  const Tasks second = scene.failed(first.at(0));
  ASSERT_THAT(urls_of(second), ElementsAre(kB));
  reopen(1);
  EXPECT_THAT(urls_of(must(scene.writer().images().pending_tasks(second[0].host, 0, 9))), ElementsAre(kB));
  EXPECT_THAT(urls_of(scene.failed(second[0])), ElementsAre(kC));
}

TEST_F(ImageAlternativesTest, ARollbackLeavesTheImageAsItWas) {
  const ImageTask task = scene.page(1, {with({kA, kB})}).at(0);
  ImageOutcome outcome = ImageOutcome::of(task);
  outcome.cause = Cause::stalled;
  must(scene.writer().begin());
  must(scene.record_failed(outcome));
  scene.writer().rollback();
  EXPECT_TRUE(scene.writer().images().is_pending(task.id));
  scene.expect_balance();
  EXPECT_THAT(urls_of(scene.failed(task)), ElementsAre(kB));
}

// --- What the job or an earlier one has of the other URL.

TEST_F(ImageAlternativesTest, WhatAnEarlierJobHasIsKnown) {
  scene.saved(scene.page(1, {kB}).at(0));
  scene.job(2);
  EXPECT_THAT(scene.failed(scene.page(1, {with({kA, kB})}).at(0)), IsEmpty());
  EXPECT_EQ(scene.counters(), (JobCounters{.known = 1}));
  EXPECT_EQ(state_of(kA), ImageState::replaced);
  scene.page(2, {kB});
  EXPECT_EQ(scene.counters(), (JobCounters{.known = 1, .repeated = 1}));
  reopen(2);
  scene.expect_balance();
}

TEST_F(ImageAlternativesTest, WhatTheFolderHasLostIsFetched) {
  scene.saved(scene.page(1, {kB}).at(0));
  scene.writer().hits().look_for_files([](const std::string&, std::uint64_t) { return true; });
  scene.job(2);
  const Tasks second = scene.failed(scene.page(1, {with({kA, kB})}).at(0));
  EXPECT_THAT(urls_of(second), ElementsAre(kB));
  EXPECT_EQ(scene.counters(), (JobCounters{.pending = 1}));
}

TEST_F(ImageAlternativesTest, WhatTheJobHasMetIsRepeated) {
  scene.saved(scene.page(1, {kB}).at(0));
  EXPECT_THAT(scene.failed(scene.page(2, {with({kA, kB})}).at(0)), IsEmpty());
  EXPECT_EQ(scene.counters(), (JobCounters{.repeated = 1, .saved = 1, .bytes = 100}));
  EXPECT_EQ(scene.count("SELECT repeated FROM pages WHERE number = 2"), 1);
}

TEST_F(ImageAlternativesTest, OneThatWaitsStandsForBothWithTheUrlsOfBoth) {
  const Tasks first = scene.page(1, {with({kA, kB, kD}), with({kB, kC})});
  EXPECT_THAT(scene.failed(first.at(0)), IsEmpty());
  EXPECT_EQ(scene.counters(), (JobCounters{.repeated = 1, .pending = 1}));
  const Tasks third = scene.failed(first.at(1));
  ASSERT_THAT(urls_of(third), ElementsAre(kC));
  const Tasks last = scene.failed(third[0]);
  ASSERT_THAT(urls_of(last), ElementsAre(kD));
  scene.saved(last[0]);
  EXPECT_EQ(scene.counters(), (JobCounters{.repeated = 1, .saved = 1, .bytes = 100}));
  EXPECT_EQ(replaced_in(1), 1);
}

TEST_F(ImageAlternativesTest, WhatHasFailedInTheJobIsLeftOut) {
  scene.failed(scene.page(1, {kB}).at(0));
  EXPECT_THAT(urls_of(scene.failed(scene.page(2, {with({kA, kB, kC})}).at(0))), ElementsAre(kC));
  EXPECT_EQ(scene.counters(), (JobCounters{.failed = 1, .pending = 1}));
  EXPECT_THAT(scene.failed(scene.page(3, {with({kD, kB})}).at(0)), IsEmpty());
  EXPECT_EQ(scene.counters(), (JobCounters{.failed = 2, .pending = 1}));
  EXPECT_EQ(state_of(kD), ImageState::failed);
}

TEST_F(ImageAlternativesTest, ImagesThatNameEachOtherEnd) {
  const Tasks first = scene.page(1, {with({kA, kB}), with({kB, kA})});
  EXPECT_THAT(scene.failed(first.at(0)), IsEmpty());
  EXPECT_THAT(scene.failed(first.at(1)), IsEmpty());
  EXPECT_EQ(scene.counters(), (JobCounters{.repeated = 1, .failed = 1}));
  scene.job(2);
  const Tasks again = scene.page(1, {with({kA, kB}), with({kB, kA})});
  ASSERT_THAT(urls_of(again), ElementsAre(kA, kB));
  scene.failed(again[1]);
  scene.failed(again[0]);
  EXPECT_EQ(scene.counters(), (JobCounters{.repeated = 1, .failed = 1}));
}

// --- Hits on an image that was replaced.

TEST_F(ImageAlternativesTest, AnotherPageRepeatsIt) {
  scene.failed(scene.page(1, {with({kA, kB})}).at(0));
  EXPECT_THAT(scene.page(2, {with({kA, kC})}), IsEmpty());
  EXPECT_EQ(scene.counters(), (JobCounters{.repeated = 1, .pending = 1}));
}

TEST_F(ImageAlternativesTest, OthersThatAreMetLaterAreNone) {
  const Tasks first = scene.page(1, {kA});
  scene.page(2, {with({kA, kB})});
  EXPECT_THAT(scene.failed(first.at(0)), IsEmpty());
  EXPECT_EQ(scene.counters(), (JobCounters{.repeated = 1, .failed = 1}));
}

/// Of page 1 in two attempts, the first of which ends anywhere; images fail at any time. Job 1 has k, page 2 of job 2
/// has x.
TEST_F(ImageAlternativesTest, AnAttemptBrokenOffAnywhereCountsOnceWheneverImagesFail) {
  const Urls hits = {"http://i/a http://i/b", "http://i/b", "http://i/c http://i/k", "http://i/k",
                     "http://i/d http://i/x", "http://i/f", "http://i/e http://i/f", "http://i/e http://i/f",
                     "http://i/g http://i/n"};
  const JobCounters undisturbed{.known = 1, .repeated = 5, .pending = 4};
  const auto fails = [](const std::string& url) { return std::string("acdeg").find(url.back()) != std::string::npos; };
  for (std::size_t kept = 0; kept <= hits.size(); ++kept) {
    for (std::size_t fail_at = kept % 2; fail_at <= hits.size() + 1; fail_at += 2) {
      SCOPED_TRACE(::testing::Message() << kept << " hits came, then images fail before hit " << fail_at);
      LedgerScene one(quick_folder());
      one.job(1);
      one.saved(one.page(1, {"http://i/k"}).at(0));
      one.job(2);
      one.page(2, {"http://i/x"});
      Tasks waiting = one.page(1, {hits.begin(), hits.begin() + static_cast<std::ptrdiff_t>(kept)}, Cause::bad_records);
      const auto fail_all = [&] {
        for (const ImageTask& task : std::exchange(waiting, {})) {
          if (fails(task.url)) one.failed(task);
        }
      };
      if (fail_at == 0) fail_all();
      // Each hit is a batch, as of the intake: it reads the page anew, and saves it.
      must(one.writer().begin());
      PageRecord page = one.begin_page(1);
      must(one.writer().commit());
      for (std::size_t i = 0; i < hits.size(); ++i) {
        if (fail_at == i + 1) fail_all();
        must(one.writer().begin());
        page = *must(one.writer().pages().find(1));
        for (ImageTask& task : one.hits(page, {hits[i]})) waiting.push_back(std::move(task));
        if (i + 1 == hits.size()) page.state = PageState::done;
        must(one.writer().pages().save(page));
        must(one.writer().commit());
      }
      one.expect_balance();
      fail_all();
      EXPECT_EQ(one.counters(), undisturbed);
      EXPECT_EQ(one.count("SELECT count(*) FROM images WHERE state = 5"), 5);
      if (HasFailure()) return;
    }
  }
}

// --- A later job.

TEST_F(ImageAlternativesTest, ALaterJobKnowsAnImageByWhatStandsForIt) {
  scene.saved(scene.failed(scene.failed(scene.page(1, {with({kA, kB, kC})}).at(0)).at(0)).at(0));
  Urls asked;
  scene.writer().hits().look_for_files([&](const std::string& file, std::uint64_t) {
    asked.push_back(file);
    return false;
  });
  scene.job(2);
  EXPECT_THAT(scene.page(1, {with({kA, kB, kC}), kC}, Cause::connection_lost), IsEmpty());
  EXPECT_EQ(scene.counters(), (JobCounters{.known = 1, .repeated = 1}));
  EXPECT_THAT(scene.page(1, {with({kA, kB, kC}), kC}), IsEmpty());
  EXPECT_THAT(scene.page(2, {kA}), IsEmpty());
  EXPECT_EQ(scene.counters(), (JobCounters{.known = 1, .repeated = 2}));
  EXPECT_THAT(asked, ElementsAre("3.jpg"));
  EXPECT_EQ(replaced_in(2), 0);
}

TEST_F(ImageAlternativesTest, ALaterJobTriesTheFirstUrlAnewWhenTheFileIsLost) {
  scene.saved(scene.failed(scene.page(1, {with({kA, kB})}).at(0)).at(0));
  scene.writer().hits().look_for_files([](const std::string&, std::uint64_t) { return true; });
  scene.job(2);
  const Tasks again = scene.page(1, {with({kA, kB})});
  ASSERT_THAT(urls_of(again), ElementsAre(kA));
  const Tasks second = scene.failed(again[0]);
  ASSERT_THAT(urls_of(second), ElementsAre(kB));
  scene.saved(second[0]);
  EXPECT_EQ(scene.counters(), (JobCounters{.saved = 1, .bytes = 100}));
  EXPECT_EQ(rows("replaced"), 1);
}

TEST_F(ImageAlternativesTest, ALaterJobTriesAllUrlsAnewWhenAllHadFailed) {
  scene.failed(scene.failed(scene.page(1, {with({kA, kB})}).at(0)).at(0));
  scene.job(2);
  const Tasks again = scene.page(1, {with({kA, kB})});
  ASSERT_THAT(urls_of(again), ElementsAre(kA));
  const Tasks second = scene.failed(again[0]);
  ASSERT_THAT(urls_of(second), ElementsAre(kB));
  EXPECT_EQ(second[0].attempts, 0U);
  scene.saved(second[0]);
  EXPECT_EQ(scene.counters(), (JobCounters{.saved = 1, .bytes = 100}));
  EXPECT_EQ(rows("found"), 2);
  EXPECT_EQ(rows("replaced"), 1);
  EXPECT_EQ(rows("failed"), 0);
}

TEST_F(ImageAlternativesTest, AJobThatTakesAnImageOverTriesTheUrlsThatItHasMet) {
  scene.page(1, {with({kA, kB})});
  scene.job(2, "1-5");
  EXPECT_THAT(urls_of(scene.failed(scene.page(1, {with({kA, kC})}).at(0))), ElementsAre(kC));
  scene.job(3, "1-6");
  scene.failed(scene.page(1, {kA}).at(0));
  EXPECT_EQ(scene.counters(), (JobCounters{.failed = 1}));
}

// --- Images that get another row.

TEST_F(ImageAlternativesTest, WhatIsFetchedAgainKeepsItsUrlsAndItsPlace) {
  const ImageTask second = scene.failed(scene.page(1, {with({kA, kB, kC})}).at(0)).at(0);
  scene.saved(second);
  must(scene.writer().begin());
  const auto again = must(scene.writer().images().fetch_again(second.id));
  must(scene.writer().commit());
  ASSERT_TRUE(again);
  const Tasks third = scene.failed(*again);
  ASSERT_THAT(urls_of(third), ElementsAre(kC));
  scene.saved(third[0]);
  scene.job(2);
  EXPECT_THAT(scene.page(1, {with({kA, kB, kC})}), IsEmpty());
  EXPECT_EQ(scene.counters(), (JobCounters{.known = 1}));
}

TEST_F(ImageAlternativesTest, AnImageWithoutAPageFails) {
  scene.saved(scene.page(1, {with({kA, kB})}).at(0));
  scene.job(2);
  scene.page(1, {kA});
  must(scene.writer().begin());
  const auto again = must(scene.writer().images().fetch_again(1));
  must(scene.writer().commit());
  ASSERT_TRUE(again);
  ASSERT_EQ(again->spot.page, 0U);
  EXPECT_THAT(scene.failed(*again), IsEmpty());
  EXPECT_EQ(scene.counters(), (JobCounters{.failed = 1}));
}

TEST_F(ImageAlternativesTest, AMergeForgetsTheUrlsOfImagesThatWillNotBeFetchedAgain) {
  scene.staged_keys = 1;
  reopen(1);
  const Tasks first = scene.page(1, {with({kA, kB}), with({kC, kD})});
  scene.saved(first.at(0));
  EXPECT_EQ(rows("alternative"), 2) << "its file may be lost when the power fails";
  must(scene.writer().begin());
  must(scene.writer().syncs().save_durable(scene.writer().syncs().epoch()));
  must(scene.writer().commit());
  scene.page(2, {"http://i/next.jpg"});
  EXPECT_EQ(rows("alternative"), 1);
  EXPECT_THAT(urls_of(scene.failed(first.at(1))), ElementsAre(kD));
}

// --- Damage.

class DamagedAlternativesTest : public ImageAlternativesTest {
 protected:
  void damage(const std::string& sql) {
    scene.close();
    auto db = must(Database::open(state_in(scene.files.directory()), Database::Mode::create));
    must(db.execute(sql.c_str()));
  }
};

TEST_F(DamagedAlternativesTest, UrlsThatAreNotThoseThatWereFoundAreNotTried) {
  ImageOutcome outcome = ImageOutcome::of(scene.page(1, {with({kA, kB})}).at(0));
  damage("UPDATE alternative SET urls = replace(urls, 'b', 'c')");
  scene.open();
  scene.job(1);
  must(scene.writer().begin());
  std::vector<ImageTask> tasks;
  const auto replaced = scene.writer().alternatives().replace(outcome, tasks);
  ASSERT_FALSE(replaced.ok());
  EXPECT_EQ(replaced.error().code, EBADMSG);
  scene.writer().rollback();
}

TEST_F(DamagedAlternativesTest, AnImageIsTriedAnewWhenItIsUnsureWhatStandsForIt) {
  const Tasks first = scene.page(1, {with({kA, kB}), kC});
  scene.saved(first.at(1));
  scene.saved(scene.failed(first.at(0)).at(0));
  damage("UPDATE replaced SET other = 2");
  scene.open();
  scene.job(2);
  EXPECT_THAT(urls_of(scene.page(1, {with({kA, kB})})), ElementsAre(kA));
}

}  // namespace
}  // namespace doutu
