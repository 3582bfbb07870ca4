#include "crawler/run/crawl.h"

#include <algorithm>
#include <csignal>

#include "tests/crawler/run/crawl_fixture.h"

namespace doutu {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;
using Why = CrawlEnd::Why;

constexpr std::uint64_t kPlenty = 1'000;  ///< Pending images: the downloader wants no more fetchers.

TEST_F(CrawlTest, EndsWhenTheLedgerHasEveryPage) {
  const CrawlEnd end = run("1-10");
  EXPECT_EQ(end.why, Why::settled);
  EXPECT_EQ(counters(), (PageCounters{.asked = 10, .done = 10}));
  EXPECT_THAT(children_.ledger(), SizeIs(10));
  EXPECT_THAT(children_.all(ChildRole::fetcher), SizeIs(1));
  EXPECT_THAT(children_.alive(ChildRole::downloader), IsEmpty());
}

TEST_F(CrawlTest, StartsNoFetcherWhenTheLedgerHasEveryPageAlready) {
  earlier_ = {{1, PageState::done, 1}, {2, PageState::failed, 5}};
  EXPECT_EQ(run("1-2").why, Why::settled);
  EXPECT_THAT(children_.all(ChildRole::fetcher), IsEmpty());
  EXPECT_EQ(counters(), (PageCounters{.asked = 2, .done = 1, .failed = 1}));
}

TEST_F(CrawlTest, TellsTheDownloaderOfAPageBeforeItsFetcher) {
  run("1");
  const auto& said = children_.said;
  const auto assigned = std::ranges::find(said, "downloader PageAssigned");
  EXPECT_LT(assigned, std::ranges::find(said, "fetcher FetchPage"));
  EXPECT_LT(std::ranges::find(said, "downloader LaneOpened"), assigned) << "and of its lane before both";
}

TEST_F(CrawlTest, GivesOutNoPageBeforeTheDownloaderIsReady) {
  children_.instead = [](FakeProcess& child, const Message&) { return child.role == ChildRole::downloader; };
  run("1-3", [&] {
    const FakeProcess& fetcher = children_.fetcher();
    loop_.advance(seconds(5));
    EXPECT_THAT(fetcher.told_of<FetchPage>(), IsEmpty());
    children_.instead = [](auto&, auto&) { return false; };
    children_.downloader().say(Ready{});
    loop_.settle();
    EXPECT_THAT(fetcher.told_of<FetchPage>(), SizeIs(3));
  });
  EXPECT_EQ(counters().done, 3U);
}

TEST_F(CrawlTest, GivesAFetcherNoMorePagesThanTheLedgerIsBehindBy) {
  children_.downloaders_wait = true;
  run("1-100", [&] {
    loop_.advance(seconds(1));
    EXPECT_THAT(children_.fetcher().told_of<FetchPage>(), SizeIs(16));
    children_.record();
    loop_.settle();
    EXPECT_THAT(children_.fetcher().told_of<FetchPage>(), SizeIs(32));
    children_.downloaders_wait = false;
    children_.record();
  });
  EXPECT_EQ(counters().done, 100U);
}

TEST_F(CrawlTest, KeepsTheGapBetweenTwoPages) {
  command_.settings.politeness.host_gap = milliseconds(700);
  run("1-5", [&] {
    for (std::size_t pages = 1; pages <= 4; ++pages) {
      EXPECT_THAT(children_.ledger(), SizeIs(pages));
      loop_.advance(milliseconds(699));
      EXPECT_THAT(children_.ledger(), SizeIs(pages));
      loop_.advance(milliseconds(1));
    }
  });
  EXPECT_EQ(counters().done, 5U);
}

TEST_F(CrawlTest, StartsAnotherFetcherWhenTheDownloaderHasWantedImagesForAMoment) {
  command_.fetchers = 3;
  children_.fetchers_wait = true;
  run("1-9", [&] {
    EXPECT_THAT(children_.alive(ChildRole::fetcher), SizeIs(1));
    loop_.advance(milliseconds(9));
    EXPECT_THAT(children_.alive(ChildRole::fetcher), SizeIs(1)) << "a page may be there sooner";
    loop_.advance(milliseconds(1));
    EXPECT_THAT(children_.alive(ChildRole::fetcher), SizeIs(2));
    loop_.advance(seconds(1));
    EXPECT_THAT(children_.alive(ChildRole::fetcher), SizeIs(3));
    loop_.advance(seconds(1));
    EXPECT_THAT(children_.alive(ChildRole::fetcher), SizeIs(3)) << "no more than --fetchers";
    loop_.raise(SIGINT);
  });
}

TEST_F(CrawlTest, StartsNoOtherFetcherWhileTheDownloaderHasEnoughToDo) {
  command_.fetchers = 3;
  children_.fetchers_wait = true;
  run("1-9", [&] {
    children_.downloader().stats.pending = kPlenty;
    children_.downloader().stats.in_flight_count = command_.settings.pool.downloaders;
    loop_.advance(seconds(20));
    EXPECT_THAT(children_.alive(ChildRole::fetcher), SizeIs(1));
    loop_.raise(SIGINT);
  });
}

TEST_F(CrawlTest, LetsTheDownloaderFinishAfterOneCtrlCAndKillsItAfterAnother) {
  children_.fetchers_wait = true;
  const CrawlEnd end = run("1-9", [&] {
    FakeProcess& downloader = children_.downloader();
    FakeProcess& fetcher = children_.fetcher();
    downloader.exits_when_closed = false;
    loop_.raise(SIGINT);
    EXPECT_TRUE(fetcher.got(SIGKILL)) << "it owns nothing worth keeping";
    EXPECT_TRUE(downloader.is_closed);
    EXPECT_THAT(downloader.signals, IsEmpty());
    EXPECT_FALSE(loop_.is_over());
    loop_.raise(SIGINT);
    EXPECT_TRUE(downloader.got(SIGKILL));
  });
  EXPECT_EQ(end.why, Why::interrupted);
  EXPECT_EQ(end.signal, SIGINT);
}

TEST_F(CrawlTest, KillsADownloaderThatDoesNotFinishInTime) {
  children_.fetchers_wait = true;
  run("1-9", [&] {
    FakeProcess& downloader = children_.downloader();
    downloader.exits_when_closed = false;
    loop_.raise(SIGTERM);
    loop_.advance(command_.settings.run.finish_wait + seconds(19));
    EXPECT_THAT(downloader.signals, IsEmpty());
    loop_.advance(seconds(2));
    EXPECT_TRUE(downloader.got(SIGKILL));
  });
}

TEST_F(CrawlTest, GoesOnWithoutItsTerminal) {
  children_.fetchers_wait = true;
  const CrawlEnd end = run("1-9", [&] {
    loop_.raise(SIGHUP);
    children_.fetchers_wait = false;
    children_.put(children_.fetcher());
  });
  EXPECT_EQ(end.why, Why::settled);
}

TEST_F(CrawlTest, StandsStillWithItsChildrenAndHoldsNoSilenceAgainstThemAfterwards) {
  children_.fetchers_wait = true;
  loop_.stopped_for = std::chrono::hours(1);
  const CrawlEnd end = run("1-2", [&] {
    FakeProcess& fetcher = children_.fetcher();
    FakeProcess& downloader = children_.downloader();
    loop_.while_stopped = [&] { EXPECT_TRUE(fetcher.is_stopped && downloader.is_stopped); };
    loop_.raise(SIGTSTP);
    EXPECT_THAT(fetcher.signals, ElementsAre(SIGSTOP, SIGCONT));
    EXPECT_THAT(downloader.signals, ElementsAre(SIGSTOP, SIGCONT));
    fetcher.beats = downloader.beats = false;  // it takes them a while
    loop_.advance(seconds(29));
    EXPECT_TRUE(fetcher.is_alive && downloader.is_alive);
    fetcher.beats = downloader.beats = true;
    loop_.advance(seconds(45));
    EXPECT_TRUE(fetcher.is_alive) << "the page's time begins anew";
    children_.fetchers_wait = false;
    children_.put(fetcher);
  });
  EXPECT_EQ(end.why, Why::settled);
  EXPECT_EQ(children_.ledger().at(1).attempt, 1U);
}

TEST_F(CrawlTest, GivesADownloaderItsFullTimeToFinishThoughStoppedMeanwhile) {
  children_.fetchers_wait = true;
  loop_.stopped_for = std::chrono::hours(1);
  run("1-9", [&] {
    FakeProcess& downloader = children_.downloader();
    downloader.exits_when_closed = false;
    loop_.raise(SIGINT);
    loop_.raise(SIGTSTP);
    loop_.advance(command_.settings.run.finish_wait + seconds(19));
    EXPECT_FALSE(downloader.got(SIGKILL));
    loop_.advance(seconds(2));
    EXPECT_TRUE(downloader.got(SIGKILL));
  });
}

TEST_F(CrawlTest, DoesNotStopWhereNobodyWouldContinueIt) {
  loop_.has_shell = false;
  loop_.while_stopped = [] { ADD_FAILURE(); };
  children_.fetchers_wait = true;
  run("1", [&] {
    FakeProcess& fetcher = children_.fetcher();
    loop_.raise(SIGTSTP);
    EXPECT_THAT(fetcher.signals, IsEmpty());
    children_.put(fetcher);
  });
}

TEST_F(CrawlTest, StartsADecoderWhenAQuestionWaitsAndNoneRuns) {
  children_.fetchers_wait = true;
  run("1", [&] {
    EXPECT_THAT(children_.all(ChildRole::decoder), IsEmpty());
    children_.doubt();
    loop_.settle();
    ASSERT_THAT(children_.alive(ChildRole::decoder), SizeIs(1));
    children_.doubt();
    loop_.settle();
    EXPECT_THAT(children_.all(ChildRole::decoder), SizeIs(1)) << "it takes that one as well";
    children_.alive(ChildRole::decoder).front()->die({.status = 0});
    loop_.settle();
    EXPECT_THAT(children_.alive(ChildRole::decoder), SizeIs(1)) << "the fake one had answered nothing";
    children_.put(children_.fetcher());
  });
}

TEST_F(CrawlTest, DropsTheQuestionsWhenTenDecodersDiedBeforeTheirFirstJob) {
  children_.fetchers_wait = true;
  run("1", [&] {
    children_.beat_from_the_start = false;
    children_.doubt();
    for (int i = 0; i < 10; ++i) {
      loop_.settle();
      ASSERT_THAT(children_.alive(ChildRole::decoder), SizeIs(1)) << i;
      children_.alive(ChildRole::decoder).front()->die({.status = 127});
      loop_.advance(seconds(6));
    }
    EXPECT_EQ(children_.doubts_dropped, 1);
    children_.put(children_.fetcher());
  });
  EXPECT_THAT(log(), HasSubstr("doutu-decoder does not start"));
}

}  // namespace
}  // namespace doutu
