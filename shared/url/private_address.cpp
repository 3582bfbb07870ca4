#include "shared/url/private_address.h"

#include <netdb.h>
#include <netinet/in.h>

#include <algorithm>
#include <array>
#include <cstdint>
#include <cstring>
#include <memory>
#include <span>

namespace doutu {
namespace {

using Bytes = std::span<const std::uint8_t>;

struct Prefix4 {
  std::uint32_t address;
  unsigned bits;
};

constexpr std::uint32_t ipv4(std::uint32_t a, std::uint32_t b, std::uint32_t c, std::uint32_t d) {
  return a << 24U | b << 16U | c << 8U | d;
}

// What is not globally reachable in the IANA IPv4 special-purpose registry (RFC 6890), multicast, and class E.
constexpr std::array kPrivate4{
    Prefix4{ipv4(0, 0, 0, 0), 8},      Prefix4{ipv4(10, 0, 0, 0), 8},     Prefix4{ipv4(100, 64, 0, 0), 10},
    Prefix4{ipv4(127, 0, 0, 0), 8},    Prefix4{ipv4(169, 254, 0, 0), 16}, Prefix4{ipv4(172, 16, 0, 0), 12},
    Prefix4{ipv4(192, 0, 0, 0), 24},   Prefix4{ipv4(192, 0, 2, 0), 24},   Prefix4{ipv4(192, 88, 99, 0), 24},
    Prefix4{ipv4(192, 168, 0, 0), 16}, Prefix4{ipv4(198, 18, 0, 0), 15},  Prefix4{ipv4(198, 51, 100, 0), 24},
    Prefix4{ipv4(203, 0, 113, 0), 24}, Prefix4{ipv4(224, 0, 0, 0), 4},    Prefix4{ipv4(240, 0, 0, 0), 4},
};

bool is_private_ipv4(Bytes b) {
  const std::uint32_t address = ipv4(b[0], b[1], b[2], b[3]);
  return std::ranges::any_of(
      kPrivate4, [&](const Prefix4& prefix) { return (address ^ prefix.address) >> (32U - prefix.bits) == 0; });
}

bool starts_with(Bytes address, std::initializer_list<std::uint8_t> prefix) {
  return std::equal(prefix.begin(), prefix.end(), address.begin());
}

/// Teredo (RFC 4380 section 4): the server's IPv4 address in bytes 4 to 7, the client's, inverted, in the last four.
bool is_private_teredo(Bytes b) {
  std::array<std::uint8_t, 4> client{};
  std::ranges::transform(b.last(4), client.begin(), [](std::uint8_t byte) { return static_cast<std::uint8_t>(~byte); });
  return is_private_ipv4(b.subspan(4, 4)) || is_private_ipv4(client);
}

bool is_private_ipv6(Bytes b) {
  if (starts_with(b, {0x20, 0x02})) return is_private_ipv4(b.subspan(2, 4));               // 6to4, RFC 3056
  if (starts_with(b, {0x20, 0x01, 0, 0})) return is_private_teredo(b);                     // 2001::/32
  if (starts_with(b, {0x20, 0x01, 0x0d, 0xb8})) return true;                               // documentation
  if (starts_with(b, {0x20, 0x01}) && b[2] <= 1) return true;                              // 2001::/23, IETF protocols
  if (starts_with(b, {0x3f, 0xff}) && b[2] < 0x10) return true;                            // documentation, RFC 9637
  if ((b[0] & 0xe0U) == 0x20) return false;                                                // 2000::/3: global unicast
  const bool carries_ipv4 = starts_with(b, {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0}) ||        // compatible; ::1 is 0.0.0.1
                            starts_with(b, {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff}) ||  // mapped
                            starts_with(b, {0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff, 0, 0}) ||  // translated, RFC 2765
                            starts_with(b, {0, 0x64, 0xff, 0x9b, 0, 0, 0, 0, 0, 0, 0, 0});  // NAT64, RFC 6052
  return !carries_ipv4 || is_private_ipv4(b.last(4));
}

}  // namespace

bool is_private_address(const sockaddr* address) {
  if (address->sa_family == AF_INET) {
    sockaddr_in in4{};
    std::memcpy(&in4, address, sizeof in4);
    std::array<std::uint8_t, 4> bytes{};
    std::memcpy(bytes.data(), &in4.sin_addr, bytes.size());
    return is_private_ipv4(bytes);
  }
  if (address->sa_family == AF_INET6) {
    sockaddr_in6 in6{};
    std::memcpy(&in6, address, sizeof in6);
    return is_private_ipv6(std::span(in6.sin6_addr.s6_addr));
  }
  return true;
}

std::optional<bool> is_private_host(std::string_view url_host, Lookup lookup) {
  const bool bracketed = url_host.starts_with('[') && url_host.ends_with(']');
  const std::string host(bracketed ? url_host.substr(1, url_host.size() - 2) : url_host);
  addrinfo hints{};
  hints.ai_socktype = SOCK_STREAM;
  hints.ai_flags = lookup == Lookup::literal ? AI_NUMERICHOST : 0;
  addrinfo* found = nullptr;
  if (getaddrinfo(host.c_str(), nullptr, &hints, &found) != 0) return std::nullopt;
  const std::unique_ptr<addrinfo, decltype(&freeaddrinfo)> owner(found, freeaddrinfo);
  for (; found != nullptr; found = found->ai_next) {
    if (!is_private_address(found->ai_addr)) return false;
  }
  return true;
}

}  // namespace doutu
