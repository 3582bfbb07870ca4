#include "shared/politeness/reach_notice.h"

#include <fmt/format.h>

#include <algorithm>

#include "shared/base/human_text.h"
#include "shared/politeness/retry_policy.h"

namespace doutu {
namespace {

std::string span_text(const Patience& patience) {
  const std::string span =
      human_time(std::chrono::duration<double>(std::max<milliseconds>(patience.span, seconds(1))).count());
  if (patience.is_outage) return fmt::format("trying again for up to {} (--outage-wait)", span);
  return fmt::format("trying again for {} (--retries {})", span, patience.retries);
}

}  // namespace

Patience patience_after(const PolitenessOptions& politeness, HostSchedule::Cost cost) {
  const bool is_outage = cost != HostSchedule::Cost::attempt;
  return {.is_outage = is_outage,
          .retries = politeness.retries,
          .span = is_outage ? politeness.outage_wait : longest_waits(politeness)};
}

std::optional<std::string> ReachNotice::after(const NamedCause& failure, const Patience& patience, MonoTime now) {
  const bool is_gone = is_out_of_reach(failure.cause) && failure.http_status == 0;
  if (is_said_ || now < not_before_ || (has_come_ && !is_gone)) return std::nullopt;
  is_said_ = true;
  not_before_ = now + kBetween;
  return fmt::format("{}; {}", cause_text(failure.cause, failure.http_status), span_text(patience));
}

}  // namespace doutu
