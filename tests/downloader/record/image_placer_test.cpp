#include "downloader/record/image_placer.h"

#include <gtest/gtest.h>

#include <cerrno>
#include <filesystem>
#include <memory>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "downloader/record/checkpointer.h"
#include "downloader/store/folder_sink.h"
#include "shared/folder/disk_wait.h"
#include "tests/downloader/record/ledger_scene.h"
#include "tests/downloader/store/loop_disk.h"
#include "tests/site/state_in.h"

namespace doutu {
namespace {

using Images = std::map<std::string, std::string>;

/// A folder whose images were all found; each test fetches and places them.
class ImagePlacerTest : public ::testing::Test {
 public:
  explicit ImagePlacerTest(const std::filesystem::path& parent = std::filesystem::temp_directory_path())
      : scene(parent) {
    restart();
  }

  /// What a new process does after a kill: nothing in memory is left.
  void restart() {
    placer = std::make_unique<ImagePlacer>(sink, scene.writer(), WrongExtension::corrected);
    scene.account(1);
  }

  ImageJob found(const std::string& url) { return scene.page(++last_page_, {url}).at(0); }

  void arrive(const ImageJob& job, const std::string& bytes) {
    FolderFiles::write(files().incoming(job.id), bytes);
    const Content content = content_of(bytes);
    must(placer->record({.kind = ImageOutcome::Kind::fetched,
                         .id = job.id,
                         .attempts = 1,
                         .cause = Cause::none,
                         .http_status = 200,
                         .next_attempt_ms = 0,
                         .url = job.url,
                         .final_url = "",
                         .facts = {.type = "jpeg", .width = 40, .height = 30, .frames = 1},
                         .bytes = content.bytes,
                         .sha256 = content.sha256},
                        **scene.writer().pending_spot(job.id)));
  }
  void begin() { must(scene.writer().begin()); }
  void commit() {
    must(scene.writer().commit());
    placer->committed();
    scene.expect_balance();
  }
  void fetch(const std::string& url, const std::string& bytes) {
    const ImageJob job = found(url);
    begin();
    arrive(job, bytes);
    commit();
    place();
    if (placer->has_repairs()) repair();
  }
  /// As after a sync.
  void place() {
    sync();
    must(placer->place());
    sync();
  }
  void sync() {
    placer->sync_began();
    placer->sync_ended();
  }
  std::vector<ImageJob> repair() {
    std::vector<ImageJob> jobs;
    begin();
    must(placer->repair(jobs));
    commit();
    place();
    return jobs;
  }
  std::string file_of(std::int64_t id) { return must(scene.writer().find_image(id))->file; }
  FolderFiles& files() { return scene.files; }

