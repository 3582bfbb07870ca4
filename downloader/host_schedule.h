// HostSchedule: when the next request to one host may start, and what a failed one costs. A value: it is told what
// happened and when, does no I/O and asks no clock. The frontier holds one per host under its mutex.
//
// Two clocks beside the limit in flight and the gap:
//   throttle  429, or 503 with Retry-After. The answers to requests that were in flight together are one event: the
//             wait doubles once. While it lasts nothing starts, then one request may, and one more after each round of
//             answers (additive increase: a server that limits rates is met near its limit, not far above it).
//             Retry-After counts as far as others are told the same: the less of what the last two were told, and the
//             more the more are told so in a row (believed_of_host()).
//             Where the host answers at least six for each that it throttles, it limits no rate: the throttled image
//             waits alone, and the others go on. So does one that is refused too often (refusals.h), unless the last
//             event is unanswered.
//   outage    out of reach (DNS, refused, unreachable, connect timeout), though the host has answered in this run: it
//             is frozen and probed by one request at a time, 1 s to 60 s apart.
// Neither costs an image an attempt, as long as it has not lasted for outage_wait without an answer: that bounds both.
// Nor is a refusal an attempt before the image was refused too often. Then it is one, if others came meanwhile, if the
// host was left alone for as long as it had asked, or if it is about this image and has been for retry_wait_max.
//
// A host is given up: when it has not answered in this run for more rounds of failures than an image has attempts, over
// as long as these take (it may take connections, but says nothing); when an outage has lasted for outage_wait; when it
// has throttled for twice as long. Then images fail untried; after retry_wait_max one tries again, alone and once. An
// answer ends it.
//
// A host that has not answered yet has one request in flight.
//
// One measure says what it is worth to wait for a host (slots.h asks for it). It is known once it has answered whole
// and in time, or has served a page. A known host is missing when it has failed to for some times in a row and some
// seconds: a burst of 502, a lost packet, a restart is none of that.
#pragma once

#include <algorithm>
#include <cstdint>

#include "shared/base/cause.h"
#include "shared/base/clock.h"
#include "shared/http/refusals.h"
#include "shared/process/crawl_settings.h"
#include "shared/process/stats_page.h"

namespace doutu {

/// How a request to one host ended, as the policies need to know it.
struct AttemptResult {
  Cause cause = Cause::none;
  int http_status = 0;
  seconds retry_after{0};
  std::uint64_t bytes = 0;  ///< Of the body.
};

/// 429, or 503 with Retry-After.
[[nodiscard]] bool is_throttling(const AttemptResult& result);

class HostSchedule {
 public:
  enum class Past { unknown, has_answered };
  enum class Cost {
    attempt,
    nothing,
    alone,  ///< It is about this image: others need not wait.
  };
  /// Tells requests that started before an event from those after.
  using Ticket = std::uint32_t;

  /// settings outlives it.
  HostSchedule(const CrawlSettings& settings, Past past);

  /// Earliest start of another request: now or earlier: at once; MonoTime::max(): when one in flight has ended.
  [[nodiscard]] MonoTime may_start_at(MonoTime now) const;
  /// What may_start_at() is later than now for.
  [[nodiscard]] ImageWait waits_for(MonoTime now) const;
  [[nodiscard]] Ticket started(MonoTime now);
  /// past: the image's.
  [[nodiscard]] Cost finished(const AttemptResult& result, Ticket ticket, MonoTime now, Refusals::Past& past);
  /// Why an image fails now without a request; none: it need not.
  [[nodiscard]] NamedCause given_up(MonoTime now) const;
  /// Whether the attempt that ended so was the image's last, however many it had: its host is given up.
  [[nodiscard]] bool was_last_try(const AttemptResult& result) const;
  /// Nothing starts before.
  void pause(MonoTime until) { next_start_ = std::max(next_start_, until); }
  /// The request was broken off and tells nothing.
  void put_back(Ticket ticket);

  /// What else shows that the host answers: a page, or the first byte for what is in flight. Behind its first byte an
  /// answer may drip: that makes no host known.
  enum class Sign { page, first_byte };
  void note(Sign sign, MonoTime now);
  [[nodiscard]] bool has_answered() const { return answered_; }
  [[nodiscard]] bool is_known() const { return known_; }
  [[nodiscard]] bool is_missing(MonoTime now) const;
  [[nodiscard]] std::uint32_t in_flight() const { return in_flight_; }
  /// From when on nothing is lost by forgetting this schedule (except has_answered()), if nothing is in flight.
  [[nodiscard]] MonoTime forget_at() const;

 private:
  struct Throttle {
    bool on = false;
    Ticket first_after = 0;      ///< Requests with this ticket or a later one started after the last event.
    std::uint32_t times = 0;     ///< Events so far, less the answers since.
    std::uint32_t in_a_row = 0;  ///< Events without an answer between.
    std::uint32_t allowed = 0;   ///< In flight.
    std::uint32_t answers = 0;   ///< Since allowed grew.
    seconds asked{0};            ///< Retry-After of the last one that was refused; 0: it had none.
    seconds kept{0};             ///< The longest that it asked for, and answered then.
    MonoTime last{};             ///< One ended.
    Duration rest{};             ///< For which the host was left alone before the last one started.
    MonoTime until{};
    MonoTime since{};  ///< Last answer that was none of these, or the first event.
  };
  struct Outage {
    bool on = false;
    Ticket first_after = 0;
    std::uint32_t times = 0;   ///< Probes that failed.
    std::uint32_t probes = 0;  ///< In flight.
    MonoTime probe_at{};
    MonoTime since{};
  };

  /// Failures of a host that has not answered in this run.
  struct Unreached {
    std::uint32_t rounds = 0;  ///< Those of requests that were in flight together are one.
    Ticket first_after = 0;
    MonoTime since{};
  };
  struct GivenUp {
    NamedCause cause;
    MonoTime until{};  ///< Then the next image tries.
  };

  void ended(Ticket ticket);
  void heard(MonoTime now);
  void spoke();
  void answered(Ticket ticket, MonoTime now);
  [[nodiscard]] Cost refused(const AttemptResult& result, Ticket ticket, MonoTime now, Refusals::Past& past);
  [[nodiscard]] bool was_left_alone() const;
  [[nodiscard]] bool is_about_one();
  Cost throttled(const AttemptResult& result, Ticket ticket, MonoTime now);
  Cost out_of_reach(Cause cause, Ticket ticket, MonoTime now);
  void unreached(Cause cause, Ticket ticket, MonoTime now);
  [[nodiscard]] Duration patience() const;
  [[nodiscard]] std::uint32_t rounds() const;
  [[nodiscard]] bool is_frozen(MonoTime now) const;
  [[nodiscard]] std::uint32_t allowed_in_flight() const;

  const CrawlSettings* settings_;
  bool answered_;
  bool known_;
  std::uint32_t misses_ = 0;  ///< In a row.
  MonoTime heard_{};          ///< When it answered as it should, or was asked after a pause.
  std::uint32_t credit_ = 0;  ///< Answers since the last event, less those that one throttled alone was worth.
  std::uint32_t in_flight_ = 0;
  Ticket ticket_ = 0;
  MonoTime next_start_{};  ///< By the gap.
  Throttle throttle_;
  Refusals refusals_;
  Outage outage_;
  Unreached unreached_;
  GivenUp given_up_;
};

}  // namespace doutu
