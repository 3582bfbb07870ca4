#include "tests/crawler/run/fake_children.h"

#include <algorithm>
#include <array>
#include <utility>

#include "shared/base/overloaded.h"

namespace doutu {
namespace {

constexpr std::array kRoleNames = {"downloader", "fetcher", "decoder"};

std::string kind_of(const Message& message) {
  return std::visit(Overloaded{
                        [](const FetchPage&) { return "FetchPage"; },
                        [](const PageAssigned&) { return "PageAssigned"; },
                        [](const PagePut&) { return "PagePut"; },
                        [](const LaneOpened&) { return "LaneOpened"; },
                        [](const LaneClosed&) { return "LaneClosed"; },
                        [](const auto&) { return "other"; },
                    },
                    message);
}

}  // namespace

/// What the crawl holds of a FakeProcess.
class FakeChild final : public Child {
 public:
  FakeChild(FakeChildren& children, FakeProcess& process) : children_(children), process_(process) {}
  FakeChild(const FakeChild&) = delete;
  FakeChild& operator=(const FakeChild&) = delete;
  ~FakeChild() override { process_.is_alive = false, process_.is_let_go_ = true; }

  void send(Message message, std::vector<int> /*fds*/) override {
    if (process_.is_closed) return;
    children_.loop_.post(
        [this_children = &children_, process = &process_, held = std::make_shared<Message>(std::move(message))] {
          this_children->deliver(*process, std::move(*held));
        });
  }
  void close() override {
    if (std::exchange(process_.is_closed, true)) return;
    if (process_.exits_when_closed) process_.die({.status = 0});
  }
  void signal(int number) override {
    process_.signals.push_back(number);
    if (number == SIGKILL) process_.be_killed();
    if (number == SIGSTOP) process_.is_stopped = true;
    if (number == SIGCONT) process_.is_stopped = false;
  }
  void allow_processor_time(seconds /*more*/) override {}

  [[nodiscard]] pid_t pid() const override { return 0; }
  [[nodiscard]] const StatsPage& stats() const override { return process_.stats; }

