// Frontier's attempts, under its mutex: what a request that begins or ends means for its host and its image.
#include <algorithm>
#include <utility>

#include "downloader/schedule/frontier.h"
#include "shared/base/escape.h"

namespace doutu {

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
  if (settings_.limits.max_host_bytes > 0 && bytes > 0) bytes_[host.name] += bytes;
}

bool Frontier::is_over_limit(const Host& host) const {
  const auto found = bytes_.find(host.name);
  return found != bytes_.end() && found->second >= settings_.limits.max_host_bytes;
}

Verdict Frontier::judge(Host& host, ImageJob job, const AttemptResult& result, HostSchedule::Cost cost) {
  using Kind = ImageOutcome::Kind;
  if (result.cause == Cause::none) {
    reach_notice_.came();
    return {Kind::fetched, job.attempts + 1, {}};
  }
  if (job.given_up.cause != Cause::none) return {Kind::failed, job.attempts, {}};
  if (cost != HostSchedule::Cost::attempt) {
    note_trouble(job, result, cost);
    const bool alone = cost == HostSchedule::Cost::alone;
    const milliseconds wait = alone ? retry_delay(settings_.politeness, job.refused.times, random()) : milliseconds(0);
    return try_again_at_no_cost(host, std::move(job),
                                std::max(wait, believed_of_one(settings_.politeness, result.retry_after)));
  }
  ++job.attempts;
  const bool last = job.attempts > settings_.politeness.retries || host.schedule.was_last_try(result);
  if (last || !is_temporary(result.cause, result.http_status)) return {Kind::failed, job.attempts, {}};
  note_trouble(job, result, cost);
  job.not_before = now_ + std::max(retry_delay(settings_.politeness, job.attempts, random()),
                                   believed_of_one(settings_.politeness, result.retry_after));
  const Verdict verdict{Kind::retry, job.attempts, job.not_before};
  job.detour = {};
  job.asked_again = false;
  Host& home = home_of(job);
  home.window.hold(std::move(job));
  settle(home);
  return verdict;
}

void Frontier::note_trouble(const ImageJob& job, const AttemptResult& result, HostSchedule::Cost cost) {
  const Patience patience = patience_after(settings_.politeness, cost);
  const auto notice = reach_notice_.after({result.cause, result.http_status}, patience, now_);
  if (notice) notice_ = escape_url(job.detour.url.empty() ? job.url : job.detour.url) + ": " + *notice;
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

}  // namespace doutu
