// What the publisher makes sure of: no name before a sync, and what a power cut, a failed write or a kill leaves.
#include <gtest/gtest.h>

#include <filesystem>
#include <span>
#include <string>
#include <utility>

#include "downloader/record/checkpointer.h"
#include "shared/folder/disk_wait.h"
#include "tests/downloader/record/image_publisher_scene.h"
#include "tests/downloader/store/loop_disk.h"

namespace doutu {
namespace {

TEST_F(ImagePublisherTest, GivesANameOnlyAfterASyncThatBeganAfterTheCommit) {
  const ImageTask task = found("http://a/x.jpg");
  begin();
  arrive(task, "one");
  publisher->sync_began();
  commit();
  publisher->sync_ended();
  must(publisher->publish());
  EXPECT_TRUE(files().images().empty());
  sync();
  must(publisher->publish());
  EXPECT_EQ(files().images(), (Images{{"x.jpg", "one"}}));
  EXPECT_FALSE(publisher->idle()) << "the name is not durable yet";
  sync();
  EXPECT_TRUE(publisher->idle());
}

TEST_F(ImagePublisherTest, KeepsTheBytesOfALinkUntilItsNameIsDurable) {
  fetch("http://a/x.jpg", "one");
  const ImageTask same = found("http://a/y.jpg");
  begin();
  arrive(same, "one");
  commit();
  sync();
  must(publisher->publish());
  EXPECT_EQ(files().images().size(), 2U);
  EXPECT_EQ(files().incoming_count(), 1U);
  sync();
  EXPECT_EQ(files().incoming_count(), 0U);
}

TEST_F(ImagePublisherTest, AfterAnotherBootFetchesAgainWhatIsTornOrMissing) {
  const ImageTask torn = found("http://a/torn.jpg");
  const ImageTask missing = found("http://a/missing.jpg");
  const ImageTask whole = found("http://a/whole.jpg");
  begin();
  arrive(torn, "one");
  arrive(missing, "two");
  arrive(whole, "three");
  commit();
  FolderFiles::write(files().incoming(torn.id), "on");
  std::filesystem::remove(files().incoming(missing.id));
  restart();
  must(publisher->redo());
  const auto tasks = republish();
  ASSERT_EQ(tasks.size(), 2U);
  EXPECT_EQ(tasks[0].url, torn.url);
  EXPECT_EQ(tasks[1].url, missing.url);
  publish();
  EXPECT_EQ(files().images(), (Images{{"whole.jpg", "three"}}));
  EXPECT_EQ(scene.counters().pending, 2U);
}

TEST_F(ImagePublisherTest, TakesFromTheLedgerWhatCannotBeFetchedAgain) {
  const ImageTask task = found("http://a/x.jpg");
  begin();
  arrive(task, "one");
  must(scene.writer().syncs().keep_bytes(task.id, std::as_bytes(std::span("one", 3))));
  commit();
  FolderFiles::write(files().incoming(task.id), "");
  restart();
  must(publisher->redo());
  EXPECT_TRUE(republish().empty());
  publish();
  ASSERT_EQ(files().images().size(), 1U);
  EXPECT_EQ(files().images().begin()->second, "one");
  must(scene.writer().syncs().save_durable(scene.writer().syncs().begin_epoch() - 1));
  EXPECT_EQ(must(scene.writer().syncs().kept_bytes(task.id)), std::nullopt);
}

TEST_F(ImagePublisherTest, LeavesAloneWhatWasDurable) {
  fetch("http://a/x.jpg", "one");
  must(scene.writer().syncs().save_durable(scene.writer().syncs().begin_epoch() - 1));
  std::filesystem::remove(files().path("x.jpg"));  // By the user.
  restart();
  must(publisher->redo());
  EXPECT_FALSE(publisher->has_failed());
}

TEST_F(ImagePublisherTest, GivesNoNameToWhatAFailedSyncDidNotKeep) {
  const ImageTask torn = found("http://a/torn.jpg");
  const ImageTask whole = found("http://a/whole.jpg");
  begin();
  arrive(torn, "one");
  arrive(whole, "two");
  commit();
  FolderFiles::write(files().incoming(torn.id), "on");
  FolderSink closed = *FolderSink::open(state_in(files().directory()));
  const FolderSink open = std::move(closed);
  const DiskWait disk(seconds(0));
  // NOLINTNEXTLINE(bugprone-use-after-move): its syncfs fails
  Checkpointer checkpointer(closed, scene.writer(), *publisher, disk, [] {});
  checkpointer.sync();
  must(publisher->publish());
  EXPECT_EQ(files().images(), (Images{{"whole.jpg", "two"}}));
  EXPECT_EQ(republish().size(), 1U);
}

// --- A disk that has refused a write, while the page cache still has what was written.

class LostWrite : LoopDisk, public ImagePublisherTest {
 protected:
  LostWrite() : ImagePublisherTest(LoopDisk::path()) {}
  void SetUp() override {
    if (!LoopDisk::why_unavailable().empty()) GTEST_SKIP() << LoopDisk::why_unavailable();
  }

