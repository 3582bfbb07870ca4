// A good host among bad ones, in the frontier and in simulated time.
#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <functional>
#include <map>
#include <utility>
#include <vector>

#include "tests/downloader/schedule/frontier_scene.h"

namespace doutu {
namespace {

/// A good host of 100 ms, and its neighbours.
class Neighbours : public FrontierTest {
 protected:
  struct Answer {
    AttemptResult result{};
    Duration takes{};
  };
  using Server = std::function<Answer(const ImageTask&)>;

  /// From now until the good host's images (host 1) have all been fetched.
  Duration run(std::size_t good, const Server& neighbours) {
    const MonoTime began = now_;
    std::multimap<MonoTime, std::pair<ImageTask, AttemptResult>> in_flight;
    for (std::size_t fetched = 0; fetched < good;) {
      while (in_flight.size() < settings_.pool.downloaders) {
        auto task = next();
        if (!task) break;
        const bool is_good = task->host == 1 && task->detour.host == 0;
        const Answer answer = is_good ? Answer{good_answer_(), milliseconds(100)} : neighbours(*task);
        in_flight.emplace(now_ + answer.takes, std::pair(*std::move(task), answer.result));
      }
      MonoTime step = in_flight.empty() ? MonoTime::max() : in_flight.begin()->first;
      if (in_flight.size() < settings_.pool.downloaders) step = std::min(step, wait_.until);
      if (step == MonoTime::max()) ADD_FAILURE() << "nothing more happens";
      if (step == MonoTime::max() || step - began > std::chrono::hours(10)) break;
      now_ = std::max(now_, step);
      if (in_flight.empty() || in_flight.begin()->first > now_) continue;
      auto [task, result] = std::move(in_flight.extract(in_flight.begin()).mapped());
      const bool is_good = task.host == 1;
      if (finish(std::move(task), result).kind == Kind::fetched && is_good) ++fetched;
    }
    return now_ - began;
  }
  /// An image of each neighbour, and 400 of the good host among them.
  void add_pages(std::int64_t neighbours) {
    frontier().answered(std::vector{name_of(1)}, now_);
    for (std::int64_t host = 2; host < neighbours + 2; ++host) {
      add_one_of(host);
      if (host % 10 == 0) add_one_of(1);
    }
    while (good_ < 400) add_one_of(1);
  }
  void add_one_of(std::int64_t host) {
    ++last_id_;
    add_strange(last_id_, last_id_, host);
    good_ += host == 1 ? 1 : 0;
  }

  static constexpr Answer kDead{{Cause::connect_timeout}, seconds(10)};
  static constexpr Answer kDrips{{Cause::stalled, 200}, seconds(30)};
  std::function<AttemptResult()> good_answer_ = [] { return kFine; };
  std::int64_t last_id_ = 0;
  std::size_t good_ = 0;
};

TEST_F(Neighbours, ThatNeverAnswerDoNotHoldTheGoodOneUp) {
  settings_.pool.downloaders = 20;
  add_pages(3000);
  EXPECT_LE(run(good_, [](const ImageTask&) { return kDead; }), seconds(4)) << "alone it takes 2 s";
}

TEST_F(Neighbours, ThatDripDoNotEither) {
  settings_.pool.downloaders = 20;
  add_pages(300);
  EXPECT_LE(run(good_,
                [this](const ImageTask& task) {
                  frontier().answered(task, now_);
                  return kDrips;
                }),
            seconds(4));
}

TEST_F(Neighbours, ThatNeverAnswerDoNotHoldUpAStrangerWithManyImages) {
  settings_.pool.downloaders = 20;
  for (std::int64_t host = 2; host <= 301; ++host) add_one_of(host);
  for (int image = 0; image < 400; ++image) add_one_of(1);
  EXPECT_LE(run(400, [](const ImageTask&) { return kDead; }), seconds(15)) << "when the first of the dead are through";
}

TEST_F(Neighbours, ThatAnswerOnceAndThenHangDoNotEither) {
  for (const int answers : {1, 10}) {
    frontier_.reset();
    settings_.pool.downloaders = 20;
    settings_.politeness.retries = 0;
    good_ = 0;
    for (int images = 0; images < answers + 3; ++images) add_pages(60);
    std::map<std::int64_t, int> asked;
    const auto hang = [&](const ImageTask& task) {
      return ++asked[task.host] <= answers ? Answer{kNotFound, {}} : Answer{{Cause::stalled}, seconds(30)};
    };
    EXPECT_LE(run(400, hang), answers == 1 ? seconds(15) : seconds(40)) << answers;
  }
}

TEST_F(Neighbours, ThatDieDoNotEither) {
  settings_.pool.downloaders = 20;
  for (std::int64_t host = 2; host <= 31; ++host) add(host * 1000, host * 1000 + 99, host);
  now_ += seconds(60);
  add(1, 400);
  EXPECT_LE(run(400, [](const ImageTask&) { return kDead; }), seconds(25)) << "each was thought to be well once";
}

TEST_F(Neighbours, AreNotPreferredToTheGoodOneWhenItStumbles) {
  for (const int misses : {1, 25}) {
    settings_ = {};
    settings_.pool.downloaders = 20;
    settings_.politeness.max_per_host = misses == 1 ? 1 : 0;
    frontier_.reset();
    good_ = 0;
    add_pages(300);
    good_answer_ = [misses, asked = 0]() mutable {
      const bool fails = asked >= 100 && asked < 100 + misses;
      ++asked;
      return fails ? AttemptResult{Cause::http_status, 502} : kFine;
    };
    EXPECT_LE(run(good_, [](const ImageTask&) { return kDead; }), misses == 1 ? seconds(43) : seconds(5)) << misses;
  }
}

TEST_F(Neighbours, AreNotPreferredToTheGoodOneWhenItComesBack) {
  settings_.pool.downloaders = 20;
  settings_.politeness.retries = 10;
  add_pages(300);
  MonoTime down{};
  good_answer_ = [&, asked = 0]() mutable {
    if (++asked == 100) down = now_;
    return asked >= 100 && now_ - down < seconds(20) ? AttemptResult{Cause::connection_lost} : kFine;
  };
  EXPECT_LE(run(good_, [](const ImageTask&) { return kDead; }), seconds(90));
}

TEST_F(Neighbours, ThatAreSlowLeaveTheGoodOneItsShare) {
  settings_.pool.downloaders = 20;
  for (std::int64_t host = 2; host <= 5; ++host) add(host * 1000, host * 1000 + 999, host);
  add(1, 400);
  EXPECT_LE(run(400,
                [](const ImageTask&) {
                  return Answer{kFine, seconds(5)};
                }),
            seconds(11))
      << "a fifth of the slots";
}

TEST_F(Neighbours, DoNotHoldUpAHostThatIsAskedWithPauses) {
  settings_.pool.downloaders = 20;
  settings_.politeness.host_gap = milliseconds(50);
  add_pages(300);
  EXPECT_LE(run(good_, [](const ImageTask&) { return kDead; }), seconds(21)) << "alone it takes 20 s";
}

TEST_F(Neighbours, LeaveOneSlotToo) {
  settings_.pool.downloaders = 1;
  add_pages(300);
  EXPECT_LE(run(good_, [](const ImageTask&) { return kDead; }), seconds(80)) << "alone it takes 40 s";
}

}  // namespace
}  // namespace doutu
