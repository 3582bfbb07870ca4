// Links from pages to pages, from the lane into the ledger and to the parent: what each counts as, over attempts, kills
// and jobs.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "tests/downloader/record/lane_intake_scene.h"

namespace doutu {
namespace {

using testing::ElementsAre;
using testing::Pair;

constexpr std::uint64_t kFirst = kFirstFoundPage;

class LaneLinksTest : public LaneIntakeTest {
 public:
  LaneLinksTest() {
    settings.page.each_once = true;
    settings.page.follow = {"//a"};
    settings.page.next = {"//a[@rel='next']"};
    job(1);
  }

  void job(std::int64_t id) {
    batch_writer.reset();
    scene.writer().links().follow({.is_used = true, .last_step = 2, .max_pages = settings.limits.max_pages});
    scene.job(id);
    restart();
  }

  void settle() {
    must(scene.writer().begin());
    must(scene.writer().jobs().settle());
    must(scene.writer().commit());
  }

  void put_link(std::uint64_t page, std::uint32_t position, std::uint32_t step, const std::string& url) {
    put(PageFound{page, 1, position, step, url});
  }
  void put_links_end(std::uint64_t page, std::uint32_t hits, std::uint32_t links) {
    put(PageEnd{page, 1, Cause::none, 200, hits, 0, false, links});
  }
  /// A list page of the first step, which leads to these pages of the second.
  PageRecorded list(std::uint64_t page, const std::vector<std::string>& urls, const std::string& next = {}) {
    assign(page);
    put_begin(page);
    std::uint32_t links = 0;
    for (const std::string& url : urls) put_link(page, links++, 2, url);
    if (!next.empty()) put_link(page, links++, 1, next);
    put_links_end(page, 0, links);
    return recorded(batch());
  }
  /// A found page with one image.
  PageRecorded detail(std::uint64_t page, const std::string& url) {
    intake().request(PageAssigned{{page, 1, url, 2}, lane});
    put(PageBegin{page, 1, url});
    put_hit(page, 0, url + ".jpg");
    put_links_end(page, 1, 0);
    return recorded(batch());
  }
  static PageRecorded recorded(const std::vector<Message>& answers) {
    EXPECT_EQ(answers.size(), 1U);
    return std::get<PageRecorded>(answers.at(0));
  }

