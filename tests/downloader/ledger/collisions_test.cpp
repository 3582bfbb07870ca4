// Two URLs, and two images, whose hashes are equal. Nobody can make such URLs for a ledger whose secret he does not
// know; the tests take the secret away.
#include <gtest/gtest.h>

#include <map>
#include <string>
#include <vector>

#include "tests/downloader/ledger/ledger_scene.h"

namespace doutu {
namespace {

// With a secret of zeros XXH3 multiplies the two halves of every 16 bytes with each other, so they may change places.
const std::string kOne =
    "http://i/aaaaaaa"
    "bbbbbbbbcccccccc";
const std::string kOther =
    "http://i/aaaaaaa"
    "ccccccccbbbbbbbb";

class Collisions : public ::testing::Test {
 protected:
  Collisions() {
    scene_.close();
    {
      auto db = must(Database::open(state_in(scene_.files.directory()), Database::Mode::create));
      must(db.execute("UPDATE merged SET secret = zeroblob(192)"));
    }
    scene_.open();
    scene_.job(1);
  }
  /// A new process, which has no key in memory.
  void restart() {
    scene_.close();
    scene_.open();
    scene_.job(1);
  }

  LedgerScene scene_;
};

TEST_F(Collisions, OfTwoUrlsAreTwoImages) {
  EXPECT_EQ(scene_.page(1, {kOne, kOther}).size(), 2U);
  EXPECT_EQ(scene_.page(2, {kOther, kOne}).size(), 0U);
  restart();
  EXPECT_EQ(scene_.page(3, {kOther, kOne}).size(), 0U);
  EXPECT_EQ(scene_.counters(), (JobCounters{.repeated = 4, .pending = 2}));
}

TEST_F(Collisions, OfTwoUrlsStandBesideEachOtherInTheTableOfKeys) {
  scene_.staged_keys = 2;
  restart();
  scene_.page(1, {kOne, kOther});
  EXPECT_EQ(scene_.count("SELECT count(*) FROM url_key"), 2);
  EXPECT_EQ(scene_.count("SELECT max(k) - min(k) FROM url_key"), 1);
  EXPECT_EQ(scene_.page(2, {kOther, kOne}).size(), 0U);
  restart();
  EXPECT_EQ(scene_.page(3, {kOther, kOne}).size(), 0U);
}

TEST_F(Collisions, KeepTheirKeysWhereTheFirstIsFetchedAgain) {
  const auto tasks = scene_.page(1, {kOne, kOther});
  scene_.saved(tasks.at(0));
  scene_.saved(tasks.at(1));
  must(scene_.writer().begin());
  ASSERT_TRUE(must(scene_.writer().images().fetch_again(tasks.at(0).id)));
  must(scene_.writer().commit());
  EXPECT_EQ(scene_.page(2, {kOther, kOne}).size(), 0U);
  restart();
  EXPECT_EQ(scene_.page(3, {kOther, kOne}).size(), 0U);
  EXPECT_EQ(scene_.counters(), (JobCounters{.repeated = 4, .saved = 1, .pending = 1, .bytes = 100}));
}

/// Images 1 and 2 have one hash and other bytes; image 3 has the bytes of the second.
class ContentCollisions : public Collisions {
 protected:
  /// What is saved so far, by the bytes that the test gives it.
  BytesAsked asked(char bytes) {
    return {.compare =
                [this, bytes](const SavedImage& other) {
                  const auto found = bytes_of_.find(other.id);
                  if (found == bytes_of_.end()) return SameBytes::gone;
                  return found->second == bytes ? SameBytes::yes : SameBytes::no;
                },
            .sha256 = [] { return std::nullopt; }};
  }
  std::optional<SavedImage> first_with(char bytes) {
    return must(scene_.writer().contents().place_of(LedgerScene::content(1), asked(bytes))).first;
  }
  /// Its first, if it is a duplicate.
  std::optional<std::int64_t> save(const ImageTask& task, char bytes) {
    ImageOutcome outcome = ImageOutcome::of(task);
    outcome.attempts = 1;
    outcome.content = LedgerScene::content(1);
    outcome.facts = {.type = "jpeg", .width = 40, .height = 30, .frames = 1};
    must(scene_.writer().begin());
    const auto place = must(scene_.writer().contents().place_of(outcome.content, asked(bytes)));
    must(scene_.writer().images().record_fetched(outcome, place, std::to_string(task.id) + ".jpg"));
    must(scene_.writer().commit());
    scene_.expect_balance();
    if (!place.first) bytes_of_[task.id] = bytes;
    return place.first ? std::optional(place.first->id) : std::nullopt;
  }

