#include "downloader/record/batch_writer.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "crawler/demo/draw_image.h"
#include "downloader/store/folder_sink.h"
#include "shared/crawl/records.h"
#include "shared/lane/local_queue.h"
#include "tests/downloader/ledger/ledger_scene.h"
#include "tests/site/state_in.h"

namespace doutu {
namespace {

using ::testing::ElementsAre;

constexpr std::uint64_t kLane = 3;

/// A batch writer with one lane. The test is what follows a batch, and writes down when it is called.
class BatchWriterTest : public ::testing::Test, public BatchFollower {
 protected:
  BatchWriterTest() {
    settings_.run.run_id = LedgerScene::kRun;
    scene_.job(1);
    batch_writer_.intake().open(kLane, queue_->consumer());
  }

  void tell_parent(std::vector<Message> answers) override {
    calls_.push_back("tell " + std::to_string(answers.size()));
    rows_when_told_ = scene_.count("SELECT count(*) FROM images");
    told_ = std::move(answers);
  }
  void publish_counters() override { calls_.emplace_back("publish"); }
  void feed_frontier(BatchEffects& effects) override {
    calls_.emplace_back("feed");
    last_ = std::move(effects);
  }
  void publish_images() override { calls_.emplace_back("place"); }

  void put(const Record& record) {
    std::vector<std::byte> buffer;
    ASSERT_EQ(producer_->try_put(encode(record, buffer)), PutResult::ok);
  }
  void put_page_with_an_inline_image() {
    batch_writer_.intake().request(PageAssigned{{1, 1, "http://h/1"}, kLane});
    put(PageBegin{1, 1, "http://h/1"});
    put(InlineImage{1, 1, 0, draw_image(1, 16)});
    put(PageEnd{1, 1, Cause::none, 200, 1, 0});
  }
  void put_page_with_cookies() {
    batch_writer_.intake().request(PageAssigned{{1, 1, "http://h/1"}, kLane});
    put(CookieSet{1, 1, "http://h/1", "a=sesame"});
    put(PageBegin{1, 1, "http://h/1"});
    put(PageEnd{1, 1, Cause::none, 200, 0, 0});
  }
  static ImageOutcome failure_of(const ImageTask& task) {
    ImageOutcome outcome = ImageOutcome::of(task);
    outcome.attempts = 1;
    outcome.cause = Cause::stalled;
    return outcome;
  }
  Status batch() { return batch_writer_.batch(BatchWriter::Lanes::read); }
  Status failing_batch() {
    return batch_writer_.batch([](BatchEffects&) { return Status(Error{"the disk is full"}); });
  }

