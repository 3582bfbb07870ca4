// A fetcher that breaks the rules of the lane harms its own pages.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "crawler/demo/draw_image.h"
#include "tests/downloader/record/lane_intake_scene.h"

namespace doutu {
namespace {

struct Rubbish {
  const char* what;
  std::vector<Record> records;
};

TEST_F(LaneIntakeTest, ABreachEndsTheAttemptAndTheTrust) {
  const std::vector<Rubbish> table = {
      {"another page", {PageBegin{2, 1, "http://h/2"}}},
      {"another attempt", {PageBegin{1, 2, "http://h/1"}}},
      {"an image before its page", {ImageFound{1, 1, 0, Cause::none, "http://i/a"}}},
      {"rules that are none", {RobotsRead{1, 1, "Disallow: /"}}},
      {"rules of another page's server", {RobotsRead{2, 1, "-/a\n"}}},
      {"rules within a page", {PageBegin{1, 1, "http://h/1"}, RobotsRead{1, 1, "-/a\n"}}},
      {"a second begin", {PageBegin{1, 1, "http://h/1"}, PageBegin{1, 1, "http://h/1"}}},
      {"a gap", {PageBegin{1, 1, "http://h/1"}, ImageFound{1, 1, 1, Cause::none, "http://i/a"}}},
      {"a cookie of another site", {CookieSet{1, 1, "http://other/", "a=1"}}},
      {"a cookie of no URL", {CookieSet{1, 1, "h", "a=1"}}},
      {"a cookie behind the page's begin", {PageBegin{1, 1, "http://h/1"}, CookieSet{1, 1, "http://h/1", "a=1"}}},
      {"a cookie of another page", {CookieSet{2, 1, "http://h/2", "a=1"}}},
      {"more cookies than a page may set",
       std::vector<Record>(kMaxCookiesOfPage + 1, CookieSet{1, 1, "http://h/1", "a=1"})},
      {"another page within it", {PageBegin{1, 1, "http://h/1"}, PageEnd{2, 1, Cause::none, 200, 0, 0}}},
      {"a wrong count", {PageBegin{1, 1, "http://h/1"}, PageEnd{1, 1, Cause::none, 200, 1, 0}}},
      {"an end that came well without a page", {PageEnd{1, 1, Cause::none, 200, 0, 0}}},
  };
  for (const Rubbish& rubbish : table) {
    SCOPED_TRACE(rubbish.what);
    ++lane;
    queue = *LocalQueue::create();
    producer = queue->producer();
    scene.job(scene.writer().job().id() + 1, rubbish.what);
    settings.politeness.robots = Robots::everything;
    restart();
    assign(1);
    for (const Record& record : rubbish.records) put(record);
    put_page(1);
    expect_recorded(batch(), 1, Cause::bad_records, 0);
    EXPECT_FALSE(wants_batch());

    assign(7);
    put_page(7);
    expect_recorded(batch(), 7, Cause::bad_records, 0);
    EXPECT_EQ(must(scene.writer().pages().find(1))->state, PageState::open) << "the parent may try it again";
  }
}

TEST_F(LaneIntakeTest, RulesOfAServerWhosePageObeysNoneAreABreach) {
  assign(1);
  put(RobotsRead{1, 1, "=60000\n"});
  const auto answers = batch();
  ASSERT_EQ(answers.size(), 1U);
  EXPECT_EQ(std::get<PageRecorded>(answers[0]).cause, Cause::bad_records);
}

TEST_F(LaneIntakeTest, RulesSaidTwiceForOnePageAreABreach) {
  settings.politeness.robots = Robots::everything;
  restart();
  assign(1);
  put(RobotsRead{1, 1, "-/a\n"});
  put(RobotsRead{1, 1, "-/b\n"});
  const auto answers = batch();
  ASSERT_EQ(answers.size(), 2U);
  EXPECT_EQ(std::get<RobotsKnown>(answers[0]).rules, "-/a\n");
  EXPECT_EQ(std::get<PageRecorded>(answers[1]).cause, Cause::bad_records);
}

TEST_F(LaneIntakeTest, APageThatIsSaidToBePutAndIsNotThereIsABreach) {
  assign(1);
  EXPECT_TRUE(batch().empty());
  EXPECT_FALSE(wants_batch());
  say_put(1);
  EXPECT_TRUE(wants_batch());
  batch(Fate::roll_back);
  expect_recorded(batch(), 1, Cause::bad_records, 0);
  EXPECT_TRUE(intake().idle());
  EXPECT_FALSE(wants_batch());
}

TEST_F(LaneIntakeTest, APageWithoutAnEndThatIsSaidToBePutIsABreach) {
  assign(1);
  put_begin(1);
  put_hit(1, 0, "http://i/1.jpg");
  say_put(1);
  expect_recorded(batch(), 1, Cause::bad_records, 1);
}

TEST_F(LaneIntakeTest, ASealedLaneWithoutAPageThatIsSaidToBePutIsABreach) {
  assign(1);
  producer->seal();
  EXPECT_TRUE(batch().empty());
  say_put(1);
  expect_recorded(batch(), 1, Cause::bad_records, 0);
}

TEST_F(LaneIntakeTest, PagesThatAreSaidToBePutMayTakeSeveralBatches) {
  constexpr std::uint64_t kPages = 200;
  for (std::uint64_t page = 1; page <= kPages; ++page) {
    assign(page);
    put_page(page);
    say_put(page);
  }
  const auto first = batch();
  EXPECT_LT(first.size(), kPages);
  EXPECT_TRUE(wants_batch());
  const auto second = batch();
  EXPECT_EQ(first.size() + second.size(), kPages);
  const auto is_good = [](const Message& answer) { return std::get<PageRecorded>(answer).cause == Cause::none; };
  EXPECT_TRUE(std::ranges::all_of(first, is_good) && std::ranges::all_of(second, is_good));
}

TEST_F(LaneIntakeTest, BytesThatAreNoRecordAreABreach) {
  assign(1);
  assign(2);
  const std::vector<std::byte> bytes(40, std::byte{0xee});
  ASSERT_EQ(producer->try_put(bytes), PutResult::ok);
  const auto answers = batch();
  ASSERT_EQ(answers.size(), 2U);
  for (const Message& answer : answers) EXPECT_EQ(std::get<PageRecorded>(answer).cause, Cause::bad_records);
}

TEST_F(LaneIntakeTest, AnImageBeyondTheLimitIsABreach) {
  assign(1);
  put_begin(1);
  for (std::uint32_t i = 0; i <= kMaxHits; ++i) put_hit(1, i, "http://i/" + std::to_string(i));
  expect_recorded(batch(), 1, Cause::bad_records, kMaxHits);
}

TEST_F(LaneIntakeTest, AnImageThatIsNoUrlFailsAlone) {
  assign(1);
  put_begin(1);
  put_hit(1, 0, "file:///etc/passwd");
  put_hit(1, 1, "http://i/a.jpg");
  put_end(1, 2);
  expect_recorded(batch(), 1, Cause::none, 2);
  EXPECT_EQ(scene.counters(), (JobCounters{.failed = 1, .pending = 1}));
}

TEST_F(LaneIntakeTest, DistrustsAnInlineImageOutOfItsOrder) {
  assign(1);
  put_begin(1);
  put_inline(1, 1, draw_image(1, 16));
  expect_recorded(batch(), 1, Cause::bad_records, 0);
}

}  // namespace
}  // namespace doutu
