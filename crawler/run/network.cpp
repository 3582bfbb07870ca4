#include "crawler/run/network.h"

#include <ifaddrs.h>
#include <net/if.h>

namespace doutu {
namespace {

bool is_up_beside_loopback(const ifaddrs& address) {
  constexpr unsigned kUp = IFF_UP | IFF_RUNNING;
  const bool has_address = address.ifa_addr != nullptr &&
                           (address.ifa_addr->sa_family == AF_INET || address.ifa_addr->sa_family == AF_INET6);
  return has_address && (address.ifa_flags & kUp) == kUp && (address.ifa_flags & IFF_LOOPBACK) == 0;
}

}  // namespace

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
