#include "crawler/reach_notice.h"

#include <fmt/format.h>
#include <ifaddrs.h>
#include <net/if.h>

#include <algorithm>

#include "crawler/view/human_text.h"

namespace doutu {
namespace {

std::string span_in_words(const PagePlan::Patience& patience) {
  const std::string span =
      human_time(std::chrono::duration<double>(std::max<milliseconds>(patience.span, seconds(1))).count());
  if (patience.is_outage) return fmt::format("trying again for up to {} (--outage-wait)", span);
  return fmt::format("trying again for {} (--retries {})", span, patience.retries);
}

bool is_up_beside_loopback(const ifaddrs& address) {
  constexpr unsigned kUp = IFF_UP | IFF_RUNNING;
  const bool has_address = address.ifa_addr != nullptr &&
                           (address.ifa_addr->sa_family == AF_INET || address.ifa_addr->sa_family == AF_INET6);
  return has_address && (address.ifa_flags & kUp) == kUp && (address.ifa_flags & IFF_LOOPBACK) == 0;
}

}  // namespace

std::optional<std::string> ReachNotice::after(const PageResult& result, const PagePlan::Patience& patience,
                                              MonoTime now) {
  const bool is_gone = is_out_of_reach(result.cause) && result.http_status == 0;
  if (is_said_ || now < not_before_ || (has_come_ && !is_gone)) return std::nullopt;
  is_said_ = true;
  not_before_ = now + kBetween;
  return fmt::format("{}; {}", cause_in_words(result.cause, result.http_status), span_in_words(patience));
}

bool has_network() {
  ifaddrs* all = nullptr;
  if (::getifaddrs(&all) != 0) return true;
  bool is_there = false;
  for (const ifaddrs* one = all; one != nullptr && !is_there; one = one->ifa_next)
    is_there = is_up_beside_loopback(*one);
  ::freeifaddrs(all);
  return is_there;
}

}  // namespace doutu
