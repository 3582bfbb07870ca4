// Frontier's hosts, under its mutex: who is known, what waits where, and whose turn it is.
#include <algorithm>
#include <utility>

#include "downloader/schedule/frontier.h"
#include "shared/url/url.h"

namespace doutu {
namespace {

ImageWait image_wait(HostSchedule::Wait wait) {
  switch (wait) {
    case HostSchedule::Wait::throttled:
      return ImageWait::throttled;
    case HostSchedule::Wait::outage:
      return ImageWait::outage;
    case HostSchedule::Wait::gap:
      return ImageWait::gap;
  }
  return ImageWait::none;
}

std::uint32_t most_in_flight(const CrawlSettings& settings) {
  return settings.politeness.max_per_host == 0 ? settings.pool.downloaders : settings.politeness.max_per_host;
}

}  // namespace

Frontier::Host* Frontier::known(std::int64_t id) const {
  const auto found = by_id_.find(id);
  return found == by_id_.end() ? nullptr : found->second;
}

Frontier::Host& Frontier::host_of(const HostRow& row) {
  auto found = hosts_.find(row.name);
  if (found == hosts_.end()) {
    const auto past = answered_.contains(row) ? HostSchedule::Past::has_answered : HostSchedule::Past::unknown;
    found = hosts_.try_emplace(row.name, row.name, HostSchedule(settings_, past, {.most = most_in_flight(settings_)}))
                .first;
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

Frontier::Host& Frontier::host_of(const ImageTask& task) {
  return *by_id_.at(task.detour.host != 0 ? task.detour.host : task.host);
}

Frontier::Host& Frontier::own_host_of(const ImageTask& task) {
  Host* const home = known(task.host);
  return home != nullptr ? *home : host_of({task.host, url_authority(task.url)});
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

void Frontier::hold(Host& host, ImageTask task) {
  held_.insert(task.id);
  host.window.hold(std::move(task));
}

void Frontier::hold_back(Host& host, ImageTask task) {
  begin_detour(task);
  host.window.hold_first(std::move(task));
}

bool Frontier::has_room_for_detour(const ImageTask& task, const std::string& to) const {
  const auto host = hosts_.find(to);
  const std::int64_t id = host == hosts_.end() ? 0 : host->second.id != 0 ? host->second.id : host->second.alias;
  return detours_.has_room(task.host, id);
}

void Frontier::begin_detour(const ImageTask& task) {
  if (task.detour.host != 0) detours_.add(task.host, task.detour.host);
}

void Frontier::end_detour(const ImageTask& task) {
  if (task.detour.host != 0) detours_.remove(task.host, task.detour.host);
}

/// Asked when its turn has come: what was so when it began to wait may have passed.
bool Frontier::may_start(Host& host) {
  return host.group() == group_of(host) && host.window.has_due(now_) && host.schedule.may_start_at(now_) <= now_;
}

bool Frontier::has_stale_detour(const Host& host) const {
  const ImageTask& task = host.window.front();
  const Detour& detour = task.detour;
  return detour.host != 0 && !task.asked_again && now_ - detour.since > kDetourKept &&
         host.group() != Slots::Group::untried;
}

void Frontier::send_back(Host& from) {
  ImageTask task = from.window.take();
  end_detour(task);
  task.detour = {};
  task.asked_again = true;
  Host& home = own_host_of(task);
  home.window.hold_first(std::move(task));
  settle(home);
}

std::optional<ImageTask> Frontier::take(Host& host) {
  if (!suspects_.empty() && suspects_.contains(host.window.front().id)) {
    if (in_flight_ > 0) return std::nullopt;
    suspect_in_flight_ = true;
  }
  ImageTask task = host.window.take();
  end_detour(task);
  task.given_up = is_over_limit(host) ? NamedCause{Cause::host_limit} : host.schedule.given_up(now_);
  request_started(host, task);
  settle(host);
  return task;
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
  if (host->schedule.may_start_at(now_) >= time) return {time, image_wait(host->schedule.wait_reason(now_))};
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

}  // namespace doutu
