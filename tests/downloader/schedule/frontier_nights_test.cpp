// Whole nights of the frontier with one host, in simulated time.
#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <functional>
#include <map>
#include <set>
#include <utility>

#include "tests/downloader/schedule/frontier_scene.h"

namespace doutu {
namespace {

class Night : public FrontierTest {
 protected:
  using Server = std::function<AttemptResult(const ImageTask&, MonoTime)>;
  struct Sum {
    std::size_t fetched = 0, failed = 0, requests = 0;
    Duration took{};
    Duration last_fetched{};
  };

  /// So many in each window; what it says to those beyond.
  struct Limit {
    int allowed;
    Duration every;
    seconds says;
    int used = 0;
    MonoTime window{};
    AttemptResult ask(MonoTime now) {
      if (now - window >= every) {
        window = now - (now - MonoTime{}) % every;
        used = 0;
      }
      return ++used <= allowed ? kFine : AttemptResult{Cause::http_status, 429, says};
    }
  };

  /// Runs images 1..last of host 1 through the frontier, each request taking 100 ms.
  Sum run(std::int64_t last, std::size_t slots, const Server& server) {
    add_strange(1, last);
    const MonoTime began = now_;
    std::multimap<MonoTime, ImageTask> in_flight;
    Sum sum;
    for (std::size_t steps = 0; steps < 1'000'000; ++steps) {
      while (in_flight.size() < slots) {
        auto task = next();
        if (!task) break;
        if (task->given_up.cause != Cause::none) {
          const AttemptResult untried{task->given_up.cause};
          count(sum, finish(*std::move(task), untried));
          refill(frontier(), last);
          continue;
        }
        in_flight.emplace(now_ + milliseconds(100), *std::move(task));
      }
      const MonoTime end = in_flight.empty() ? MonoTime::max() : in_flight.begin()->first;
      const MonoTime step = in_flight.size() < slots ? std::min(end, wait_.until) : end;
      if (step == MonoTime::max()) break;
      now_ = std::max(now_, step);
      if (in_flight.empty() || in_flight.begin()->first > now_) continue;
      ImageTask task = std::move(in_flight.extract(in_flight.begin()).mapped());
      const AttemptResult result = server(task, now_);
      ++sum.requests;
      count(sum, finish(std::move(task), result));
      refill(frontier(), last);
    }
    sum.took = now_ - began;
    sum.last_fetched = last_fetched_ - began;
    return sum;
  }

 private:
  void count(Sum& sum, const Verdict& verdict) {
    if (verdict.kind == Kind::fetched) last_fetched_ = now_;
    sum.fetched += verdict.kind == Kind::fetched ? 1 : 0;
    sum.failed += verdict.kind == Kind::failed ? 1 : 0;
  }

