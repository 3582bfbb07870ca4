#include "downloader/record/ledger_writer.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sched.h>
#include <signal.h>
#include <sys/mount.h>
#include <sys/wait.h>

#include <algorithm>
#include <fstream>

#include "shared/ledger/ledger_reader.h"
#include "shared/url/url.h"
#include "tests/downloader/record/ledger_scene.h"
#include "tests/site/state_in.h"

namespace doutu {

// NOLINTNEXTLINE(readability-identifier-naming)
void PrintTo(const JobCounters& t, std::ostream* out) {
  *out << "known " << t.known << ", repeated " << t.repeated << ", saved " << t.saved << ", duplicate " << t.duplicate
       << ", skipped " << t.skipped << ", failed " << t.failed << ", pending " << t.pending << ", bytes " << t.bytes;
}

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

// --- Hits.

TEST(LedgerWriter, AHitIsPendingAndTheSecondOneRepeated) {
  LedgerScene scene;
  scene.job(1);
  EXPECT_EQ(scene.page(1, {kA, kB, kA}).size(), 2U);
  EXPECT_EQ(scene.page(2, {kB, kC}).size(), 1U);
  EXPECT_EQ(scene.counters(), (JobCounters{.repeated = 2, .pending = 3}));
}

TEST(LedgerWriter, AJobHasTheUrlOfItsPageAsReferer) {
  LedgerScene scene;
  scene.job(1);
  must(scene.writer().begin());
  PageRecord page;
  page.number = 4;
  page.url = "http://user:secret@h/4";
  page = must(scene.writer().begin_attempt(std::nullopt, page));
  const auto tasks = scene.hits(page, {kA});
  must(scene.writer().commit());
  ASSERT_EQ(tasks.size(), 1U);
  EXPECT_EQ(tasks[0].url, kA);
  EXPECT_EQ(tasks[0].referer, "http://h/4");
  const auto again = must(scene.writer().pending_tasks(tasks[0].host, 0, 10));
  ASSERT_EQ(again.size(), 1U);
  EXPECT_EQ(again[0].url, kA);
  EXPECT_EQ(again[0].referer, "http://h/4");
}

TEST(LedgerWriter, WhatIsNoUrlIsSettledWhenItIsMet) {
  LedgerScene scene;
  scene.job(1);
  EXPECT_TRUE(scene.page(1, {"data:image/png;base64,AAAA", "http//broken", "data:image/png;base64,AAAA"}).empty());
  EXPECT_EQ(scene.counters(), (JobCounters{.repeated = 1, .skipped = 1, .failed = 1}));
}

TEST(LedgerWriter, CountsFailuresByCauseAlsoOverARestartAndARollback) {
  LedgerScene scene;
  scene.job(1);
  const auto tasks = scene.page(1, {kA, kB, "http//broken"});
  scene.failed(tasks.at(0));
  const auto stalled = failure_slot(Cause::stalled, 0);
  EXPECT_EQ(scene.writer().failures().at(stalled), 1U);
  EXPECT_EQ(scene.writer().failures().at(failure_slot(Cause::bad_url, 0)), 1U);

  must(scene.writer().begin());
  ImageOutcome outcome;
  outcome.id = tasks.at(1).id;
  outcome.cause = Cause::stalled;
  must(scene.writer().record_failed(outcome));
  EXPECT_EQ(scene.writer().failures().at(stalled), 2U);
  scene.writer().rollback();
  EXPECT_EQ(scene.writer().failures().at(stalled), 1U);

  scene.close();
  scene.open();
  scene.job(1);
  scene.expect_balance();
  EXPECT_EQ(scene.writer().failures().at(stalled), 1U);
  scene.job(2);
  scene.expect_balance();
}

TEST(LedgerWriter, ANewAttemptTakesBackWhatTheLastOneCounted) {
  LedgerScene scene;
  scene.job(1);
  scene.page(1, {kA, kA, kB}, Cause::connection_lost);
  EXPECT_EQ(scene.counters(), (JobCounters{.repeated = 1, .pending = 2}));
  EXPECT_TRUE(scene.page(1, {kA, kA, kB}).empty()) << "they are pending already";
  EXPECT_EQ(scene.counters(), (JobCounters{.repeated = 1, .pending = 2}));
}

TEST(LedgerWriter, AnAttemptBrokenOffAnywhereCountsOnce) {
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

TEST(LedgerWriter, ImagesOfAnAttemptStayThoughTheNextOneHasOthers) {
  LedgerScene scene;
  scene.job(1);
  scene.page(1, {kA, kB}, Cause::connection_lost);
  scene.page(1, {kC, kB});
  EXPECT_EQ(scene.counters(), (JobCounters{.pending = 3}));
  scene.page(2, {kA});
  EXPECT_EQ(scene.counters(), (JobCounters{.repeated = 1, .pending = 3}));
}

// --- Outcomes.

TEST(LedgerWriter, OutcomesMoveFromPendingToTheirCount) {
  LedgerScene scene;
  scene.job(1);
  const auto tasks = scene.page(1, {kA, kB, kC, "http://i/d.jpg"});
  scene.saved(tasks[0]);
  scene.duplicate(tasks[1]);
  scene.failed(tasks[2]);
  EXPECT_EQ(scene.counters(), (JobCounters{.saved = 1, .duplicate = 1, .failed = 1, .pending = 1, .bytes = 100}));
  const auto first = must(scene.writer().find_content({std::byte{1}}));
  ASSERT_TRUE(first);
  EXPECT_EQ(first->file, "1.jpg");
  EXPECT_EQ(first->url, kA);
  EXPECT_FALSE(must(scene.writer().find_content({std::byte{2}}))) << "a duplicate is no first file";
}

TEST(LedgerWriter, ARetryStaysPendingAndIsReadWithItsTime) {
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
  must(scene.writer().record_retry(retry));
  must(scene.writer().commit());
  scene.expect_balance();

  const auto tasks = must(scene.writer().pending_tasks(task.host, 0, 10));
  ASSERT_EQ(tasks.size(), 1U);
  EXPECT_EQ(tasks[0].attempts, 2U);
  EXPECT_GT(tasks[0].not_before, mono_now() + seconds(40));
  EXPECT_LT(tasks[0].not_before, mono_now() + seconds(60));
}

TEST(LedgerWriter, AClockThatWasSetBackPutsNothingOffForYears) {
  LedgerScene scene;
  scene.job(1);
  ImageOutcome retry;
  const auto task = scene.page(1, {kA}).at(0);
  retry.id = task.id;
  retry.next_attempt_ms = wall_milliseconds() + std::int64_t{365} * 24 * 3'600'000;
  must(scene.writer().begin());
  must(scene.writer().record_retry(retry));
  must(scene.writer().commit());
  const auto again = must(scene.writer().pending_tasks(task.host, 0, 1)).at(0);
  EXPECT_LE(again.not_before, mono_now() + seconds(3600));
}

TEST(LedgerWriter, LostBytesArePendingAgainUnderANewId) {
  LedgerScene scene;
  scene.job(1);
  const auto tasks = scene.page(1, {kA, kB});
  scene.saved(tasks[0]);
  must(scene.writer().begin());
  const auto again = must(scene.writer().fetch_again(tasks[0].id));
  EXPECT_EQ(must(scene.writer().fetch_again(tasks[1].id)), std::nullopt) << "it was not fetched yet";
  must(scene.writer().commit());
  scene.expect_balance();
  ASSERT_TRUE(again.has_value());
  EXPECT_EQ(again->url, kA);
  EXPECT_GT(again->id, tasks[1].id);
  EXPECT_EQ(scene.counters(), (JobCounters{.pending = 2}));
}

TEST(LedgerWriter, LostBytesOfAnotherJobArePendingThereAndUnsettleIt) {
  LedgerScene scene;
  scene.job(1);
  const auto tasks = scene.page(1, {kA});
  scene.saved(tasks[0]);
  must(scene.writer().begin());
  must(scene.writer().settle_job());
  must(scene.writer().commit());
  scene.job(2, "20-30");
  must(scene.writer().begin());
  EXPECT_EQ(must(scene.writer().fetch_again(tasks[0].id)), std::nullopt) << "not this job's work";
  must(scene.writer().commit());
  scene.job(0, "1-10");
  EXPECT_EQ(scene.writer().job(), 1) << "it goes on";
  EXPECT_EQ(scene.counters(), (JobCounters{.pending = 1}));
}

TEST(LedgerWriter, LostBytesOfTheOwnSettledJobUnsettleIt) {
  LedgerScene scene;
  scene.job(1);
  const auto tasks = scene.page(1, {kA});
  scene.saved(tasks[0]);
  must(scene.writer().begin());
  must(scene.writer().settle_job());
  EXPECT_TRUE(must(scene.writer().fetch_again(tasks[0].id)).has_value());
  must(scene.writer().commit());
  scene.job(0);
  EXPECT_EQ(scene.writer().job(), 1) << "else its image would be pending for ever";
  EXPECT_EQ(scene.counters(), (JobCounters{.pending = 1}));
}

TEST(LedgerWriter, PendingRowsComePerHostInTheOrderOfTheirIds) {
  LedgerScene scene;
  scene.job(1);
  const auto tasks = scene.page(1, {kA, kC, kB, "http://i/d.jpg"});
  EXPECT_THAT(must(scene.writer().hosts_with_pending(0, 100)),
              ::testing::UnorderedElementsAre(HostRow{tasks[0].host, url_authority(kA)},
                                              HostRow{tasks[1].host, url_authority(kC)}));
  const auto later = std::max(tasks[0].host, tasks[1].host);
  EXPECT_THAT(must(scene.writer().hosts_with_pending(later - 1, 100)), ::testing::SizeIs(1));
  EXPECT_TRUE(must(scene.writer().hosts_with_pending(later, 100)).empty());
  EXPECT_THAT(ids_of(must(scene.writer().pending_tasks(tasks[0].host, 0, 2))),
              ::testing::ElementsAre(tasks[0].id, tasks[2].id));
  EXPECT_THAT(ids_of(must(scene.writer().pending_tasks(tasks[0].host, tasks[2].id, 2))),
              ::testing::ElementsAre(tasks[3].id));
  scene.saved(tasks[1]);
  EXPECT_THAT(must(scene.writer().hosts_with_pending(0, 100)),
              ::testing::ElementsAre(HostRow{tasks[0].host, url_authority(kA)}));
}

TEST(LedgerWriter, KnowsWhichHostsHaveAnswered) {
  LedgerScene scene;
  scene.job(1);
  const auto tasks = scene.page(1, {kA, kC});
  const HostRow saved{tasks[1].host, url_authority(kC)};
  scene.saved(tasks[1]);
  const auto hosts = must(scene.writer().hosts_that_answered());
  EXPECT_THAT(hosts, ::testing::Contains(saved));
  EXPECT_THAT(hosts, ::testing::Contains(::testing::Field(&HostRow::id, 0))) << "of the page";
  EXPECT_THAT(hosts, ::testing::Not(::testing::Contains(::testing::Field(&HostRow::id, tasks[0].host))));
}

// --- The next job.

TEST(LedgerWriter, ANewJobKnowsWhatIsSavedAndTriesTheRestAgain) {
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

TEST(LedgerWriter, AKnownImageCountsOnceThoughItsPageIsTriedTwice) {
  LedgerScene scene;
  scene.job(1);
  scene.saved(scene.page(1, {kA}).at(0));
  scene.job(2);
  scene.page(1, {kA}, Cause::connection_lost);
  scene.page(1, {kA});
  EXPECT_EQ(scene.counters(), (JobCounters{.known = 1}));
}

TEST(LedgerWriter, FetchesAgainWhatTheFolderHasLostSinceAnEarlierJob) {
  LedgerScene scene;
  std::vector<std::string> asked;
  scene.writer().look_for_files([&](const std::string& file, std::uint64_t bytes) {
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
  EXPECT_FALSE(must(scene.writer().find_content({std::byte{1}}))) << "nothing is linked to a file that is gone";
  scene.saved(second[0]);
  scene.failed(second[1]);
  EXPECT_EQ(scene.counters(), (JobCounters{.known = 1, .repeated = 1, .saved = 1, .failed = 1, .bytes = 100}));
  EXPECT_EQ(asked.size(), 3U);
}

TEST(LedgerWriter, AsksNothingOfAFileWhoseNameLeadsOutOfTheFolder) {
  LedgerScene scene;
  scene.job(1);
  scene.saved(scene.page(1, {kA}).at(0));
  scene.writer().look_for_files([](const std::string& file, std::uint64_t) {
    ADD_FAILURE() << file;
    return true;
  });
  scene.job(2);
  must(scene.writer().begin());
  must(scene.writer().rename_file(1, "../x.jpg"));
  PageRecord page = scene.begin_page(1);
  EXPECT_FALSE(scene.writer().add_hit(page, {.page = 1, .attempt = 1, .position = 0, .url = kA}).ok());
  scene.writer().rollback();
}

TEST(LedgerWriter, TakesOverWhatAnUnfinishedJobLeftPending) {
  LedgerScene scene;
  scene.job(1, "1-10");
  const auto first = scene.page(1, {kA, kB});
  scene.job(2, "1-5");
  EXPECT_TRUE(must(scene.writer().hosts_with_pending(0, 100)).empty()) << "what the other job asked for is not fetched";
  const auto second = scene.page(1, {kA});
  ASSERT_EQ(second.size(), 1U);
  EXPECT_GT(second[0].id, first[1].id);
  EXPECT_EQ(scene.counters(), (JobCounters{.pending = 1}));
  EXPECT_EQ(scene.count("SELECT pending FROM accounts WHERE id = 1"), 1);
  EXPECT_EQ(scene.count("SELECT known FROM accounts WHERE id = 1"), 1);

  scene.saved(second[0]);
  scene.job(1, "1-10");
  EXPECT_EQ(scene.counters(), (JobCounters{.known = 1, .pending = 1})) << "what moved away is known, without a row";
  EXPECT_THAT(ids_of(must(scene.writer().pending_tasks(first[1].host, 0, 10))), ::testing::ElementsAre(first[1].id));
}

TEST(LedgerWriter, AJobThatGoesOnRepeatsWhatItSavedItselfThoughAnotherMetItSince) {
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

TEST(LedgerWriter, ContinuesAJobByItsSpecUntilItIsSettled) {
  LedgerScene scene;
  scene.job(0);
  EXPECT_EQ(scene.writer().job(), 1);
  scene.page(1, {kA});
  scene.job(0, "7");
  EXPECT_EQ(scene.writer().job(), 2);
  scene.job(0);
  EXPECT_EQ(scene.writer().job(), 1);
  EXPECT_EQ(scene.counters(), (JobCounters{.pending = 1}));
  must(scene.writer().begin());
  must(scene.writer().settle_job());
  must(scene.writer().commit());
  scene.job(0);
  EXPECT_EQ(scene.writer().job(), 3);
  scene.job(1);
  EXPECT_EQ(scene.writer().job(), 1) << "named by its number it goes on, settled or not";
}

TEST(LedgerWriter, RefusesANumberThatBelongsToAnotherRequest) {
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

// --- Transactions, lanes, kills.

TEST(LedgerWriter, ARolledBackBatchLeavesNothing) {
  LedgerScene scene;
  scene.job(1);
  scene.page(1, {kA});
  const JobCounters before = scene.counters();
  must(scene.writer().begin());
  PageRecord page = scene.begin_page(2);
  scene.hits(page, {kA, kB, kC, "http://newhost/x"});
  must(scene.writer().save_lane_taken(5, 1000));
  scene.writer().rollback();
  EXPECT_EQ(scene.counters(), before);
  scene.expect_balance();
  EXPECT_EQ(must(scene.writer().lane_taken(5)), 0U);
  // The host that was rolled back is not remembered.
  EXPECT_EQ(scene.page(2, {"http://newhost/x"}).size(), 1U);
  EXPECT_EQ(scene.count("SELECT count(*) FROM images i JOIN hosts h ON h.id = i.host"), 2);
}

TEST(LedgerWriter, RemembersLanesOfThisRunOnly) {
  LedgerScene scene;
  scene.job(1);
  must(scene.writer().begin());
  must(scene.writer().save_lane_taken(5, 1000));
  must(scene.writer().commit());
  scene.job(1);
  EXPECT_EQ(must(scene.writer().lane_taken(5)), 1000U);
  must(scene.writer().begin());
  must(scene.writer().begin_job(1, {"http://h/{page}", "1-10", "//img"}, LedgerScene::kRun + 1));
  must(scene.writer().commit());
  EXPECT_EQ(must(scene.writer().lane_taken(5)), 0U);
  EXPECT_EQ(scene.count("SELECT count(*) FROM lanes"), 0);
}

TEST(LedgerWriter, HasWhatWasCommittedBeforeAKillAndNothingElse) {
  LedgerScene scene;
  scene.close();
  const pid_t child = ::fork();
  ASSERT_GE(child, 0);
  if (child == 0) {  // Its own connection: SQLite's handles must not cross a fork.
    scene.open();
    scene.job(1);
    scene.page(1, {kA, kB});
    must(scene.writer().begin());
    PageRecord page = scene.begin_page(2);
    scene.hits(page, {kC});
    ::kill(::getpid(), SIGKILL);
  }
  int status = 0;
  ASSERT_EQ(::waitpid(child, &status, 0), child);
  ASSERT_TRUE(WIFSIGNALED(status));
  EXPECT_TRUE(std::filesystem::exists(ledger_path(scene.files.directory()) + "-wal"));

  // The parent reads first, beside the leftovers of the dead writer.
  {
    auto reader = must(LedgerReader::open(state_in(scene.files.directory())));
    ASSERT_NE(reader, nullptr);
    EXPECT_EQ(must(reader->latest_job())->counters, (JobCounters{.pending = 2}));
  }
  scene.open();
  scene.job(1);
  scene.expect_balance();
  EXPECT_EQ(scene.counters(), (JobCounters{.pending = 2}));
  EXPECT_EQ(scene.page(2, {kC}).size(), 1U);
}

TEST(LedgerWriter, LeavesOneFileAtACleanEnd) {
  LedgerScene scene;
  scene.job(1);
  scene.page(1, {kA});
  EXPECT_GT(scene.writer().wal_bytes(), 0U);
  must(scene.writer().checkpoint());
  EXPECT_EQ(scene.writer().wal_bytes(), 0U);
  scene.page(2, {kB});
  scene.close();
  std::size_t files = 0;
  for (const auto& entry : std::filesystem::directory_iterator(state_folder(scene.files.directory()))) {
    files += entry.is_regular_file() ? 1U : 0U;
  }
  EXPECT_EQ(files, 1U);
  must(LedgerReader::open(state_in(scene.files.directory())));
  EXPECT_FALSE(std::filesystem::exists(ledger_path(scene.files.directory()) + "-shm"));
}

TEST(LedgerWriter, KeepsWhatAnImageIs) {
  LedgerScene scene;
  scene.job(1);
  const auto tasks = scene.page(1, {kA});
  scene.saved(tasks.at(0));
  EXPECT_EQ(
      scene.count("SELECT count(*) FROM images WHERE type = 'jpeg' AND width = 40 AND height = 30 AND frames = 1"), 1);
}

TEST(LedgerWriter, TakesNoNameFromALedgerThatLeadsOutOfTheFolder) {
  for (const char* name : {"../x.jpg", "/x.jpg", "..", ".", "", "a/b.jpg"}) {
    LedgerScene scene;
    scene.job(1);
    scene.saved(scene.page(1, {kA}).at(0));
    scene.close();
    {
      auto db = must(Database::open(state_in(scene.files.directory()), Database::Mode::create));
      must(db.prepare("UPDATE images SET file = ?")->run(std::string(name)));
    }
    scene.open();
    const auto image = scene.writer().find_image(1);
    ASSERT_FALSE(image.ok()) << name;
    EXPECT_THAT(image.error().message, ::testing::HasSubstr("with the invalid file name"));
    EXPECT_FALSE(scene.writer().find_content({std::byte{1}}).ok()) << name;
  }
}

// --- Files that are no ledger of ours.

class RefusedLedger : public ::testing::Test {
 public:
  /// Both the writer and the reader refuse the file with these words, and leave it as it is.
  void expect_refused(const std::string& words) {
    const std::string path = ledger_path(files.directory());
    const std::string before = FolderFiles::read(path);
    const auto writer = LedgerWriter::open(state_in(files.directory()));
    ASSERT_FALSE(writer.ok());
    const auto reader = LedgerReader::open(state_in(files.directory()));
    ASSERT_FALSE(reader.ok());
    for (const std::string& message : {writer.error().message, reader.error().message}) {
      EXPECT_THAT(message, ::testing::HasSubstr(words));
      EXPECT_THAT(message, ::testing::HasSubstr(path));
      EXPECT_THAT(message, ::testing::HasSubstr("move it away"));
      EXPECT_EQ(message.find('\n'), std::string::npos);
    }
    EXPECT_EQ(FolderFiles::read(path), before);
  }

  void make(const std::string& sql) {
    auto db = must(Database::open(state_in(files.directory()), Database::Mode::create));
    must(db.execute(sql.c_str()));
  }

  FolderFiles files;
};

TEST_F(RefusedLedger, OfANewerVersion) {
  LedgerScene scene;
  scene.close();
  make("CREATE TABLE x(y); PRAGMA application_id = " + std::to_string(kLedgerApplicationId) +
       "; PRAGMA user_version = " + std::to_string(kLedgerVersion + 1));
  expect_refused("newer version of doutu");
}

TEST_F(RefusedLedger, OfAnOlderVersion) {
  make("CREATE TABLE x(y); PRAGMA application_id = " + std::to_string(kLedgerApplicationId) +
       "; PRAGMA user_version = " + std::to_string(kLedgerVersion - 1));
  expect_refused("older version of doutu");
}

TEST_F(RefusedLedger, OfAnotherProgram) {
  make("CREATE TABLE cookies(name)");
  expect_refused("not a ledger of doutu");
}

TEST_F(RefusedLedger, ThatIsNoDatabase) {
  FolderFiles::write(ledger_path(files.directory()), std::string(5000, 'x'));
  expect_refused("damaged");
}

TEST_F(RefusedLedger, ThatIsCutShort) {
  make(std::string(kLedgerSchema) + "; PRAGMA application_id = " + std::to_string(kLedgerApplicationId) +
       "; PRAGMA user_version = " + std::to_string(kLedgerVersion));
  std::filesystem::resize_file(ledger_path(files.directory()), 4096);
  expect_refused("damaged");
}

TEST(LedgerWriter, MakesTheTablesInAFileThatAKillLeftEmpty) {
  LedgerScene scene;
  scene.close();
  std::filesystem::remove(ledger_path(scene.files.directory()));
  FolderFiles::write(ledger_path(scene.files.directory()), "");
  EXPECT_EQ(must(LedgerReader::open(state_in(scene.files.directory()))), nullptr);
  scene.open();
  scene.job(1);
  EXPECT_EQ(scene.page(1, {kA}).size(), 1U);
}

TEST(LedgerWriter, SaysThatTheDiskIsReadOnly) {
  const TemporaryFolder folder;
  const std::string path = folder.path().string();
  if (unshare(CLONE_NEWNS) != 0 || mount("none", "/", nullptr, MS_REC | MS_PRIVATE, nullptr) != 0 ||
      mount("tmpfs", path.c_str(), "tmpfs", 0, "") != 0) {
    GTEST_SKIP() << "no mount namespace of its own: " << std::strerror(errno);
  }
  std::filesystem::create_directories(state_folder(path));
  ASSERT_EQ(mount("tmpfs", path.c_str(), "tmpfs", MS_REMOUNT | MS_RDONLY, ""), 0) << std::strerror(errno);
  EXPECT_EQ(LedgerWriter::open(state_in(path)).error().code, EROFS);
  umount2(path.c_str(), MNT_DETACH);
}

}  // namespace
}  // namespace doutu
