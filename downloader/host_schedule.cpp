#include "downloader/host_schedule.h"

#include <algorithm>
#include <utility>

#include "downloader/retry_policy.h"
#include "shared/http/retry_after.h"

namespace doutu {
namespace {

constexpr milliseconds kFirstProbe{1'000};
constexpr milliseconds kSlowestProbe{60'000};

/// A host that misses is missing after so many times in a row.
constexpr std::uint32_t kMisses = 3;

/// Credit for more than four does not last: a host that begins to limit rates is soon believed.
constexpr std::uint32_t kAnswersForOne = 6;
constexpr std::uint32_t kMostCredit = 4 * kAnswersForOne;

bool is_out_of_reach(const AttemptResult& result) {
  return result.cause == Cause::dns_failure || result.cause == Cause::connection_refused ||
         result.cause == Cause::unreachable || result.cause == Cause::connect_timeout;
}

bool is_answer(const AttemptResult& result) { return result.http_status != 0 || result.cause == Cause::none; }

/// It was reached, or not even that, and said nothing.
bool is_silence(const AttemptResult& result) {
  if (result.http_status != 0) return false;
  return is_out_of_reach(result) || result.cause == Cause::connection_lost || result.cause == Cause::tls_failure ||
         result.cause == Cause::timeout || result.cause == Cause::stalled;
}

/// An answer of the host itself (a gateway before it may say that it waited in vain), and as fast as is demanded.
bool is_whole_answer(const AttemptResult& result) {
  const bool is_late = result.cause == Cause::timeout || result.cause == Cause::stalled;
  return is_answer(result) && !is_late && result.http_status != 502 && result.http_status != 504;
}

std::uint32_t most_in_flight(const CrawlSettings& settings) {
  return settings.max_per_host == 0 ? settings.downloaders : settings.max_per_host;
}

}  // namespace

bool is_throttling(const AttemptResult& result) {
  return result.cause == Cause::http_status &&
         (result.http_status == 429 || (result.http_status == 503 && result.retry_after > seconds(0)));
}

HostSchedule::HostSchedule(const CrawlSettings& settings, Past past)
    : settings_(&settings), answered_(past == Past::has_answered), known_(answered_) {}

MonoTime HostSchedule::may_start_at(MonoTime now) const {
  if (given_up(now).cause != Cause::none) return now;
  if (in_flight_ >= allowed_in_flight()) return MonoTime::max();
  MonoTime time = next_start_;
  if (throttle_.on) time = std::max(time, throttle_.until);
  if (is_frozen(now)) {
    if (outage_.probes > 0) return MonoTime::max();
    time = std::max(time, std::min(outage_.probe_at, outage_.since + settings_->outage_wait));
  }
  return time;
}

ImageWait HostSchedule::waits_for(MonoTime now) const {
  if (is_frozen(now)) return ImageWait::outage;
  return throttle_.on && throttle_.until > now ? ImageWait::throttled : ImageWait::gap;
}

HostSchedule::Ticket HostSchedule::started(MonoTime now) {
  throttle_.rest = in_flight_ == 0 ? now - throttle_.last : Duration::zero();
  if (in_flight_++ == 0 && misses_ == 0) heard_ = now;
  if (outage_.on) ++outage_.probes;
  next_start_ = now + settings_->host_gap;
  return ticket_;
}

HostSchedule::Cost HostSchedule::finished(const AttemptResult& result, Ticket ticket, MonoTime now,
                                          Refusals::Past& past) {
  ended(ticket);
  throttle_.last = now;
  is_whole_answer(result) ? heard(now) : void(++misses_);
  if (is_throttling(result)) return refused(result, ticket, now, past);
  if (is_answer(result)) {
    refusals_.answered(past);
    return answered(ticket, now), Cost::attempt;
  }
  // A host that comes back may at first accept and reset: during an outage only an answer ends it.
  if (is_out_of_reach(result) || (outage_.on && is_temporary(result.cause))) {
    return out_of_reach(result.cause, ticket, now);
  }
  if (result.cause == Cause::bad_response) spoke();
  if (!answered_ && is_silence(result)) unreached(result.cause, ticket, now);
  return Cost::attempt;
}

bool HostSchedule::was_last_try(const AttemptResult& result) const {
  return given_up_.cause.cause != Cause::none && (is_out_of_reach(result) || is_throttling(result));
}

NamedCause HostSchedule::given_up(MonoTime now) const { return now < given_up_.until ? given_up_.cause : NamedCause{}; }

void HostSchedule::put_back(Ticket ticket) { ended(ticket); }

MonoTime HostSchedule::forget_at() const {
  MonoTime time = next_start_;
  if (throttle_.on) time = std::max(time, throttle_.until + settings_->retry_wait_max);
  if (outage_.on) time = std::max(time, outage_.probe_at);
  return std::max(time, given_up_.until);
}

void HostSchedule::ended(Ticket ticket) {
  --in_flight_;
  if (outage_.on && ticket >= outage_.first_after) --outage_.probes;
}

void HostSchedule::note(Sign sign, MonoTime now) {
  if (sign == Sign::page) heard(now);
  if (!answered_) spoke();
}

/// For as long as a request may wait for a connection, it may be an accident. During an outage one miss is enough: it
/// is asked by probes only.
bool HostSchedule::is_missing(MonoTime now) const {
  return now - heard_ >= settings_->connect_timeout && (outage_.on || misses_ >= kMisses);
}

void HostSchedule::heard(MonoTime now) {
  known_ = true;
  misses_ = 0;
  heard_ = now;
}

void HostSchedule::spoke() {
  answered_ = true;
  unreached_ = {};
  given_up_ = {};
}

void HostSchedule::answered(Ticket ticket, MonoTime now) {
  spoke();
  credit_ = std::min(credit_ + 1, kMostCredit);
  outage_ = {};
  if (!throttle_.on || ticket < throttle_.first_after) return;
  if (was_left_alone()) throttle_.kept = throttle_.asked;
  throttle_.since = now;
  throttle_.in_a_row = 0;
  throttle_.times -= std::min(throttle_.times, 2U);  // Long waits are for hosts that do not open again.
  if (++throttle_.answers < throttle_.allowed) return;
  throttle_.answers = 0;
  if (++throttle_.allowed >= most_in_flight(*settings_)) throttle_ = {};
}

HostSchedule::Cost HostSchedule::refused(const AttemptResult& result, Ticket ticket, MonoTime now,
                                         Refusals::Past& past) {
  const bool others_came = refusals_.refused(past, now);
  const bool too_often = refusals_.is_too_often(past);
  const bool in_vain = was_left_alone() || (past.alone && now - past.since >= settings_->retry_wait_max);
  past.alone = past.alone || (others_came && too_often && throttle_.in_a_row == 0) || is_about_one();
  const Cost cost = past.alone ? Cost::alone : throttled(result, ticket, now);
  return too_often && (others_came || in_vain) ? Cost::attempt : cost;
}

/// For as long as it had asked.
bool HostSchedule::was_left_alone() const { return throttle_.asked > seconds(0) && throttle_.rest >= throttle_.asked; }

/// So many answers for one that is refused are no limit of rates.
bool HostSchedule::is_about_one() {
  if (credit_ < kAnswersForOne) return false;
  credit_ -= kAnswersForOne;
  return true;
}

HostSchedule::Cost HostSchedule::throttled(const AttemptResult& result, Ticket ticket, MonoTime now) {
  spoke();
  outage_ = {};
  credit_ = 0;
  const seconds asked = std::min(result.retry_after, std::chrono::ceil<seconds>(settings_->retry_after_max));
  if (!throttle_.on) throttle_ = {.on = true, .first_after = ticket, .asked = asked, .since = now};
  if (ticket >= throttle_.first_after) {
    const milliseconds wait = doubled(settings_->retry_wait, throttle_.times++, settings_->retry_wait_max);
    throttle_.until = std::max(throttle_.until, now + wait);
    ++throttle_.in_a_row;
    throttle_.first_after = ++ticket_;
    throttle_.allowed = 1;
    throttle_.answers = 0;
  }
  const seconds agreed = std::min(asked, std::exchange(throttle_.asked, asked));
  const seconds believed = std::max(believed_of_host(agreed, throttle_.in_a_row), std::min(agreed, throttle_.kept));
  throttle_.until = std::max<MonoTime>(throttle_.until, now + believed);
  const Duration lasts = now - throttle_.since;
  if (lasts > 2 * settings_->outage_wait && throttle_.in_a_row > rounds()) {
    given_up_ = {{result.cause, result.http_status}, now + settings_->retry_wait_max};
  }
  return lasts <= settings_->outage_wait ? Cost::nothing : Cost::attempt;
}

HostSchedule::Cost HostSchedule::out_of_reach(Cause cause, Ticket ticket, MonoTime now) {
  if (!answered_) return unreached(cause, ticket, now), Cost::attempt;
  if (!outage_.on) {
    outage_ = {.on = true, .first_after = ++ticket_, .probe_at = now + kFirstProbe, .since = now};
  } else if (ticket >= outage_.first_after) {
    outage_.probe_at = now + doubled(kFirstProbe, ++outage_.times, kSlowestProbe);
  }
  if (is_frozen(now)) return Cost::nothing;
  given_up_ = {{cause}, now + settings_->retry_wait_max};
  return Cost::attempt;
}

void HostSchedule::unreached(Cause cause, Ticket ticket, MonoTime now) {
  if (unreached_.rounds == 0) unreached_ = {.rounds = 0, .first_after = ticket, .since = now};
  if (ticket >= unreached_.first_after) {
    ++unreached_.rounds;
    unreached_.first_after = ++ticket_;
  }
  if (unreached_.rounds >= rounds() && now - unreached_.since >= patience()) {
    given_up_ = {{cause}, now + settings_->retry_wait_max};
  }
}

/// What an image's waits between its attempts come to, at the least.
Duration HostSchedule::patience() const {
  Duration sum{};
  for (std::uint32_t attempt = 1; attempt <= settings_->retries; ++attempt) {
    sum += retry_delay(*settings_, attempt, 0);
  }
  return sum;
}

/// One lost packet gives nobody up, also where images have one attempt only.
std::uint32_t HostSchedule::rounds() const { return std::max<std::uint32_t>(settings_->retries + 1, 3); }

bool HostSchedule::is_frozen(MonoTime now) const { return outage_.on && now - outage_.since < settings_->outage_wait; }

std::uint32_t HostSchedule::allowed_in_flight() const {
  if (given_up_.cause.cause != Cause::none || !answered_) return 1;
  const std::uint32_t most = most_in_flight(*settings_);
  return throttle_.on ? std::min(most, throttle_.allowed) : most;
}

}  // namespace doutu