  CrawlSettings settings_;
  LedgerScene scene_;
  std::unique_ptr<LocalQueue> queue_ = *LocalQueue::create();
  std::unique_ptr<ImageProducer> producer_ = queue_->producer();
  FolderSink sink_ = must(FolderSink::open(state_in(scene_.files.directory())));
  const StateFolder state_ = state_in(scene_.files.directory());
  CookieStore cookies_{state_, CookieStore::Use::yes};
  BatchWriter batch_writer_{settings_, sink_, scene_.writer(), cookies_, *this};
  std::vector<std::string> calls_;
  std::vector<Message> told_;
  std::int64_t rows_when_told_ = 0;
  BatchEffects last_;
};

TEST_F(BatchWriterTest, FollowsACommitInOneOrder) {
  put_page_with_an_inline_image();
  must(batch());
  EXPECT_THAT(calls_, ElementsAre("tell 1", "publish", "feed", "place"));
  EXPECT_EQ(rows_when_told_, 1) << "nobody is told before the ledger has it";
}

/// The parent gives the next pages out with them.
TEST_F(BatchWriterTest, SavesThePagesCookiesAndTellsOfThemBeforeThePage) {
  put_page_with_cookies();
  must(batch());
  EXPECT_THAT(read_cookie_file(state_).cookies, ElementsAre(testing::Field(&Cookie::value, "sesame")));
  ASSERT_EQ(told_.size(), 2U);
  EXPECT_TRUE(std::holds_alternative<CookieKnown>(told_[0]));
  EXPECT_TRUE(std::holds_alternative<PageRecorded>(told_[1]));
}

TEST_F(BatchWriterTest, TellsOfCookiesOnceABatchIsCommitted) {
  cookies_.set_by_page("a=sesame", "http://h/1");
  must(cookies_.save(CookieStore::When::now));
  EXPECT_FALSE(failing_batch());
  EXPECT_TRUE(told_.empty());
  put_page_with_cookies();
  must(batch());
  EXPECT_EQ(told_.size(), 2U) << "that it has the same value again is no news";
  told_.clear();
  must(batch());
  EXPECT_TRUE(told_.empty());
}

TEST_F(BatchWriterTest, KeepsWhatItHasToSayOfCookiesForABatchThatSaysIt) {
  cookies_.set_by_page("a=sesame", "http://h/1");
  must(cookies_.save(CookieStore::When::now));
  must(batch_writer_.batch([](BatchEffects&) { return Status(); }));
  EXPECT_TRUE(told_.empty());
  must(batch());
  ASSERT_EQ(told_.size(), 1U);
  EXPECT_TRUE(std::holds_alternative<CookieKnown>(told_[0]));
}

TEST_F(BatchWriterTest, TellsNobodyOfABatchThatFailed) {
  put_page_with_an_inline_image();
  EXPECT_FALSE(failing_batch());
  EXPECT_TRUE(calls_.empty());
}

TEST_F(BatchWriterTest, RecordsAfterAFailedBatchWhatCameBeforeIt) {
  const ImageTask task = scene_.page(1, {"http://i/a.jpg"}).at(0);
  batch_writer_.add({failure_of(task)});
  EXPECT_FALSE(failing_batch());
  EXPECT_TRUE(batch_writer_.wants_batch());
  must(batch());
  EXPECT_FALSE(batch_writer_.wants_batch());
  EXPECT_THAT(last_.outcomes, ElementsAre(task.id));
  EXPECT_EQ(scene_.counters().failed, 1U);
}

TEST_F(BatchWriterTest, KeepsWhatCameForABatchThatRecordsIt) {
  const ImageTask task = scene_.page(1, {"http://i/a.jpg"}).at(0);
  batch_writer_.add({failure_of(task)});
  must(batch_writer_.batch([](BatchEffects&) { return Status(); }));
  EXPECT_TRUE(last_.outcomes.empty());
  must(batch());
  EXPECT_EQ(scene_.counters().failed, 1U);
}

TEST_F(BatchWriterTest, HandsOutTheNextUrlOfAnImageThatFails) {
  const auto tasks = scene_.page(1, {"http://i/a.jpg http://i/b.jpg", "http://i/c.jpg http://i/d.jpg"});
  batch_writer_.add({failure_of(tasks.at(0))});
  batch_writer_.give_up(tasks.at(1).id);
  must(batch());
  EXPECT_THAT(last_.outcomes, ElementsAre(tasks[0].id)) << "the frontier gets its room back";
  ASSERT_EQ(last_.tasks.size(), 2U);
  EXPECT_EQ(last_.tasks[0].url, "http://i/d.jpg");
  EXPECT_EQ(last_.tasks[1].url, "http://i/b.jpg");
  EXPECT_EQ(scene_.counters(), (JobCounters{.pending = 2}));
  scene_.expect_balance();
  EXPECT_EQ(scene_.count("SELECT count(*) FROM replacements WHERE cause = 'image-kills-downloader'"), 1);
}

TEST_F(BatchWriterTest, ARollbackLeavesTheFilesOfTheBatchBefore) {
  put_page_with_an_inline_image();
  must(batch());
  EXPECT_EQ(scene_.files.incoming_count(), 1U);
  EXPECT_FALSE(failing_batch());
  EXPECT_EQ(scene_.files.incoming_count(), 1U);
}

TEST_F(BatchWriterTest, SaysWhenTheJobIsBegun) {
  batch_writer_.begin_job(2, {"http://h/{page}", "1-3", "//a"});
  must(batch());
  EXPECT_TRUE(last_.job_begun);
  must(batch());
  EXPECT_FALSE(last_.job_begun);
}

}  // namespace
}  // namespace doutu
