#include "downloader/transfer/transfer_loop.h"

#include <boost/asio/post.hpp>
#include <memory>
#include <system_error>
#include <utility>

#include "shared/base/log.h"
#include "shared/base/system_limits.h"

namespace doutu {
namespace {

/// Well under the time after which a silent thread counts as dead.
constexpr milliseconds kBeat{500};
/// Between two looks whether the system has again what was wanting.
constexpr milliseconds kReopenEvery{1000};

std::int64_t wall_time_of(MonoTime time, MonoTime now) {
  return wall_milliseconds() + std::chrono::duration_cast<milliseconds>(time - now).count();
}

/// By the robots.txt of the host where the image is.
NamedCause why_forbidden(const ImageTask& task) {
  if (task.no_robots.cause != Cause::none) return task.no_robots;
  if (task.robots == nullptr) return {};
  const bool is_allowed = task.robots->allows(task.detour.url.empty() ? task.url : task.detour.url);
  return {is_allowed ? Cause::none : Cause::robots};
}

}  // namespace

TransferLoop::TransferLoop(const Shared& shared, std::size_t index, Slots slots)
    : shared_(shared),
      index_(index),
      headers_(shared.settings.http, {"Accept-Encoding: identity"}),
      doubts_(io_, shared.doubts),
      multi_(io_, slots.connections, [this](CURL* easy, CURLcode code) {
        Slot* slot = nullptr;
        curl_easy_getinfo(easy, CURLINFO_PRIVATE, &slot);
        follow(*slot, slot->transfer.hop_ended(code));
      }) {
  const auto answered = [this](const ImageTask& task) { shared_.frontier.answered(task, mono_now()); };
  const auto hold = [this](CURL* easy, MonoTime until) { multi_.hold(easy, until); };
  const ImageTransfer::Shared common{shared_.settings, shared_.guard, headers_,           shared_.cookies,
                                     shared_.logins,   tls_sessions_, shared_.sink,       answered,
                                     shared_.budget,   hold,          shared_.half_images};
  for (std::size_t i = slots.count; i-- > 0;) {
    slots_.push_back(std::make_unique<Slot>(common, slots.first + i));
    free_.push_back(slots_.back().get());
  }
  beat();
  thread_ = std::jthread([this] { run(); });
}

TransferLoop::~TransferLoop() {
  boost::asio::post(io_, [this] { break_off(); });
}

void TransferLoop::wake() {
  if (woken_.exchange(true)) return;
  boost::asio::post(io_, [this] {
    woken_ = false;
    pull();
  });
}

void TransferLoop::run() {
  pthread_setname_np(pthread_self(), ("transfer-" + std::to_string(index_)).c_str());
  pull();
  io_.run();
}

void TransferLoop::beat() {
  shared_.stats.beats.at(index_ + 1).store(to_nanoseconds(mono_now()), std::memory_order_relaxed);
  beat_timer_.expires_after(kBeat);
  beat_timer_.async_wait([this](const boost::system::error_code& error) {
    if (error) return;
    beat();
    if (shared_.budget.is_limited()) end_overdue();
  });
}

/// curl's own clock would count the time that transfers are held.
void TransferLoop::end_overdue() {
  const MonoTime now = mono_now();
  for (const auto& slot : slots_) {
    if (!slot->busy || !slot->transfer.is_overdue(now)) continue;
    multi_.remove(slot->transfer.easy());
    follow(*slot, slot->transfer.time_is_up());
  }
}

// --- Images come in.

void TransferLoop::pull() {
  while (!free_.empty()) {
    Frontier::Wait wait;
    auto task = shared_.frontier.next(mono_now(), wait);
    if (!task && shared_.frontier.in_flight() == 0) shared_.outcomes.wake();  // Nothing more comes for now.
    if (!task) return sleep(wait);
    if (task->given_up.cause != Cause::none) {
      fail_untried(*std::move(task));
      continue;
    }
    if (const NamedCause why = why_forbidden(*task); why.cause != Cause::none) {
      fail_forbidden(*std::move(task), why);
      continue;
    }
    Slot& slot = *free_.back();
    free_.pop_back();
    start(slot, *std::move(task));
  }
}

void TransferLoop::sleep(const Frontier::Wait& wait) {
  shared_.stats.wait.store(wait.reason, std::memory_order_relaxed);
  shared_.stats.wait_until_ns.store(to_nanoseconds(wait.until), std::memory_order_relaxed);
  if (wait.until == MonoTime::max()) {
    wake_timer_.cancel();
    return;
  }
  wake_timer_.expires_at(wait.until);
  wake_timer_.async_wait([this](const boost::system::error_code& error) {
    if (!error) pull();
  });
}

void TransferLoop::start(Slot& slot, ImageTask task) {
  slot.busy = true;
  shared_.stats.in_flight.at(slot.stats_index).store(task.id, std::memory_order_relaxed);
  shared_.stats.in_flight_count.fetch_add(1, std::memory_order_relaxed);
  slot.transfer.begin(std::move(task)) == ImageTransfer::Step::another_hop ? run(slot) : report(slot);
}

void TransferLoop::run(Slot& slot) {
  curl_easy_setopt(slot.transfer.easy(), CURLOPT_PRIVATE, &slot);
  multi_.add(slot.transfer.easy());
}

// --- Outcomes go out.

void TransferLoop::follow(Slot& slot, ImageTransfer::Step step) {
  switch (step) {
    case ImageTransfer::Step::another_hop:
      return run(slot);
    case ImageTransfer::Step::doubtful:
      return ask_a_decoder(slot);
    case ImageTransfer::Step::elsewhere:
      redirected(slot);
      break;
    case ImageTransfer::Step::robots_read:
      robots_read(slot);
      break;
    case ImageTransfer::Step::ended:
      report(slot);
      break;
    case ImageTransfer::Step::disk_refused:
      disk_refused(slot);
      break;
    case ImageTransfer::Step::wanting:
      wanting(slot);
      break;
  }
  pull();
}

/// The slot waits with the image.
void TransferLoop::ask_a_decoder(Slot& slot) {
  const ImageOutcome doubtful = slot.transfer.outcome();
  const auto answered = [this, &slot](Wholeness wholeness) { follow(slot, slot.transfer.decoded(wholeness)); };
  auto file = slot.transfer.open_doubtful();
  Status asked =
      file ? doubts_.ask(doubtful.id, doubtful.facts.type, *std::move(file), answered) : Status(file.error());
  if (!asked) follow(slot, slot.transfer.not_decoded(asked.error().code));
}

void TransferLoop::redirected(Slot& slot) {
  ImageTask task = vacate(slot);
  shared_.frontier.redirected(std::move(task), mono_now());
}

void TransferLoop::robots_read(Slot& slot) {
  auto rules = std::make_shared<RobotsRules>(slot.transfer.robots());
  shared_.frontier.robots_read(vacate(slot), std::move(rules), mono_now());
}

void TransferLoop::report(Slot& slot) {
  ImageOutcome outcome = slot.transfer.outcome();
  const AttemptResult result = slot.transfer.result();
  const MonoTime now = mono_now();
  const Verdict verdict = shared_.frontier.finished(vacate(slot), result, now);
  outcome.kind = verdict.kind;
  outcome.attempts = verdict.attempts;
  if (verdict.kind == ImageOutcome::Kind::retry) outcome.next_attempt_ms = wall_time_of(verdict.next_attempt, now);
  if (!verdict.notice.empty()) log_warning("{}", verdict.notice);
  shared_.outcomes.push(std::move(outcome));
}

void TransferLoop::fail_untried(ImageTask task) {
  ImageOutcome outcome = ImageOutcome::of(task);
  outcome.cause = task.given_up.cause;
  outcome.http_status = task.given_up.http_status;
  outcome.final_url = task.detour.url;
  const Verdict verdict = shared_.frontier.finished(std::move(task), {outcome.cause}, mono_now());
  outcome.kind = verdict.kind;
  outcome.attempts = verdict.attempts;
  shared_.outcomes.push(std::move(outcome));
}

void TransferLoop::fail_forbidden(ImageTask task, const NamedCause& why) {
  ImageOutcome outcome = ImageOutcome::of(task);
  outcome.cause = why.cause;
  outcome.http_status = why.http_status;
  outcome.final_url = task.detour.url;
  const Verdict verdict = shared_.frontier.forbidden(std::move(task), mono_now());
  outcome.kind = verdict.kind;
  outcome.attempts = verdict.attempts;
  shared_.outcomes.push(std::move(outcome));
}

void TransferLoop::disk_refused(Slot& slot) {
  const int code = slot.transfer.system_error();
  shared_.frontier.set_paused(true);
  shared_.frontier.put_back(vacate(slot), mono_now());
  shared_.disk_error = code;
  shared_.outcomes.wake();
}

/// Want of a descriptor or a thread bounds how many images are in flight; this image is not at fault. A downloader
/// that cannot have even one in flight gives way to another.
void TransferLoop::wanting(Slot& slot) {
  const int code = slot.transfer.system_error();
  shared_.frontier.put_back(vacate(slot), mono_now());
  free_.pop_back();
  closed_.slots.push_back(&slot);
  if (shared_.frontier.in_flight() == 0)
    throw std::system_error(code, std::generic_category(), "no image can be fetched");
  if (!shared_.told_of_want.exchange(true)) {
    log_warning("{}; continuing with fewer images at a time", error_with_limit("a transfer", code).message);
  }
  closed_.reopened_next = 1;
  reopen_later();
}

/// One, then two, then four, ..., until the next is refused.
void TransferLoop::reopen_later() {
  reopen_timer_.expires_after(kReopenEvery);
  reopen_timer_.async_wait([this](const boost::system::error_code& error) {
    if (error) return;
    for (std::size_t i = std::exchange(closed_.reopened_next, 2 * closed_.reopened_next);
         i > 0 && !closed_.slots.empty(); --i) {
      free_.push_back(closed_.slots.back());
      closed_.slots.pop_back();
    }
    if (!closed_.slots.empty()) reopen_later();
    pull();
  });
}

ImageTask TransferLoop::vacate(Slot& slot) {
  slot.busy = false;
  free_.push_back(&slot);
  shared_.stats.in_flight.at(slot.stats_index).store(0, std::memory_order_relaxed);
  shared_.stats.in_flight_count.fetch_sub(1, std::memory_order_relaxed);
  return slot.transfer.release();
}

void TransferLoop::break_off() {
  for (const auto& slot : slots_) {
    if (!slot->busy) continue;
    multi_.remove(slot->transfer.easy());
    shared_.frontier.put_back(vacate(*slot), mono_now());
  }
  shared_.stats.beats.at(index_ + 1).store(0, std::memory_order_relaxed);  // Its silence means nothing from here on.
  io_.stop();
}

}  // namespace doutu