  LedgerScene scene;
  FolderSink sink = *FolderSink::open(state_in(scene.files.directory()));
  std::unique_ptr<ImagePlacer> placer;
  std::uint64_t last_page_ = 0;
};

TEST_F(ImagePlacerTest, NamesOtherContentUnderATakenNameByItsPageAndPosition) {
  fetch("http://a/x.jpg", "one");
  fetch("http://b/x.jpg", "two");
  fetch("http://c/x.jpg", "three");
  EXPECT_EQ(files().images(), (Images{{"x.jpg", "one"}, {"x-p2-1.jpg", "two"}, {"x-p3-1.jpg", "three"}}));
  EXPECT_TRUE(placer->idle());
}

TEST_F(ImagePlacerTest, NamesNothingByWhichTransferEndedFirst) {
  const auto names_after = [this](std::vector<std::size_t> order) {
    std::vector<ImageJob> jobs;
    const std::string name = "http://a/" + std::to_string(order[0]) + "/y" + std::to_string(last_page_) + ".jpg";
    fetch(name, "of all " + name);  // The plain name is taken.
    const std::string base = name.substr(name.rfind('/'));
    for (int i = 0; i < 3; ++i) jobs.push_back(found("http://b" + std::to_string(i) + base));
    const std::uint64_t first = last_page_ - 2;
    begin();
    for (const std::size_t i : order) arrive(jobs[i], name + std::to_string(i));
    commit();
    for (std::size_t i = 0; i < 3; ++i) {
      const std::string spot = "-p" + std::to_string(first + i) + "-1.jpg";
      EXPECT_TRUE(file_of(jobs[i].id).ends_with(spot)) << file_of(jobs[i].id);
    }
  };
  names_after({0, 1, 2});
  names_after({2, 0, 1});
  names_after({1, 2, 0});
}

TEST_F(ImagePlacerTest, NumbersASpotWhereAnotherJobMetAnotherImage) {
  fetch("http://a/x.jpg", "one");
  fetch("http://b/x.jpg", "two");
  last_page_ = 1;
  scene.account(2);
  fetch("http://c/x.jpg", "three");
  EXPECT_EQ(files().images(), (Images{{"x.jpg", "one"}, {"x-p2-1.jpg", "two"}, {"x-p2-1-2.jpg", "three"}}));
}

TEST_F(ImagePlacerTest, GivesDifferentNamesWithinABatch) {
  const ImageJob one = found("http://a/x.jpg");
  const ImageJob two = found("http://b/x.jpg");
  const ImageJob same = found("http://c/x.jpg");
  begin();
  arrive(one, "one");
  arrive(two, "two");
  arrive(same, "one");
  commit();
  place();
  EXPECT_EQ(files().images(), (Images{{"x.jpg", "one"}, {"x-p2-1.jpg", "two"}}));
  EXPECT_EQ(file_of(same.id), "x.jpg");
  EXPECT_EQ(scene.tally().saved, 2U);
  EXPECT_EQ(scene.tally().duplicate, 1U);
  EXPECT_EQ(files().incoming_count(), 0U);
}

TEST_F(ImagePlacerTest, LinksTheSameContentUnderItsOwnName) {
  fetch("http://a/x.jpg", "one");
  fetch("http://a/y.jpg", "one");
  EXPECT_EQ(files().images(), (Images{{"x.jpg", "one"}, {"y.jpg", "one"}}));
  EXPECT_TRUE(std::filesystem::equivalent(files().path("x.jpg"), files().path("y.jpg")));
  EXPECT_EQ(scene.tally().duplicate, 1U);
}

TEST_F(ImagePlacerTest, TakesANameThatLooksNumberedForAnImagesOwn) {
  fetch("http://a/x-2.jpg", "one");
  fetch("http://a/x.jpg", "one");
  fetch("http://b/x-2.jpg", "one");
  fetch("http://b/x.jpg", "one");
  EXPECT_EQ(files().images(), (Images{{"x-2.jpg", "one"}, {"x.jpg", "one"}}));
}

TEST_F(ImagePlacerTest, FindsTheSameContentAmongNumberedNames) {
  fetch("http://a/x.jpg", "one");
  fetch("http://b/x.jpg", "two");
  fetch("http://c/x.jpg", "three");
  fetch("http://d/x.jpg", "two");
  EXPECT_EQ(files().images().size(), 3U);
}

TEST_F(ImagePlacerTest, RecognisesWhatLaysThereBeforeAndKeepsTheUsersFiles) {
  FolderFiles::write(files().path("x.jpg"), "the user's");
  FolderFiles::write(files().path("x-p1-1.jpg"), "two");
  fetch("http://a/x.jpg", "two");
  EXPECT_EQ(files().images(), (Images{{"x.jpg", "the user's"}, {"x-p1-1.jpg", "two"}}));
  EXPECT_EQ(files().incoming_count(), 0U);
  EXPECT_EQ(scene.tally().saved, 1U);
}

TEST_F(ImagePlacerTest, LooksForANameThatWasWantedBeforeAndFindsOutAboutOthersWhenItPlacesThem) {
  fetch("http://a/x.jpg", "one");
  restart();
  const ImageJob two = found("http://b/x.jpg");
  const ImageJob three = found("http://c/x.jpg");
  begin();
  arrive(two, "two");
  arrive(three, "three");
  commit();
  EXPECT_EQ(file_of(two.id), "x.jpg");
  EXPECT_EQ(file_of(three.id), "x-p3-1.jpg");
  place();
  ASSERT_TRUE(placer->has_repairs());
  EXPECT_TRUE(repair().empty());
  EXPECT_EQ(files().images(), (Images{{"x.jpg", "one"}, {"x-p3-1.jpg", "three"}, {"x-p2-1.jpg", "two"}}));
  EXPECT_EQ(file_of(two.id), "x-p2-1.jpg");
  EXPECT_TRUE(placer->idle());
}

TEST_F(ImagePlacerTest, NamesAnImageByItsBytesWhereTooManyWantItsName) {
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
  EXPECT_EQ(scene.tally().duplicate, 1U);
}

TEST_F(ImagePlacerTest, HasNotLostWhatWaitsForItsName) {
  const ImageJob job = found("http://a/x.jpg");
  begin();
  arrive(job, "one");
  EXPECT_FALSE(placer->has_lost("x.jpg", 3));
  commit();
  EXPECT_FALSE(placer->has_lost("x.jpg", 3));
  restart();
  must(placer->redo());
  EXPECT_FALSE(placer->has_lost("x.jpg", 3)) << "a killed run had saved it";
  place();
  EXPECT_FALSE(placer->has_lost("x.jpg", 3));
  std::filesystem::remove(files().path("x.jpg"));
  EXPECT_TRUE(placer->has_lost("x.jpg", 3));
}

TEST_F(ImagePlacerTest, TakesAnotherNameWhenSomethingElseTakesItAfterTheCommit) {
  const ImageJob job = found("http://a/x.jpg");
  begin();
  arrive(job, "one");
  commit();
  FolderFiles::write(files().path("x.jpg"), "faster");
  place();
  EXPECT_TRUE(placer->has_repairs());
  EXPECT_TRUE(repair().empty());
  EXPECT_EQ(files().images(), (Images{{"x.jpg", "faster"}, {"x-p1-1.jpg", "one"}}));
  EXPECT_EQ(file_of(job.id), "x-p1-1.jpg");
  EXPECT_TRUE(placer->idle());
}

TEST_F(ImagePlacerTest, GivesAPlainNameWhereTheFileSystemRefusesOne) {
  // As an older doutu may have recorded it, which ended then.
  const ImageJob one = found("http://a/" + std::string(300, 'n') + ".jpg");
  const ImageJob two = found("http://a/x.jpg");
  begin();
  arrive(one, "one");
  arrive(two, "two");
  must(scene.writer().rename_file(one.id, std::string(300, 'n') + ".jpg"));
  commit();
  restart();
  must(placer->redo());
  place();
  EXPECT_EQ(files().images(), (Images{{"x.jpg", "two"}})) << "the others do not wait";
  ASSERT_TRUE(placer->has_repairs());
  EXPECT_TRUE(repair().empty());
  EXPECT_EQ(files().images(), (Images{{"x.jpg", "two"}, {"7692c3ad3540bb80.jpg", "one"}}));
  EXPECT_EQ(file_of(one.id), "7692c3ad3540bb80.jpg");
  EXPECT_TRUE(placer->idle());
}

TEST_F(ImagePlacerTest, NumbersAPlainNameThatSomethingElseHas) {
  FolderFiles::write(files().path("7692c3ad3540bb80.jpg"), "the user's");
  const ImageJob job = found("http://a/x.jpg");
  begin();
  arrive(job, "one");
  must(scene.writer().rename_file(job.id, std::string(300, 'n') + ".jpg"));
  commit();
  restart();
  must(placer->redo());
  place();
  EXPECT_TRUE(repair().empty());
  EXPECT_EQ(files().images(), (Images{{"7692c3ad3540bb80.jpg", "the user's"}, {"7692c3ad3540bb80-p1-1.jpg", "one"}}));
}

TEST_F(ImagePlacerTest, BlamesTheFolderWhenNoNameCanBeGiven) {
  fetch("http://a/x.jpg", "one");
  const ImageJob job = found("http://a/y.jpg");
  begin();
  arrive(job, "two");
  commit();
  sync();
  // Under another path the folder of images is gone, and that of the bytes is not.
  std::filesystem::rename(state_folder(files().directory()), files().directory() + ".kept");
  std::filesystem::remove_all(files().directory());
  const Status placed = placer->place();
  ASSERT_FALSE(placed.ok());
  EXPECT_EQ(placed.error().code, ENOENT);
  EXPECT_FALSE(placer->has_repairs());
}

TEST_F(ImagePlacerTest, FetchesLostBytesAgain) {
  const ImageJob job = found("http://a/x.jpg");
  begin();
  arrive(job, "one");
  commit();
  std::filesystem::remove(files().incoming(job.id));
  place();
  const auto jobs = repair();
  ASSERT_EQ(jobs.size(), 1U);
  EXPECT_EQ(jobs[0].url, job.url);
  EXPECT_EQ(scene.tally().pending, 1U);
  EXPECT_TRUE(files().images().empty());
}

TEST_F(ImagePlacerTest, ARolledBackBatchGivesItsNamesBack) {
  const ImageJob one = found("http://a/x.jpg");
  const ImageJob two = found("http://b/x.jpg");
  begin();
  arrive(one, "one");
  scene.writer().rollback();
  placer->rolled_back();
  begin();
  arrive(two, "two");
  arrive(one, "one");
  commit();
  place();
  EXPECT_EQ(files().images(), (Images{{"x.jpg", "two"}, {"x-p1-1.jpg", "one"}}));
}

// --- Syncs, and what a power cut leaves.

TEST_F(ImagePlacerTest, GivesANameOnlyAfterASyncThatBeganAfterTheCommit) {
  const ImageJob job = found("http://a/x.jpg");
  begin();
  arrive(job, "one");
  placer->sync_began();
  commit();
  placer->sync_ended();
  must(placer->place());
  EXPECT_TRUE(files().images().empty());
  sync();
  must(placer->place());
  EXPECT_EQ(files().images(), (Images{{"x.jpg", "one"}}));
  EXPECT_FALSE(placer->idle()) << "the name is not durable yet";
  sync();
  EXPECT_TRUE(placer->idle());
}

TEST_F(ImagePlacerTest, KeepsTheBytesOfALinkUntilItsNameIsDurable) {
  fetch("http://a/x.jpg", "one");
  const ImageJob same = found("http://a/y.jpg");
  begin();
  arrive(same, "one");
  commit();
  sync();
  must(placer->place());
  EXPECT_EQ(files().images().size(), 2U);
  EXPECT_EQ(files().incoming_count(), 1U);
  sync();
  EXPECT_EQ(files().incoming_count(), 0U);
}

TEST_F(ImagePlacerTest, AfterAnotherBootFetchesAgainWhatIsTornOrMissing) {
  const ImageJob torn = found("http://a/torn.jpg");
  const ImageJob missing = found("http://a/missing.jpg");
  const ImageJob whole = found("http://a/whole.jpg");
  begin();
  arrive(torn, "one");
  arrive(missing, "two");
  arrive(whole, "three");
  commit();
  FolderFiles::write(files().incoming(torn.id), "on");
  std::filesystem::remove(files().incoming(missing.id));
  restart();
  must(placer->redo());
  const auto jobs = repair();
  ASSERT_EQ(jobs.size(), 2U);
  EXPECT_EQ(jobs[0].url, torn.url);
  EXPECT_EQ(jobs[1].url, missing.url);
  place();
  EXPECT_EQ(files().images(), (Images{{"whole.jpg", "three"}}));
  EXPECT_EQ(scene.tally().pending, 2U);
}

TEST_F(ImagePlacerTest, TakesFromTheLedgerWhatCannotBeFetchedAgain) {
  const ImageJob job = found("http://a/x.jpg");
  begin();
  arrive(job, "one");
  must(scene.writer().keep_bytes(job.id, std::as_bytes(std::span("one", 3))));
  commit();
  FolderFiles::write(files().incoming(job.id), "");
  restart();
  must(placer->redo());
  EXPECT_TRUE(repair().empty());
  place();
  ASSERT_EQ(files().images().size(), 1U);
  EXPECT_EQ(files().images().begin()->second, "one");
  must(scene.writer().save_durable(scene.writer().begin_round() - 1));
  EXPECT_EQ(must(scene.writer().kept_bytes(job.id)), std::nullopt);
}

TEST_F(ImagePlacerTest, LeavesAloneWhatWasDurable) {
  fetch("http://a/x.jpg", "one");
  must(scene.writer().save_durable(scene.writer().begin_round() - 1));
  std::filesystem::remove(files().path("x.jpg"));  // By the user.
  restart();
  must(placer->redo());
  EXPECT_FALSE(placer->has_repairs());
}

TEST_F(ImagePlacerTest, GivesNoNameToWhatAFailedSyncDidNotKeep) {
  const ImageJob torn = found("http://a/torn.jpg");
  const ImageJob whole = found("http://a/whole.jpg");
  begin();
  arrive(torn, "one");
  arrive(whole, "two");
  commit();
  FolderFiles::write(files().incoming(torn.id), "on");
  FolderSink closed = *FolderSink::open(state_in(files().directory()));
  const FolderSink open = std::move(closed);
  const DiskWait disk(seconds(0));
  // NOLINTNEXTLINE(bugprone-use-after-move): its syncfs fails
  Checkpointer checkpointer(closed, scene.writer(), *placer, disk, [] {});
  checkpointer.sync();
  must(placer->place());
  EXPECT_EQ(files().images(), (Images{{"whole.jpg", "two"}}));
  EXPECT_EQ(repair().size(), 1U);
}

// --- A disk that has refused a write, while the page cache still has what was written.

class LostWrite : LoopDisk, public ImagePlacerTest {
 protected:
  LostWrite() : ImagePlacerTest(LoopDisk::path()) {}
  void SetUp() override {
    if (!LoopDisk::trouble().empty()) GTEST_SKIP() << LoopDisk::trouble();
  }

