#include "downloader/schedule/slots.h"

#include <gtest/gtest.h>

#include <array>
#include <map>
#include <memory>
#include <stdexcept>
#include <utility>
#include <vector>

namespace doutu {
namespace {

using Group = Slots::Group;

constexpr Duration kGrace = seconds(5);

/// Hosts of which each has no end of images, and takes its own time for each.
class Crowd {
 public:
  struct Host {
    Group group = Group::sound;
    Duration takes{};
    std::size_t served = 0;
    std::size_t held = 0;
    Slots::Place place{};
  };

  explicit Crowd(std::size_t slots) : free_(slots), slots_(slots, kGrace) {}

  Host& add(Group group, Duration takes) {
    hosts_.push_back(std::make_unique<Host>());
    hosts_.back()->group = group;
    hosts_.back()->takes = takes;
    slots_.wait(hosts_.back()->place, group);
    return *hosts_.back();
  }
  void add(std::size_t count, Group group, Duration takes) {
    for (std::size_t i = 0; i < count; ++i) add(group, takes);
  }
  void run(Duration time) {
    const MonoTime until = now_ + time;
    for (fill(); !ends_.empty() && ends_.begin()->first <= until; fill()) {
      auto [end, host] = *ends_.begin();
      ends_.erase(ends_.begin());
      now_ = end;
      slots_.leave(host->place);
      slots_.ended(host->place, host->takes, now_);
      --host->held;
      ++host->served;
      ++free_;
      slots_.wait(host->place, host->group);
    }
    now_ = until;
  }
  [[nodiscard]] std::size_t held_by(Group group) const {
    std::size_t held = 0;
    for (const auto& host : hosts_) held += host->group == group ? host->held : 0;
    return held;
  }

 private:
  void fill() {
    while (free_ > 0) {
      Slots::Place* place = slots_.next(now_);
      if (place == nullptr) return;
      Host& host = host_at(*place);
      slots_.started(*place, now_);
      if (host.group == Group::untried) {
        ++host.served;
        if (host.served < 100) slots_.wait(host.place, host.group);
        continue;
      }
      --free_;
      ++host.held;
      ends_.emplace(now_ + host.takes, &host);
      slots_.wait(host.place, host.group);
    }
  }
  Host& host_at(const Slots::Place& place) {
    for (const auto& host : hosts_) {
      if (&host->place == &place) return *host;
    }
    throw std::logic_error("no such host");
  }

