#include "downloader/record/lane_intake.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "tests/downloader/record/lane_intake_scene.h"

namespace doutu {
namespace {

TEST_F(LaneIntakeTest, ForgetsNothingWhenABatchFailsBeforeItComesToTheLanes) {
  assign(1);
  put_begin(1);
  put_hit(1, 0, "http://i/1.jpg");
  EXPECT_TRUE(batch().empty());
  EXPECT_FALSE(batch_writer->batch([](BatchEffects&) { return Status(Error{"the disk is full"}); }));
  put_end(1, 1);
  expect_recorded(batch(), 1, Cause::none, 1);
  EXPECT_TRUE(intake().idle());
}

TEST_F(LaneIntakeTest, RecordsAPage) {
  assign(1);
  put_page(1);
  EXPECT_TRUE(wants_batch());
  expect_recorded(batch(), 1, Cause::none, 1);
  EXPECT_EQ(scene.counters(), (JobCounters{.pending = 1}));
  EXPECT_EQ(must(scene.writer().pages().find(1))->state, PageState::done);
  EXPECT_TRUE(intake().idle());
  EXPECT_FALSE(wants_batch());
}

TEST_F(LaneIntakeTest, RecordsAPageThatComesInPieces) {
  assign(1);
  put_begin(1);
  put_hit(1, 0, "http://i/a.jpg");
  EXPECT_TRUE(batch().empty());
  EXPECT_FALSE(intake().idle());
  put_hit(1, 1, "http://i/b.jpg");
  EXPECT_TRUE(batch().empty());
  put_end(1, 2);
  expect_recorded(batch(), 1, Cause::none, 2);
}

TEST_F(LaneIntakeTest, AnEmptyPageIsRecordedAsSuch) {
  assign(1);
  put_begin(1);
  put_end(1, 0);
  expect_recorded(batch(), 1, Cause::none, 0);
  EXPECT_EQ(must(scene.writer().pages().find(1))->state, PageState::empty);
}

TEST_F(LaneIntakeTest, ReadsNothingBeforeThePageIsAssigned) {
  put_page(1);
  EXPECT_FALSE(wants_batch());
  EXPECT_TRUE(batch().empty());
  assign(1);
  expect_recorded(batch(), 1, Cause::none, 1);
}

TEST_F(LaneIntakeTest, TakesSeveralPagesInWhateverOrderTheyWereAnnounced) {
  assign(5);
  assign(2);
  put_page(2);
  put_page(5);
  EXPECT_EQ(batch().size(), 2U);
  EXPECT_EQ(scene.counters().pending, 2U);
}

TEST_F(LaneIntakeTest, ALeftAttemptIsTheParentsToDecide) {
  assign(1);
  put(PageEnd{1, 1, Cause::http_status, 503, 0, 30, true});
  const auto answers = batch();
  expect_recorded(answers, 1, Cause::http_status, 0);
  const auto& recorded = std::get<PageRecorded>(answers[0]);
  EXPECT_EQ(recorded.http_status, 503);
  EXPECT_EQ(recorded.retry_after_seconds, 30U);
  EXPECT_TRUE(recorded.elsewhere);
  EXPECT_EQ(must(scene.writer().pages().find(1))->state, PageState::open);

  give_up(1, Cause::stalled);
  expect_recorded(batch(), 1, Cause::stalled, 0);
  EXPECT_EQ(must(scene.writer().pages().find(1))->state, PageState::failed);
}

TEST_F(LaneIntakeTest, TellsWhichHostsHaveAnsweredPages) {
  assign(1);
  assign(2);
  assign(3);
  put_page(1);
  put(PageEnd{2, 1, Cause::dns_failure, 0, 0, 0});
  batch();
  EXPECT_THAT(answered_hosts, ::testing::UnorderedElementsAre("http://h:80"));
  batch();
  EXPECT_TRUE(answered_hosts.empty());

  put(PageEnd{3, 1, Cause::http_status, 404, 0, 0});
  batch();
  EXPECT_EQ(answered_hosts.size(), 1U) << "a refusal is an answer";
}

TEST_F(LaneIntakeTest, KeepsWhereARedirectLedAPageThatFailedThere) {
  assign(1);
  put(PageBegin{1, 1, "https://other/x"});
  put(PageEnd{1, 1, Cause::tls_unknown_issuer, 302, 0, 0, true});
  batch();
  EXPECT_THAT(answered_hosts, ::testing::UnorderedElementsAre("http://h:80")) << "the other did not answer";
  give_up(1, Cause::tls_unknown_issuer);
  batch();
  EXPECT_EQ(must(scene.writer().pages().find(1))->final_url, "https://other/x");

  assign(2);
  put(PageBegin{2, 1, "https://other/x"});
  put(PageEnd{2, 1, Cause::http_status, 404, 0, 0, true});
  batch();
  EXPECT_THAT(answered_hosts, ::testing::UnorderedElementsAre("http://h:80", "https://other:443"));
}

TEST_F(LaneIntakeTest, APageThatIsRecordedIsAnsweredAtOnce) {
  assign(1);
  put_page(1);
  batch();
  restart();
  assign(1, 2);
  expect_recorded(batch(), 1, Cause::none, 1);
  EXPECT_TRUE(intake().idle());
}

TEST_F(LaneIntakeTest, AnAttemptThatFailedBeforeAKillIsAnsweredAtOnce) {
  assign(1);
  put_end(1, 0, Cause::dns_failure);
  batch();
  restart();
  assign(1);
  expect_recorded(batch(), 1, Cause::dns_failure, 0);
  assign(1, 2);
  EXPECT_TRUE(batch().empty()) << "the next attempt is awaited";
}

TEST_F(LaneIntakeTest, ARolledBackBatchIsTakenAgain) {
  assign(1);
  put_page(1);
  batch(Fate::roll_back);
  EXPECT_EQ(scene.counters(), JobCounters{});
  EXPECT_FALSE(intake().idle());
  expect_recorded(batch(), 1, Cause::none, 1);
}

TEST_F(LaneIntakeTest, AKillAfterEveryRecordCountsEachOnce) {
  for (std::uint64_t kill_after = 0; kill_after < 5; ++kill_after) {
    const std::uint64_t page = 100 + kill_after;
    assign(page);
    const auto url = [&](int i) { return "http://i/" + std::to_string(page) + "-" + std::to_string(i); };
    const std::vector<std::string> urls = {url(0), url(1), url(0)};
    std::vector<Message> answers;
    for (std::uint32_t i = 0; i < 5; ++i) {
      if (i == 0) put_begin(page);
      if (i > 0 && i < 4) put_hit(page, i - 1, urls[i - 1]);
      if (i == 4) put_end(page, 3);
      if (i != kill_after) continue;
      batch(Fate::kill_before_acknowledge);
      restart();
      assign(page);
    }
    expect_recorded(batch(), page, Cause::none, 3);
  }
  EXPECT_EQ(scene.counters(), (JobCounters{.repeated = 5, .pending = 10}));
}

// --- The end of a lane.

TEST_F(LaneIntakeTest, AClosedLaneIsDrainedToWhatWasPublished) {
  assign(1);
  assign(2);
  put_page(1);
  put_begin(2);
  put_hit(2, 0, "http://i/x.jpg");
  intake().close(lane);
  const auto answers = batch();
  ASSERT_EQ(answers.size(), 2U);
  EXPECT_TRUE(std::holds_alternative<PageRecorded>(answers[0]));
  EXPECT_EQ(std::get<LaneDrained>(answers[1]).generation, lane);
  EXPECT_EQ(scene.counters().pending, 2U) << "an image of the page that did not end is not lost";
  EXPECT_TRUE(intake().idle());
  EXPECT_FALSE(wants_batch());
}

TEST_F(LaneIntakeTest, ALaneLongerThanABatchIsDrainedInSeveral) {
  assign(1);
  put_begin(1);
  for (std::uint32_t i = 0; i < kMaxHits; ++i) put_hit(1, i, "http://i/" + std::to_string(i));
  put_end(1, kMaxHits);
  for (std::uint64_t page = 2; page < 800; ++page) {
    assign(page);
    put_page(page);
  }
  intake().close(lane);
  std::size_t recorded = 0;
  std::size_t batches = 0;
  for (bool drained = false; !drained && batches < 10; ++batches) {
    for (const Message& answer : batch()) {
      drained = std::holds_alternative<LaneDrained>(answer);
      recorded += std::holds_alternative<PageRecorded>(answer) ? 1U : 0U;
    }
  }
  EXPECT_EQ(recorded, 799U);
  constexpr std::size_t kRecords = kMaxHits + 2 + 798 * 3;
  EXPECT_EQ(batches, kRecords / LaneIntake::kMaxRecords + 1);
}

TEST_F(LaneIntakeTest, ASealedLaneDoesNotKeepTheThreadBusy) {
  assign(1);
  producer->seal();
  EXPECT_TRUE(wants_batch());
  EXPECT_TRUE(batch().empty());
  EXPECT_FALSE(wants_batch());
  intake().close(lane);
  ASSERT_EQ(batch().size(), 1U);
  EXPECT_TRUE(intake().idle());
}

TEST_F(LaneIntakeTest, ALaneThatCannotBeOpenedIsNotTrusted) {
  batch_writer = std::make_unique<BatchWriter>(settings, sink, scene.writer(), cookies, *this);
  intake().open(LaneOpened{lane});
  assign(1);
  expect_recorded(batch(), 1, Cause::bad_records, 0);
}

// --- Other URLs of an image.

class OtherUrlsTest : public LaneIntakeTest {
 protected:
  void put_hit_with(std::uint32_t position, const std::string& url, const std::string& others,
                    Cause cause = Cause::none) {
    put(ImageFound{1, 1, position, cause, url, others});
  }
  std::string text(const std::string& sql) {
    auto db = must(Database::open(state_in(scene.files.directory()), Database::Mode::read_only));
    return must(db.query_text(sql.c_str()));
  }
  std::vector<ImageTask> pending() { return must(scene.writer().images().pending_tasks(1, 0, 9)); }
};

TEST_F(OtherUrlsTest, AreThoseThatAnImageCanBeFetchedFrom) {
  assign(1);
  put_begin(1);
  put_hit_with(0, "http://i/a", "http://I/b#x\nno url\nhttp://i/a#y\nblob:x\n\nhttp://i/b\nhttps://i/c");
  put_hit_with(1, "http://i/d", "http://i/d\nftp://i/d\n");
  put_end(1, 2);
  batch();
  EXPECT_EQ(text("SELECT urls FROM alternative"), "http://i/b\nhttps://i/c\n");
  EXPECT_EQ(scene.count("SELECT count(*) FROM alternative"), 1);
}

TEST_F(OtherUrlsTest, AreOnlySoMany) {
  std::string others;
  for (int i = 0; i < 1000; ++i) others += "http://i/" + std::to_string(i) + '\n';
  assign(1);
  put_begin(1);
  put_hit_with(0, "http://i/a", others);
  put_end(1, 1);
  batch();
  const std::string urls = text("SELECT urls FROM alternative");
  EXPECT_EQ(std::ranges::count(urls, '\n'), kMaxAlternatives);
}

TEST_F(OtherUrlsTest, TheFirstOfThemIsAskedForWhereTheImagesOwnIsNone) {
  assign(1);
  put_begin(1);
  put_hit_with(0, "blob:x", "no url\nhttp://i/b\nhttp://i/c\n", Cause::unsupported_scheme);
  put_hit_with(1, "no url", "http://i/d\n");
  put_hit_with(2, "ftp://i/e", "ftp://i/f\n", Cause::unsupported_scheme);
  put_end(1, 3);
  batch();
  EXPECT_EQ(scene.counters(), (JobCounters{.skipped = 1, .pending = 2}));
  EXPECT_EQ(text("SELECT group_concat(url, ' ') FROM images WHERE state = 0"), "http://i/b http://i/d");
  EXPECT_EQ(text("SELECT urls FROM alternative"), "http://i/c\n");
}

/// What replaces an image counts as repeated on a page that is still being read, in batches that may fail.
TEST_F(OtherUrlsTest, TakeThePlaceOfAnImageWhileItsPageIsRead) {
  scene.saved(scene.page(2, {"http://i/x"}).at(0));
  assign(1);
  put_begin(1);
  put_hit_with(0, "http://i/a", "http://i/x\n");
  batch();
  ImageOutcome outcome = ImageOutcome::of(pending().at(0));
  outcome.cause = Cause::stalled;
  put_hit(1, 1, "http://i/x");
  const auto record = [&](const Status& end) {
    return batch_writer->batch([&](BatchEffects& effects) -> Status {
      must(scene.record_failed(outcome));
      must(intake().take(effects.tasks, effects.answers));
      return end;
    });
  };
  EXPECT_FALSE(record(Error{"the disk is full"}).ok());
  must(record({}));
  put_hit(1, 2, "http://i/x");
  put_end(1, 3);
  const auto answers = batch();
  expect_recorded(answers, 1, Cause::none, 3);
  EXPECT_EQ(std::get<PageRecorded>(answers[0]).fresh, 0U);
  EXPECT_EQ(scene.counters(), (JobCounters{.repeated = 3, .saved = 1, .bytes = 100}));
  EXPECT_EQ(scene.count("SELECT repeated FROM pages WHERE number = 1"), 3);
}

TEST_F(LaneIntakeTest, RulesOfARobotsFileAreThoseOfThePagesOwnServer) {
  settings.politeness.robots = Robots::everything;
  restart();
  assign(1);
  put(RobotsRead{1, 1, "-/a\n"});
  put_page(1);
  EXPECT_TRUE(batch(Fate::roll_back).empty());
  const auto answers = batch();
  ASSERT_EQ(answers.size(), 2U);
  const auto& known = std::get<RobotsKnown>(answers[0]);
  EXPECT_EQ(known.server, "http://h:80");
  EXPECT_EQ(known.rules, "-/a\n");
  EXPECT_EQ(std::get<PageRecorded>(answers[1]).images, 1U);
  std::string rows;
  must(scene.writer().robots().for_each_since(0, [&](const std::string& server, std::int64_t, std::string_view rules) {
    rows.append(server).append(" ").append(rules);
  }));
  EXPECT_EQ(rows, "http://h:80 -/a\n");
}

}  // namespace
}  // namespace doutu
