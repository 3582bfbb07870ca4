#include "downloader/schedule/frontier.h"

#include <algorithm>
#include <random>
#include <utility>

#include "shared/url/url.h"

namespace doutu {
namespace {

/// A host waits so long for one that was sent back before it sends another.
constexpr seconds kDetourPause{1};

/// So long waits who redirects when too many redirects wait.
constexpr seconds kFullPause{5};

/// What a redirect is to the host that it comes from: an answer.
constexpr AttemptResult kRedirect{Cause::http_status, 302};

/// So is its robots.txt, also where it has none.
constexpr AttemptResult kRobots{Cause::http_status, 404};

/// For so long the slots of sound hosts stay free for them: half the time for which one is lost to a host that does not
/// answer, beyond the pause that the user asks for.
Duration grace_of(const CrawlSettings& settings) {
  return settings.http.connect_timeout / 2 + settings.politeness.host_gap;
}

}  // namespace

Frontier::Frontier(const CrawlSettings& settings, std::function<void()> on_work)
    : settings_(settings),
      on_work_(std::move(on_work)),
      hosts_(settings_),
      slots_(settings.pool.downloaders, grace_of(settings)),
      random_(std::random_device{}() | 1U) {}

Frontier::~Frontier() = default;

// --- The ledger thread.

void Frontier::answered(std::span<const std::string> hosts, MonoTime now) {
  if (hosts.empty()) return;
  MutexLock lock(mutex_);
  now_ = std::max(now_, now);
  slots_.expect_sound(now_);  // The page's images may follow.
  for (const std::string& name : hosts) {
    hosts_.note_answered(name);
    if (Host* const host = hosts_.find(name)) note(*host, HostSchedule::Sign::page);
  }
  unlock_and_wake(lock);
}

void Frontier::add(ImageTask task) {
  MutexLock lock(mutex_);
  if (in_hand_.contains(task.id)) return;
  if (hosts_.find(task.host) == nullptr && !hosts_.has_room_for({task.host, url_authority(task.url)})) {
    hosts_.expect_more();
    return;
  }
  Host& host = own_host_of(task);
  if (host.window.admit(task.id, room_of(host)) == HostWindow::Fate::hold) hold(host, std::move(task));
  settle(host);
  unlock_and_wake(lock);
}

void Frontier::set_suspects(const std::vector<std::int64_t>& ids) {
  const MutexLock lock(mutex_);
  in_hand_.set_suspects(ids);
}

std::vector<Frontier::Refill> Frontier::wanted_refills() {
  const MutexLock lock(mutex_);
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

void Frontier::refill(const Refill& asked, std::vector<ImageTask> tasks) {
  MutexLock lock(mutex_);
  Host& host = hosts_.at(asked.host);
  const std::int64_t last_id = tasks.empty() ? asked.after_id : tasks.back().id;
  const auto rest = tasks.size() < asked.room ? HostWindow::Rest::none : HostWindow::Rest::more;
  host.window.refilled(asked.after_id, last_id, rest);
  for (ImageTask& task : tasks) {
    if (!in_hand_.contains(task.id)) hold(host, std::move(task));
  }
  settle(host);
  unlock_and_wake(lock);
}

void Frontier::expect_hosts(std::span<const HostRow> answered) {
  const MutexLock lock(mutex_);
  for (const HostRow& row : answered) hosts_.note_answered(row);
  hosts_.expect_more();
}

void Frontier::know_robots(const std::string& server, RobotsBook::Rules rules, MonoTime until) {
  MutexLock lock(mutex_);
  hosts_.note_robots(server, std::move(rules), until);
  if (Host* const host = hosts_.find(server)) settle(*host);
  unlock_and_wake(lock);
}

std::vector<ServerRobots> Frontier::take_robots_read() {
  const MutexLock lock(mutex_);
  return std::exchange(robots_read_, {});
}

bool Frontier::wants_hosts() const {
  const MutexLock lock(mutex_);
  return hosts_.wants_more();
}

std::int64_t Frontier::hosts_after() const {
  const MutexLock lock(mutex_);
  return hosts_.last_met();
}

void Frontier::add_hosts(std::span<const HostRow> hosts) {
  const MutexLock lock(mutex_);
  hosts_.met(hosts);
  for (const HostRow& row : hosts) {
    if (hosts_.find(row.id) != nullptr) continue;
    Host& host = hosts_.add(row);
    host.window.expect_more();
    settle(host);
  }
}

void Frontier::committed(std::span<const std::int64_t> outcomes) {
  MutexLock lock(mutex_);
  in_hand_.committed(outcomes);
  unlock_and_wake(lock);
}

void Frontier::set_paused(bool paused) {
  MutexLock lock(mutex_);
  gate_.is_paused = paused;
  unlock_and_wake(lock);
}

void Frontier::stop() {
  const MutexLock lock(mutex_);
  gate_.is_stopped = true;
}

// --- The transfer loops.

std::optional<ImageTask> Frontier::next(MonoTime now, Wait& wait) {
  const MutexLock lock(mutex_);
  now_ = std::max(now_, now);
  wait = {};
  if (may_give()) {
    fire_timers();
    while (Slots::Place* place = slots_.next(now_)) {
      Host& host = static_cast<Host&>(*place);
      if (!may_start(host)) {
        slots_.leave(host);
        settle(host);
      } else if (has_stale_detour(host)) {
        send_back(host);  // One at a time: it is back at once if it still leads here.
        slots_.leave(host);
        set_timer(host, now_ + kDetourPause);
      } else {
        if (auto task = take(host)) return task;
        break;  // A suspect waits for the others to end.
      }
    }
    wait = until_next();
  } else if (in_hand_.waits_for_commit()) {
    wait.reason = ImageWait::commit;
  }
  idle_loops_ = {true, wait.until};
  return std::nullopt;
}

Verdict Frontier::finished(ImageTask task, const AttemptResult& result, MonoTime now) {
  MutexLock lock(mutex_);
  now_ = std::max(now_, now);
  Host& host = host_of(task);
  const auto cost = request_ended(host, task, &result);
  if (is_throttling(result) && cost != HostSchedule::Cost::alone) host.window.throttled();
  hosts_.count_bytes(host, result.bytes);
  in_hand_.finished(task.id);
  const bool asked_robots = task.asks_robots && task.given_up.cause == Cause::none;
  Verdict verdict = judge(host, std::move(task), result, cost);
  if (asked_robots && verdict.kind == ImageOutcome::Kind::failed) {
    host.no_robots = {{result.cause, result.http_status}, now_ + settings_.politeness.retry_wait_max};
  }
  settle(host);
  unlock_and_wake(lock);
  return verdict;
}

void Frontier::answered(const ImageTask& task, MonoTime now) {
  MutexLock lock(mutex_);
  now_ = std::max(now_, now);
  note(host_of(task), HostSchedule::Sign::first_byte);
  unlock_and_wake(lock);
}

void Frontier::redirected(ImageTask task, MonoTime now) {
  MutexLock lock(mutex_);
  now_ = std::max(now_, now);
  Host& from = host_of(task);
  (void)request_ended(from, task, &kRedirect);
  if (const std::string to = url_authority(task.detour.url); has_room_for_detour(task, to)) {
    Host& host = hosts_.add({0, to});
    task.detour.host = host.number();
    task.detour.since = now_;
    task.not_before = {};
    hold_back(host, std::move(task));
    settle(host);
  } else {
    from.schedule.pause(now_ + kFullPause);
    task.detour = {};
    task.not_before = now_ + kFullPause;
    Host& home = own_host_of(task);
    home.window.hold(std::move(task));
    settle(home);
  }
  settle(from);
  unlock_and_wake(lock);
}

void Frontier::robots_read(ImageTask task, RobotsBook::Rules rules, MonoTime now) {
  MutexLock lock(mutex_);
  now_ = std::max(now_, now);
  Host& host = host_of(task);
  (void)request_ended(host, task, &kRobots);
  host.schedule.pause(task.started + rules->crawl_delay());
  robots_read_.push_back({host.name, rules});
  hosts_.note_robots(host.name, std::move(rules), now_ + RobotsBook::kKept);
  hold_back(host, std::move(task));
  settle(host);
  unlock_and_wake(lock);
}

Verdict Frontier::forbidden(ImageTask task, MonoTime now) {
  MutexLock lock(mutex_);
  now_ = std::max(now_, now);
  Host& host = host_of(task);
  in_hand_.ended(task.id);
  in_hand_.finished(task.id);
  slots_.leave(host);
  slots_.given_back(host);
  host.schedule.not_asked(task.ticket, now_);
  slots_.regroup(host, group_of(host));
  settle(host);
  unlock_and_wake(lock);
  return {ImageOutcome::Kind::failed, task.attempts, {}};
}

void Frontier::put_back(ImageTask task, MonoTime now) {
  MutexLock lock(mutex_);
  now_ = std::max(now_, now);
  Host& host = host_of(task);
  (void)request_ended(host, task, nullptr);
  hold_back(host, std::move(task));
  settle(host);
  unlock_and_wake(lock);
}

std::size_t Frontier::in_flight() const {
  const MutexLock lock(mutex_);
  return in_hand_.in_flight();
}

bool Frontier::runs_low() const {
  const MutexLock lock(mutex_);
  return idle_loops_.are_there || in_hand_.waiting() < kFullBatch;
}

// --- Under the mutex.

// Clang cannot follow a lock that is handed over.
void Frontier::unlock_and_wake(MutexLock& lock) DOUTU_NO_THREAD_ANALYSIS {
  const bool wake = wakes_now();
  lock.unlock();
  if (wake && on_work_) on_work_();
}

bool Frontier::wakes_now() {
  const bool wakes =
      idle_loops_.are_there && may_give() &&
      (slots_.next(now_) != nullptr || (!timers_.empty() && timers_.begin()->first < idle_loops_.look_at));
  if (wakes) idle_loops_.are_there = false;
  return wakes;
}

bool Frontier::may_give() const {
  return !gate_.is_stopped && !gate_.is_paused && !in_hand_.is_suspect_in_flight() && !in_hand_.waits_for_commit();
}

std::uint32_t Frontier::random() {
  random_ ^= random_ << 13U;  // xorshift32 (Marsaglia 2003): spreads retries, nothing more.
  random_ ^= random_ >> 17U;
  random_ ^= random_ << 5U;
  return random_;
}

}  // namespace doutu
