#include "shared/cookies/set_cookie.h"

#include <algorithm>
#include <charconv>
#include <string>

#include "shared/base/ascii.h"
#include "shared/base/http_date.h"
#include "shared/base/whitespace.h"
#include "shared/cookies/site.h"
#include "shared/url/url_split.h"

namespace doutu {
namespace {

constexpr std::string_view kWhitespace = " \t";  // WSP of the RFC
constexpr std::int64_t kLongAgo = 1;             // 0 would be a cookie of the session

/// The attributes; of one that comes twice the last counts.
struct Attributes {
  std::optional<std::int64_t> expires, max_age_end;  // seconds since 1970
  std::string domain;                                // empty: none
  std::string_view path;                             // empty: the default
  bool secure = false, http_only = false;
  SameSite same_site = SameSite::unset;
};

/// "a=b" apart; nullopt for the value where there is no '='.
struct Pair {
  std::string_view name;
  std::optional<std::string_view> value;
};

Pair split_pair(std::string_view text) {
  Pair pair;
  pair.value = take_behind(text, '=');
  pair.name = trim(text, kWhitespace);
  if (pair.value) pair.value = trim(*pair.value, kWhitespace);
  return pair;
}

/// Takes what stands before the next semicolon off text.
std::string_view take_part(std::string_view& text) {
  const std::string_view part = text.substr(0, text.find(';'));
  text.remove_prefix(std::min(part.size() + 1, text.size()));
  return part;
}

/// Within what a cookie may last: from long ago to 400 days from now.
std::int64_t bounded_time(std::int64_t seconds, std::int64_t now) {
  return std::clamp(seconds, kLongAgo, std::max(now + kMaxCookieAge, kLongAgo));
}

std::optional<std::int64_t> read_expires(std::string_view value, std::int64_t now) {
  const auto date = parse_http_date(value);
  if (!date) return std::nullopt;
  return bounded_time(date->time_since_epoch().count(), now);
}

/// RFC section 5.6.2: digits, perhaps after a '-', of any length.
std::optional<std::int64_t> read_max_age(std::string_view value, std::int64_t now) {
  const bool negative = value.starts_with('-');
  const std::string_view digits = value.substr(negative ? 1 : 0);
  if (digits.empty() || !std::ranges::all_of(digits, is_ascii_digit)) return std::nullopt;
  std::int64_t seconds = kMaxCookieAge;  // what is out of range is more
  std::from_chars(digits.data(), digits.data() + digits.size(), seconds);
  if (negative || seconds == 0) return kLongAgo;
  return bounded_time(now + std::min(seconds, kMaxCookieAge), now);
}

SameSite read_same_site(std::string_view value) {
  if (equals_ignoring_case(value, "none")) return SameSite::none;
  if (equals_ignoring_case(value, "lax")) return SameSite::lax;
  if (equals_ignoring_case(value, "strict")) return SameSite::strict;
  return SameSite::unset;
}

void read_attribute(const Pair& pair, std::int64_t now, Attributes& attributes) {
  const std::string_view value = pair.value.value_or("");
  if (value.size() > kMaxCookieAttributeBytes) return;
  const auto is = [&](std::string_view name) { return equals_ignoring_case(pair.name, name); };
  if (is("expires")) {
    if (const auto time = read_expires(value, now)) attributes.expires = time;
  } else if (is("max-age")) {
    if (const auto time = read_max_age(value, now)) attributes.max_age_end = time;
  } else if (is("domain")) {
    attributes.domain = ascii_lower(value.substr(value.starts_with('.') ? 1 : 0));
  } else if (is("path")) {
    attributes.path = value.starts_with('/') ? value : "";
  } else if (is("secure")) {
    attributes.secure = true;
  } else if (is("httponly")) {
    attributes.http_only = true;
  } else if (is("samesite")) {
    attributes.same_site = read_same_site(value);
  }
}

Attributes read_attributes(std::string_view text, std::int64_t now) {
  Attributes attributes;
  while (!text.empty()) read_attribute(split_pair(take_part(text)), now, attributes);
  return attributes;
}

/// RFC section 5.1.4: the folder of the URL's path.
std::string_view default_path(std::string_view url_path) {
  const std::size_t last_slash = url_path.rfind('/');
  return last_slash == 0 || last_slash == std::string_view::npos ? "/" : url_path.substr(0, last_slash);
}

enum class Accepted { no, yes };

/// Sets the domain. A public suffix is a domain for nobody but itself.
Accepted set_domain(Cookie& cookie, std::string_view domain, std::string_view host) {
  cookie.domain = host;
  cookie.host_only = domain.empty() || is_address(host) || (domain == host && is_public_suffix(host));
  if (domain.empty() || domain == host) return Accepted::yes;
  if (!domain_matches(host, domain) || is_public_suffix(domain)) return Accepted::no;
  cookie.domain = domain;
  return Accepted::yes;
}

/// RFC section 5.7: names that promise something. A cookie without a name may not look like one of them on the wire.
Accepted keeps_prefix(const Cookie& cookie, const Attributes& attributes) {
  const std::string& start = cookie.name.empty() ? cookie.value : cookie.name;
  const bool secure_prefix = starts_with_ignoring_case(start, "__Secure-");
  const bool host_prefix = starts_with_ignoring_case(start, "__Host-");
  if (!secure_prefix && !host_prefix) return Accepted::yes;
  if (cookie.name.empty() || !cookie.secure) return Accepted::no;
  if (host_prefix && !(cookie.host_only && attributes.path == "/")) return Accepted::no;
  return Accepted::yes;
}

/// What an answer that anybody may have written, or one of another site, cannot set.
Accepted keeps_to_its_place(const Cookie& cookie, const Setting& setting) {
  if (cookie.secure && cookie.set_over_http) return Accepted::no;
  if (cookie.same_site == SameSite::none && !cookie.secure) return Accepted::no;
  if (setting.from_other_site && cookie.same_site != SameSite::none) return Accepted::no;
  return Accepted::yes;
}

/// Name and value; a part without '=' is a value without a name.
Cookie read_pair(std::string_view text) {
  const Pair pair = split_pair(text);
  Cookie cookie;
  if (pair.value) cookie.name = pair.name;
  cookie.value = pair.value.value_or(pair.name);
  return cookie;
}

/// RFC section 5.6 ignores a header with one of these; HTAB may stand where it is trimmed.
bool is_control(char c) { return (static_cast<unsigned char>(c) < 0x20 && c != '\t') || c == 0x7f; }

}  // namespace

std::optional<Cookie> read_set_cookie(std::string_view value, const Setting& setting) {
  if (std::ranges::any_of(value, is_control)) return std::nullopt;
  const SplitUrl url = split_url(setting.url);
  const std::string_view pair = take_part(value);
  const Attributes attributes = read_attributes(value, setting.now_ms / 1000);

  Cookie cookie = read_pair(pair);
  cookie.path = attributes.path.empty() ? default_path(url.path) : attributes.path;
  cookie.expires = attributes.max_age_end.value_or(attributes.expires.value_or(0));
  cookie.secure = attributes.secure;
  cookie.http_only = attributes.http_only;
  cookie.same_site = attributes.same_site;
  cookie.created = setting.now_ms;
  cookie.set_over_http = url.scheme != UrlScheme::https;
  if (set_domain(cookie, attributes.domain, url.host) == Accepted::no) return std::nullopt;
  if (keeps_prefix(cookie, attributes) == Accepted::no) return std::nullopt;
  if (keeps_to_its_place(cookie, setting) == Accepted::no) return std::nullopt;
  if (!is_well_formed(cookie)) return std::nullopt;
  return cookie;
}

}  // namespace doutu
