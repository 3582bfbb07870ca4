// A crawl whose downloader dies, falls silent or ends it.
#include <csignal>

#include "tests/crawler/run/crawl_fixture.h"

namespace doutu {
namespace {

using testing::Each;
using testing::ElementsAre;
using testing::Field;
using testing::IsEmpty;
using testing::Not;
using testing::Pointee;
using testing::SizeIs;
using Why = CrawlEnd::Why;

TEST_F(CrawlTest, CountsAPageOnceThatTwoDownloadersSayIsRecorded) {
  children_.downloaders_wait = true;
  run("1-2", [&] {
    ASSERT_THAT(children_.downloader().told_of<PageAssigned>(), SizeIs(2));
    const PageRecorded recorded{.page = 1, .attempt = 1, .http_status = 200, .images = 5};
    children_.downloader().say(recorded);
    children_.downloader().crash();
    loop_.settle();
    children_.downloader().say(recorded);
    loop_.settle();
    EXPECT_EQ(counters().done, 1U);
    EXPECT_EQ(counters().pending(), 1U);
    children_.downloaders_wait = false;
    children_.record();
  });
  EXPECT_EQ(counters().done, 2U);
}

TEST_F(CrawlTest, BelievesNoDownloaderThatAnOlderAttemptOfAPageIsRecorded) {
  children_.fetchers_wait = true;
  run("1", [&] {
    children_.fetcher().crash();
    loop_.settle();
    children_.downloader().say(PageRecorded{.page = 1, .attempt = 1, .http_status = 200, .images = 5});
    loop_.settle();
    EXPECT_EQ(counters().done, 0U);
    children_.put(children_.fetcher());
  });
  EXPECT_EQ(counters().done, 1U);
}

TEST_F(CrawlTest, TellsANewDownloaderOfEveryLaneAndOfEveryPageThatIsNotRecorded) {
  command_.fetchers = 2;
  children_.fetchers_wait = children_.downloaders_wait = true;
  run("1-3", [&] {
    loop_.advance(milliseconds(10));
    children_.put(children_.fetcher(0));  // page 1, and has page 3 now
    loop_.settle();
    FakeProcess& first = children_.downloader();
    first.crash();
    loop_.advance(milliseconds(100));
    const FakeProcess& second = children_.downloader();
    EXPECT_NE(&first, &second);
    EXPECT_THAT(second.told_of<BeginJob>(), SizeIs(1));
    EXPECT_THAT(second.told_of<Configure>(), ElementsAre(Pointee(Field(&Configure::attempt, 2U))));
    EXPECT_THAT(second.told_of<LaneOpened>(), SizeIs(2));
    EXPECT_THAT(second.told_of<PageAssigned>(), SizeIs(3));
    EXPECT_THAT(second.told_of<PagePut>(), ElementsAre(Pointee(Field(&PagePut::page, 1U))));
    children_.fetchers_wait = children_.downloaders_wait = false;
    for (FakeProcess* fetcher : children_.alive(ChildRole::fetcher)) children_.put(*fetcher);
    children_.record();
  });
  EXPECT_EQ(counters().done, 3U);
}

TEST_F(CrawlTest, TellsANewDownloaderOfALaneWhoseFetcherDiedMeanwhile) {
  children_.fetchers_wait = true;
  children_.instead = [](FakeProcess& child, const Message& message) {
    return child.role == ChildRole::downloader && std::holds_alternative<LaneClosed>(message);
  };
  run("1", [&] {
    children_.fetcher().crash();
    loop_.settle();
    children_.instead = [](auto&, auto&) { return false; };
    children_.downloader().be_killed();
    children_.fetchers_wait = false;
    loop_.settle();
    EXPECT_THAT(children_.all(ChildRole::downloader).back()->told_of<LaneClosed>(), Not(IsEmpty()));
  });
  EXPECT_EQ(children_.ledger().at(1).attempt, 2U);
}

TEST_F(CrawlTest, TellsANewDownloaderOfAPageThatWasGivenUp) {
  children_.outcome = [](auto page, auto attempt) {
    return PageRecorded{.page = page, .attempt = attempt, .cause = Cause::http_status, .http_status = 404};
  };
  children_.instead = [](FakeProcess&, const Message& message) { return std::holds_alternative<PageFailed>(message); };
  run("1", [&] {
    EXPECT_THAT(children_.downloader().told_of<PageFailed>(), SizeIs(1));
    EXPECT_EQ(counters().failed, 0U) << "not before the ledger has it";
    children_.instead = [](auto&, auto&) { return false; };
    children_.downloader().crash();
  });
  const FakeProcess& second = *children_.all(ChildRole::downloader).back();
  EXPECT_THAT(second.told_of<PageFailed>(), ElementsAre(Pointee(Field(&PageFailed::http_status, 404))));
  EXPECT_THAT(second.told_of<PageAssigned>(), IsEmpty());
  EXPECT_EQ(counters().failed, 1U);
}

TEST_F(CrawlTest, TellsANewDownloaderThatNoPageIsLeft) {
  children_.instead = [](FakeProcess&, const Message& message) { return std::holds_alternative<NoMorePages>(message); };
  const CrawlEnd end = run("1", [&] {
    EXPECT_THAT(children_.alive(ChildRole::fetcher), IsEmpty());
    children_.instead = [](auto&, auto&) { return false; };
    children_.downloader().crash();
  });
  EXPECT_EQ(end.why, Why::settled);
  EXPECT_THAT(children_.all(ChildRole::downloader).back()->told_of<NoMorePages>(), SizeIs(1));
}

TEST_F(CrawlTest, GivesUpWhenTenDownloadersDieBeforeTheirFirstJob) {
  children_.instead = [](FakeProcess& child, const Message& message) {
    if (std::holds_alternative<BeginJob>(message)) child.die({.status = 1});
    return child.role == ChildRole::downloader;
  };
  const CrawlEnd end = run("1");
  EXPECT_EQ(end.why, Why::broken);
  EXPECT_EQ(end.message, "doutu-downloader does not start: exit status 1");
  EXPECT_THAT(children_.all(ChildRole::downloader), SizeIs(10));
  EXPECT_THAT(children_.alive(ChildRole::fetcher), IsEmpty());
}

TEST_F(CrawlTest, ReplacesAtOnceADownloaderThatGaveWay) {
  children_.fetchers_wait = true;
  run("1", [&] {
    for (int i = 0; i < 15; ++i) {
      children_.downloader().die({.status = 0});
      loop_.settle();
      ASSERT_THAT(children_.alive(ChildRole::downloader), SizeIs(1)) << i;
    }
    children_.put(children_.fetcher());
  });
  EXPECT_EQ(counters().done, 1U);
}

TEST_F(CrawlTest, SuspectsTheImagesOfADownloaderThatCrashedAndGivesThemUpAfterThreeCrashes) {
  children_.fetchers_wait = true;
  run("1", [&] {
    for (int i = 0; i < 3; ++i) {
      FakeProcess& downloader = children_.downloader();
      EXPECT_THAT(downloader.told_of<ImageSuspected>(), SizeIs(i > 0 ? 2 : 0));
      downloader.stats.in_flight[3] = 77;
      downloader.stats.in_flight[9] = i < 2 ? 88 : 0;
      downloader.crash();
      loop_.settle();
    }
    EXPECT_THAT(children_.downloader().told_of<ImageGivenUp>(), ElementsAre(Pointee(Field(&ImageGivenUp::image, 77))));
    EXPECT_THAT(children_.downloader().told_of<ImageSuspected>(),
                ElementsAre(Pointee(Field(&ImageSuspected::image, 88))));
    children_.put(children_.fetcher());
  });
}

TEST_F(CrawlTest, SuspectsNoImageOfADownloaderThatWasKilledFromOutside) {
  children_.fetchers_wait = true;
  run("1", [&] {
    children_.downloader().stats.in_flight[0] = 77;
    children_.downloader().be_killed();
    loop_.advance(seconds(1));
    EXPECT_THAT(children_.downloader().told_of<ImageSuspected>(), IsEmpty());
    children_.put(children_.fetcher());
  });
}

TEST_F(CrawlTest, NeverGivesUpADownloaderThatIsKilledFromOutside) {
  children_.fetchers_wait = true;
  run("1", [&] {
    for (int i = 0; i < 14; ++i) {
      children_.downloader().be_killed();
      loop_.advance(seconds(5));
      ASSERT_THAT(children_.alive(ChildRole::downloader), SizeIs(1)) << i;
    }
    children_.put(children_.fetcher());
  });
  EXPECT_EQ(counters().done, 1U);
}

TEST_F(CrawlTest, KillsADownloaderWithoutASignOfLifeAndSuspectsItsImages) {
  children_.fetchers_wait = true;
  run("1", [&] {
    FakeProcess& downloader = children_.downloader();
    downloader.stats.in_flight[0] = 77;
    downloader.beats = false;
    loop_.advance(seconds(35));
    EXPECT_TRUE(downloader.got(SIGKILL));
    EXPECT_THAT(children_.downloader().told_of<ImageSuspected>(), SizeIs(1));
    children_.put(children_.fetcher());
  });
}

class CrawlEndTest : public CrawlTest, public testing::WithParamInterface<std::pair<const char*, Why>> {
 protected:
  [[nodiscard]] static Message message() {
    const std::string what = GetParam().first;
    if (what == "Fatal") return Fatal{"because"};
    if (what == "StoppedEarly") return StoppedEarly{"because"};
    return LimitReached{"because"};
  }
};

TEST_P(CrawlEndTest, EndsAsTheDownloaderSays) {
  children_.fetchers_wait = true;
  const CrawlEnd end = run("1-9", [&] { children_.downloader().say(message()); });
  EXPECT_EQ(end.why, GetParam().second);
  EXPECT_EQ(end.message, "because");
  EXPECT_THAT(children_.alive(ChildRole::fetcher), IsEmpty());
  EXPECT_THAT(children_.all(ChildRole::downloader), Each(Field(&FakeProcess::signals, IsEmpty())))
      << "it finishes what it has in hand";
}

INSTANTIATE_TEST_SUITE_P(Ways, CrawlEndTest,
                         testing::Values(std::pair("Fatal", Why::broken), std::pair("StoppedEarly", Why::stopped_early),
                                         std::pair("LimitReached", Why::limit_reached)),
                         [](const auto& about) { return std::string(about.param.first); });

}  // namespace
}  // namespace doutu