  MonoTime now_{seconds(1000)};
  std::size_t free_;
  Slots slots_;
  std::vector<std::unique_ptr<Host>> hosts_;
  std::multimap<MonoTime, Host*> ends_;
};

TEST(Slots, LeaveADoubtfulHostAQuarterWhileASoundOneWaits) {
  for (const auto& [slots, quarter] : {std::pair<std::size_t, std::size_t>{4, 1}, {20, 5}, {100, 25}}) {
    Crowd crowd(slots);
    crowd.add(300, Group::strange, seconds(10));
    crowd.add(Group::sound, milliseconds(100));
    crowd.run(seconds(60));
    EXPECT_EQ(crowd.held_by(Group::strange), quarter);
    EXPECT_EQ(crowd.held_by(Group::sound), slots - quarter);
  }
}

TEST(Slots, GiveMissingHostsEverySecondTurnOfTheDoubtful) {
  Crowd crowd(20);
  crowd.add(300, Group::strange, seconds(10));
  const Crowd::Host& missing = crowd.add(Group::missing, seconds(10));
  crowd.add(Group::sound, milliseconds(100));
  crowd.run(seconds(100));
  EXPECT_NEAR(static_cast<double>(missing.served), 25, 5) << "of fifty";
}

TEST(Slots, LeaveTheDoubtfulAllWhenNobodyElseWaits) {
  Crowd crowd(20);
  crowd.add(300, Group::strange, seconds(10));
  crowd.run(seconds(1));
  EXPECT_EQ(crowd.held_by(Group::strange), 20U);
}

TEST(Slots, LeaveTheDoubtfulAQuarterOfTheTimeWhereThereAreFewerThanFour) {
  for (const std::size_t slots : {1U, 2U, 3U}) {
    Crowd crowd(slots);
    crowd.add(300, Group::strange, seconds(10));
    const Crowd::Host& good = crowd.add(Group::sound, milliseconds(100));
    crowd.run(seconds(1000));
    EXPECT_NEAR(static_cast<double>(good.served), 7500.0 * static_cast<double>(slots),
                200.0 * static_cast<double>(slots));
  }
}

TEST(Slots, AreSharedEvenlyByHostsThatAnswer) {
  Crowd crowd(20);
  const Crowd::Host& quick = crowd.add(Group::sound, milliseconds(100));
  const Crowd::Host& slow = crowd.add(Group::sound, seconds(10));
  crowd.run(seconds(100));
  EXPECT_EQ(quick.held, 10U);
  EXPECT_EQ(slow.held, 10U);
}

TEST(Slots, LeaveTheQuickestAQuarterAmongHostsThatHang) {
  for (const std::size_t quick : {1U, 2U}) {
    Crowd crowd(40);
    std::vector<const Crowd::Host*> good;
    for (std::size_t i = 0; i < quick; ++i) good.push_back(&crowd.add(Group::sound, milliseconds(100)));
    crowd.run(seconds(1));
    crowd.add(300, Group::sound, seconds(1000));
    crowd.run(seconds(900));
    for (const Crowd::Host* host : good) {
      EXPECT_NEAR(static_cast<double>(host->served), 90'000.0 / static_cast<double>(quick), 1000);
    }
  }
}

TEST(Slots, LetSlowHostsHaveWhatIsNotTheQuickests) {
  Crowd crowd(20);
  for (int i = 0; i < 10; ++i) crowd.add(Group::sound, milliseconds(100));
  const Crowd::Host& slow = crowd.add(Group::sound, seconds(5));
  crowd.run(seconds(100));
  EXPECT_GE(slow.held, 1U);
  EXPECT_GE(slow.served, 19U);
}

TEST(Slots, AreOneHostsWhenItIsAlone) {
  Crowd crowd(20);
  const Crowd::Host& alone = crowd.add(Group::sound, seconds(10));
  crowd.run(seconds(1));
  EXPECT_EQ(alone.held, 20U);
}

TEST(Slots, AreSharedByTimeWhereThereAreMoreHosts) {
  Crowd crowd(20);
  crowd.add(30, Group::sound, seconds(10));
  const Crowd::Host& quick = crowd.add(Group::sound, milliseconds(100));
  crowd.run(seconds(300));
  // 20 slots for 31 hosts. In turn it would get one slot in 15 s.
  EXPECT_GT(quick.served, 300 / 0.1 * 20 / 31 * 0.8);
}

TEST(Slots, AreNotPaidBackToAHostThatComesBack) {
  Crowd crowd(1);
  const Crowd::Host& old = crowd.add(Group::sound, milliseconds(100));
  crowd.run(seconds(100));
  const std::size_t before = old.served;
  crowd.add(Group::sound, milliseconds(100));
  crowd.run(seconds(10));
  EXPECT_NEAR(static_cast<double>(old.served - before), 50, 2);
}

TEST(Slots, GiveUntriedImagesEverySecondTurn) {
  Crowd crowd(2);
  const Crowd::Host& untried = crowd.add(Group::untried, {});
  const Crowd::Host& good = crowd.add(Group::sound, milliseconds(100));
  crowd.run(seconds(1));
  EXPECT_GE(good.served, 18U);
  EXPECT_NEAR(static_cast<double>(untried.served), 20, 3);
}

TEST(Slots, StayFreeForASoundHostThatPauses) {
  Slots slots(8, kGrace);
  MonoTime now{seconds(1000)};
  Slots::Place sound;
  std::array<Slots::Place, 8> doubtful;
  slots.wait(sound, Group::sound);
  for (Slots::Place& place : doubtful) slots.wait(place, Group::strange);
  const auto give = [&] {
    Slots::Place* place = slots.next(now);
    if (place != nullptr) slots.started(*place, now);
    return place;
  };
  EXPECT_EQ(give(), doubtful.data());
  EXPECT_EQ(give(), &doubtful[1]);
  EXPECT_EQ(give(), &sound);
  EXPECT_EQ(give(), nullptr);
  EXPECT_EQ(slots.opens_at(), now + kGrace);
  now += seconds(1);
  slots.ended(sound, seconds(1), now);
  EXPECT_EQ(slots.opens_at(), now + kGrace) << "its images are not forgotten at once";
  slots.wait(sound, Group::sound);
  now += 2 * kGrace;
  EXPECT_EQ(give(), &sound);
  now += kGrace;
  EXPECT_EQ(give(), &doubtful[2]) << "it holds one, but asks for no more";
}

TEST(Slots, CountWhatAHostHoldsWhenItBecomesDoubtful) {
  Slots slots(8, kGrace);
  const MonoTime now{seconds(1000)};
  Slots::Place fallen;
  Slots::Place sound;
  Slots::Place doubtful;
  for (int i = 0; i < 3; ++i) {
    slots.wait(fallen, Group::sound);
    slots.started(fallen, now);
  }
  slots.regroup(fallen, Group::strange);
  slots.wait(sound, Group::sound);
  slots.wait(doubtful, Group::strange);
  EXPECT_EQ(slots.next(now), &sound) << "three of eight are more than a quarter";
  for (int i = 0; i < 2; ++i) slots.ended(fallen, seconds(30), now);
  EXPECT_EQ(slots.next(now), &doubtful);
}

}  // namespace
}  // namespace doutu
