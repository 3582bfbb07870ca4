#include "downloader/frontier.h"

#include <algorithm>
#include <random>
#include <utility>

#include "shared/http/url.h"

namespace doutu {
namespace {

/// A host waits so long for one that was sent home before it sends another.
constexpr seconds kDetourPause{1};

/// So long waits who redirects when too many redirects wait.
constexpr seconds kFullPause{5};

/// What a redirect is to the host that it comes from: an answer.
constexpr AttemptResult kRedirect{Cause::http_status, 302};

/// For so long the slots of sound hosts stay free for them: half the time for which one is lost to a host that does not
/// answer, beyond the pause that the user asks for.
Duration grace_of(const CrawlSettings& settings) { return settings.connect_timeout / 2 + settings.host_gap; }

}  // namespace

Frontier::Frontier(const CrawlSettings& settings, std::function<void()> on_work)
    : settings_(settings),
      on_work_(std::move(on_work)),
      slots_(settings.downloaders, grace_of(settings)),
      random_(std::random_device{}() | 1U) {}

Frontier::~Frontier() = default;

// --- The ledger thread.

void Frontier::answered(std::span<const std::string> hosts, MonoTime now) {
  if (hosts.empty()) return;
  Lock lock(mutex_);
  now_ = std::max(now_, now);
  slots_.expect_sound(now_);  // The page's images may follow.
  for (const std::string& name : hosts) {
    answered_.add(name);
    const auto found = hosts_.find(name);
    if (found != hosts_.end()) note(found->second, HostSchedule::Sign::page);
  }
  unlock_and_wake(std::move(lock));
}

void Frontier::add(ImageJob job) {
  Lock lock(mutex_);
  if (held_.contains(job.id)) return;
  if (known(job.host) == nullptr && !has_room_for({job.host, url_authority(job.url)})) {
    more_hosts_ = true;
    return;
  }
  Host& host = home_of(job);
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
    Host& host = *by_id_.at(id);
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
  Host& host = *by_id_.at(asked.host);
  const std::int64_t last_id = jobs.empty() ? asked.after_id : jobs.back().id;
  const auto rest = jobs.size() < asked.room ? HostWindow::Rest::none : HostWindow::Rest::more;
  host.window.refilled(asked.after_id, last_id, rest);
  for (ImageJob& job : jobs) {
    if (!held_.contains(job.id)) hold(host, std::move(job));
  }
  settle(host);
  unlock_and_wake(std::move(lock));
}

void Frontier::expect_hosts(std::span<const HostRow> answered) {
  const Lock lock(mutex_);
  for (const HostRow& row : answered) answered_.add(row);
  more_hosts_ = true;
}

bool Frontier::wants_hosts() const {
  const Lock lock(mutex_);
  return more_hosts_ && rows_ < kMaxHosts / 2;
}

std::int64_t Frontier::hosts_after() const {
  const Lock lock(mutex_);
  return met_;
}

void Frontier::meet(std::span<const HostRow> hosts) {
  const Lock lock(mutex_);
  const bool is_last = hosts.size() < kMaxHosts;
  more_hosts_ = !is_last || met_ > 0;  // Those before may be pending again.
  met_ = is_last ? 0 : hosts.back().id;
  for (const HostRow& row : hosts) {
    if (known(row.id) != nullptr) continue;
    Host& host = host_of(row);
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
    while (Slots::Place* place = slots_.next(now_)) {
      Host& host = static_cast<Host&>(*place);
      if (!may_start(host)) {
        slots_.leave(host);
        settle(host);
      } else if (has_stale_detour(host)) {
        send_home(host);  // One at a time: it is back at once if it still leads here.
        slots_.leave(host);
        set_timer(host, now_ + kDetourPause);
      } else {
        if (auto job = take(host)) return job;
        break;  // A suspect waits for the others to end.
      }
    }
    wait = until_next();
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
  Host& host = host_of(job);
  const auto cost = request_ended(host, job, &result);
  if (is_throttling(result) && cost != HostSchedule::Cost::alone) host.window.throttled();
  count_bytes(host, result.bytes);
  suspects_.erase(job.id);
  const Verdict verdict = judge(host, std::move(job), result, cost);
  ++uncommitted_;
  settle(host);
  unlock_and_wake(std::move(lock));
  return verdict;
}

void Frontier::answered(const ImageJob& job, MonoTime now) {
  Lock lock(mutex_);
  now_ = std::max(now_, now);
  note(host_of(job), HostSchedule::Sign::first_byte);
  unlock_and_wake(std::move(lock));
}

void Frontier::redirected(ImageJob job, MonoTime now) {
  Lock lock(mutex_);
  now_ = std::max(now_, now);
  Host& from = host_of(job);
  (void)request_ended(from, job, &kRedirect);
  if (const std::string to = url_authority(job.detour.url); has_room_for_detour(job, to)) {
    Host& host = host_of({0, to});
    job.detour.host = host.id != 0 ? host.id : host.alias;
    job.detour.since = now_;
    job.not_before = {};
    hold_back(host, std::move(job));
    settle(host);
  } else {
    from.schedule.pause(now_ + kFullPause);
    job.detour = {};
    job.not_before = now_ + kFullPause;
    Host& home = home_of(job);
    home.window.hold(std::move(job));
    settle(home);
  }
  settle(from);
  unlock_and_wake(std::move(lock));
}

void Frontier::put_back(ImageJob job, MonoTime now) {
  Lock lock(mutex_);
  now_ = std::max(now_, now);
  Host& host = host_of(job);
  (void)request_ended(host, job, nullptr);
  hold_back(host, std::move(job));
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

Frontier::Host* Frontier::known(std::int64_t id) const {
  const auto found = by_id_.find(id);
  return found == by_id_.end() ? nullptr : found->second;
}

Frontier::Host& Frontier::host_of(const HostRow& row) {
  auto found = hosts_.find(row.name);
  if (found == hosts_.end()) {
    const auto past = answered_.contains(row) ? HostSchedule::Past::has_answered : HostSchedule::Past::unknown;
    found = hosts_.try_emplace(row.name, row.name, HostSchedule(settings_, past)).first;
  }
  Host& host = found->second;
  // Two rows of one name: the ledger is damaged, and that must not end the crawl.
  if (row.id != 0 && host.id != 0 && host.id != row.id)
    return host_of({row.id, row.name + '#' + std::to_string(row.id)});
  if (row.id != 0 && host.id == 0) {
    host.id = row.id;
    ++rows_;
    by_id_[host.id] = &host;
    if (more_hosts_) host.window.expect_more();
  } else if (row.id == 0 && host.id == 0 && host.alias == 0) {
    host.alias = --last_alias_;
    by_id_[host.alias] = &host;
  }
  return host;
}

Frontier::Host& Frontier::host_of(const ImageJob& job) {
  return *by_id_.at(job.detour.host != 0 ? job.detour.host : job.host);
}

Frontier::Host& Frontier::home_of(const ImageJob& job) {
  Host* const home = known(job.host);
  return home != nullptr ? *home : host_of({job.host, url_authority(job.url)});
}

/// A host that answers finds room among many that do not.
bool Frontier::has_room_for(const HostRow& row) const {
  if (hosts_.contains(row.name)) return true;
  if (answered_.contains(row)) return rows_ < kMaxHosts + kMaxHosts / 2;
  return !more_hosts_ && rows_ < kMaxHosts;
}

void Frontier::note(Host& host, HostSchedule::Sign sign) {
  slots_.leave(host);
  host.schedule.note(sign, now_);
  slots_.regroup(host, group_of(host));
  settle(host);
}

std::size_t Frontier::room_of(const Host& host) const {
  const std::size_t most = held_.size() < kMaxHeld ? kWindow : kLeastWindow;
  return most - std::min(most, host.window.size() + host.schedule.in_flight());
}

void Frontier::hold(Host& host, ImageJob job) {
  held_.insert(job.id);
  host.window.hold(std::move(job));
}

void Frontier::hold_back(Host& host, ImageJob job) {
  begin_detour(job);
  host.window.hold_first(std::move(job));
}

bool Frontier::has_room_for_detour(const ImageJob& job, const std::string& to) const {
  const auto host = hosts_.find(to);
  const std::int64_t id = host == hosts_.end() ? 0 : host->second.id != 0 ? host->second.id : host->second.alias;
  return detours_.has_room(job.host, id);
}

void Frontier::begin_detour(const ImageJob& job) {
  if (job.detour.host != 0) detours_.add(job.host, job.detour.host);
}

void Frontier::end_detour(const ImageJob& job) {
  if (job.detour.host != 0) detours_.remove(job.host, job.detour.host);
}

/// Asked when its turn has come: what was so when it began to wait may have passed.
bool Frontier::may_start(Host& host) {
  return host.group() == group_of(host) && host.window.has_due(now_) && host.schedule.may_start_at(now_) <= now_;
}

bool Frontier::has_stale_detour(const Host& host) const {
  const ImageJob& job = host.window.front();
  const Detour& detour = job.detour;
  return detour.host != 0 && !job.asked_again && now_ - detour.since > kDetourKept &&
         host.group() != Slots::Group::untried;
}

void Frontier::send_home(Host& from) {
  ImageJob job = from.window.take();
  end_detour(job);
  job.detour = {};
  job.asked_again = true;
  Host& home = home_of(job);
  home.window.hold_first(std::move(job));
  settle(home);
}

std::optional<ImageJob> Frontier::take(Host& host) {
  if (!suspects_.empty() && suspects_.contains(host.window.front().id)) {
    if (in_flight_ > 0) return std::nullopt;
    suspect_in_flight_ = true;
  }
  ImageJob job = host.window.take();
  end_detour(job);
  job.given_up = is_over_limit(host) ? NamedCause{Cause::host_limit} : host.schedule.given_up(now_);
  request_started(host, job);
  settle(host);
  return job;
}

void Frontier::request_started(Host& host, ImageJob& job) {
  job.is_first = !host.schedule.has_answered();
  job.ticket = host.schedule.started(now_);
  job.started = now_;
  slots_.started(host, now_);
  ++in_flight_;
}

/// Without a result it was broken off.
HostSchedule::Cost Frontier::request_ended(Host& host, ImageJob& job, const AttemptResult* result) {
  --in_flight_;
  if (suspects_.contains(job.id)) suspect_in_flight_ = false;
  slots_.leave(host);
  const bool was_tried = job.given_up.cause == Cause::none;
  if (was_tried) slots_.ended(host, now_ - job.started, now_);
  auto cost = HostSchedule::Cost::attempt;
  if (was_tried && result != nullptr) {
    const std::int64_t server = host.id != 0 ? host.id : host.alias;
    Refusals::Past here = job.refused.server == server ? job.refused : Refusals::Past{.server = server};
    cost = host.schedule.finished(*result, job.ticket, now_, here, answered_at_);
    if (is_throttling(*result)) job.refused = here;
    if (result->http_status != 0 && !is_throttling(*result)) answered_at_ = now_;
  } else {
    host.schedule.put_back(job.ticket);
  }
  slots_.regroup(host, group_of(host));
  return cost;
}

void Frontier::count_bytes(const Host& host, std::uint64_t bytes) {
  if (settings_.max_host_bytes > 0 && bytes > 0) bytes_[host.name] += bytes;
}

bool Frontier::is_over_limit(const Host& host) const {
  const auto found = bytes_.find(host.name);
  return found != bytes_.end() && found->second >= settings_.max_host_bytes;
}

Verdict Frontier::judge(Host& host, ImageJob job, const AttemptResult& result, HostSchedule::Cost cost) {
  using Kind = ImageOutcome::Kind;
  if (result.cause == Cause::none) return {Kind::fetched, job.attempts + 1, {}};
  if (job.given_up.cause != Cause::none) return {Kind::failed, job.attempts, {}};
  if (cost != HostSchedule::Cost::attempt) {
    const bool alone = cost == HostSchedule::Cost::alone;
    const milliseconds wait = alone ? retry_delay(settings_, job.refused.times, random()) : milliseconds(0);
    return try_again_at_no_cost(host, std::move(job), std::max(wait, believed(result)));
  }
  ++job.attempts;
  const bool last = job.attempts > settings_.retries || host.schedule.was_last_try(result);
  if (last || !is_temporary(result.cause, result.http_status)) return {Kind::failed, job.attempts, {}};
  job.not_before = now_ + std::max(retry_delay(settings_, job.attempts, random()), believed(result));
  const Verdict verdict{Kind::retry, job.attempts, job.not_before};
  job.detour = {};
  job.asked_again = false;
  Host& home = home_of(job);
  home.window.hold(std::move(job));
  settle(home);
  return verdict;
}

/// What an image waits for, beyond what its host does: what it was told, and no more than images wait at all. One that
/// alone is told nonsense would hold up the end of the crawl.
milliseconds Frontier::believed(const AttemptResult& result) const {
  return std::min(result.retry_after, std::chrono::floor<seconds>(settings_.retry_wait_max));
}

Verdict Frontier::try_again_at_no_cost(Host& host, ImageJob job, milliseconds wait) {
  const MonoTime may_start = host.schedule.may_start_at(now_);
  job.not_before = wait > milliseconds(0) ? now_ + wait : MonoTime{};
  const Verdict verdict{ImageOutcome::Kind::retry, job.attempts,
                        std::max({may_start == MonoTime::max() ? now_ : may_start, now_, job.not_before})};
  // Where a server throttles, it may be about this image, maybe for ever: behind the others it holds none of them up.
  if (job.refused.times > 0) {
    begin_detour(job);
    host.window.hold(std::move(job));
  } else {
    hold_back(host, std::move(job));
  }
  return verdict;
}

void Frontier::settle(Host& host) {
  if (host.window.has_more() && !host.window.is_asked() && !host.in_low && room_of(host) > 0 &&
      room_of(host) >= host.window.size() + host.schedule.in_flight()) {
    host.in_low = true;
    low_.push_back(host.id);
  }
  slots_.count(host, host.window.size());
  if (host.waits()) return;  // Judged again when its turn comes.
  const bool due = host.window.has_due(now_);
  const MonoTime start = host.schedule.may_start_at(now_);
  if (due && start <= now_) {
    set_timer(host, MonoTime::max());
    slots_.wait(host, group_of(host));
  } else if (host.window.size() > 0) {
    set_timer(host, start == MonoTime::max() || due ? start : std::max(start, host.window.next_due()));
  } else if (host.schedule.in_flight() == 0 && !host.in_low && !host.window.has_more() && !host.window.is_asked()) {
    set_timer(host, host.schedule.forget_at());
    if (host.schedule.forget_at() <= now_) forget(host);
  }
}

Slots::Group Frontier::group_of(const Host& host) const {
  if (host.schedule.given_up(now_).cause != Cause::none || is_over_limit(host)) return Slots::Group::untried;
  return worth_of(host);
}

Slots::Group Frontier::worth_of(const Host& host) const {
  if (!host.schedule.is_known()) return Slots::Group::strange;
  return host.schedule.is_missing(now_) ? Slots::Group::missing : Slots::Group::sound;
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
  if (host->schedule.may_start_at(now_) >= time) return {time, host->schedule.waits_for(now_)};
  return {time, host->window.next_was_told_to_wait() ? ImageWait::throttled : ImageWait::retry};
}

/// Until a host may start whose time comes, or the doubtful may have what the sound do not take.
Frontier::Wait Frontier::until_next() const {
  const Wait wait = first_timer();
  const MonoTime opens = slots_.opens_at();
  return opens > now_ && opens < wait.until ? Wait{opens} : wait;
}

void Frontier::forget(Host& host) {
  set_timer(host, MonoTime::max());
  if (host.schedule.is_known()) answered_.add({host.id, host.name});
  if (host.id != 0) --rows_;
  by_id_.erase(host.id);
  by_id_.erase(host.alias);
  hosts_.erase(hosts_.find(host.name));
}

void Frontier::unlock_and_wake(Lock lock) {
  const bool wake =
      starving_ && may_give() && (slots_.next(now_) != nullptr || (!timers_.empty() && timers_.begin()->first < told_));
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
