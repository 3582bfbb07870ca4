// The publisher over a sink that answers later, as an object store does.
#include <gtest/gtest.h>

#include <cerrno>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "downloader/record/image_publisher.h"
#include "tests/downloader/ledger/ledger_scene.h"
#include "tests/downloader/store/memory_sink.h"

namespace doutu {
namespace {

class SlowSinkTest : public ::testing::Test {
 protected:
  SlowSinkTest() { restart(); }

  void restart() {
    sink_.restart();
    publisher_ = std::make_unique<ImagePublisher>(sink_, scene_.writer(), FolderOptions{});
    scene_.job(1);
  }

  /// So many images come and are committed, each with bytes of its own: "image 1", ...
  void fetch(std::size_t count) {
    std::vector<std::string> urls;
    for (std::size_t i = 0; i < count; ++i) urls.push_back("http://i/" + std::to_string(++last_) + ".jpg");
    const auto tasks = scene_.page(last_, urls);
    must(scene_.writer().begin());
    for (const ImageTask& task : tasks) arrive(task, "image " + std::to_string(task.id));
    must(scene_.writer().commit());
    publisher_->committed();
  }
  void arrive(const ImageTask& task, const std::string& bytes) {
    must(sink_.hold(task.id, std::as_bytes(std::span(bytes))));
    ImageOutcome outcome = ImageOutcome::of(task);
    outcome.kind = ImageOutcome::Kind::fetched;
    outcome.attempts = 1;
    outcome.facts = {.type = "jpeg", .width = 40, .height = 30, .frames = 1};
    outcome.content = content_of(bytes);
    must(publisher_->record(outcome));
  }
  void sync() {
    publisher_->sync_began();
    publisher_->sync_ended();
  }
  void answer_all() {
    while (sink_.unanswered() > 0) {
      sink_.answer();
      must(publisher_->publish());
    }
  }

  LedgerScene scene_;
  MemorySink sink_{MemorySink::Answers::later};
  std::unique_ptr<ImagePublisher> publisher_;
  std::size_t last_ = 0;
};

TEST_F(SlowSinkTest, GivesNamesOnceItAnswers) {
  fetch(3);
  sync();
  must(publisher_->publish());
  EXPECT_TRUE(sink_.images().empty());
  EXPECT_TRUE(publisher_->take_named().empty()) << "no line before the name";
  EXPECT_FALSE(publisher_->is_published());
  EXPECT_FALSE(publisher_->is_up_to_date()) << "no sync makes these names durable";
  EXPECT_FALSE(publisher_->waits_for_sync()) << "and none is waited for";
  answer_all();
  EXPECT_EQ(sink_.images().size(), 3U);
  EXPECT_EQ(publisher_->take_named().size(), 3U);
  EXPECT_TRUE(publisher_->is_published());
  EXPECT_FALSE(publisher_->idle()) << "a sync has to keep the names";
  sync();
  EXPECT_TRUE(publisher_->idle());
}

TEST_F(SlowSinkTest, HasABoundedNumberOfImagesAtATime) {
  fetch(ImagePublisher::kMaxUnpublished + 10);
  sync();
  must(publisher_->publish());
  must(publisher_->publish());
  EXPECT_EQ(sink_.unanswered(), ImagePublisher::kMaxUnpublished);
  sink_.answer(4);
  must(publisher_->publish());
  EXPECT_EQ(sink_.unanswered(), ImagePublisher::kMaxUnpublished);
  answer_all();
  EXPECT_EQ(sink_.images().size(), ImagePublisher::kMaxUnpublished + 10);
}

TEST_F(SlowSinkTest, TakesNoMoreImagesWhenTooManyWaitForIt) {
  while (!publisher_->is_crowded() && last_ < 20'000) {
    fetch(1024);
    sync();
    must(publisher_->publish());
  }
  EXPECT_TRUE(publisher_->is_crowded());
  EXPECT_LE(last_, 17'000U);
  answer_all();
  EXPECT_FALSE(publisher_->is_crowded());
}

TEST_F(SlowSinkTest, PublishesAgainWhatItCouldNotWrite) {
  fetch(2);
  sync();
  must(publisher_->publish());
  sink_.refuse(ENOSPC);
  sink_.answer();
  const Status refused = publisher_->publish();
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, ENOSPC);
  EXPECT_FALSE(publisher_->has_failed()) << "no image fails for it";
  sink_.refuse(0);
  must(publisher_->publish());
  answer_all();
  EXPECT_EQ(sink_.images().size(), 2U);
}

TEST_F(SlowSinkTest, RepairsWhatFindsItsNameTakenWhenItAnswers) {
  fetch(1);
  sync();
  must(publisher_->publish());
  sink_.put("1.jpg", "the user's");
  answer_all();
  ASSERT_TRUE(publisher_->has_failed());
  std::vector<ImageTask> tasks;
  must(scene_.writer().begin());
  must(publisher_->republish(tasks));
  must(scene_.writer().commit());
  publisher_->committed();
  sync();
  must(publisher_->publish());
  answer_all();
  EXPECT_EQ(sink_.images().at("1.jpg"), "the user's");
  EXPECT_EQ(sink_.images().at("1-p1-1.jpg"), "image 1");
}

TEST_F(SlowSinkTest, KeepsTheNamesOfWhatItHasNotAnsweredAfterARollback) {
  fetch(1);
  sync();
  must(publisher_->publish());
  publisher_->rolled_back();
  const ImageTask other = scene_.page(2, {"http://other/1.jpg"}).at(0);
  must(scene_.writer().begin());
  arrive(other, "other bytes");
  must(scene_.writer().commit());
  EXPECT_EQ(must(scene_.writer().images().find(other.id))->file, "1-p2-1.jpg");
}

TEST_F(SlowSinkTest, PublishesAfterAKillWhatHadNoAnswer) {
  fetch(3);
  sync();
  must(publisher_->publish());
  sink_.answer(1);
  restart();
  must(publisher_->redo());
  EXPECT_FALSE(publisher_->has_failed());
  sync();
  must(publisher_->publish());
  answer_all();
  EXPECT_EQ(sink_.images().size(), 3U);
  EXPECT_EQ(scene_.counters().saved, 3U);
  EXPECT_TRUE(sink_.sweep()->empty());
}

}  // namespace
}  // namespace doutu
