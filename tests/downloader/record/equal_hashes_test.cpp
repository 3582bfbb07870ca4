// Images whose hashes are equal and whose bytes are not, as an opponent may make them: none passes for another,
// wherever the first one is.
#include <gtest/gtest.h>

#include <string>

#include "tests/downloader/record/image_publisher_scene.h"

namespace doutu {
namespace {

class EqualHashes : public ImagePublisherTest {
 protected:
  /// As of "one": no two of these bytes differ in length.
  void arrive_alike(const ImageTask& task, const std::string& bytes) {
    FolderFiles::write(files().incoming(task.id), bytes);
    ImageOutcome outcome = ImageOutcome::of(task);
    outcome.kind = ImageOutcome::Kind::fetched;
    outcome.attempts = 1;
    outcome.facts = {.type = "jpeg", .width = 40, .height = 30, .frames = 1};
    outcome.content = content_of("one");
    must(publisher->record(outcome));
  }
  ImageTask fetch_alike(const std::string& url, const std::string& bytes) {
    ImageTask task = found(url);
    begin();
    arrive_alike(task, bytes);
    commit();
    publish();
    if (publisher->has_failed()) republish();
    return task;
  }
};

TEST_F(EqualHashes, OfOneNameAreTwoFiles) {
  fetch_alike("http://i/x.jpg", "one");
  fetch_alike("http://j/x.jpg", "two");
  EXPECT_EQ(files().images(), (Images{{"x.jpg", "one"}, {"x-p2-1.jpg", "two"}}));
  EXPECT_EQ(scene.counters().saved, 2U);
}

TEST_F(EqualHashes, OfTwoNamesAreNotLinked) {
  fetch_alike("http://i/x.jpg", "one");
  fetch_alike("http://i/y.jpg", "two");
  EXPECT_EQ(files().images(), (Images{{"x.jpg", "one"}, {"y.jpg", "two"}}));
}

TEST_F(EqualHashes, InOneBatchAreTwoFiles) {
  const ImageTask one = found("http://i/x.jpg");
  const ImageTask two = found("http://j/x.jpg");
  const ImageTask three = found("http://k/y.jpg");
  begin();
  arrive_alike(one, "one");
  arrive_alike(two, "two");
  arrive_alike(three, "two");
  commit();
  publish();
  EXPECT_EQ(files().images(), (Images{{"x.jpg", "one"}, {"x-p2-1.jpg", "two"}, {"y.jpg", "two"}}));
  EXPECT_EQ(scene.counters().saved, 2U);
  EXPECT_EQ(scene.counters().duplicate, 1U);
}

TEST_F(EqualHashes, AreTwoFilesWhereTheFirstWasSavedByADeadProcess) {
  fetch_alike("http://i/x.jpg", "one");
  restart();
  must(publisher->redo());
  fetch_alike("http://j/x.jpg", "two");
  EXPECT_EQ(files().images(), (Images{{"x.jpg", "one"}, {"x-p2-1.jpg", "two"}}));
}

TEST_F(EqualHashes, AreTwoFilesWhereBothWereHeldByADeadProcess) {
  const ImageTask one = found("http://i/x.jpg");
  const ImageTask two = found("http://j/x.jpg");
  begin();
  arrive_alike(one, "one");
  arrive_alike(two, "two");
  commit();
  restart();
  must(publisher->redo());
  publish();
  ASSERT_FALSE(files().images().empty());
  EXPECT_EQ(files().images().at("x.jpg"), "one");
}

TEST_F(EqualHashes, TakeAnotherNameThanTheUsersFile) {
  FolderFiles::write(files().path("x.jpg"), "two");
  fetch_alike("http://i/x.jpg", "one");
  EXPECT_EQ(files().images(), (Images{{"x.jpg", "two"}, {"x-p1-1.jpg", "one"}}));
}

/// What becomes of an image whose bytes the folder had, before somebody deleted the file.
class DeletedFirst : public ImagePublisherTest {
 protected:
  void restart(bool keep_deleted) {
    FolderOptions options;
    options.keep_deleted = keep_deleted;
    publisher = std::make_unique<ImagePublisher>(sink, scene.writer(), options);
  }
};

TEST_F(DeletedFirst, IsSavedAnew) {
  fetch("http://i/x.jpg", "bytes");
  std::filesystem::remove(files().path("x.jpg"));
  fetch("http://i/y.jpg", "bytes");
  fetch("http://i/z.jpg", "bytes");
  EXPECT_EQ(files().images(), (Images{{"y.jpg", "bytes"}, {"z.jpg", "bytes"}}));
  EXPECT_EQ(scene.counters().saved, 2U);
  EXPECT_EQ(scene.counters().duplicate, 1U) << "the third is the same as the second";
}

TEST_F(DeletedFirst, CountsAsTheSameWhereTheUserKeepsItAway) {
  restart(true);
  fetch("http://i/x.jpg", "bytes");
  std::filesystem::remove(files().path("x.jpg"));
  fetch("http://i/y.jpg", "bytes");
  EXPECT_EQ(scene.counters().saved, 1U);
  EXPECT_EQ(scene.counters().duplicate, 1U);
}

}  // namespace
}  // namespace doutu
