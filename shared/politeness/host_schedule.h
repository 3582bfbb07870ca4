// HostSchedule: when the next request to one host may start, and what a failed one costs. A value: it is told what
// happened and when, does no I/O and asks no clock. The frontier holds one per host under its mutex, the page plan one
// for its site. What is said of images here goes for pages as well.
//
// Two clocks beside the limit in flight and the gap:
//   throttle  429, or 503 with Retry-After. The answers to requests that were in flight together are one event. The
//             wait doubles once for it, up to retry_wait_max, and then to a quarter of what was waited so far: some
//             servers begin their window anew with each request that they refuse. While it lasts nothing starts, then
//             one request may, and one more after each round of answers (additive increase).
//             Retry-After counts as far as others are told the same: the less of what the last two were told, and the
//             more the more are told so in a row (believed_of_host()). What it was granted before, and kept, is
//             believed at once.
//   outage    out of reach (DNS, refused, unreachable, connect timeout), though the host has answered in this run: it
//             is frozen and probed by one request at a time, 1 s to 60 s apart.
// Neither costs an image an attempt.
//
// A refusal may be about one image: the host answers at least six others for each that it throttles; or fresh images
// come where it was left alone, and those that it had refused never do. Then that image waits alone, and the others go
// on. Its refusals are attempts when there are too many of them (refusals.h), and
//   * others came since the last one,
//   * or it is refused for retry_wait_max, and others have come since,
//   * or it is refused for five times as long: it may be the end of a quota, but no fresh image is refused as well.
//
// A host is given up
//   * when it has not answered in this run for more rounds of failures than an image has attempts, over as long as
//     these take (it may take connections, but says nothing),
//   * when an outage has lasted for outage_wait,
//   * when it was granted twice as long in waits of a throttle, and no other host has answered for outage_wait: as long
//     as there is other work, waiting costs nothing.
// Then images fail untried; after retry_wait_max one tries again, alone and once. An answer ends it.
//
// A host that has not answered yet has few requests in flight: one, if they are for images.
//
// One measure says what it is worth to wait for a host (standing.h; slots.h asks for it).
#pragma once

#include <algorithm>
#include <cstdint>
#include <limits>

#include "shared/base/cause.h"
#include "shared/base/clock.h"
#include "shared/crawl/crawl_settings.h"
#include "shared/politeness/lone_refusals.h"
#include "shared/politeness/refusals.h"
#include "shared/politeness/standing.h"

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
  using Past = Standing::Past;
  enum class Cost {
    attempt,
    nothing,
    alone,  ///< It is about this image: others need not wait.
  };
  /// Tells requests that started before an event from those after.
  using Ticket = std::uint32_t;
  static constexpr std::uint32_t kNoLimit = std::numeric_limits<std::uint32_t>::max();
  /// What may differ between those who ask a host. The defaults are for images.
  struct Rules {
    std::uint32_t most = kNoLimit;  ///< In flight,
    std::uint32_t at_first = 1;     ///< and before the host has answered.
    bool fails_untried = true;      ///< What is left of a host that is given up; else it is tried, a gap apart.
  };

  /// settings outlives it.
  HostSchedule(const CrawlSettings& settings, Past past, const Rules& rules);

  /// Earliest start of another request: now or earlier: at once; MonoTime::max(): when one in flight has ended.
  [[nodiscard]] MonoTime may_start_at(MonoTime now) const;
  enum class Wait { gap, throttled, outage };
  /// What may_start_at() is later than now for.
  [[nodiscard]] Wait wait_reason(MonoTime now) const;
  /// gap: what the next one waits for at the least, if that is more than --wait (Crawl-delay).
  [[nodiscard]] Ticket started(MonoTime now, milliseconds gap = milliseconds(0));
  /// past: the image's with this host. any_answer: when any host answered last; MonoTime{}: there is no other work.
  [[nodiscard]] Cost finished(const AttemptResult& result, Ticket ticket, MonoTime now, Refusals::Past& past,
                              MonoTime any_answer);
  /// Why an image fails now without a request; none: it need not.
  [[nodiscard]] NamedCause given_up(MonoTime now) const;
  /// Whether the attempt that ended so was the image's last, however many it had: its host is given up.
  [[nodiscard]] bool was_last_try(const AttemptResult& result) const;
  /// Nothing starts before.
  void pause(MonoTime until) { next_start_ = std::max(next_start_, until); }
  /// The request was broken off and tells nothing.
  void put_back(Ticket ticket);
  /// The same, and it was never made: the next one need not wait for it.
  void not_asked(Ticket ticket, MonoTime now);

  /// What else shows that the host answers: a page, or the first byte for what is in flight. Behind its first byte an
  /// answer may drip: that makes no host known.
  enum class Sign { page, first_byte };
  void note(Sign sign, MonoTime now);
  [[nodiscard]] bool has_answered() const { return standing_.has_answered(); }
  [[nodiscard]] bool is_known() const { return standing_.is_known(); }
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
    MonoTime at{};               ///< The last event; it is over: until.
    MonoTime until{};
    Duration waited{};         ///< In all, since the last answer that was none of these.
    MonoTime fresh_refused{};  ///< The last event by one that had not been refused before.
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
  /// How long the host was left alone before its last request.
  struct Rest {
    MonoTime began{};       ///< When a request ended last.
    Duration before{};      ///< 0: another one was in flight.
    bool is_probe = false;  ///< That request was the first after a wait of a throttle.
    seconds kept{0};        ///< The longest Retry-After that the host was granted, and answered then.
  };

  void ended(Ticket ticket);
  void spoke();
  void answered(Ticket ticket, const Refusals::Past& past);
  [[nodiscard]] Cost refused(const AttemptResult& result, Ticket ticket, MonoTime now, Refusals::Past& past,
                             MonoTime any_answer);
  [[nodiscard]] Duration patience_with(const Refusals::Past& past) const;
  [[nodiscard]] bool is_patience_over(MonoTime now, MonoTime any_answer) const;
  void throttled(const AttemptResult& result, Ticket ticket, MonoTime now);
  Cost out_of_reach(Cause cause, Ticket ticket, MonoTime now);
  void unreached(Cause cause, Ticket ticket, MonoTime now);
  [[nodiscard]] Duration patience() const;
  [[nodiscard]] std::uint32_t rounds() const;
  [[nodiscard]] bool is_frozen(MonoTime now) const;
  [[nodiscard]] std::uint32_t allowed_in_flight() const;

  const CrawlSettings* settings_;
  Rules rules_;
  Standing standing_;
  std::uint32_t in_flight_ = 0;
  Ticket ticket_ = 0;
  MonoTime next_start_{};  ///< By the gap.
  Throttle throttle_;
  Rest rest_;
  Refusals refusals_;
  LoneRefusals lone_refusals_;
  MonoTime refused_at_{};  ///< Last: it may come again, when it has waited by itself.
  Outage outage_;
  Unreached unreached_;
  GivenUp given_up_;
};

}  // namespace doutu