  static std::string many(char byte) { return std::string(8192, byte); }
  using LoopDisk::lose;
};

TEST_F(LostWrite, IsFetchedAgainByTheNextProcess) {
  const ImageTask waits = found("http://a/waits.jpg");
  const ImageTask whole = found("http://a/whole.jpg");
  fetch("http://a/named.jpg", many('n'));
  begin();
  arrive(waits, many('w'));
  arrive(whole, many('o'));
  commit();
  must(sink.sync());
  lose(many('n'));
  lose(many('w'));
  ASSERT_EQ(sink.look("named.jpg", content_of(many('n')), ImageSink::From::cache), ImageSink::Found::same_content)
      << "nobody would know";
  restart();
  must(publisher->redo());
  const auto tasks = republish();
  ASSERT_EQ(tasks.size(), 2U);
  EXPECT_EQ(tasks[0].url, waits.url);
  EXPECT_EQ(tasks[1].url, "http://a/named.jpg");
  EXPECT_EQ(scene.counters().saved, 1U);
}

TEST_F(LostWrite, GetsNoNameWhenTheSyncSaysSo) {
  const ImageTask lost = found("http://a/lost.jpg");
  const ImageTask whole = found("http://a/whole.jpg");
  begin();
  arrive(lost, many('l'));
  arrive(whole, many('o'));
  commit();
  must(sink.sync());
  lose(many('l'));
  publisher->sync_began();
  publisher->sync_failed([] {});
  must(publisher->publish());
  EXPECT_EQ(files().images(), (Images{{"whole.jpg", many('o')}}));
  const auto tasks = republish();
  ASSERT_EQ(tasks.size(), 1U);
  EXPECT_EQ(tasks[0].url, lost.url);
}

// --- A kill at each step: what must be true when the next process has begun.

TEST_F(ImagePublisherTest, AKillBeforeTheCommitLeavesNothing) {
  const ImageTask task = found("http://a/x.jpg");
  begin();
  arrive(task, "one");
  scene.writer().rollback();  // What SQLite does at the next open.
  restart();
  must(publisher->redo());
  publish();
  EXPECT_EQ(files().incoming_count(), 0U);
  EXPECT_TRUE(files().images().empty());
  EXPECT_EQ(scene.counters().pending, 1U);
}

TEST_F(ImagePublisherTest, AKillAfterTheCommitIsFinishedByTheNextProcess) {
  const ImageTask one = found("http://a/x.jpg");
  const ImageTask same = found("http://a/y.jpg");
  begin();
  arrive(one, "one");
  arrive(same, "one");
  commit();
  restart();
  must(publisher->redo());
  publish();
  EXPECT_EQ(files().images(), (Images{{"x.jpg", "one"}, {"y.jpg", "one"}}));
  EXPECT_EQ(files().incoming_count(), 0U);
  EXPECT_TRUE(publisher->idle());
}

TEST_F(ImagePublisherTest, AKillBetweenLinkAndUnlinkIsFinishedByTheNextProcess) {
  const ImageTask one = found("http://a/x.jpg");
  begin();
  arrive(one, "one");
  commit();
  std::filesystem::create_hard_link(files().incoming(one.id), files().path("x.jpg"));
  restart();
  must(publisher->redo());
  publish();
  EXPECT_EQ(files().images(), (Images{{"x.jpg", "one"}}));
  EXPECT_EQ(files().incoming_count(), 0U);
}

TEST_F(ImagePublisherTest, TheNextProcessFindsTheNameTaken) {
  const ImageTask one = found("http://a/x.jpg");
  begin();
  arrive(one, "one");
  commit();
  restart();
  FolderFiles::write(files().path("x.jpg"), "the user's");
  must(publisher->redo());
  publish();
  EXPECT_TRUE(publisher->has_failed());
  republish();
  EXPECT_EQ(files().images(), (Images{{"x.jpg", "the user's"}, {"x-p1-1.jpg", "one"}}));
}

TEST_F(ImagePublisherTest, DiscardsBytesThatTheLedgerDoesNotKnow) {
  FolderFiles::write(files().incoming(4711), "half an im");
  must(publisher->redo());
  EXPECT_EQ(files().incoming_count(), 0U);
}

}  // namespace
}  // namespace doutu
