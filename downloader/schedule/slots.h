// Slots: which of the hosts that may start gets the next free slot, so that bad neighbours hold up no good host. A
// value: it is told what starts and ends, does no I/O and asks no clock. The frontier holds one under its mutex. Each
// call costs the logarithm of the number of hosts that wait.
//
// Rules:
//   1. A host is sound or doubtful: strange while it has not answered yet, missing when it answers no more
//      (HostSchedule::is_missing()). All doubtful hosts together hold at most a quarter of the slots. They may have all
//      when no sound host waits, and has not for a grace: what they take then is gone for as long as a connection may
//      take, and a sound host that pauses (its gap, a throttle, the next page) would find nothing left. Missing and
//      strange hosts take turns: one that comes back is found soon, however many strangers there are. Of the strange,
//      every second turn goes to the one with the most images: it may be well, and many wait for it.
//   2. Where a quarter is less than one slot, they hold one, for a quarter of the time that is held in all.
//   3. Among sound hosts, and among doubtful ones, the one that holds the fewest slots comes first: nobody holds more
//      than his share while others wait, and one alone may hold all. Among equals it is the one that has held slots for
//      the shortest time so far, so that quick hosts do not wait in turn behind many slow ones.
//   4. The last quarter of the slots is for the quickest of the sound hosts, or hosts that answer once and then hang
//      would hold all. Each of these goes to the host of the shortest mean time per request. The mean is over the
//      requests that have ended, the next one, and those that hold such a slot; of the last two each counts as a grace.
//      So a host must show first that it is quick, and hosts that are equally quick share.
//   5. Images that fail without a request need no slot. They take turns with those that do.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <set>

#include "shared/base/clock.h"

namespace doutu {

class Slots {
 public:
  enum class Group : std::uint8_t { sound, missing, strange, untried };

  /// What is known here of a host. It lives as long as the host waits or holds a slot.
  class Place {
   public:
    Place() = default;
    Place(const Place&) = delete;
    Place& operator=(const Place&) = delete;
    [[nodiscard]] bool waits() const { return waits_; }
    [[nodiscard]] Group group() const { return group_; }

   private:
    friend class Slots;
    std::uint32_t held_ = 0;           ///< Slots.
    Duration time_{};                  ///< For which it has held slots, beside those of its group.
    std::uint64_t turn_ = 0;           ///< Its last one,
    std::uint64_t left_ = 0;           ///< and the last one of anybody when it waited or held one.
    std::uint32_t held_as_quick_ = 0;  ///< Of those that it holds.
    std::uint32_t ended_ = 0;          ///< Requests in all,
    Duration spent_{};                 ///< and what they took.
    Duration pace_{};                  ///< Rule 4, while it waits.
    std::size_t images_ = 0;           ///< That wait.
    Group group_ = Group::strange;
    bool waits_ = false;
  };

  /// grace: how long the doubtful leave the slots of sound hosts free.
  Slots(std::size_t slots, Duration grace);

  /// The host may start, and belongs to this group.
  void wait(Place& place, Group group);
  void leave(Place& place);
  /// So many of its images wait.
  void count(Place& place, std::size_t images);
  /// Sets the group of a host that does not wait, and of the slots that it holds.
  void regroup(Place& place, Group group);
  /// The host whose turn it is; nullptr: none may start now.
  [[nodiscard]] Place* next(MonoTime now) const;
  /// When next() gives a doubtful host that waits, without a call from outside. MonoTime::max(): none waits for that.
  [[nodiscard]] MonoTime opens_at() const;
  /// The host that next() gave: it waits no more. Untried, it holds no slot.
  void started(Place& place, MonoTime now);
  /// One of its slots is free again, held for so long. It does not wait.
  void ended(Place& place, Duration held, MonoTime now);
  /// The same of a slot in which nothing was asked: that tells nothing of the host.
  void given_back(Place& place);
  /// A sound host may soon want slots.
  void expect_sound(MonoTime now);

 private:
  /// Slots.
  struct Held {
    std::size_t all = 0;
    std::size_t by_doubtful = 0;
    std::size_t as_quick = 0;
  };
  /// For which hosts have held slots.
  struct Time {
    Duration of_sound{};
    Duration of_doubtful{};
  };
  /// Whose turn was the last one.
  struct LastTurn {
    bool was_untried = false;
    bool was_missing = false;    ///< Of the doubtful hosts.
    bool was_by_images = false;  ///< Of the strange hosts.
  };

  struct ComesFirst {
    bool operator()(const Place* a, const Place* b) const;
  };
  struct IsQuicker {
    bool operator()(const Place* a, const Place* b) const;
  };
  struct HasMore {
    bool operator()(const Place* a, const Place* b) const;
  };
  using Queue = std::set<Place*, ComesFirst>;

  [[nodiscard]] Queue& queue(Group group) { return queues_.at(static_cast<std::size_t>(group)); }
  [[nodiscard]] const Queue& queue(Group group) const { return queues_.at(static_cast<std::size_t>(group)); }
  [[nodiscard]] Duration& floor(Group group) { return floors_.at(static_cast<std::size_t>(group)); }
  [[nodiscard]] Place* next_to_hold(MonoTime now) const;
  [[nodiscard]] Place* next_sound() const;
  [[nodiscard]] Place* next_doubtful() const;
  [[nodiscard]] bool is_for_the_quickest() const;
  [[nodiscard]] bool have_their_share() const;

  const std::size_t slots_;
  const Duration grace_;
  std::array<Queue, 4> queues_;
  std::set<Place*, IsQuicker> quick_;    ///< The sound ones that wait.
  std::set<Place*, HasMore> by_images_;  ///< The strange ones that wait.
  Held held_;
  Time time_;
  /// Of each group: what that host had held which got the last turn and held none.
  std::array<Duration, 4> floors_{};
  MonoTime quiet_at_{};  ///< The grace is over, if no sound host waits.
  std::uint64_t turns_ = 0;
  LastTurn last_;
};

}  // namespace doutu
