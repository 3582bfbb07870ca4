#include "downloader/record/lane_intake.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <algorithm>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "crawler/demo/draw_image.h"
#include "downloader/record/batch_writer.h"
#include "downloader/store/folder_sink.h"
#include "downloader/store/inline_image_url.h"
#include "shared/crawl/records.h"
#include "shared/lane/local_queue.h"
#include "tests/downloader/ledger/ledger_scene.h"
#include "tests/site/state_in.h"

namespace doutu {
namespace {

constexpr std::uint32_t kMaxHits = 100;

/// An intake with one lane, whose other end the test holds. The test is also what follows a batch.
class LaneIntakeTest : public ::testing::Test, public BatchFollower {
 public:
  LaneIntakeTest() {
    settings.run.run_id = LedgerScene::kRun;
    settings.page.max_hits = kMaxHits;
    scene.job(1);
    restart();
  }

  /// A new downloader on the same lane and ledger.
  void restart() {
    recorder = std::make_unique<BatchWriter>(settings, sink, scene.writer(), *this);
    intake().open(lane, queue->consumer());
  }
  LaneIntake& intake() { return recorder->intake(); }

  void tell_parent(std::vector<Message> messages) override { told_parent = std::move(messages); }
  void publish_counters() override { scene.expect_balance(); }
  void feed_frontier(BatchEffects& effects) override { answered_hosts = effects.answered; }
  void publish_images() override {
    recorder->publisher().sync_began();
    recorder->publisher().sync_ended();
    must(recorder->publisher().publish());
  }

  void put(const Record& record) {
    std::vector<std::byte> buffer;
    ASSERT_EQ(producer->try_put(encode(record, buffer)), PutResult::ok);
  }
  void put_begin(std::uint64_t page, std::uint32_t attempt = 1) {
    put(PageBegin{page, attempt, "http://h/" + std::to_string(page)});
  }
  void put_hit(std::uint64_t page, std::uint32_t position, const std::string& url, std::uint32_t attempt = 1) {
    put(ImageFound{page, attempt, position, Cause::none, url});
  }
  void put_inline(std::uint64_t page, std::uint32_t position, const std::string& bytes) {
    put(InlineImage{page, 1, position, bytes});
  }
  void put_end(std::uint64_t page, std::uint32_t hits, Cause cause = Cause::none, std::uint32_t attempt = 1) {
    put(PageEnd{page, attempt, cause, 200, hits, 0});
  }
  void put_page(std::uint64_t page) {
    put_begin(page);
    put_hit(page, 0, "http://i/" + std::to_string(page) + ".jpg");
    put_end(page, 1);
  }

  void assign(std::uint64_t page, std::uint32_t attempt = 1) {
    intake().request(PageAssigned{{page, attempt, url_of(page)}, lane});
  }
  /// Its fetcher says that it has put the page.
  void say_put(std::uint64_t page) { intake().request(PagePut{page, 1, lane}); }
  void give_up(std::uint64_t page, Cause cause) { intake().request(PageFailed{{page, 1, url_of(page)}, cause, 0}); }
  static std::string url_of(std::uint64_t page) { return "http://h/" + std::to_string(page); }

  enum class Fate { commit, roll_back, kill_before_acknowledge };
  /// One batch; what the parent is told.
  std::vector<Message> batch(Fate fate = Fate::commit) {
    if (fate == Fate::kill_before_acknowledge) {
      BatchEffects effects;
      must(scene.writer().begin());
      must(intake().take(effects.tasks, effects.answers));
      must(scene.writer().commit());
      return std::move(effects.answers);
    }
    const Status done = recorder->batch([&](BatchEffects& effects) -> Status {
      must(intake().take(effects.tasks, effects.answers));
      return fate == Fate::roll_back ? Status(Error{"the disk is full"}) : Status();
    });
    EXPECT_EQ(done.ok(), fate == Fate::commit);
    return std::exchange(told_parent, {});
  }
  bool wants_batch() {
    std::vector<pollfd> wake;
    return intake().wants_batch(wake);
  }

