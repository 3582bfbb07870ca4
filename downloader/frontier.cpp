#include "downloader/frontier.h"

#include <algorithm>
#include <random>
#include <utility>

namespace doutu {
namespace {

/// Host ids are row numbers, so one bit each is little; a number beyond this is not remembered (2 MB).
constexpr std::size_t kMaxRememberedHosts = std::size_t{1} << 24U;

/// So many answers to others between two times that an image is throttled cost it an attempt. A server that limits
/// rates throttles now this one, now that one; being one of a few for five times in a row is no bad luck.
constexpr std::uint64_t kManyAnswers = 20;

}  // namespace

Frontier::Frontier(const CrawlSettings& settings, std::function<void()> on_work)
    : settings_(settings), on_work_(std::move(on_work)), random_(std::random_device{}() | 1U) {}

Frontier::~Frontier() = default;

// --- The ledger thread.

void Frontier::add(ImageJob job) {
  Lock lock(mutex_);
  if (held_.contains(job.id)) return;
  if (!hosts_.contains(job.host) && (more_hosts_ || hosts_.size() >= kMaxHosts)) {
    more_hosts_ = true;
    return;
  }
  Host& host = host_of(job.host);
  if (host.window.admit(job.id, room_of(host)) == HostWindow::Fate::hold) hold(host, std::move(job));
  settle(host);
  unlock_and_wake(std::move(lock));
}

void Frontier::set_suspects(std::vector<std::int64_t> ids) {
  const Lock lock(mutex_);
  suspects_ = {ids.begin(), ids.end()};
}

std::vector<Frontier::Refill> Frontier::wanted_refills() {
  const Lock lock(mutex_);
  std::vector<Refill> wanted;
  const std::size_t most = low_.size() * kWindow <= kMaxHeld ? kWindow : kLeastWindow;
  for (const std::int64_t id : std::exchange(low_, {})) {
    Host& host = hosts_.at(id);
    host.in_low = false;
    const std::size_t room = std::min(room_of(host), most);
    if (room == 0 || !host.window.has_more()) continue;
    host.window.ask();
    wanted.push_back({id, host.window.cursor(), room});
  }
  return wanted;
}

void Frontier::refill(const Refill& asked, std::vector<ImageJob> jobs) {
  Lock lock(mutex_);
  Host& host = host_of(asked.host);
  const std::int64_t last_id = jobs.empty() ? asked.after_id : jobs.back().id;
  const auto rest = jobs.size() < asked.room ? HostWindow::Rest::none : HostWindow::Rest::more;
  host.window.refilled(asked.after_id, last_id, rest);
  for (ImageJob& job : jobs) {
    if (!held_.contains(job.id)) hold(host, std::move(job));
  }
  settle(host);
  unlock_and_wake(std::move(lock));
}

void Frontier::expect_hosts() {
  const Lock lock(mutex_);
  more_hosts_ = true;
}

bool Frontier::wants_hosts() const {
  const Lock lock(mutex_);
  return more_hosts_ && hosts_.size() < kMaxHosts / 2;
}

void Frontier::meet(std::span<const std::int64_t> hosts) {
  const Lock lock(mutex_);
  more_hosts_ = hosts.size() >= kMaxHosts;
  for (const std::int64_t id : hosts) {
    if (hosts_.contains(id)) continue;
    Host& host = host_of(id);
    host.window.expect_more();
    settle(host);
  }
}

void Frontier::committed(std::span<const std::int64_t> outcomes) {
  Lock lock(mutex_);
  uncommitted_ -= std::min(uncommitted_, outcomes.size());
  for (const std::int64_t image : outcomes) held_.erase(image);
  unlock_and_wake(std::move(lock));
}

void Frontier::set_paused(bool paused) {
  Lock lock(mutex_);
  paused_ = paused;
  unlock_and_wake(std::move(lock));
}

void Frontier::stop() {
  const Lock lock(mutex_);
  stopped_ = true;
}

// --- The transfer loops.

std::optional<ImageJob> Frontier::next(MonoTime now, Wait& wait) {
  const Lock lock(mutex_);
  now_ = std::max(now_, now);
  wait = {};
  if (may_give()) {
    fire_timers();
    while (!ready_.empty()) {
      Host& host = *ready_.front();
      if (host.window.has_due(now_) && host.schedule.may_start_at(now_) <= now_) {
        if (auto job = take(host)) return job;
        break;  // A suspect waits for the others to end.
      }
      ready_.pop_front();
      host.in_ready = false;
      settle(host);
    }
    wait = first_timer();
  } else if (uncommitted_ >= kMaxUncommitted) {
    wait.reason = ImageWait::commit;
  }
  starving_ = true;
  told_ = wait.until;
  return std::nullopt;
}

Verdict Frontier::finished(ImageJob job, const AttemptResult& result, MonoTime now) {
  Lock lock(mutex_);
  now_ = std::max(now_, now);
  Host& host = hosts_.at(job.host);
  auto cost = HostSchedule::Cost::attempt;
  if (job.given_up == Cause::none) {
    cost = host.schedule.finished(result, job.ticket, now_);
  } else {
    host.schedule.put_back(job.ticket);
  }
  count_bytes(host, result.bytes);
  job_ended(job);
  suspects_.erase(job.id);
  const Verdict verdict = judge(host, std::move(job), result, cost);
  ++uncommitted_;
  settle(host);
  unlock_and_wake(std::move(lock));
  return verdict;
}

void Frontier::put_back(ImageJob job, MonoTime now) {
  Lock lock(mutex_);
  now_ = std::max(now_, now);
  Host& host = hosts_.at(job.host);
  host.schedule.put_back(job.ticket);
  job_ended(job);
  host.window.hold_first(std::move(job));
  settle(host);
  unlock_and_wake(std::move(lock));
}

std::size_t Frontier::in_flight() const {
  const Lock lock(mutex_);
  return in_flight_;
}

bool Frontier::runs_low() const {
  const Lock lock(mutex_);
  return starving_ || held_.size() < kFullBatch + in_flight_ + uncommitted_;
}

// --- Under the mutex.

Frontier::Host& Frontier::host_of(std::int64_t id) {
  const auto found = hosts_.find(id);
  if (found != hosts_.end()) return found->second;
  const auto index = static_cast<std::size_t>(id);
  const bool known = index < has_answered_.size() && has_answered_[index];
  const auto past = known ? HostSchedule::Past::has_answered : HostSchedule::Past::unknown;
  return hosts_.try_emplace(id, id, HostSchedule(settings_, past)).first->second;
}

std::size_t Frontier::room_of(const Host& host) const {
  const std::size_t most = held_.size() < kMaxHeld ? kWindow : kLeastWindow;
  return most - std::min(most, host.window.size() + host.schedule.in_flight());
}

void Frontier::hold(Host& host, ImageJob job) {
  held_.insert(job.id);
  host.window.hold(std::move(job));
}

std::optional<ImageJob> Frontier::take(Host& host) {
  if (!suspects_.empty() && suspects_.contains(host.window.front().id)) {
    if (in_flight_ > 0) return std::nullopt;
    suspect_in_flight_ = true;
  }
  ImageJob job = host.window.take();
  job.given_up = is_over_limit(host) ? Cause::host_limit : host.schedule.given_up(now_);
  job.ticket = host.schedule.started(now_);
  ++in_flight_;
  ready_.pop_front();
  host.in_ready = false;
  settle(host);  // Behind the other hosts: each has its turn.
  return job;
}

void Frontier::count_bytes(const Host& host, std::uint64_t bytes) {
  if (settings_.max_host_bytes > 0 && bytes > 0) bytes_[host.id] += bytes;
}

bool Frontier::is_over_limit(const Host& host) const {
  const auto found = bytes_.find(host.id);
  return found != bytes_.end() && found->second >= settings_.max_host_bytes;
}

Verdict Frontier::judge(Host& host, ImageJob job, const AttemptResult& result, HostSchedule::Cost cost) {
  using Kind = ImageOutcome::Kind;
  if (result.cause == Cause::none) return {Kind::fetched, job.attempts + 1, {}};
  if (job.given_up != Cause::none) return {Kind::failed, job.attempts, {}};
  if (is_throttled_alone(host, job, result)) cost = HostSchedule::Cost::attempt;
  if (cost == HostSchedule::Cost::nothing) return try_again_at_no_cost(host, std::move(job));
  ++job.attempts;
  const bool last = job.attempts > settings_.retries || host.schedule.was_last_try(result);
  if (last || !is_temporary(result.cause, result.http_status)) return {Kind::failed, job.attempts, {}};
  job.not_before = now_ + retry_delay(settings_, job.attempts, random(), result.retry_after);
  const Verdict verdict{Kind::retry, job.attempts, job.not_before};
  host.window.hold(std::move(job));
  return verdict;
}

/// Its host has answered many others since it was throttled last: that is the image's own trouble.
bool Frontier::is_throttled_alone(const Host& host, ImageJob& job, const AttemptResult& result) {
  if (!is_throttling(result)) return false;
  const std::uint64_t before = std::exchange(job.answers, host.schedule.answers());
  return job.throttled++ > 0 && job.answers - before >= kManyAnswers;
}

Verdict Frontier::try_again_at_no_cost(Host& host, ImageJob job) {
  const MonoTime may_start = host.schedule.may_start_at(now_);
  job.not_before = {};
  const Verdict verdict{ImageOutcome::Kind::retry, job.attempts,
                        may_start == MonoTime::max() ? now_ : std::max(may_start, now_)};
  // The next time it comes alone. If that is too much for the server too, it is about this image, maybe for ever:
  // behind the others it holds none of them up.
  job.throttled > 1 ? host.window.hold(std::move(job)) : host.window.hold_first(std::move(job));
  return verdict;
}

void Frontier::settle(Host& host) {
  if (host.window.has_more() && !host.window.is_asked() && !host.in_low && room_of(host) > 0 &&
      room_of(host) >= host.window.size() + host.schedule.in_flight()) {
    host.in_low = true;
    low_.push_back(host.id);
  }
  if (host.in_ready) return;  // Judged again when its turn comes.
  const bool due = host.window.has_due(now_);
  const MonoTime start = host.schedule.may_start_at(now_);
  if (due && start <= now_) {
    set_timer(host, MonoTime::max());
    host.in_ready = true;
    ready_.push_back(&host);
  } else if (host.window.size() > 0) {
    set_timer(host, start == MonoTime::max() || due ? start : std::max(start, host.window.next_due()));
  } else if (host.schedule.in_flight() == 0 && !host.in_low && !host.window.has_more() && !host.window.is_asked()) {
    set_timer(host, host.schedule.forget_at());
    if (host.schedule.forget_at() <= now_) forget(host);
  }
}

void Frontier::set_timer(Host& host, MonoTime time) {
  if (host.timer) timers_.erase(*host.timer);
  host.timer.reset();
  if (time != MonoTime::max()) host.timer = timers_.emplace(time, &host);
}

void Frontier::fire_timers() {
  while (!timers_.empty() && timers_.begin()->first <= now_) {
    Host& host = *timers_.begin()->second;
    set_timer(host, MonoTime::max());
    settle(host);
  }
}

Frontier::Wait Frontier::first_timer() const {
  if (timers_.empty()) return {};
  const auto& [time, host] = *timers_.begin();
  if (host->window.size() == 0) return {time};  // It is to be forgotten then.
  return {time, host->schedule.may_start_at(now_) < time ? ImageWait::retry : host->schedule.waits_for(now_)};
}

void Frontier::forget(Host& host) {
  set_timer(host, MonoTime::max());
  const auto index = static_cast<std::size_t>(host.id);
  if (host.schedule.has_answered() && index < kMaxRememberedHosts) {
    if (has_answered_.size() <= index) has_answered_.resize(index + 1);
    has_answered_[index] = true;
  }
  hosts_.erase(host.id);
}

void Frontier::job_ended(const ImageJob& job) {
  --in_flight_;
  if (suspects_.contains(job.id)) suspect_in_flight_ = false;
}

void Frontier::unlock_and_wake(Lock lock) {
  const bool wake =
      starving_ && may_give() && (!ready_.empty() || (!timers_.empty() && timers_.begin()->first < told_));
  if (wake) starving_ = false;
  lock.unlock();
  if (wake && on_work_) on_work_();
}

bool Frontier::may_give() const {
  return !stopped_ && !paused_ && !suspect_in_flight_ && uncommitted_ < kMaxUncommitted;
}

std::uint32_t Frontier::random() {
  random_ ^= random_ << 13U;  // xorshift32 (Marsaglia 2003): spreads retries, nothing more.
  random_ ^= random_ >> 17U;
  random_ ^= random_ << 5U;
  return random_;
}

}  // namespace doutu
