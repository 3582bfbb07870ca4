#include "downloader/ledger/key_stage.h"

#include <gtest/gtest.h>

#include <map>
#include <memory>
#include <string>

#include "shared/ledger/sqlite.h"
#include "tests/site/state_in.h"
#include "tests/site/temporary_folder.h"

namespace doutu {
namespace {

using Key = KeyStage::Key;

/// Keys in a table of their own, and texts that they stand for: image 7 is texts[7].
class KeyStageTest : public ::testing::Test {
 protected:
  KeyStageTest() {
    EXPECT_TRUE(prepare_.status()) << prepare_.status().error().message;
    EXPECT_TRUE(stage_->load());
  }

  static Database with_table(const std::string& directory) {
    auto db = *Database::open(state_in(directory), Database::Mode::create);
    EXPECT_TRUE(db.execute("CREATE TABLE url_key (k INTEGER PRIMARY KEY, image INTEGER NOT NULL)"));
    return db;
  }
  KeyStage::Probed probe(Key key, const std::string& text) {
    return *stage_->probe(key, [&](const KeyStage::Probed& at) { return Result<bool>(texts_.at(at.image) == text); });
  }
  /// Of an image that is new.
  Key add(Key key, std::int64_t image, const std::string& text) {
    texts_[image] = text;
    const auto probed = probe(key, text);
    EXPECT_EQ(probed.image, 0);
    stage_->put(probed.key, image);
    return probed.key;
  }
  void commit_merge() {
    ASSERT_TRUE(stage_->merge());
    stage_->committed();
  }

  TemporaryFolder folder_;
  Database db_ = with_table(folder_ / "img");
  Preparer prepare_{db_};
  std::unique_ptr<KeyStage> stage_ = std::make_unique<KeyStage>(prepare_, "url_key");
  std::map<std::int64_t, std::string> texts_;
};

TEST_F(KeyStageTest, FindsAKeyThatWaitsAndOneThatIsMerged) {
  add(5, 1, "a");
  commit_merge();
  add(6, 2, "b");
  EXPECT_EQ(probe(5, "a").image, 1);
  EXPECT_EQ(probe(6, "b").image, 2);
  EXPECT_EQ(probe(7, "c").image, 0);
}

TEST_F(KeyStageTest, GivesTheNextFreeKeyToWhatHasTheHashOfAnother) {
  EXPECT_EQ(add(5, 1, "a"), 5U);
  EXPECT_EQ(add(5, 2, "b"), 6U);
  commit_merge();
  EXPECT_EQ(add(5, 3, "c"), 7U) << "behind two that are merged";
  EXPECT_EQ(add(6, 4, "d"), 8U) << "whose own key another has";
  for (const auto& [text, image] : {std::pair("a", 1), {"b", 2}, {"c", 3}}) EXPECT_EQ(probe(5, text).image, image);
  EXPECT_EQ(probe(6, "d").image, 4);
  commit_merge();
  for (const auto& [text, image] : {std::pair("a", 1), {"b", 2}, {"c", 3}}) EXPECT_EQ(probe(5, text).image, image);
}

TEST_F(KeyStageTest, GoesRoundBehindTheLastKey) {
  EXPECT_EQ(add(KeyStage::kMask, 1, "a"), KeyStage::kMask);
  EXPECT_EQ(add(KeyStage::kMask, 2, "b"), 0U);
  EXPECT_EQ(add(~Key{0}, 3, "c"), 1U) << "the highest bit of a hash does not count";
  commit_merge();
  EXPECT_EQ(probe(KeyStage::kMask, "c").image, 3);
}

TEST_F(KeyStageTest, ForgetsWhatARolledBackBatchHasPut) {
  add(5, 1, "a");
  stage_->committed();
  add(5, 2, "b");
  stage_->put(5, 3);
  texts_[3] = "c";
  stage_->rolled_back();
  EXPECT_EQ(probe(5, "a").image, 1);
  EXPECT_EQ(probe(5, "b").image, 0);
  EXPECT_EQ(probe(5, "b").key, 6U);
}

TEST_F(KeyStageTest, KeepsWhatWaitsWhenAMergeIsRolledBack) {
  add(5, 1, "a");
  stage_->committed();
  ASSERT_TRUE(db_.execute("BEGIN"));
  ASSERT_TRUE(stage_->merge());
  ASSERT_TRUE(db_.execute("ROLLBACK"));
  stage_->rolled_back();
  EXPECT_EQ(probe(5, "a").image, 1);
  commit_merge();
  EXPECT_EQ(probe(5, "a").image, 1);
}

TEST_F(KeyStageTest, FindsEachOfManyOverTwoMerges) {
  constexpr std::int64_t kMany = 5'000;
  for (std::int64_t image = 1; image <= kMany; ++image) {
    // Three to a hash.
    add(static_cast<Key>(image / 3) * 0x9e3779b97f4a7c15U, image, std::to_string(image));
    if (image % 2'000 == 0) commit_merge();
  }
  stage_->committed();
  for (std::int64_t image = 1; image <= kMany; ++image) {
    ASSERT_EQ(probe(static_cast<Key>(image / 3) * 0x9e3779b97f4a7c15U, std::to_string(image)).image, image);
  }
}

}  // namespace
}  // namespace doutu
