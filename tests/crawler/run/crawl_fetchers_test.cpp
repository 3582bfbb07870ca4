// A crawl whose fetchers die, fall silent, lie or cannot start.
#include <csignal>

#include "tests/crawler/run/crawl_fixture.h"

namespace doutu {
namespace {

using testing::HasSubstr;
using testing::SizeIs;
using Why = CrawlEnd::Why;

const Error kNoRoom{"cannot start doutu-fetcher: Cannot allocate memory", ENOMEM};

TEST_F(CrawlTest, FetchesAPageAgainWhoseFetcherWasKilledBetweenAssignedAndPut) {
  children_.fetchers_wait = true;
  const CrawlEnd end = run("1-3", [&] {
    ASSERT_THAT(children_.downloader().told_of<PageAssigned>(), SizeIs(1));
    children_.fetcher().be_killed();
    loop_.settle();
    children_.fetchers_wait = false;
    children_.put(children_.fetcher());
  });
  EXPECT_EQ(end.why, Why::settled);
  EXPECT_EQ(counters().done, 3U);
  EXPECT_EQ(children_.ledger().at(1).attempt, 2U);
  EXPECT_EQ(children_.ledger().at(2).attempt, 1U);
}

TEST_F(CrawlTest, FetchesNoPageAgainThatADeadFetcherHadPut) {
  children_.downloaders_wait = true;
  run("1", [&] {
    ASSERT_THAT(children_.downloader().told_of<PagePut>(), SizeIs(1));
    children_.fetcher().crash();
    loop_.settle();
    children_.downloaders_wait = false;
  });
  EXPECT_EQ(children_.ledger().at(1).attempt, 1U);
  EXPECT_EQ(counters().done, 1U);
}

TEST_F(CrawlTest, GivesUpWhenTenFetchersDieBeforeTheirFirstJob) {
  children_.instead = [](FakeProcess& child, const Message& message) {
    const bool is_start = child.role == ChildRole::fetcher && std::holds_alternative<Configure>(message);
    if (is_start) child.die({.status = 127});
    return is_start;
  };
  const MonoTime began = loop_.now();
  const CrawlEnd end = run("1-3");
  EXPECT_EQ(end.why, Why::broken);
  EXPECT_THAT(end.message, HasSubstr("doutu-fetcher does not start"));
  EXPECT_THAT(children_.all(ChildRole::fetcher), SizeIs(10));
  EXPECT_NEAR(std::chrono::duration<double>(loop_.now() - began).count(), 21.3, 0.5) << "0.1 + 0.2 ... 5 s";
}

TEST_F(CrawlTest, ReplacesAtOnceAFetcherThatDiedAfterItHadWorked) {
  children_.fetchers_wait = true;
  run("1-30", [&] {
    for (int i = 0; i < 15; ++i) {
      children_.put(children_.fetcher());
      loop_.settle();
      children_.fetcher().crash();  // with the next page in hand
      loop_.settle();
      ASSERT_THAT(children_.alive(ChildRole::fetcher), SizeIs(1)) << i;
    }
    children_.fetchers_wait = false;
    children_.put(children_.fetcher());
  });
  EXPECT_EQ(counters().done, 30U);
}

TEST_F(CrawlTest, GivesUpThePageThatCrashesThreeFetchers) {
  children_.instead = [](FakeProcess& child, const Message& message) {
    const auto* fetch = std::get_if<FetchPage>(&message);
    if (fetch == nullptr || fetch->task.id != 2) return false;
    child.crash();
    return true;
  };
  const CrawlEnd end = run("1-3");
  EXPECT_EQ(end.why, Why::settled);
  EXPECT_EQ(children_.ledger().at(2).cause, Cause::page_kills_fetcher);
  EXPECT_EQ(children_.ledger().at(2).attempt, 3U);
  EXPECT_EQ(counters(), (PageCounters{.asked = 3, .done = 2, .failed = 1}));
}

TEST_F(CrawlTest, NeedsTenKillsFromOutsideToGiveAPageUp) {
  int kills = 0;
  children_.instead = [&kills](FakeProcess& child, const Message& message) {
    if (!std::holds_alternative<FetchPage>(message)) return false;
    ++kills;
    child.be_killed();
    return true;
  };
  EXPECT_EQ(run("1").why, Why::settled);
  EXPECT_EQ(kills, 10);
  EXPECT_EQ(children_.ledger().at(1).cause, Cause::page_kills_fetcher);
}

TEST_F(CrawlTest, KillsAFetcherWithoutASignOfLifeAndCountsItAsACrash) {
  children_.fetchers_wait = true;
  run("1", [&] {
    for (int i = 0; i < 3; ++i) {
      FakeProcess& fetcher = children_.fetcher();
      fetcher.beats = false;
      loop_.advance(seconds(29));
      EXPECT_TRUE(fetcher.is_alive);
      loop_.advance(seconds(2));
      EXPECT_TRUE(fetcher.got(SIGKILL));
    }
  });
  EXPECT_EQ(children_.ledger().at(1).cause, Cause::page_kills_fetcher);
}

TEST_F(CrawlTest, KillsAFetcherWhosePageTakesTooLongAndFailsThatPage) {
  children_.fetchers_wait = true;
  run("1-2", [&] {
    FakeProcess& fetcher = children_.fetcher();
    loop_.advance(seconds(75));
    EXPECT_TRUE(fetcher.is_alive) << "60 s for the transfer, 15 s to parse";
    children_.fetchers_wait = false;
    loop_.advance(seconds(1));
    EXPECT_FALSE(fetcher.is_alive);
  });
  EXPECT_EQ(children_.ledger().at(1).cause, Cause::page_too_slow);
  EXPECT_EQ(counters(), (PageCounters{.asked = 2, .done = 1, .failed = 1}));
}

TEST_F(CrawlTest, GivesALoginTheTimeOfTwoPages) {
  command_.before = {{.url = "https://example.com/login", .fills_in_form = true}};
  bool is_slow = true;
  children_.instead = [&is_slow](FakeProcess& child, const Message& message) {
    if (!std::holds_alternative<Prepare>(message)) return false;
    if (!is_slow) child.say(Prepared{}), child.say(Ready{});
    return true;
  };
  run("1", [&] {
    FakeProcess& fetcher = children_.fetcher();
    loop_.advance(seconds(135));
    EXPECT_TRUE(fetcher.is_alive) << "60 s for the form, 60 s for the answer, 15 s to parse";
    is_slow = false;
    loop_.advance(seconds(1));
    EXPECT_FALSE(fetcher.is_alive);
    loop_.advance(seconds(10));
  });
  EXPECT_EQ(counters().done, 1U);
}

TEST_F(CrawlTest, DoesNotCountTheTimeThatAPageWaitsForRoomInItsLane) {
  children_.fetchers_wait = true;
  run("1", [&] {
    FakeProcess& fetcher = children_.fetcher();
    fetcher.stats.held_since_ns = to_nanoseconds(loop_.now());
    loop_.advance(seconds(100));
    EXPECT_TRUE(fetcher.is_alive);
    children_.put(fetcher);
  });
  EXPECT_EQ(counters().done, 1U);
}

TEST_F(CrawlTest, KillsAFetcherThatIsDoneWithAPageThatItHasNot) {
  children_.fetchers_wait = true;
  run("1-2", [&] {
    FakeProcess& fetcher = children_.fetcher();
    children_.put(fetcher);
    fetcher.say(Ready{});
    fetcher.say(Ready{});
    children_.fetchers_wait = false;
    loop_.settle();
    EXPECT_EQ(fetcher.got(SIGKILL), true);
    EXPECT_TRUE(fetcher.is_closed) << "it may have sent many";
  });
}

TEST_F(CrawlTest, KillsAFetcherThatSpeaksAsOnlyTheDownloaderMay) {
  children_.fetchers_wait = true;
  run("1", [&] {
    FakeProcess& fetcher = children_.fetcher();
    fetcher.say(PageRecorded{.page = 1, .attempt = 1, .images = 99});
    children_.fetchers_wait = false;
    loop_.settle();
    EXPECT_TRUE(fetcher.got(SIGKILL));
  });
  EXPECT_THAT(log(), HasSubstr("fetcher 1: sent a message that it may not send"));
  EXPECT_EQ(children_.ledger().at(1).attempt, 2U) << "and believes nothing of it";
}

TEST_F(CrawlTest, KillsTheFetcherWhoseLaneBrokeTheRulesAndHoldsThatAgainstOnePageOnly) {
  children_.downloaders_wait = true;
  command_.settings.politeness.retries = 0;
  run("1-3", [&] {
    ASSERT_THAT(children_.downloader().told_of<PageAssigned>(), SizeIs(3));
    FakeProcess& fetcher = children_.fetcher();
    children_.outcome = [](auto page, auto attempt) {
      return PageRecorded{.page = page, .attempt = attempt, .cause = Cause::bad_records};
    };
    children_.record();
    children_.outcome = [](auto page, auto attempt) {
      return PageRecorded{.page = page, .attempt = attempt, .http_status = 200, .images = 1};
    };
    children_.downloaders_wait = false;
    loop_.settle();
    EXPECT_TRUE(fetcher.got(SIGKILL));
  });
  EXPECT_EQ(counters(), (PageCounters{.asked = 3, .done = 2, .failed = 1}));
  EXPECT_EQ(children_.ledger().at(1).cause, Cause::bad_records);
  EXPECT_EQ(children_.ledger().at(2).attempt, 2U);
}

TEST_F(CrawlTest, GoesOnWithFewerFetchersWhereTheSystemHasNoRoomForMore) {
  command_.fetchers = 2;
  children_.fetchers_wait = true;
  run("1-4", [&] {
    int asked = 0;
    children_.no_room = [&asked](ChildRole) { return ++asked, std::optional(kNoRoom); };
    loop_.advance(seconds(59));
    EXPECT_EQ(asked, 1);
    loop_.advance(seconds(2));
    EXPECT_EQ(asked, 2) << "once a minute";
    children_.no_room = [](ChildRole) { return std::nullopt; };
    children_.fetchers_wait = false;
    children_.put(children_.fetcher());
  });
  EXPECT_EQ(counters().done, 4U);
  EXPECT_THAT(log(), HasSubstr("continuing with fewer fetchers"));
}

TEST_F(CrawlTest, WaitsForRoomForItsFirstFetcherAndThenGivesUp) {
  int asked = 0;
  children_.no_room = [&asked](ChildRole role) {
    const bool is_fetcher = role == ChildRole::fetcher;
    if (is_fetcher) ++asked;
    return is_fetcher ? std::optional(kNoRoom) : std::nullopt;
  };
  const CrawlEnd end = run("1");
  EXPECT_EQ(end.why, Why::broken);
  EXPECT_EQ(asked, 10);
  EXPECT_THAT(end.message, HasSubstr("Cannot allocate memory; run the same command again to continue"));
}

TEST_F(CrawlTest, EndsAtOnceWhereAProgramIsMissing) {
  children_.no_room = [](ChildRole) { return std::optional(Error{"cannot start: No such file", ENOENT}); };
  const CrawlEnd end = run("1");
  EXPECT_EQ(end.why, Why::broken);
  EXPECT_THAT(end.message, HasSubstr("No such file"));
}

}  // namespace
}  // namespace doutu