  MonoTime last_fetched_{};
};

TEST_F(Night, ComesThroughAnOutageOfTwentyMinutes) {
  const MonoTime down = now_ + seconds(5);
  const MonoTime up = down + std::chrono::minutes(20);
  const Sum sum =
      run(3000, 20, [&](const ImageTask&, MonoTime now) { return now >= down && now < up ? kRefused : kFine; });
  EXPECT_EQ(sum.fetched, 3000U);
  EXPECT_LE(sum.requests, 3000U + 20 + 30);  // What was in flight, and some probes.
  EXPECT_LE(sum.took, std::chrono::minutes(22));
}

TEST_F(Night, EndsWhenAHostStaysAway) {
  const MonoTime down = now_ + seconds(5);
  const Sum sum = run(3000, 20, [&](const ImageTask&, MonoTime now) { return now >= down ? kRefused : kFine; });
  EXPECT_EQ(sum.fetched + sum.failed, 3000U);
  EXPECT_GT(sum.failed, 0U);
  EXPECT_LE(sum.took, std::chrono::hours(1));
}

TEST_F(Night, GivesUpSoonOnAHostThatNeverAnswers) {
  const Sum sum = run(5000, 20, [](const ImageTask&, MonoTime) { return kRefused; });
  EXPECT_EQ(sum.failed, 5000U);
  EXPECT_LE(sum.requests, 2500U) << "of 25,000: when one has had all its attempts, the others fail with it";
  EXPECT_LE(sum.took, seconds(90));
}

TEST_F(Night, FetchesEverythingFromAHostThatAllowsTenRequestsASecond) {
  MonoTime window{};
  int used = 0;
  const Sum sum = run(1000, 20, [&](const ImageTask&, MonoTime now) {
    if (now - window >= seconds(1)) {
      window = now;
      used = 0;
    }
    return ++used <= 10 ? kFine : kThrottled;
  });
  EXPECT_EQ(sum.fetched, 1000U);
  EXPECT_EQ(sum.failed, 0U);
  EXPECT_LE(sum.took, std::chrono::minutes(5));  // Without throttling it would take 100 s.
  EXPECT_LE(sum.requests, 1700U);
}

TEST_F(Night, IsNotHeldUpByOneImageThatIsThrottledForEver) {
  const Sum sum = run(300, 20, [](const ImageTask& task, MonoTime) {
    return task.id == 7 ? AttemptResult{Cause::http_status, 503, seconds(2)} : kFine;
  });
  EXPECT_EQ(sum.fetched, 299U);
  EXPECT_EQ(sum.failed, 1U);
  EXPECT_LE(sum.last_fetched, seconds(10));
  EXPECT_LE(sum.took, std::chrono::minutes(5));
}

TEST_F(Night, EndsWhenAHostThrottlesForEver) {
  for (const seconds asked : {seconds(0), seconds(60)}) {
    frontier_.reset();
    const MonoTime ban = now_ + seconds(10);
    const Sum sum = run(3000, 20, [&](const ImageTask&, MonoTime now) {
      return now < ban ? kFine : AttemptResult{Cause::http_status, 429, asked};
    });
    EXPECT_EQ(sum.fetched + sum.failed, 3000U);
    EXPECT_LE(sum.took, std::chrono::minutes(100)) << asked.count();
  }
}

/// What is left behind a quota looks like images that are refused for ever.
TEST_F(Night, LosesNothingOfTheFewBehindAQuota) {
  for (const std::int64_t images : {110, 120, 150}) {
    frontier_.reset();
    Limit limit{100, std::chrono::minutes(40), {}};
    const Sum sum = run(images, 20, [&](const ImageTask&, MonoTime now) { return limit.ask(now); });
    EXPECT_EQ(sum.fetched, static_cast<std::size_t>(images));
  }
}

TEST_F(Night, FindsTheGoodImagesBehindManyThatAreRefusedForEver) {
  const Sum sum = run(1000, 20, [](const ImageTask& task, MonoTime) { return task.id <= 300 ? kThrottled : kFine; });
  EXPECT_EQ(sum.fetched, 700U);
  EXPECT_LE(sum.last_fetched, std::chrono::minutes(5));
}

/// 1000 an hour, and it does not say so.
TEST_F(Night, OutlastsAnHourlyLimit) {
  Limit limit{1000, std::chrono::hours(1), {}};
  const Sum sum = run(3000, 20, [&](const ImageTask&, MonoTime now) { return limit.ask(now); });
  EXPECT_EQ(sum.fetched, 3000U);
  EXPECT_LE(sum.took, std::chrono::minutes(150));
}

/// However slow it is, in windows or evenly, whether it says how long to wait or not: what is refused comes after all.
TEST_F(Night, LosesNothingToALimitOfRates) {
  for (const int allowed : {1, 2, 8, 30}) {
    for (const seconds every : {seconds(3), seconds(10), seconds(60)}) {
      for (const bool says : {false, true}) {
        for (const std::size_t slots : {1U, 5U, 20U}) {
          frontier_.reset();
          Limit limit{allowed, every, says ? every : seconds(0)};
          const Sum sum = run(200, slots, [&](const ImageTask&, MonoTime now) { return limit.ask(now); });
          EXPECT_EQ(sum.fetched, 200U) << allowed << " in " << every.count() << " s, " << says << ", " << slots;
          EXPECT_LE(sum.took, 3 * 200 / allowed * every + std::chrono::minutes(3));
        }
      }
    }
  }
}

TEST_F(Night, EndsWhenManyAreRefusedForEver) {
  for (const std::size_t of : {3U, 5U, 10U}) {
    for (const seconds asked : {seconds(0), seconds(1), seconds(60)}) {
      frontier_.reset();
      const Sum sum = run(300, 20, [&](const ImageTask& task, MonoTime) {
        return static_cast<std::size_t>(task.id) % of == 0 ? AttemptResult{Cause::http_status, 503, asked} : kFine;
      });
      EXPECT_EQ(sum.fetched, 300 - 300 / of);
      EXPECT_EQ(sum.failed, 300 / of);
      const Duration soon = std::chrono::minutes(30) + 100 * asked;
      EXPECT_LE(sum.last_fetched, soon) << of << ", " << asked.count();
      EXPECT_LE(sum.took, soon + 2 * settings_.politeness.outage_wait) << of << ", " << asked.count();
    }
  }
}

TEST_F(Night, EndsWhenTheLastIsRefusedForEver) {
  for (const seconds asked : {seconds(0), seconds(60), seconds(86'400)}) {
    for (const auto& [images, minutes] : {std::pair{3, asked > seconds(60) ? 150 : 90}, {300, 15}}) {
      frontier_.reset();
      const Sum sum = run(images, 20, [&, last = images](const ImageTask& task, MonoTime) {
        return task.id == last ? AttemptResult{Cause::http_status, 503, asked} : kFine;
      });
      EXPECT_EQ(sum.fetched, static_cast<std::size_t>(images - 1));
      EXPECT_LE(sum.took, std::chrono::minutes(minutes)) << images << ", " << asked.count();
    }
  }
}

TEST_F(Night, IsNotHeldUpByOneImageThatIsToldToWaitForADay) {
  const Sum sum = run(300, 20, [](const ImageTask& task, MonoTime) {
    return task.id == 7 ? AttemptResult{Cause::http_status, 429, seconds(99'999)} : kFine;
  });
  EXPECT_EQ(sum.fetched, 299U);
  EXPECT_LE(sum.last_fetched, seconds(5)) << "it takes 1.5 s without";
  EXPECT_LE(sum.took, std::chrono::minutes(11));
}

/// Nor where the host answers nothing else before that one. It waits no longer than its host does, so both are due at
/// once.
TEST_F(Night, IsNotHeldUpByTheFirstImage) {
  const Sum sum = run(300, 20, [](const ImageTask& task, MonoTime) {
    return task.id == 1 ? AttemptResult{Cause::http_status, 503, seconds(99'999)} : kFine;
  });
  EXPECT_EQ(sum.fetched, 299U);
  EXPECT_LE(sum.last_fetched, seconds(20));
}

TEST_F(Night, IsNotSlowedByAFewImagesThatAreThrottledForEver) {
  const Sum sum = run(1000, 20, [](const ImageTask& task, MonoTime) { return task.id % 20 == 0 ? kThrottled : kFine; });
  EXPECT_EQ(sum.fetched, 950U);
  EXPECT_LE(sum.last_fetched, seconds(20)) << "it takes 5 s without";
}

TEST_F(Night, IsNotSlowedByOneImageInTenEither) {
  for (const std::uint64_t seed : {1U, 2U, 3U, 4U, 5U}) {
    frontier_.reset();
    const Sum sum = run(600, 20, [seed](const ImageTask& task, MonoTime) {
      const std::uint64_t hash = (static_cast<std::uint64_t>(task.id) + seed * 1000) * 0x9E37'79B9'7F4A'7C15ULL;
      return (hash >> 33U) % 10 == 0 ? kThrottled : kFine;
    });
    EXPECT_EQ(sum.fetched + sum.failed, 600U);
    EXPECT_GE(sum.fetched, 539U);
    EXPECT_LE(sum.last_fetched, seconds(60)) << "it takes 3 s without";
    EXPECT_LE(sum.took, std::chrono::minutes(10));
  }
}

/// Thumbnails that are made when they are first asked for.
TEST_F(Night, IsNotSlowedByAHostThatThrottlesEachImageOnce) {
  std::set<std::int64_t> met;
  const Sum sum = run(100, 20, [&met](const ImageTask& task, MonoTime) {
    return met.insert(task.id).second ? AttemptResult{Cause::http_status, 503, seconds(1)} : kFine;
  });
  EXPECT_EQ(sum.fetched, 100U);
  EXPECT_LE(sum.took, std::chrono::minutes(5));
}

/// Of many refusals one in ten says "in a day", the others "in a second".
TEST_F(Night, IsNotHeldUpByWhatAFewOfManyAreTold) {
  const MonoTime free = now_ + seconds(25);
  const Sum sum = run(60, 20, [&](const ImageTask& task, MonoTime now) {
    return now < free ? AttemptResult{Cause::http_status, 429, seconds(task.id % 10 == 0 ? 86'400 : 1)} : kFine;
  });
  EXPECT_EQ(sum.fetched, 60U);
  EXPECT_LE(sum.took, std::chrono::minutes(5));
}

TEST_F(Night, WaitsAsLongAsABusyServerAsks) {
  const MonoTime free = now_ + seconds(300);
  const Sum sum = run(100, 20, [&](const ImageTask&, MonoTime now) {
    return now < free ? AttemptResult{Cause::http_status, 503, seconds(100)} : kFine;
  });
  EXPECT_EQ(sum.fetched, 100U);
  EXPECT_LE(sum.requests, 100U + 20 + 3);
}

}  // namespace
}  // namespace doutu
