#include "downloader/cookies/cookie_store.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <string>
#include <thread>
#include <vector>

#include "tests/site/state_in.h"
#include "tests/site/temporary_folder.h"

namespace doutu {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using testing::SizeIs;

const std::string kPage = "https://example.com/list";
const std::string kImage = "https://example.com/1.png";
const std::string kElsewhere = "https://cdn.example.net/1.png";

class CookieStoreTest : public testing::Test {
 protected:
  static void expect(const Status& status) { EXPECT_TRUE(status.ok()); }
  /// Of a downloader that starts now.
  [[nodiscard]] std::string header_after_restart(const std::string& url = kImage) const {
    return CookieStore(state_, CookieStore::Use::yes).header_for(url, kPage);
  }

  TemporaryFolder folder_;
  const StateFolder state_ = state_in(folder_.path());
  CookieStore store_{state_, CookieStore::Use::yes};
};

TEST_F(CookieStoreTest, WhatAPageSetsGoesWithItsImagesAtOnce) {
  store_.set_by_page("a=1", kPage);
  EXPECT_EQ(store_.header_for(kImage, kPage), "a=1");
  EXPECT_EQ(store_.header_for(kElsewhere, kPage), "");
}

TEST_F(CookieStoreTest, AnImageOnAnotherSiteSetsAndGetsWhatIsMeantForSuchImages) {
  store_.set_by_image("lax=1", kElsewhere, kPage);
  store_.set_by_image("insecure=1; SameSite=None", kElsewhere, kPage);
  store_.set_by_image("none=1; SameSite=None; Secure", kElsewhere, kPage);
  EXPECT_EQ(store_.header_for(kElsewhere, kPage), "none=1");
  EXPECT_EQ(store_.header_for(kElsewhere, "https://example.net/page"), "none=1");
}

TEST_F(CookieStoreTest, ASchemeIsPartOfASite) {
  store_.set_by_page("a=1", "http://example.com/");
  EXPECT_EQ(store_.header_for("http://example.com/1.png", "http://example.com/"), "a=1");
  EXPECT_EQ(store_.header_for("http://example.com/1.png", kPage), "");
}

TEST_F(CookieStoreTest, SavesWhatAPageHasSetWithItsBatch) {
  store_.set_by_page("a=1; Path=/", kPage);
  EXPECT_EQ(header_after_restart(), "");
  expect(store_.save(CookieStore::When::due));
  EXPECT_EQ(header_after_restart(), "a=1");
  EXPECT_THAT(store_.saved(), SizeIs(1));
  store_.committed();
  EXPECT_THAT(store_.saved(), IsEmpty());
}

TEST_F(CookieStoreTest, TellsAgainWhatWasSavedForABatchThatFailed) {
  store_.set_by_page("a=1", kPage);
  expect(store_.save(CookieStore::When::due));
  store_.set_by_page("b=1", kPage);
  expect(store_.save(CookieStore::When::due));
  EXPECT_THAT(store_.saved(), SizeIs(2));
}

TEST_F(CookieStoreTest, TellsTheLastOfManyChangesOfACookie) {
  for (int i = 0; i < 1000; ++i) store_.set_by_image("a=" + std::to_string(i), kImage, kPage);
  store_.set_by_page("b=1", kPage);
  expect(store_.save(CookieStore::When::now));
  ASSERT_THAT(store_.saved(), SizeIs(2));
  EXPECT_THAT(store_.saved()[0], testing::HasSubstr("999"));
}

TEST_F(CookieStoreTest, DoesNotSaveForEachImageThatSetsTheSame) {
  expect(store_.save(CookieStore::When::now));
  store_.set_by_image("a=1; Path=/; Max-Age=100", kImage, kPage);
  expect(store_.save(CookieStore::When::due));
  store_.set_by_image("a=2; Path=/; Max-Age=100", kImage, kPage);
  expect(store_.save(CookieStore::When::due));
  EXPECT_EQ(header_after_restart(), "a=1");
  expect(store_.save(CookieStore::When::now));
  EXPECT_EQ(header_after_restart(), "a=2");
}

TEST_F(CookieStoreTest, ADiskThatCannotBeWrittenLosesNothing) {
  store_.set_by_page("a=1; Path=/", kPage);
  const std::string aside = state_.path_of("cookies.txt.new");
  std::filesystem::create_directories(aside + "/full");
  EXPECT_FALSE(store_.save(CookieStore::When::due));
  EXPECT_THAT(store_.saved(), IsEmpty());
  std::filesystem::remove_all(aside);
  expect(store_.save(CookieStore::When::due));
  EXPECT_EQ(header_after_restart(), "a=1");
}

TEST_F(CookieStoreTest, KeepsTheMarkOfWhatTheUserGave) {
  EXPECT_TRUE(write_cookie_file(state_, {.cookies = {}, .imported = "5f"}));
  CookieStore store(state_, CookieStore::Use::yes);
  store.set_by_page("a=1", kPage);
  expect(store.save(CookieStore::When::due));
  EXPECT_EQ(read_cookie_file(state_).imported, "5f");
}

TEST_F(CookieStoreTest, WithoutUseThereAreNone) {
  store_.set_by_page("a=1", kPage);
  expect(store_.save(CookieStore::When::due));
  CookieStore unused(state_, CookieStore::Use::no);
  EXPECT_EQ(unused.header_for(kImage, kPage), "");
  unused.set_by_page("b=1", kPage);
  unused.set_by_image("c=1", kImage, kPage);
  expect(unused.save(CookieStore::When::now));
  EXPECT_EQ(header_after_restart(), "a=1");
}

TEST_F(CookieStoreTest, ServesManyThreads) {
  std::vector<std::jthread> threads;
  for (int thread = 0; thread < 4; ++thread) {
    threads.emplace_back([this, thread] {
      for (int i = 0; i < 200; ++i) {
        store_.set_by_image("c" + std::to_string(thread) + "=" + std::to_string(i), kImage, kPage);
        (void)store_.header_for(kImage, kPage);
      }
    });
  }
  for (int i = 0; i < 20; ++i) expect(store_.save(CookieStore::When::now));
  threads.clear();
  expect(store_.save(CookieStore::When::now));
  for (int thread = 0; thread < 4; ++thread) {
    EXPECT_NE(header_after_restart().find("c" + std::to_string(thread) + "=199"), std::string::npos);
  }
}

}  // namespace
}  // namespace doutu