  static std::string many(char byte) { return std::string(8192, byte); }
  using LoopDisk::lose;
};

TEST_F(LostWrite, IsFetchedAgainByTheNextProcess) {
  const ImageJob waits = found("http://a/waits.jpg");
  const ImageJob whole = found("http://a/whole.jpg");
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
  must(placer->redo());
  const auto jobs = repair();
  ASSERT_EQ(jobs.size(), 2U);
  EXPECT_EQ(jobs[0].url, waits.url);
  EXPECT_EQ(jobs[1].url, "http://a/named.jpg");
  EXPECT_EQ(scene.tally().saved, 1U);
}

TEST_F(LostWrite, GetsNoNameWhenTheSyncSaysSo) {
  const ImageJob lost = found("http://a/lost.jpg");
  const ImageJob whole = found("http://a/whole.jpg");
  begin();
  arrive(lost, many('l'));
  arrive(whole, many('o'));
  commit();
  must(sink.sync());
  lose(many('l'));
  placer->sync_began();
  placer->sync_failed([] {});
  must(placer->place());
  EXPECT_EQ(files().images(), (Images{{"whole.jpg", many('o')}}));
  const auto jobs = repair();
  ASSERT_EQ(jobs.size(), 1U);
  EXPECT_EQ(jobs[0].url, lost.url);
}

// --- A kill at each step: what must be true when the next process has begun.

TEST_F(ImagePlacerTest, AKillBeforeTheCommitLeavesNothing) {
  const ImageJob job = found("http://a/x.jpg");
  begin();
  arrive(job, "one");
  scene.writer().rollback();  // What SQLite does at the next open.
  restart();
  must(placer->redo());
  place();
  EXPECT_EQ(files().incoming_count(), 0U);
  EXPECT_TRUE(files().images().empty());
  EXPECT_EQ(scene.tally().pending, 1U);
}

TEST_F(ImagePlacerTest, AKillAfterTheCommitIsFinishedByTheNextProcess) {
  const ImageJob one = found("http://a/x.jpg");
  const ImageJob same = found("http://a/y.jpg");
  begin();
  arrive(one, "one");
  arrive(same, "one");
  commit();
  restart();
  must(placer->redo());
  place();
  EXPECT_EQ(files().images(), (Images{{"x.jpg", "one"}, {"y.jpg", "one"}}));
  EXPECT_EQ(files().incoming_count(), 0U);
  EXPECT_TRUE(placer->idle());
}

TEST_F(ImagePlacerTest, AKillBetweenLinkAndUnlinkIsFinishedByTheNextProcess) {
  const ImageJob one = found("http://a/x.jpg");
  begin();
  arrive(one, "one");
  commit();
  std::filesystem::create_hard_link(files().incoming(one.id), files().path("x.jpg"));
  restart();
  must(placer->redo());
  place();
  EXPECT_EQ(files().images(), (Images{{"x.jpg", "one"}}));
  EXPECT_EQ(files().incoming_count(), 0U);
}

TEST_F(ImagePlacerTest, TheNextProcessFindsTheNameTaken) {
  const ImageJob one = found("http://a/x.jpg");
  begin();
  arrive(one, "one");
  commit();
  restart();
  FolderFiles::write(files().path("x.jpg"), "the user's");
  must(placer->redo());
  place();
  EXPECT_TRUE(placer->has_repairs());
  repair();
  EXPECT_EQ(files().images(), (Images{{"x.jpg", "the user's"}, {"x-p1-1.jpg", "one"}}));
}

TEST_F(ImagePlacerTest, DiscardsBytesThatTheLedgerDoesNotKnow) {
  FolderFiles::write(files().incoming(4711), "half an im");
  must(placer->redo());
  EXPECT_EQ(files().incoming_count(), 0U);
}

}  // namespace
}  // namespace doutu
