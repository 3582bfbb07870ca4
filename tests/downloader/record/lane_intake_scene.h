// LaneIntakeTest: an intake with one lane whose other end the test holds, over a ledger of its own, in the batches of a
// batch writer.
#pragma once

#include <gtest/gtest.h>
#include <poll.h>

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "downloader/record/batch_writer.h"
#include "downloader/record/lane_intake.h"
#include "downloader/store/folder_sink.h"
#include "shared/crawl/records.h"
#include "shared/lane/local_queue.h"
#include "tests/downloader/ledger/ledger_scene.h"
#include "tests/site/state_in.h"

namespace doutu {

inline constexpr std::uint32_t kMaxHits = 100;

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
    batch_writer = std::make_unique<BatchWriter>(settings, sink, scene.writer(), cookies, *this);
    intake().open(lane, queue->consumer());
  }
  LaneIntake& intake() { return batch_writer->intake(); }

  void tell_parent(std::vector<Message> messages) override { told_parent = std::move(messages); }
  void publish_counters() override { scene.expect_balance(); }
  void feed_frontier(BatchEffects& effects) override { answered_hosts = effects.answered; }
  void publish_images() override {
    batch_writer->publisher().sync_began();
    batch_writer->publisher().sync_ended();
    must(batch_writer->publisher().publish());
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
    const Status done = batch_writer->batch([&](BatchEffects& effects) -> Status {
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
  const StateFolder state = state_in(scene.files.directory());
  CookieStore cookies{state, CookieStore::Use::yes};
  std::unique_ptr<BatchWriter> batch_writer;
  std::vector<Message> told_parent;         ///< Of the running batch.
  std::vector<std::string> answered_hosts;  ///< Of the last batch.
};

inline void expect_recorded(const std::vector<Message>& answers, std::uint64_t page, Cause cause,
                            std::uint32_t images) {
  ASSERT_EQ(answers.size(), 1U);
  const auto& recorded = std::get<PageRecorded>(answers[0]);
  EXPECT_EQ(recorded.page, page);
  EXPECT_EQ(recorded.cause, cause);
  EXPECT_EQ(recorded.images, images);
}

}  // namespace doutu
