#include "crawler/run/fetcher_place.h"

#include <array>
#include <csignal>
#include <utility>

#include "shared/base/check.h"
#include "shared/base/enum_table.h"

namespace doutu {
namespace {

using S = PlaceState;
constexpr std::optional<S> kNo = std::nullopt;

struct StateRow {
  S key;
  std::array<std::optional<S>, enumerators<PlaceEvent>()> after;  ///< Each event, in the order of the enum.
};
// clang-format off
constexpr EnumTable kTable{std::to_array<StateRow>({
    //               started       ready      page_given   killed     exited     delayed        delay_over
    {S::vacant,     {S::starting, kNo,       kNo,         kNo,       kNo,       S::restarting, kNo}},
    {S::restarting, {kNo,         kNo,       kNo,         kNo,       kNo,       kNo,           S::vacant}},
    {S::starting,   {kNo,         S::idle,   kNo,         S::killed, S::vacant, kNo,           kNo}},
    {S::idle,       {kNo,         kNo,       S::fetching, S::killed, S::vacant, kNo,           kNo}},
    {S::fetching,   {kNo,         S::idle,   kNo,         S::killed, S::vacant, kNo,           kNo}},
    {S::killed,     {kNo,         S::killed, kNo,         S::killed, S::vacant, kNo,           kNo}},
})};
// clang-format on

}  // namespace

std::optional<PlaceState> next_state(PlaceState state, PlaceEvent event) {
  return kTable[state].after.at(static_cast<std::size_t>(event));
}

void FetcherPlace::move(PlaceEvent event) {
  const auto next = next_state(state_, event);
  DOUTU_CHECK(next.has_value());
  state_ = *next;
}

void FetcherPlace::take(NewChild& started) {
  move(PlaceEvent::started);
  child_ = std::move(started.child);
  generation_ = started.generation;
  started_ = loop_.now();
  worked_ = false;
  why_killed_ = Kill::none;
  ++starts_;
}

void FetcherPlace::give(FetchPage page) {
  move(PlaceEvent::page_given);
  asked_ = 0;
  page_ = page.task.id;
  page_given_ = loop_.now();
  child_->send(std::move(page));
}

void FetcherPlace::prepare(Prepare request) {
  move(PlaceEvent::page_given);
  asked_ = 0;
  page_ = kNoPage;
  page_given_ = loop_.now();
  is_preparing_ = true;
  child_->send(std::move(request));
}

bool FetcherPlace::tell_cookies(std::string cookies, std::uint32_t most) {
  if (asked_++ == most) return false;
  child_->send(CookiesTold{std::move(cookies)});
  return true;
}

std::optional<std::uint64_t> FetcherPlace::become_ready() {
  move(PlaceEvent::ready);
  // One that was killed before it was ready, and was ready after all, is not to blame.
  worked_ = worked_ || page_.has_value() || state_ == PlaceState::killed;
  return std::exchange(page_, std::nullopt);
}

void FetcherPlace::kill(Kill why) {
  worked_ = worked_ || is_up();
  move(PlaceEvent::killed);
  if (why_killed_ == Kill::none) why_killed_ = why;
  child_->signal(SIGKILL);
}

/// One that died of a page had come as far as its first job; the page's strikes bound how often. Nor is one that was
/// ready and was killed to blame for it.
FetcherDeath FetcherPlace::exit(const Exit& exit) {
  const bool was_silent = why_killed_ == Kill::silent;
  const bool by_sigkill = exit.signal == SIGKILL;
  const bool crashed = exit.is_crash() || exit.signal == 0 || was_silent;
  worked_ = worked_ || page_.has_value() || (is_up() && by_sigkill);
  move(PlaceEvent::exited);
  child_.reset();
  is_preparing_ = false;
  return {.generation = generation_,
          .page = std::exchange(page_, std::nullopt),
          .too_slow = why_killed_ == Kill::too_slow || exit.signal == SIGXCPU,
          .death = crashed ? Strikes::Death::crash : Strikes::Death::killed,
          .delay = restarts_.after_death(
              worked_ ? RestartPolicy::Worked::yes : RestartPolicy::Worked::no,
              by_sigkill && !was_silent ? RestartPolicy::Killed::from_outside : RestartPolicy::Killed::no)};
}

void FetcherPlace::delay(Duration delay, std::function<void()> then) {
  move(PlaceEvent::delayed);
  timer_->set(loop_.now() + delay, [this, then = std::move(then)] {
    move(PlaceEvent::delay_over);
    then();
  });
}

}  // namespace doutu
