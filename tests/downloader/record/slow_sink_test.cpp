// The placer over a sink that answers later, as an object store does.
#include <gtest/gtest.h>

#include <cerrno>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "downloader/record/image_placer.h"
#include "tests/downloader/record/ledger_scene.h"
#include "tests/downloader/store/memory_sink.h"

namespace doutu {
namespace {

class SlowSinkTest : public ::testing::Test {
 protected:
  SlowSinkTest() { restart(); }

  void restart() {
    sink_.restart();
    placer_ = std::make_unique<ImagePlacer>(sink_, scene_.writer(), WrongExtension::corrected);
    scene_.account(1);
  }

  /// So many images come and are committed, each with bytes of its own: "image 1", ...
  void fetch(std::size_t count) {
    std::vector<std::string> urls;
    for (std::size_t i = 0; i < count; ++i) urls.push_back("http://i/" + std::to_string(++last_) + ".jpg");
    const auto jobs = scene_.page(last_, urls);
    must(scene_.writer().begin());
    for (const ImageJob& job : jobs) arrive(job, "image " + std::to_string(job.id));
    must(scene_.writer().commit());
    placer_->committed();
  }
  void arrive(const ImageJob& job, const std::string& bytes) {
    must(sink_.hold(job.id, std::as_bytes(std::span(bytes))));
    const Content content = content_of(bytes);
    ImageOutcome outcome;
    outcome.kind = ImageOutcome::Kind::fetched;
    outcome.id = job.id;
    outcome.attempts = 1;
    outcome.url = job.url;
    outcome.facts = {.type = "jpeg", .width = 40, .height = 30, .frames = 1};
    outcome.bytes = content.bytes;
    outcome.sha256 = content.sha256;
    must(placer_->record(outcome, **scene_.writer().pending_spot(job.id)));
  }
  void sync() {
    placer_->sync_began();
    placer_->sync_ended();
  }
  void answer_all() {
    while (sink_.unanswered() > 0) {
      sink_.answer();
      must(placer_->place());
    }
  }

  LedgerScene scene_;
  MemorySink sink_{MemorySink::Answers::later};
  std::unique_ptr<ImagePlacer> placer_;
  std::size_t last_ = 0;
};

TEST_F(SlowSinkTest, GivesNamesOnceItAnswers) {
  fetch(3);
  sync();
  must(placer_->place());
  EXPECT_TRUE(sink_.images().empty());
  EXPECT_TRUE(placer_->take_named().empty()) << "no line before the name";
  EXPECT_FALSE(placer_->is_placed());
  EXPECT_FALSE(placer_->is_up_to_date()) << "no sync makes these names durable";
  EXPECT_FALSE(placer_->waits_for_sync()) << "and none is waited for";
  answer_all();
  EXPECT_EQ(sink_.images().size(), 3U);
  EXPECT_EQ(placer_->take_named().size(), 3U);
  EXPECT_TRUE(placer_->is_placed());
  EXPECT_FALSE(placer_->idle()) << "a sync has to keep the names";
  sync();
  EXPECT_TRUE(placer_->idle());
}

TEST_F(SlowSinkTest, HasABoundedNumberOfImagesAtATime) {
  fetch(ImagePlacer::kMaxUnpublished + 10);
  sync();
  must(placer_->place());
  must(placer_->place());
  EXPECT_EQ(sink_.unanswered(), ImagePlacer::kMaxUnpublished);
  sink_.answer(4);
  must(placer_->place());
  EXPECT_EQ(sink_.unanswered(), ImagePlacer::kMaxUnpublished);
  answer_all();
  EXPECT_EQ(sink_.images().size(), ImagePlacer::kMaxUnpublished + 10);
}

TEST_F(SlowSinkTest, TakesNoMoreImagesWhenTooManyWaitForIt) {
  while (!placer_->is_crowded() && last_ < 20'000) {
    fetch(1024);
    sync();
    must(placer_->place());
  }
  EXPECT_TRUE(placer_->is_crowded());
  EXPECT_LE(last_, 17'000U);
  answer_all();
  EXPECT_FALSE(placer_->is_crowded());
}

TEST_F(SlowSinkTest, PublishesAgainWhatItCouldNotWrite) {
  fetch(2);
  sync();
  must(placer_->place());
  sink_.refuse(ENOSPC);
  sink_.answer();
  const Status refused = placer_->place();
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, ENOSPC);
  EXPECT_FALSE(placer_->has_repairs()) << "no image fails for it";
  sink_.refuse(0);
  must(placer_->place());
  answer_all();
  EXPECT_EQ(sink_.images().size(), 2U);
}

TEST_F(SlowSinkTest, RepairsWhatFindsItsNameTakenWhenItAnswers) {
  fetch(1);
  sync();
  must(placer_->place());
  sink_.put("1.jpg", "the user's");
  answer_all();
  ASSERT_TRUE(placer_->has_repairs());
  std::vector<ImageJob> jobs;
  must(scene_.writer().begin());
  must(placer_->repair(jobs));
  must(scene_.writer().commit());
  placer_->committed();
  sync();
  must(placer_->place());
  answer_all();
  EXPECT_EQ(sink_.images().at("1.jpg"), "the user's");
  EXPECT_EQ(sink_.images().at("1-p1-1.jpg"), "image 1");
}

TEST_F(SlowSinkTest, KeepsTheNamesOfWhatItHasNotAnsweredAfterARollback) {
  fetch(1);
  sync();
  must(placer_->place());
  placer_->rolled_back();
  const ImageJob other = scene_.page(2, {"http://other/1.jpg"}).at(0);
  must(scene_.writer().begin());
  arrive(other, "other bytes");
  must(scene_.writer().commit());
  EXPECT_EQ(must(scene_.writer().find_image(other.id))->file, "1-p2-1.jpg");
}

TEST_F(SlowSinkTest, PublishesAfterAKillWhatHadNoAnswer) {
  fetch(3);
  sync();
  must(placer_->place());
  sink_.answer(1);
  restart();
  must(placer_->redo());
  EXPECT_FALSE(placer_->has_repairs());
  sync();
  must(placer_->place());
  answer_all();
  EXPECT_EQ(sink_.images().size(), 3U);
  EXPECT_EQ(scene_.tally().saved, 3U);
  EXPECT_TRUE(sink_.sweep()->empty());
}

}  // namespace
}  // namespace doutu