  std::map<std::int64_t, char> bytes_of_;
};

TEST_F(ContentCollisions, AreDecidedByTheBytes) {
  const auto tasks = scene_.page(1, {"http://i/1", "http://i/2", "http://i/3", "http://i/4"});
  EXPECT_EQ(save(tasks.at(0), 'a'), std::nullopt);
  EXPECT_EQ(save(tasks.at(1), 'b'), std::nullopt);
  EXPECT_EQ(save(tasks.at(2), 'b'), 2);
  restart();
  EXPECT_EQ(first_with('a')->id, 1);
  EXPECT_EQ(first_with('b')->id, 2);
  EXPECT_EQ(save(tasks.at(3), 'a'), 1);
}

TEST_F(ContentCollisions, StandBesideEachOtherInTheTableOfKeys) {
  scene_.staged_keys = 2;
  restart();
  const auto tasks = scene_.page(1, {"http://i/1", "http://i/2"});
  save(tasks.at(0), 'a');
  save(tasks.at(1), 'b');
  EXPECT_EQ(scene_.count("SELECT max(k) - min(k) FROM content_key"), 1);
  restart();
  EXPECT_EQ(first_with('a')->id, 1);
  EXPECT_EQ(first_with('b')->id, 2);
}

TEST_F(ContentCollisions, HaveKeysOnlyForSoManyThatNoneTakesLong) {
  constexpr int kImages = 1'000;
  std::vector<std::string> urls;
  for (int i = 0; i < kImages; ++i) urls.push_back("http://i/" + std::to_string(i));
  const auto tasks = scene_.page(1, urls);
  int compared = 0;
  const BytesAsked other_bytes{.compare =
                                   [&](const SavedImage&) {
                                     ++compared;
                                     return SameBytes::no;
                                   },
                               .sha256 = [] { return std::nullopt; }};
  must(scene_.writer().begin());
  for (const ImageTask& task : tasks) {
    ImageOutcome outcome = ImageOutcome::of(task);
    outcome.attempts = 1;
    outcome.content = LedgerScene::content(1);
    outcome.facts = {.type = "jpeg", .width = 40, .height = 30, .frames = 1};
    const auto place = must(scene_.writer().contents().place_of(outcome.content, other_bytes));
    must(scene_.writer().images().record_fetched(outcome, place, std::to_string(task.id) + ".jpg"));
  }
  must(scene_.writer().commit());
  EXPECT_EQ(scene_.counters().saved, static_cast<std::uint64_t>(kImages));
  EXPECT_LE(compared, kImages * ContentTable::kMaxAlike);
  restart();
  compared = 0;
  EXPECT_FALSE(must(scene_.writer().contents().place_of(LedgerScene::content(1), other_bytes)).first);
  EXPECT_EQ(compared, ContentTable::kMaxAlike);
}

TEST_F(ContentCollisions, GiveThePlaceOfAFileThatIsGoneToTheNext) {
  const auto tasks = scene_.page(1, {"http://i/1", "http://i/2", "http://i/3", "http://i/4"});
  save(tasks.at(0), 'a');
  save(tasks.at(1), 'b');
  bytes_of_.erase(1);
  EXPECT_EQ(save(tasks.at(2), 'b'), 2) << "the one behind it is still found";
  EXPECT_EQ(save(tasks.at(3), 'a'), std::nullopt) << "saved, since nobody can say that the bytes are the same";
  EXPECT_EQ(first_with('a')->id, 4);
  EXPECT_EQ(first_with('b')->id, 2);
}

}  // namespace
}  // namespace doutu
