#include "downloader/record/image_publisher.h"

#include <gtest/gtest.h>

#include <cerrno>
#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "tests/downloader/record/image_publisher_scene.h"

namespace doutu {
namespace {

TEST_F(ImagePublisherTest, NamesOtherContentUnderATakenNameByItsPageAndPosition) {
  fetch("http://a/x.jpg", "one");
  fetch("http://b/x.jpg", "two");
  fetch("http://c/x.jpg", "three");
  EXPECT_EQ(files().images(), (Images{{"x.jpg", "one"}, {"x-p2-1.jpg", "two"}, {"x-p3-1.jpg", "three"}}));
  EXPECT_TRUE(publisher->idle());
}

TEST_F(ImagePublisherTest, NamesNothingByWhichTransferEndedFirst) {
  const auto names_after = [this](std::vector<std::size_t> order) {
    std::vector<ImageTask> tasks;
    const std::string name = "http://a/" + std::to_string(order[0]) + "/y" + std::to_string(last_page_) + ".jpg";
    fetch(name, "of all " + name);  // The plain name is taken.
    const std::string base = name.substr(name.rfind('/'));
    for (int i = 0; i < 3; ++i) tasks.push_back(found("http://b" + std::to_string(i) + base));
    const std::uint64_t first = last_page_ - 2;
    begin();
    for (const std::size_t i : order) arrive(tasks[i], name + std::to_string(i));
    commit();
    for (std::size_t i = 0; i < 3; ++i) {
      const std::string spot = "-p" + std::to_string(first + i) + "-1.jpg";
      EXPECT_TRUE(file_of(tasks[i].id).ends_with(spot)) << file_of(tasks[i].id);
    }
  };
  names_after({0, 1, 2});
  names_after({2, 0, 1});
  names_after({1, 2, 0});
}

TEST_F(ImagePublisherTest, NumbersASpotWhereAnotherJobMetAnotherImage) {
  fetch("http://a/x.jpg", "one");
  fetch("http://b/x.jpg", "two");
  last_page_ = 1;
  scene.job(2);
  fetch("http://c/x.jpg", "three");
  EXPECT_EQ(files().images(), (Images{{"x.jpg", "one"}, {"x-p2-1.jpg", "two"}, {"x-p2-1-2.jpg", "three"}}));
}

TEST_F(ImagePublisherTest, GivesDifferentNamesWithinABatch) {
  const ImageTask one = found("http://a/x.jpg");
  const ImageTask two = found("http://b/x.jpg");
  const ImageTask same = found("http://c/x.jpg");
  begin();
  arrive(one, "one");
  arrive(two, "two");
  arrive(same, "one");
  commit();
  publish();
  EXPECT_EQ(files().images(), (Images{{"x.jpg", "one"}, {"x-p2-1.jpg", "two"}}));
  EXPECT_EQ(file_of(same.id), "x.jpg");
  EXPECT_EQ(scene.counters().saved, 2U);
  EXPECT_EQ(scene.counters().duplicate, 1U);
  EXPECT_EQ(files().incoming_count(), 0U);
}

TEST_F(ImagePublisherTest, LinksTheSameContentUnderItsOwnName) {
  fetch("http://a/x.jpg", "one");
  fetch("http://a/y.jpg", "one");
  EXPECT_EQ(files().images(), (Images{{"x.jpg", "one"}, {"y.jpg", "one"}}));
  EXPECT_TRUE(std::filesystem::equivalent(files().path("x.jpg"), files().path("y.jpg")));
  EXPECT_EQ(scene.counters().duplicate, 1U);
}

TEST_F(ImagePublisherTest, TakesANameThatLooksNumberedForAnImagesOwn) {
  fetch("http://a/x-2.jpg", "one");
  fetch("http://a/x.jpg", "one");
  fetch("http://b/x-2.jpg", "one");
  fetch("http://b/x.jpg", "one");
  EXPECT_EQ(files().images(), (Images{{"x-2.jpg", "one"}, {"x.jpg", "one"}}));
}

TEST_F(ImagePublisherTest, FindsTheSameContentAmongNumberedNames) {
  fetch("http://a/x.jpg", "one");
  fetch("http://b/x.jpg", "two");
  fetch("http://c/x.jpg", "three");
  fetch("http://d/x.jpg", "two");
  EXPECT_EQ(files().images().size(), 3U);
}

TEST_F(ImagePublisherTest, RecognisesWhatLaysThereBeforeAndKeepsTheUsersFiles) {
  FolderFiles::write(files().path("x.jpg"), "the user's");
  FolderFiles::write(files().path("x-p1-1.jpg"), "two");
  fetch("http://a/x.jpg", "two");
  EXPECT_EQ(files().images(), (Images{{"x.jpg", "the user's"}, {"x-p1-1.jpg", "two"}}));
  EXPECT_EQ(files().incoming_count(), 0U);
  EXPECT_EQ(scene.counters().saved, 1U);
}

TEST_F(ImagePublisherTest, LooksForANameThatWasWantedBeforeAndFindsOutAboutOthersWhenItPlacesThem) {
  fetch("http://a/x.jpg", "one");
  restart();
  const ImageTask two = found("http://b/x.jpg");
  const ImageTask three = found("http://c/x.jpg");
  begin();
  arrive(two, "two");
  arrive(three, "three");
  commit();
  EXPECT_EQ(file_of(two.id), "x.jpg");
  EXPECT_EQ(file_of(three.id), "x-p3-1.jpg");
  publish();
  ASSERT_TRUE(publisher->has_failed());
  EXPECT_TRUE(republish().empty());
  EXPECT_EQ(files().images(), (Images{{"x.jpg", "one"}, {"x-p3-1.jpg", "three"}, {"x-p2-1.jpg", "two"}}));
  EXPECT_EQ(file_of(two.id), "x-p2-1.jpg");
  EXPECT_TRUE(publisher->idle());
}

TEST_F(ImagePublisherTest, NamesAnImageByItsBytesWhereTooManyWantItsName) {
  constexpr std::uint32_t kNumbers = 1'000;
  for (std::uint32_t number = 1; number <= kNumbers; ++number) {
    for (const char* spot : {"x-p1-1.jpg", "x-p2-1.jpg"}) {
      FolderFiles::write(files().path(numbered_name(spot, number)), "the user's");
    }
  }
  FolderFiles::write(files().path("x.jpg"), "the user's");
  fetch("http://a/x.jpg", "one");
  fetch("http://b/x.jpg", "two");
  restart();
  fetch("http://c/x.jpg", "one");
  const Images images = files().images();
  EXPECT_EQ(images.size(), 2 * kNumbers + 3);
  EXPECT_EQ(images.at("x-7692c3ad3540bb80.jpg"), "one");
  EXPECT_EQ(images.at("x-3fc4ccfe745870e2.jpg"), "two");
  EXPECT_EQ(scene.counters().duplicate, 1U);
}

TEST_F(ImagePublisherTest, HasNotLostWhatWaitsForItsName) {
  const ImageTask task = found("http://a/x.jpg");
  begin();
  arrive(task, "one");
  EXPECT_FALSE(publisher->has_lost("x.jpg", 3));
  commit();
  EXPECT_FALSE(publisher->has_lost("x.jpg", 3));
  restart();
  must(publisher->redo());
  EXPECT_FALSE(publisher->has_lost("x.jpg", 3)) << "a killed run had saved it";
  publish();
  EXPECT_FALSE(publisher->has_lost("x.jpg", 3));
  std::filesystem::remove(files().path("x.jpg"));
  EXPECT_TRUE(publisher->has_lost("x.jpg", 3));
}

TEST_F(ImagePublisherTest, TakesAnotherNameWhenSomethingElseTakesItAfterTheCommit) {
  const ImageTask task = found("http://a/x.jpg");
  begin();
  arrive(task, "one");
  commit();
  FolderFiles::write(files().path("x.jpg"), "faster");
  publish();
  EXPECT_TRUE(publisher->has_failed());
  EXPECT_TRUE(republish().empty());
  EXPECT_EQ(files().images(), (Images{{"x.jpg", "faster"}, {"x-p1-1.jpg", "one"}}));
  EXPECT_EQ(file_of(task.id), "x-p1-1.jpg");
  EXPECT_TRUE(publisher->idle());
}

TEST_F(ImagePublisherTest, GivesAPlainNameWhereTheFileSystemRefusesOne) {
  // As an older doutu may have recorded it, which ended then.
  const ImageTask one = found("http://a/" + std::string(300, 'n') + ".jpg");
  const ImageTask two = found("http://a/x.jpg");
  begin();
  arrive(one, "one");
  arrive(two, "two");
  must(scene.writer().images().rename_file(one.id, std::string(300, 'n') + ".jpg"));
  commit();
  restart();
  must(publisher->redo());
  publish();
  EXPECT_EQ(files().images(), (Images{{"x.jpg", "two"}})) << "the others do not wait";
  ASSERT_TRUE(publisher->has_failed());
  EXPECT_TRUE(republish().empty());
  EXPECT_EQ(files().images(), (Images{{"x.jpg", "two"}, {"7692c3ad3540bb80.jpg", "one"}}));
  EXPECT_EQ(file_of(one.id), "7692c3ad3540bb80.jpg");
  EXPECT_TRUE(publisher->idle());
}

TEST_F(ImagePublisherTest, NumbersAPlainNameThatSomethingElseHas) {
  FolderFiles::write(files().path("7692c3ad3540bb80.jpg"), "the user's");
  const ImageTask task = found("http://a/x.jpg");
  begin();
  arrive(task, "one");
  must(scene.writer().images().rename_file(task.id, std::string(300, 'n') + ".jpg"));
  commit();
  restart();
  must(publisher->redo());
  publish();
  EXPECT_TRUE(republish().empty());
  EXPECT_EQ(files().images(), (Images{{"7692c3ad3540bb80.jpg", "the user's"}, {"7692c3ad3540bb80-p1-1.jpg", "one"}}));
}

TEST_F(ImagePublisherTest, BlamesTheFolderWhenNoNameCanBeGiven) {
  fetch("http://a/x.jpg", "one");
  const ImageTask task = found("http://a/y.jpg");
  begin();
  arrive(task, "two");
  commit();
  sync();
  // Under another path the folder of images is gone, and that of the bytes is not.
  std::filesystem::rename(state_folder(files().directory()), files().directory() + ".kept");
  std::filesystem::remove_all(files().directory());
  const Status published = publisher->publish();
  ASSERT_FALSE(published.ok());
  EXPECT_EQ(published.error().code, ENOENT);
  EXPECT_FALSE(publisher->has_failed());
}

TEST_F(ImagePublisherTest, FetchesLostBytesAgain) {
  const ImageTask task = found("http://a/x.jpg");
  begin();
  arrive(task, "one");
  commit();
  std::filesystem::remove(files().incoming(task.id));
  publish();
  const auto tasks = republish();
  ASSERT_EQ(tasks.size(), 1U);
  EXPECT_EQ(tasks[0].url, task.url);
  EXPECT_EQ(scene.counters().pending, 1U);
  EXPECT_TRUE(files().images().empty());
}

TEST_F(ImagePublisherTest, ARolledBackBatchGivesItsNamesBack) {
  const ImageTask one = found("http://a/x.jpg");
  const ImageTask two = found("http://b/x.jpg");
  begin();
  arrive(one, "one");
  scene.writer().rollback();
  publisher->rolled_back();
  begin();
  arrive(two, "two");
  arrive(one, "one");
  commit();
  publish();
  EXPECT_EQ(files().images(), (Images{{"x.jpg", "two"}, {"x-p1-1.jpg", "one"}}));
}

}  // namespace
}  // namespace doutu
