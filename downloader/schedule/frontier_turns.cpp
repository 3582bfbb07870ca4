// Frontier's turns, under its mutex: what waits where, and whose turn it is.
#include <algorithm>
#include <utility>

#include "downloader/schedule/frontier.h"
#include "shared/crawl/page_task.h"
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

}  // namespace

Frontier::Host& Frontier::host_of(const ImageTask& task) {
  return hosts_.at(task.detour.host != 0 ? task.detour.host : task.host);
}

Frontier::Host& Frontier::own_host_of(const ImageTask& task) {
  Host* const home = hosts_.find(task.host);
  return home != nullptr ? *home : hosts_.add({task.host, url_authority(task.url)});
}

void Frontier::note(Host& host, HostSchedule::Sign sign) {
  slots_.leave(host);
  host.schedule.note(sign, now_);
  slots_.regroup(host, group_of(host));
  settle(host);
}

std::size_t Frontier::room_of(const Host& host) const {
  const std::size_t most = in_hand_.size() < kMaxHeld ? kWindow : kLeastWindow;
  return most - std::min(most, host.window.size() + host.schedule.in_flight());
}

void Frontier::hold(Host& host, ImageTask task) {
  in_hand_.hold(task.id);
  host.window.hold(std::move(task));
}

void Frontier::hold_back(Host& host, ImageTask task) {
  begin_detour(task);
  host.window.hold_first(std::move(task));
}

bool Frontier::has_room_for_detour(const ImageTask& task, const std::string& to) {
  const Host* const host = hosts_.find(to);
  return detours_.has_room(task.host, host == nullptr ? 0 : host->number());
}

void Frontier::begin_detour(const ImageTask& task) {
  if (task.detour.host != 0) detours_.add(task.host, task.detour.host);
}

void Frontier::end_detour(const ImageTask& task) {
  if (task.detour.host != 0) detours_.remove(task.host, task.detour.host);
}

/// Asked when its turn has come: what was so when it began to wait may have passed.
bool Frontier::may_start(Host& host) {
  return host.group() == group_of(host) && host.window.has_due(now_) && may_start_at(host) <= now_;
}

/// Only one image at a time asks for a robots.txt: others would ask for the same one.
MonoTime Frontier::may_start_at(Host& host) {
  const bool is_one_there = host.schedule.in_flight() > 0 && host.window.has_due(now_);
  const bool obeys = is_one_there && obeys_robots(host.window.front().spot.page, settings_.politeness.robots);
  if (obeys && hosts_.robots_of(host, now_) == nullptr) return MonoTime::max();
  return host.schedule.may_start_at(now_);
}

void Frontier::see_to_robots(const Host& host, ImageTask& task) {
  task.robots = hosts_.robots_of(host, now_);
  task.asks_robots = task.robots == nullptr;
  const bool was_in_vain = task.asks_robots && now_ < host.no_robots.until;
  task.no_robots = was_in_vain ? host.no_robots.cause : NamedCause{};
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
  if (!in_hand_.may_start(host.window.front().id)) return std::nullopt;
  ImageTask task = host.window.take();
  end_detour(task);
  task.given_up = hosts_.is_over_limit(host) ? NamedCause{Cause::host_limit} : host.schedule.given_up(now_);
  if (obeys_robots(task.spot.page, settings_.politeness.robots)) see_to_robots(host, task);
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
  const MonoTime start = may_start_at(host);
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
  if (host.schedule.given_up(now_).cause != Cause::none || hosts_.is_over_limit(host)) return Slots::Group::untried;
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
  hosts_.forget(host);
}

}  // namespace doutu
