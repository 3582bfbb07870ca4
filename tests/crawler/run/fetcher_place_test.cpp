#include "crawler/run/fetcher_place.h"
#include "shared/base/enum_table.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <array>
#include <csignal>

#include "tests/crawler/run/fake_children.h"

namespace doutu {
namespace {

using State = PlaceState;
using Event = PlaceEvent;

constexpr std::array kStates = {State::vacant, State::restarting, State::starting,
                                State::idle,   State::fetching,   State::killed};
constexpr std::array kEvents = {Event::started, Event::ready,   Event::page_given, Event::killed,
                                Event::exited,  Event::delayed, Event::delay_over};
static_assert(kStates.size() == enumerators<State>() && kEvents.size() == enumerators<Event>());

struct Step {
  State from;
  Event event;
  State to;
  bool operator==(const Step&) const = default;
};

TEST(FetcherPlaceTableTest, AllowsTheseStepsAndNoOthers) {
  const std::vector<Step> allowed = {
      {State::vacant, Event::started, State::starting},      {State::vacant, Event::delayed, State::restarting},
      {State::restarting, Event::delay_over, State::vacant}, {State::starting, Event::ready, State::idle},
      {State::starting, Event::killed, State::killed},       {State::starting, Event::exited, State::vacant},
      {State::idle, Event::page_given, State::fetching},     {State::idle, Event::killed, State::killed},
      {State::idle, Event::exited, State::vacant},           {State::fetching, Event::ready, State::idle},
      {State::fetching, Event::killed, State::killed},       {State::fetching, Event::exited, State::vacant},
      {State::killed, Event::ready, State::killed},   // it had said so before
      {State::killed, Event::killed, State::killed},  // for another reason
      {State::killed, Event::exited, State::vacant},
  };
  std::vector<Step> found;
  for (const State state : kStates) {
    for (const Event event : kEvents) {
      if (const auto next = next_state(state, event)) found.push_back({state, event, *next});
    }
  }
  EXPECT_EQ(found, allowed);
}

TEST(FetcherPlaceTableTest, LeadsFromEveryStateBackToAVacantPlace) {
  for (State state : kStates) {
    for (int steps = 0; state != State::vacant; ++steps) {
      ASSERT_LT(steps, 2);
      state = next_state(state, next_state(state, Event::exited) ? Event::exited : Event::delay_over).value();
    }
  }
}

/// A place with a child.
class FetcherPlaceTest : public testing::Test {
 protected:
  FetcherPlaceTest() { start(); }
  void start() {
    NewChild started = children_.start(ChildRole::fetcher, {}).value();
    place_.take(started);
  }
  /// Whether the next one is started at once.
  bool is_replaced_at_once(const Exit& exit) { return place_.exit(exit).delay == Duration::zero(); }

  FakeLoop loop_;
  FakeChildren children_{loop_};
  FetcherPlace place_{"fetcher 1", loop_};
};

constexpr Exit kCrash{.signal = SIGSEGV};
constexpr Exit kKilled{.signal = SIGKILL};

TEST_F(FetcherPlaceTest, IsThrottledWhenItsChildDiedBeforeItWasReady) { EXPECT_FALSE(is_replaced_at_once(kKilled)); }

TEST_F(FetcherPlaceTest, IsThrottledWhenItsChildCrashedWithoutAPage) {
  place_.become_ready();
  EXPECT_FALSE(is_replaced_at_once(kCrash));
}

TEST_F(FetcherPlaceTest, IsFilledAtOnceWhenItsChildWasKilledAfterItWasReady) {
  place_.become_ready();
  EXPECT_TRUE(is_replaced_at_once(kKilled));
}

TEST_F(FetcherPlaceTest, IsFilledAtOnceWhenItsChildDiedOfAPage) {
  place_.become_ready();
  place_.give({.task = {.id = 7, .attempt = 1, .url = {}}});
  const FetcherDeath death = place_.exit(kCrash);
  EXPECT_EQ(death.page, 7U);
  EXPECT_EQ(death.death, Strikes::Death::crash);
  EXPECT_EQ(death.delay, Duration::zero());
}

TEST_F(FetcherPlaceTest, IsFilledAtOnceWhenItsChildWasReadyAfterAllBeforeOurKill) {
  place_.kill(FetcherPlace::Kill::silent);
  EXPECT_EQ(place_.become_ready(), std::nullopt);
  EXPECT_EQ(place_.state(), State::killed);
  EXPECT_TRUE(is_replaced_at_once(kKilled));
}

TEST_F(FetcherPlaceTest, StillLearnsFromAKilledChildThatItsPageIsDone) {
  place_.become_ready();
  place_.give({.task = {.id = 7, .attempt = 1, .url = {}}});
  place_.kill(FetcherPlace::Kill::too_slow);
  EXPECT_EQ(place_.become_ready(), 7U);
  EXPECT_EQ(place_.exit(kKilled).page, std::nullopt);
}

TEST_F(FetcherPlaceTest, RemembersTheFirstReasonOfAKill) {
  place_.kill(FetcherPlace::Kill::silent);
  place_.kill(FetcherPlace::Kill::crawl_ends);
  EXPECT_EQ(place_.exit(kKilled).death, Strikes::Death::crash) << "silence is the fetcher's own fault";
}

TEST_F(FetcherPlaceTest, BlamesThePageForItsOwnTimeAndForProcessorTime) {
  EXPECT_TRUE(place_.exit({.signal = SIGXCPU}).too_slow);
  start();
  place_.kill(FetcherPlace::Kill::too_slow);
  EXPECT_TRUE(place_.exit(kKilled).too_slow);
  start();
  EXPECT_FALSE(place_.exit(kKilled).too_slow) << "that was another child";
}

TEST_F(FetcherPlaceTest, IsNeverGivenUpForKillsFromOutside) {
  for (int i = 0; i < 20; ++i) {
    EXPECT_TRUE(place_.exit(kKilled).delay.has_value()) << i;
    start();
  }
}

TEST_F(FetcherPlaceTest, StaysVacantOnceTheCrawlEnds) {
  (void)place_.exit(kCrash);
  place_.delay(seconds(1), [] { ADD_FAILURE(); });
  place_.stay();
  loop_.advance(seconds(2));
  EXPECT_EQ(place_.state(), State::restarting);
}

}  // namespace
}  // namespace doutu
