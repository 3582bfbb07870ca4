// Frontier's attempts, under its mutex: what a request that begins or ends means for its host and its image.
#include <algorithm>
#include <utility>

#include "downloader/schedule/frontier.h"
#include "shared/base/escape.h"

namespace doutu {

void Frontier::request_started(Host& host, ImageTask& task) {
  task.is_first = !host.schedule.has_answered();
  task.ticket = host.schedule.started(now_, task.robots == nullptr ? milliseconds(0) : task.robots->crawl_delay());
  task.started = now_;
  slots_.started(host, now_);
  in_hand_.started(task.id);
}

/// Without a result it was broken off.
HostSchedule::Cost Frontier::request_ended(Host& host, ImageTask& task, const AttemptResult* result) {
  in_hand_.ended(task.id);
  slots_.leave(host);
  const bool was_tried = task.given_up.cause == Cause::none;
  if (was_tried) slots_.ended(host, now_ - task.started, now_);
  auto cost = HostSchedule::Cost::attempt;
  if (was_tried && result != nullptr) {
    Refusals::Past here = task.refused.server == host.number() ? task.refused : Refusals::Past{.server = host.number()};
    cost = host.schedule.finished(*result, task.ticket, now_, here, answered_at_);
    if (is_throttling(*result)) task.refused = here;
    if (result->http_status != 0 && !is_throttling(*result)) answered_at_ = now_;
  } else {
    host.schedule.put_back(task.ticket);
  }
  slots_.regroup(host, group_of(host));
  return cost;
}

Verdict Frontier::judge(Host& host, ImageTask task, const AttemptResult& result, HostSchedule::Cost cost) {
  using Kind = ImageOutcome::Kind;
  if (result.cause == Cause::none) {
    reach_notice_.came();
    return {Kind::fetched, task.attempts + 1, {}};
  }
  if (task.given_up.cause != Cause::none) return {Kind::failed, task.attempts, {}};
  if (cost != HostSchedule::Cost::attempt) {
    std::string notice = notice_of(task, result, cost);
    const bool alone = cost == HostSchedule::Cost::alone;
    const milliseconds wait = alone ? retry_delay(settings_.politeness, task.refused.times, random()) : milliseconds(0);
    Verdict verdict = try_again_at_no_cost(host, std::move(task),
                                           std::max(wait, believed_of_one(settings_.politeness, result.retry_after)));
    verdict.notice = std::move(notice);
    return verdict;
  }
  ++task.attempts;
  const bool last = task.attempts > settings_.politeness.retries || host.schedule.was_last_try(result);
  if (last || !is_temporary(result.cause, result.http_status)) return {Kind::failed, task.attempts, {}};
  std::string notice = notice_of(task, result, cost);
  task.not_before = now_ + std::max(retry_delay(settings_.politeness, task.attempts, random()),
                                    believed_of_one(settings_.politeness, result.retry_after));
  Verdict verdict{Kind::retry, task.attempts, task.not_before, std::move(notice)};
  task.detour = {};
  task.asked_again = false;
  Host& home = own_host_of(task);
  home.window.hold(std::move(task));
  settle(home);
  return verdict;
}

std::string Frontier::notice_of(const ImageTask& task, const AttemptResult& result, HostSchedule::Cost cost) {
  const Patience patience = patience_after(settings_.politeness, cost);
  const auto notice = reach_notice_.after({result.cause, result.http_status}, patience, now_);
  if (!notice) return {};
  return escape_url(task.detour.url.empty() ? task.url : task.detour.url) + ": " + *notice;
}

Verdict Frontier::try_again_at_no_cost(Host& host, ImageTask task, milliseconds wait) {
  const MonoTime may_start = host.schedule.may_start_at(now_);
  task.not_before = wait > milliseconds(0) ? now_ + wait : MonoTime{};
  const Verdict verdict{ImageOutcome::Kind::retry, task.attempts,
                        std::max({may_start == MonoTime::max() ? now_ : may_start, now_, task.not_before})};
  // Where a server throttles, it may be about this image, maybe for ever: behind the others it holds none of them up.
  if (task.refused.times > 0) {
    begin_detour(task);
    host.window.hold(std::move(task));
  } else {
    hold_back(host, std::move(task));
  }
  return verdict;
}

}  // namespace doutu
