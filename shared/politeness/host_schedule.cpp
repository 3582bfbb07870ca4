#include "shared/politeness/host_schedule.h"

#include <algorithm>
#include <utility>

#include "shared/politeness/retry_after.h"
#include "shared/politeness/retry_policy.h"

namespace doutu {
namespace {

constexpr milliseconds kFirstProbe{1'000};
constexpr milliseconds kSlowestProbe{60'000};

bool is_tls_failure(Cause cause) { return cause >= Cause::tls_failure && cause <= Cause::tls_missing; }

bool is_answer(const AttemptResult& result) { return result.http_status != 0 || result.cause == Cause::none; }

/// It was reached, or not even that, and said nothing.
bool is_silence(const AttemptResult& result) {
  if (result.http_status != 0) return false;
  return is_out_of_reach(result.cause) || result.cause == Cause::connection_lost || is_tls_failure(result.cause) ||
         result.cause == Cause::timeout || result.cause == Cause::stalled || result.cause == Cause::proxy_failure;
}

/// An answer of the host itself (a gateway before it may say that it waited in vain), and as fast as is demanded.
bool is_whole_answer(const AttemptResult& result) {
  const bool is_late = result.cause == Cause::timeout || result.cause == Cause::stalled;
  return is_answer(result) && !is_late && result.http_status != 502 && result.http_status != 504;
}

}  // namespace

bool is_throttling(const AttemptResult& result) {
  return result.cause == Cause::http_status &&
         (result.http_status == 429 || (result.http_status == 503 && result.retry_after > seconds(0)));
}

HostSchedule::HostSchedule(const CrawlSettings& settings, Past past, const Rules& rules)
    : settings_(&settings), rules_(rules), standing_(past) {}

MonoTime HostSchedule::may_start_at(MonoTime now) const {
  if (given_up(now).cause != Cause::none) return rules_.fails_untried ? now : next_start_;
  if (in_flight_ >= allowed_in_flight()) return MonoTime::max();
  MonoTime time = next_start_;
  if (throttle_.on) time = std::max(time, throttle_.until);
  if (is_frozen(now)) {
    if (outage_.probes > 0) return MonoTime::max();
    time = std::max(time, std::min(outage_.probe_at, outage_.since + settings_->politeness.outage_wait));
  }
  return time;
}

HostSchedule::Wait HostSchedule::wait_reason(MonoTime now) const {
  if (is_frozen(now)) return Wait::outage;
  return throttle_.on && throttle_.until > now ? Wait::throttled : Wait::gap;
}

HostSchedule::Ticket HostSchedule::started(MonoTime now, milliseconds gap) {
  const bool is_alone = in_flight_++ == 0;
  rest_.before = is_alone ? now - rest_.began : Duration::zero();
  rest_.is_probe = is_alone && throttle_.in_a_row > 0;
  if (is_alone) standing_.asked_after_pause(now);
  if (outage_.on) ++outage_.probes;
  next_start_ = now + std::max(settings_->politeness.host_gap, gap);
  return ticket_;
}

HostSchedule::Cost HostSchedule::finished(const AttemptResult& result, Ticket ticket, MonoTime now,
                                          Refusals::Past& past, MonoTime any_answer) {
  ended(ticket);
  rest_.began = now;
  is_whole_answer(result) ? standing_.heard(now) : standing_.missed();
  if (is_throttling(result)) return refused(result, ticket, now, past, any_answer);
  if (is_answer(result)) return answered(ticket, past), Cost::attempt;
  // A host that comes back may at first accept and reset: during an outage only an answer ends it.
  if (is_out_of_reach(result.cause) || (outage_.on && is_temporary(result.cause))) {
    return out_of_reach(result.cause, ticket, now);
  }
  if (result.cause == Cause::bad_response) spoke();
  if (!has_answered() && is_silence(result)) unreached(result.cause, ticket, now);
  return Cost::attempt;
}

bool HostSchedule::was_last_try(const AttemptResult& result) const {
  return given_up_.cause.cause != Cause::none && (is_out_of_reach(result.cause) || is_throttling(result));
}

NamedCause HostSchedule::given_up(MonoTime now) const { return now < given_up_.until ? given_up_.cause : NamedCause{}; }

void HostSchedule::put_back(Ticket ticket) { ended(ticket); }

void HostSchedule::not_asked(Ticket ticket, MonoTime now) {
  ended(ticket);
  next_start_ = std::min(next_start_, now);
}

MonoTime HostSchedule::forget_at() const {
  MonoTime time = next_start_;
  if (throttle_.on) time = std::max(time, throttle_.until + settings_->politeness.retry_wait_max);
  if (outage_.on) time = std::max(time, outage_.probe_at);
  if (refused_at_ != MonoTime{})
    time = std::max<MonoTime>(time, refused_at_ + 2 * settings_->politeness.retry_wait_max);
  return std::max(time, given_up_.until);
}

void HostSchedule::ended(Ticket ticket) {
  --in_flight_;
  if (outage_.on && ticket >= outage_.first_after) --outage_.probes;
}

void HostSchedule::note(Sign sign, MonoTime now) {
  if (sign == Sign::page) standing_.heard(now);
  if (!has_answered()) spoke();
}

bool HostSchedule::is_missing(MonoTime now) const {
  return standing_.is_missing(now, settings_->http.connect_timeout, outage_.on);
}

void HostSchedule::spoke() {
  standing_.spoke();
  unreached_ = {};
  given_up_ = {};
}

void HostSchedule::answered(Ticket ticket, const Refusals::Past& past) {
  spoke();
  refusals_.answered(past);
  lone_refusals_.answered();
  outage_ = {};
  if (!throttle_.on || ticket < throttle_.first_after) return;
  if (rest_.before >= throttle_.asked) rest_.kept = throttle_.asked;
  if (rest_.is_probe && past.times == 0) lone_refusals_.fresh_probe_came();
  throttle_.at = throttle_.until;
  throttle_.waited = Duration::zero();
  throttle_.in_a_row = 0;
  throttle_.times -= std::min(throttle_.times, 2U);  // Long waits are for hosts that do not open again.
  if (++throttle_.answers < throttle_.allowed) return;
  throttle_.answers = 0;
  if (++throttle_.allowed >= rules_.most) throttle_ = {};
}

HostSchedule::Cost HostSchedule::refused(const AttemptResult& result, Ticket ticket, MonoTime now, Refusals::Past& past,
                                         MonoTime any_answer) {
  refused_at_ = now;
  const bool others_came = refusals_.refused(past, in_flight_, now);
  const bool others_have_come = refusals_.were_others_answered(past);
  const bool too_often = refusals_.is_too_often(past);
  if (rest_.is_probe && past.times > 1) lone_refusals_.probe_was_refused_again();
  const bool others_are_refused = !others_have_come && throttle_.in_a_row > 0 && throttle_.fresh_refused >= past.since;
  past.alone = (past.alone && !others_are_refused) || (others_came && too_often && throttle_.in_a_row == 0) ||
               lone_refusals_.take_one(refusals_.has_relented());
  if (!past.alone) throttled(result, ticket, now);
  if (!past.alone && past.times == 1) throttle_.fresh_refused = now;
  if (!past.alone && is_patience_over(now, any_answer)) {
    given_up_ = {{result.cause, result.http_status}, now + settings_->politeness.retry_wait_max};
    return Cost::attempt;
  }
  if (too_often && (others_came || now - past.since >= patience_with(past))) return Cost::attempt;
  return past.alone ? Cost::alone : Cost::nothing;
}

/// Until its refusals are believed.
Duration HostSchedule::patience_with(const Refusals::Past& past) const {
  if (refusals_.were_others_answered(past)) return settings_->politeness.retry_wait_max;
  return past.alone ? 5 * settings_->politeness.retry_wait_max : 2 * settings_->politeness.outage_wait;
}

bool HostSchedule::is_patience_over(MonoTime now, MonoTime any_answer) const {
  return throttle_.waited > 2 * settings_->politeness.outage_wait && throttle_.in_a_row > rounds() &&
         now - any_answer > settings_->politeness.outage_wait;
}

void HostSchedule::throttled(const AttemptResult& result, Ticket ticket, MonoTime now) {
  spoke();
  outage_ = {};
  lone_refusals_.throttled();
  const seconds asked = std::min(result.retry_after, std::chrono::ceil<seconds>(settings_->politeness.retry_after_max));
  if (!throttle_.on) throttle_ = {.on = true, .first_after = ticket, .asked = asked, .at = now, .until = now};
  if (ticket >= throttle_.first_after) {
    throttle_.waited += throttle_.until - throttle_.at;
    throttle_.at = now;
    const auto grown = std::chrono::floor<milliseconds>(throttle_.waited / 4);
    const milliseconds most =
        std::max(settings_->politeness.retry_wait_max, std::min(grown, settings_->politeness.retry_after_max));
    throttle_.until =
        std::max<MonoTime>(throttle_.until, now + doubled(settings_->politeness.retry_wait, throttle_.times++, most));
    ++throttle_.in_a_row;
    throttle_.first_after = ++ticket_;
    throttle_.allowed = 1;
    throttle_.answers = 0;
  }
  const seconds agreed = std::min(asked, std::exchange(throttle_.asked, asked));
  const seconds believed = std::max(believed_of_host(agreed, throttle_.in_a_row), std::min(agreed, rest_.kept));
  throttle_.until = std::max<MonoTime>(throttle_.until, now + believed);
}

HostSchedule::Cost HostSchedule::out_of_reach(Cause cause, Ticket ticket, MonoTime now) {
  if (!has_answered()) return unreached(cause, ticket, now), Cost::attempt;
  if (!outage_.on) {
    outage_ = {.on = true, .first_after = ++ticket_, .probe_at = now + kFirstProbe, .since = now};
  } else if (ticket >= outage_.first_after) {
    outage_.probe_at = now + doubled(kFirstProbe, ++outage_.times, kSlowestProbe);
  }
  if (is_frozen(now)) return Cost::nothing;
  given_up_ = {{cause}, now + settings_->politeness.retry_wait_max};
  return Cost::attempt;
}

void HostSchedule::unreached(Cause cause, Ticket ticket, MonoTime now) {
  if (unreached_.rounds == 0) unreached_ = {.rounds = 0, .first_after = ticket, .since = now};
  if (ticket >= unreached_.first_after) {
    ++unreached_.rounds;
    unreached_.first_after = ++ticket_;
  }
  if (unreached_.rounds >= rounds() && now - unreached_.since >= patience()) {
    given_up_ = {{cause}, now + settings_->politeness.retry_wait_max};
  }
}

/// What an image's waits between its attempts come to, at the least.
Duration HostSchedule::patience() const {
  Duration sum{};
  for (std::uint32_t attempt = 1; attempt <= settings_->politeness.retries; ++attempt) {
    sum += retry_delay(settings_->politeness, attempt, 0);
  }
  return sum;
}

/// One lost packet gives nobody up, also where images have one attempt only.
std::uint32_t HostSchedule::rounds() const { return std::max<std::uint32_t>(settings_->politeness.retries + 1, 3); }

bool HostSchedule::is_frozen(MonoTime now) const {
  return outage_.on && now - outage_.since < settings_->politeness.outage_wait;
}

std::uint32_t HostSchedule::allowed_in_flight() const {
  if (given_up_.cause.cause != Cause::none || !has_answered()) return std::min(rules_.at_first, rules_.most);
  return throttle_.on ? std::min(rules_.most, throttle_.allowed) : rules_.most;
}

}  // namespace doutu
