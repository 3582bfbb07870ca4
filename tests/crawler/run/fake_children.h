// FakeChildren: a ChildHost whose children are objects in the test's own thread. They work: fetchers put pages into
// lanes, downloaders take them into a ledger that outlives them and answer as the real ones do, and all of them die of
// SIGKILL. A test looks at what they were told, holds them up, or lets them die.
#pragma once

#include <algorithm>
#include <csignal>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "crawler/children/child_host.h"
#include "tests/crawler/run/fake_loop.h"

namespace doutu {

/// One child, dead or alive.
class FakeProcess {
 public:
  FakeProcess(FakeLoop& loop, ChildRole its_role, std::uint64_t its_generation, ChildEvents events)
      : role(its_role), generation(its_generation), loop_(loop), events_(std::move(events)) {}

  const ChildRole role;
  const std::uint64_t generation;  ///< Of a fetcher's lane.
  StatsPage stats;
  std::vector<Message> told;  ///< By the parent.
  std::vector<int> signals;
  bool is_alive = true;
  bool is_closed = false;   ///< By the parent.
  bool is_stopped = false;  ///< By SIGSTOP: does nothing until SIGCONT.
  bool beats = true;
  bool exits_when_closed = true;

  /// Of what it was told: those of one kind.
  template <class Kind>
  [[nodiscard]] std::vector<const Kind*> told_of() const {
    std::vector<const Kind*> found;
    for (const Message& message : told) {
      if (const auto* kind = std::get_if<Kind>(&message)) found.push_back(kind);
    }
    return found;
  }
  [[nodiscard]] bool got(int signal) const { return std::count(signals.begin(), signals.end(), signal) > 0; }

  void say(Message message);
  void die(Exit exit);
  void crash() { die({.signal = SIGSEGV}); }
  void be_killed() { die({.signal = SIGKILL}); }

 private:
  friend class FakeChildren;
  friend class FakeChild;

  FakeLoop& loop_;
  ChildEvents events_;
  bool is_let_go_ = false;  ///< Nobody listens any more.
};

class FakeChildren final : public ChildHost {
 public:
  explicit FakeChildren(FakeLoop& loop);

  Result<NewChild> start(ChildRole role, ChildEvents events) override;
  [[nodiscard]] bool wait_for_doubt(std::function<void()> then) override;
  void drop_doubts() override { doubts_dropped += std::exchange(doubts_, 0); }

  // What the test decides.

  /// How the ledger records a page. By default with 5 images.
  std::function<PageRecorded(std::uint64_t page, std::uint32_t attempt)> outcome = [](auto page, auto attempt) {
    return PageRecorded{.page = page, .attempt = attempt, .http_status = 200, .images = 5};
  };
  bool beat_from_the_start = true;  ///< Children that are started from now on.
  bool fetchers_wait = false;       ///< They keep a page in hand until put().
  bool downloaders_wait = false;    ///< They record nothing until record().
  /// Instead of what a child does with a message; true: it was dealt with.
  std::function<bool(FakeProcess&, const Message&)> instead = [](FakeProcess&, const Message&) { return false; };
  /// Asked before a start.
  std::function<std::optional<Error>(ChildRole)> no_room = [](ChildRole) { return std::nullopt; };

  /// The fetcher puts its page into the lane, and says so.
  void put(FakeProcess& fetcher);
  /// The downloader takes what is in the lanes into the ledger.
  void record();
  /// A downloader has a question for a decoder.
  void doubt();

  // What the test sees.

  /// All that were started in that role, in order.
  [[nodiscard]] std::vector<FakeProcess*> all(ChildRole role) const;
  [[nodiscard]] FakeProcess& fetcher(std::size_t number = 0) const { return *alive(ChildRole::fetcher).at(number); }
  [[nodiscard]] FakeProcess& downloader() const { return *alive(ChildRole::downloader).at(0); }
  [[nodiscard]] std::vector<FakeProcess*> alive(ChildRole role) const;
  /// Pages by the attempt that the ledger has.
  [[nodiscard]] const std::map<std::uint64_t, PageRecorded>& ledger() const { return ledger_; }
  /// What was said to whom, in order: "fetcher FetchPage".
  std::vector<std::string> said;
  int doubts_dropped = 0;

 private:
  friend class FakeChild;

  void deliver(FakeProcess& process, Message message);
  void answer(FakeProcess& fetcher, const Message& message);
  void answer_as_downloader(FakeProcess& downloader, const Message& message);
  void take_assigned(FakeProcess& downloader, const PageAssigned& page);
  void take(FakeProcess& downloader);
  void hold_to_its_word(FakeProcess& downloader, const PagePut& page);
  void enter(FakeProcess& downloader, const PageRecorded& page);

  FakeLoop& loop_;
  std::vector<std::unique_ptr<FakeProcess>> processes_;
  std::uint64_t last_generation_ = 0;
  std::map<std::uint64_t, std::vector<FetchPage>> lanes_;  ///< What fetchers have put, by generation.
  std::map<std::uint64_t, PageRecorded> ledger_;
  std::vector<PageAssigned> assigned_;  ///< To the downloader that runs.
  std::function<void()> on_doubt_;
  int doubts_ = 0;
};

}  // namespace doutu