  CrawlSettings settings;
  LedgerScene scene;
  std::uint64_t lane = 3;
  std::unique_ptr<LocalQueue> queue = *LocalQueue::create();
  std::unique_ptr<ImageProducer> producer = queue->producer();
  FolderSink sink = must(FolderSink::open(state_in(scene.files.directory())));
  std::unique_ptr<BatchWriter> recorder;
  std::vector<Message> told_parent;         ///< Of the running batch.
  std::vector<std::string> answered_hosts;  ///< Of the last batch.
};

void expect_recorded(const std::vector<Message>& answers, std::uint64_t page, Cause cause, std::uint32_t images) {
  ASSERT_EQ(answers.size(), 1U);
  const auto& recorded = std::get<PageRecorded>(answers[0]);
  EXPECT_EQ(recorded.page, page);
  EXPECT_EQ(recorded.cause, cause);
  EXPECT_EQ(recorded.images, images);
}

TEST_F(LaneIntakeTest, ForgetsNothingWhenABatchFailsBeforeItComesToTheLanes) {
  assign(1);
  put_begin(1);
  put_hit(1, 0, "http://i/1.jpg");
  EXPECT_TRUE(batch().empty());
  EXPECT_FALSE(recorder->batch([](BatchEffects&) { return Status(Error{"the disk is full"}); }));
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

TEST_F(LaneIntakeTest, SavesTheImagesThatAPageCarriesInItself) {
  const std::string image = draw_image(1, 16);
  const std::string name(inline_image_hash(inline_image_url(content_of(image).sha256)));
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
  must(recorder->publisher().redo());
  publish_images();
  assign(1);
  put_end(1, 1);
  expect_recorded(batch(), 1, Cause::none, 1);
  EXPECT_EQ(scene.counters().saved, 1U);
  EXPECT_EQ(scene.files.images().size(), 1U);
}

TEST_F(LaneIntakeTest, DistrustsAnInlineImageOutOfItsOrder) {
  assign(1);
  put_begin(1);
  put_inline(1, 1, draw_image(1, 16));
  expect_recorded(batch(), 1, Cause::bad_records, 0);
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

// --- A fetcher that breaks the rules harms its own pages.

struct Rubbish {
  const char* what;
  std::vector<Record> records;
};

TEST_F(LaneIntakeTest, ABreachEndsTheAttemptAndTheTrust) {
  const std::vector<Rubbish> table = {
      {"another page", {PageBegin{2, 1, "http://h/2"}}},
      {"another attempt", {PageBegin{1, 2, "http://h/1"}}},
      {"an image before its page", {ImageFound{1, 1, 0, Cause::none, "http://i/a"}}},
      {"a second begin", {PageBegin{1, 1, "http://h/1"}, PageBegin{1, 1, "http://h/1"}}},
      {"a gap", {PageBegin{1, 1, "http://h/1"}, ImageFound{1, 1, 1, Cause::none, "http://i/a"}}},
      {"another page within it", {PageBegin{1, 1, "http://h/1"}, PageEnd{2, 1, Cause::none, 200, 0, 0}}},
      {"a wrong count", {PageBegin{1, 1, "http://h/1"}, PageEnd{1, 1, Cause::none, 200, 1, 0}}},
      {"an end that came well without a page", {PageEnd{1, 1, Cause::none, 200, 0, 0}}},
  };
  for (const Rubbish& rubbish : table) {
    SCOPED_TRACE(rubbish.what);
    ++lane;
    queue = *LocalQueue::create();
    producer = queue->producer();
    scene.job(scene.writer().job().id() + 1, rubbish.what);
    restart();
    assign(1);
    for (const Record& record : rubbish.records) put(record);
    put_page(1);
    expect_recorded(batch(), 1, Cause::bad_records, 0);
    EXPECT_FALSE(wants_batch());

    assign(7);
    put_page(7);
    expect_recorded(batch(), 7, Cause::bad_records, 0);
    EXPECT_EQ(must(scene.writer().pages().find(1))->state, PageState::open) << "the parent may try it again";
  }
}

TEST_F(LaneIntakeTest, APageThatIsSaidToBePutAndIsNotThereIsABreach) {
  assign(1);
  EXPECT_TRUE(batch().empty());
  EXPECT_FALSE(wants_batch());
  say_put(1);
  EXPECT_TRUE(wants_batch());
  batch(Fate::roll_back);
  expect_recorded(batch(), 1, Cause::bad_records, 0);
  EXPECT_TRUE(intake().idle());
  EXPECT_FALSE(wants_batch());
}

TEST_F(LaneIntakeTest, APageWithoutAnEndThatIsSaidToBePutIsABreach) {
  assign(1);
  put_begin(1);
  put_hit(1, 0, "http://i/1.jpg");
  say_put(1);
  expect_recorded(batch(), 1, Cause::bad_records, 1);
}

TEST_F(LaneIntakeTest, ASealedLaneWithoutAPageThatIsSaidToBePutIsABreach) {
  assign(1);
  producer->seal();
  EXPECT_TRUE(batch().empty());
  say_put(1);
  expect_recorded(batch(), 1, Cause::bad_records, 0);
}

TEST_F(LaneIntakeTest, PagesThatAreSaidToBePutMayTakeSeveralBatches) {
  constexpr std::uint64_t kPages = 200;
  for (std::uint64_t page = 1; page <= kPages; ++page) {
    assign(page);
    put_page(page);
    say_put(page);
  }
  const auto first = batch();
  EXPECT_LT(first.size(), kPages);
  EXPECT_TRUE(wants_batch());
  const auto second = batch();
  EXPECT_EQ(first.size() + second.size(), kPages);
  const auto is_good = [](const Message& answer) { return std::get<PageRecorded>(answer).cause == Cause::none; };
  EXPECT_TRUE(std::ranges::all_of(first, is_good) && std::ranges::all_of(second, is_good));
}

TEST_F(LaneIntakeTest, BytesThatAreNoRecordAreABreach) {
  assign(1);
  assign(2);
  const std::vector<std::byte> bytes(40, std::byte{0xee});
  ASSERT_EQ(producer->try_put(bytes), PutResult::ok);
  const auto answers = batch();
  ASSERT_EQ(answers.size(), 2U);
  for (const Message& answer : answers) EXPECT_EQ(std::get<PageRecorded>(answer).cause, Cause::bad_records);
}

TEST_F(LaneIntakeTest, AnImageBeyondTheLimitIsABreach) {
  assign(1);
  put_begin(1);
  for (std::uint32_t i = 0; i <= kMaxHits; ++i) put_hit(1, i, "http://i/" + std::to_string(i));
  expect_recorded(batch(), 1, Cause::bad_records, kMaxHits);
}

TEST_F(LaneIntakeTest, AnImageThatIsNoUrlFailsAlone) {
  assign(1);
  put_begin(1);
  put_hit(1, 0, "file:///etc/passwd");
  put_hit(1, 1, "http://i/a.jpg");
  put_end(1, 2);
  expect_recorded(batch(), 1, Cause::none, 2);
  EXPECT_EQ(scene.counters(), (JobCounters{.failed = 1, .pending = 1}));
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
  recorder = std::make_unique<BatchWriter>(settings, sink, scene.writer(), *this);
  intake().open(LaneOpened{lane});
  assign(1);
  expect_recorded(batch(), 1, Cause::bad_records, 0);
}

}  // namespace
}  // namespace doutu
