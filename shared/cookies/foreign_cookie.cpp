#include "shared/cookies/foreign_cookie.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "shared/cookies/site.h"
#include "shared/url/ip_text.h"
#include "shared/url/url_host.h"

namespace doutu {
namespace {

constexpr double kMaxSeconds = 253'402'300'799;  // the end of the year 9999

std::int64_t read_expiry(double time, std::int64_t now) {
  if (!(time > 0)) return 0;
  for (int unit = 0; unit < 2 && time > kMaxSeconds; ++unit) time /= 1000;
  return std::clamp(static_cast<std::int64_t>(std::min(time, kMaxSeconds)), std::int64_t{1}, now + kMaxCookieAge);
}

/// As url_host() says it.
std::optional<std::string> read_host(std::string_view text) {
  if (const auto address = normal_ipv6(text)) return fmt::format("[{}]", *address);
  return normal_host(text);
}

}  // namespace

std::optional<Cookie> as_ours(Cookie cookie, std::string_view domain, double expiry, std::int64_t now_ms) {
  const bool has_dot = domain.starts_with('.');
  std::optional<std::string> host = read_host(domain.substr(has_dot ? 1 : 0));
  if (!host) return std::nullopt;
  cookie.host_only = (cookie.host_only && !has_dot) || is_address(*host) || is_public_suffix(*host);
  cookie.domain = *std::move(host);
  cookie.expires = read_expiry(expiry, now_ms / 1000);
  if (!is_well_formed(cookie)) return std::nullopt;
  return cookie;
}

}  // namespace doutu