 private:
  FakeChildren& children_;
  FakeProcess& process_;
};

void FakeProcess::say(Message message) {
  loop_.post([this, held = std::make_shared<Message>(std::move(message))] {
    if (!is_let_go_ && !is_closed) events_.on_message(*held);
  });
}

void FakeProcess::die(Exit exit) {
  if (!std::exchange(is_alive, false)) return;
  loop_.post([this, exit] {
    if (!std::exchange(is_let_go_, true)) events_.on_exit(exit);
  });
}

FakeChildren::FakeChildren(FakeLoop& loop) : loop_(loop) {
  loop_.on_time = [this] {
    for (auto& process : processes_) {
      if (process->is_alive && process->beats && !process->is_stopped)
        process->stats.beats[0] = to_nanoseconds(loop_.now());
    }
  };
}

Result<NewChild> FakeChildren::start(ChildRole role, ChildEvents events) {
  if (auto error = no_room(role)) return *std::move(error);
  const std::uint64_t generation = role == ChildRole::fetcher ? ++last_generation_ : 0;
  if (role == ChildRole::downloader) assigned_.clear();
  processes_.push_back(std::make_unique<FakeProcess>(loop_, role, generation, std::move(events)));
  processes_.back()->beats = beat_from_the_start;
  return NewChild{std::make_unique<FakeChild>(*this, *processes_.back()), {}, generation};
}

bool FakeChildren::wait_for_doubt(std::function<void()> then) {
  on_doubt_ = std::move(then);
  if (doubts_ > 0) loop_.post(std::exchange(on_doubt_, nullptr));
  return true;
}

void FakeChildren::doubt() {
  ++doubts_;
  if (on_doubt_) loop_.post(std::exchange(on_doubt_, nullptr));
}

std::vector<FakeProcess*> FakeChildren::all(ChildRole role) const {
  std::vector<FakeProcess*> found;
  for (const auto& process : processes_) {
    if (process->role == role) found.push_back(process.get());
  }
  return found;
}

std::vector<FakeProcess*> FakeChildren::alive(ChildRole role) const {
  std::vector<FakeProcess*> found = all(role);
  std::erase_if(found, [](const FakeProcess* process) { return !process->is_alive; });
  return found;
}

void FakeChildren::deliver(FakeProcess& process, Message message) {
  if (!process.is_alive) return;
  said.push_back(std::string(kRoleNames.at(static_cast<std::size_t>(process.role))) + " " + kind_of(message));
  process.told.push_back(std::move(message));
  const Message& last = process.told.back();
  if (instead(process, last)) return;
  if (process.role == ChildRole::fetcher) answer(process, last);
  if (process.role == ChildRole::downloader) answer_as_downloader(process, last);
}

void FakeChildren::answer(FakeProcess& fetcher, const Message& message) {
  if (std::holds_alternative<Configure>(message)) fetcher.say(Ready{});
  if (!std::holds_alternative<FetchPage>(message)) return;
  fetcher.stats.state = FetcherState::fetching;
  if (!fetchers_wait) put(fetcher);
}

void FakeChildren::put(FakeProcess& fetcher) {
  lanes_[fetcher.generation].push_back(*fetcher.told_of<FetchPage>().back());
  if (!downloaders_wait) record();
  fetcher.stats.state = FetcherState::idle;
  fetcher.say(Ready{});
}

void FakeChildren::record() {
  for (FakeProcess* downloader : alive(ChildRole::downloader)) take(*downloader);
}

void FakeChildren::answer_as_downloader(FakeProcess& downloader, const Message& message) {
  std::visit(Overloaded{
                 [&](const BeginJob&) { downloader.say(Ready{}); },
                 [&](const PageAssigned& page) { take_assigned(downloader, page); },
                 [&](const PagePut& page) { hold_to_its_word(downloader, page); },
                 [&](const LaneClosed& lane) {
                   take(downloader);
                   downloader.say(LaneDrained{lane.generation});
                 },
                 [&](const PageFailed& page) {
                   enter(downloader, {.page = page.task.id,
                                      .attempt = page.task.attempt,
                                      .cause = page.cause,
                                      .http_status = page.http_status});
                 },
                 [&](const NoMorePages&) { downloader.say(Settled{}); },
                 [](const auto&) {},
             },
             message);
}

/// What the ledger has it has, whoever took it there.
void FakeChildren::take_assigned(FakeProcess& downloader, const PageAssigned& page) {
  const auto known = ledger_.find(page.task.id);
  if (known != ledger_.end() && known->second.attempt == page.task.attempt) return downloader.say(known->second);
  assigned_.push_back(page);
  if (!downloaders_wait) take(downloader);
}

void FakeChildren::take(FakeProcess& downloader) {
  std::erase_if(assigned_, [&](const PageAssigned& page) {
    const auto& lane = lanes_[page.generation];
    const bool is_there = std::ranges::any_of(lane, [&](const FetchPage& put) { return put.task == page.task; });
    if (is_there) enter(downloader, outcome(page.task.id, page.task.attempt));
    return is_there;
  });
}

void FakeChildren::hold_to_its_word(FakeProcess& downloader, const PagePut& page) {
  const auto& lane = lanes_[page.generation];
  if (std::ranges::any_of(lane, [&](const FetchPage& put) { return put.task.id == page.page; })) return;
  enter(downloader, {.page = page.page, .attempt = page.attempt, .cause = Cause::bad_records});
}

void FakeChildren::enter(FakeProcess& downloader, const PageRecorded& page) {
  ledger_[page.page] = page;
  downloader.stats.found += page.images;
  downloader.stats.saved += page.images;
  downloader.say(page);
}

}  // namespace doutu