  /// Number and URL of the pages that wait behind a number; the last entry is what PagesTold says.
  std::vector<std::pair<std::uint64_t, std::string>> ask(std::uint64_t after = 0) {
    intake().request(AskPages{after});
    std::vector<std::pair<std::uint64_t, std::string>> told;
    for (const Message& message : batch()) {
      if (const auto* waiting = std::get_if<PageWaiting>(&message))
        told.emplace_back(waiting->task.id, waiting->task.url);
      if (const auto* end = std::get_if<PagesTold>(&message)) told.emplace_back(end->up_to, "");
    }
    return told;
  }
};

TEST_F(LaneLinksTest, BecomePagesThatAreToldInTheirOrder) {
  const PageRecorded answer = list(1, {"http://h/a", "http://h/b"}, "http://h/2");
  EXPECT_EQ(answer.last_found, kFirst + 2);
  EXPECT_TRUE(answer.has_links);
  EXPECT_THAT(ask(), ElementsAre(Pair(kFirst, "http://h/a"), Pair(kFirst + 1, "http://h/b"),
                                 Pair(kFirst + 2, "http://h/2"), Pair(kFirst + 2, "")));
  EXPECT_THAT(ask(kFirst + 1), ElementsAre(Pair(kFirst + 2, "http://h/2"), Pair(kFirst + 2, "")));
}

TEST_F(LaneLinksTest, AreOnePageEachHoweverOftenTheyAreNamed) {
  list(1, {"http://h/a", "http://h/a#top", "http://H:80/a"}, "http://h/1");
  EXPECT_EQ(list(2, {"http://h/a", "http://h/b"}).last_found, kFirst + 1);
  EXPECT_THAT(ask(), ElementsAre(Pair(kFirst, "http://h/a"), Pair(kFirst + 1, "http://h/b"), Pair(kFirst + 1, "")))
      << "a next link to the page itself leads nowhere";
}

TEST_F(LaneLinksTest, OfAListToFurtherListsAreWhatItHas) {
  intake().request(PageAssigned{{1, 1, "http://h/sitemap.xml", 0}, lane});
  put_begin(1);
  put_link(1, 0, 0, "http://h/one.xml");
  put_links_end(1, 0, 1);
  EXPECT_TRUE(recorded(batch()).has_links) << "an index of sitemaps is no page without images";
}

TEST_F(LaneLinksTest, OfAnEarlierAttemptStay) {
  assign(1);
  put_begin(1);
  put_link(1, 0, 2, "http://h/a");
  put(PageEnd{1, 1, Cause::truncated, 200, 0, 0, false, 1});
  EXPECT_EQ(recorded(batch()).last_found, kFirst);
  assign(1, 2);
  put_begin(1, 2);
  put(PageFound{1, 2, 0, 2, "http://h/b"});
  put(PageFound{1, 2, 1, 2, "http://h/a"});
  put(PageEnd{1, 2, Cause::none, 200, 0, 0, false, 2});
  EXPECT_EQ(recorded(batch()).last_found, kFirst + 1);
}

TEST_F(LaneLinksTest, AreNotToldWhenTheirPageIsSettled) {
  list(1, {"http://h/a", "http://h/b"});
  detail(kFirst, "http://h/a");
  EXPECT_THAT(ask(), ElementsAre(Pair(kFirst + 1, "http://h/b"), Pair(kFirst + 1, "")));
}

TEST_F(LaneLinksTest, AreCountedFromTheRowsAfterAKillInTheMiddleOfAPage) {
  assign(1);
  put_begin(1);
  put_link(1, 0, 2, "http://h/a");
  EXPECT_TRUE(batch(Fate::kill_before_acknowledge).empty());
  restart();
  assign(1);
  put_link(1, 1, 2, "http://h/b");
  put_links_end(1, 0, 2);
  const PageRecorded answer = recorded(batch());
  EXPECT_EQ(answer.cause, Cause::none);
  EXPECT_EQ(answer.last_found, kFirst + 1);
}

TEST_F(LaneLinksTest, OfABatchThatFailsAreFoundAgainUnderTheSameNumbers) {
  assign(1);
  put_begin(1);
  put_link(1, 0, 2, "http://h/a");
  put_links_end(1, 0, 1);
  EXPECT_TRUE(batch(Fate::roll_back).empty());
  EXPECT_EQ(recorded(batch()).last_found, kFirst);
  EXPECT_THAT(ask(), ElementsAre(Pair(kFirst, "http://h/a"), Pair(kFirst, "")));
}

TEST_F(LaneLinksTest, ToOtherSitesAreNotFollowed) {
  const PageRecorded answer = list(1, {"http://other/a", "http://sub.h/b", "https://h:8443/c"});
  EXPECT_EQ(answer.last_found, kFirst) << "another port is the same site; \"h\" has no subdomains";
  EXPECT_TRUE(answer.has_links);
  EXPECT_EQ(scene.count("SELECT off_site FROM page_link WHERE number = 1"), 2);
}

TEST_F(LaneLinksTest, BeyondTheNumberOfPagesAreNotFollowed) {
  settings.limits.max_pages = 2;
  job(1);
  EXPECT_EQ(list(1, {"http://h/a", "http://h/b", "http://h/c"}).last_found, kFirst + 1);
  EXPECT_EQ(scene.count("SELECT over_limit FROM page_link WHERE number = 1"), 1);
}

TEST_F(LaneLinksTest, EndAfterAHundredPagesInARowThatBroughtNothingNew) {
  list(1, {"http://h/a"}, "http://h/next/0");
  std::uint64_t last = kFirst + 1;
  for (int page = 1; page < 200; ++page) {
    const std::string url = "http://h/next/" + std::to_string(page - 1);
    intake().request(PageAssigned{{last, 1, url, 1}, lane});
    put(PageBegin{last, 1, url});
    put_link(last, 0, 2, "http://h/a");
    put_link(last, 1, 1, "http://h/next/" + std::to_string(page));
    put_links_end(last, 0, 2);
    const PageRecorded answer = recorded(batch());
    if (answer.last_found == last) break;
    last = answer.last_found;
  }
  EXPECT_EQ(last, kFirst + PageLinks::kMaxBarren);
  EXPECT_EQ(scene.count("SELECT sum(endless) FROM page_link"), 1);
}

TEST_F(LaneLinksTest, ToPagesThatAnEarlierJobHasAreKnown) {
  list(1, {"http://h/a", "http://h/b"});
  detail(kFirst, "http://h/a");
  settle();
  job(2);
  const PageRecorded answer = list(1, {"http://h/b", "http://h/a"}, "http://h/3");
  EXPECT_EQ(answer.known_pages, 1U);
  EXPECT_EQ(answer.known_in_row, 1U);
  EXPECT_EQ(list(2, {"http://h/c"}).known_in_row, 0U) << "a new page ends the row";
  EXPECT_THAT(ask(), ElementsAre(Pair(kFirst, "http://h/b"), Pair(kFirst + 1, "http://h/3"),
                                 Pair(kFirst + 2, "http://h/c"), Pair(kFirst + 2, "")));
}

TEST_F(LaneLinksTest, ToAPageThatCameWithoutImagesAreNotKnown) {
  list(1, {"http://h/a"});
  intake().request(PageAssigned{{kFirst, 1, "http://h/a", 2}, lane});
  put(PageBegin{kFirst, 1, "http://h/login"});
  put_links_end(kFirst, 0, 0);
  recorded(batch());
  settle();
  job(2);
  EXPECT_EQ(list(1, {"http://h/a"}).known_pages, 0U);
}

TEST_F(LaneLinksTest, ThatASitemapNamesAreKnownToo) {
  settings.page.follow.clear();
  for (const std::int64_t id : {1, 2}) {
    batch_writer.reset();
    scene.writer().links().follow({.is_used = true, .last_step = 1});
    scene.job(id, "1-20");
    restart();
    intake().request(PageAssigned{{9, 1, "http://h/sitemap", 0}, lane});
    put(PageBegin{9, 1, "http://h/sitemap"});
    put_link(9, 0, 1, "http://other/a");
    put_links_end(9, 0, 1);
    EXPECT_EQ(recorded(batch()).known_pages, id == 1 ? 0U : 1U) << "a list may name any site";
    if (id == 1) detail(kFirst, "http://other/a");
    settle();
  }
}

TEST_F(LaneLinksTest, ThatAnAttemptBeforeHasFoundCountAsFound) {
  assign(1);
  put_begin(1);
  put_link(1, 0, 2, "http://h/a");
  put(PageEnd{1, 1, Cause::truncated, 200, 0, 0, false, 1});
  EXPECT_TRUE(recorded(batch()).has_fresh_links);
  assign(1, 2);
  put_begin(1, 2);
  put(PageFound{1, 2, 0, 2, "http://h/a"});
  put(PageEnd{1, 2, Cause::none, 200, 0, 0, false, 1});
  EXPECT_TRUE(recorded(batch()).has_fresh_links);
  const PageRecorded again = list(2, {"http://h/a"});
  EXPECT_TRUE(again.has_links);
  EXPECT_FALSE(again.has_fresh_links);
}

TEST_F(LaneLinksTest, AreSaidAgainToAParentThatAsksOnceMore) {
  list(1, {"http://h/a"});
  assign(1);
  EXPECT_TRUE(recorded(batch()).has_links);
}

TEST_F(LaneLinksTest, ToPagesOfAJobThatHasNotSettledAreNotKnown) {
  list(1, {"http://h/a"});
  detail(kFirst, "http://h/a");
  job(2);
  EXPECT_EQ(list(1, {"http://h/a"}).known_pages, 0U);
}

TEST_F(LaneLinksTest, ToAPageWhoseImageFailedAreNotKnown) {
  list(1, {"http://h/a"});
  detail(kFirst, "http://h/a");
  must(scene.writer().begin());
  must(scene.writer().links().image_failed(1));
  must(scene.writer().jobs().settle());
  must(scene.writer().commit());
  job(2);
  EXPECT_EQ(list(1, {"http://h/a"}).known_pages, 0U);
}

TEST_F(LaneLinksTest, OfAStepThatThePageMayNotLinkToEndTheTrustInTheLane) {
  for (const std::uint32_t step : {0U, 3U}) {
    const std::uint64_t page = 1 + step;
    assign(page);
    put_begin(page);
    put_link(page, 0, step, "http://h/a");
    EXPECT_EQ(recorded(batch()).cause, Cause::bad_records) << step;
    ++lane;
    queue = *LocalQueue::create();
    producer = queue->producer();
    restart();
  }
}

TEST_F(LaneLinksTest, ThatAreNotAsManyAsTheEndSaysEndTheTrustInTheLane) {
  assign(1);
  put_begin(1);
  put_link(1, 0, 2, "http://h/a");
  put_links_end(1, 0, 2);
  EXPECT_EQ(recorded(batch()).cause, Cause::bad_records);
}

TEST_F(LaneLinksTest, BeyondTheEndOfAnOpenRangeAnEmptyPageIsNone) {
  assign(1);
  put_begin(1);
  put_links_end(1, 0, 0);
  EXPECT_EQ(recorded(batch()).images, 0U);
  give_up(1, Cause::none);
  EXPECT_EQ(recorded(batch()).cause, Cause::none);
  EXPECT_EQ(must(scene.writer().pages().find(1))->state, PageState::beyond_end);
}

}  // namespace
}  // namespace doutu
