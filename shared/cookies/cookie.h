// Cookie: one cookie as RFC 6265bis section 5.7 stores it, and which hosts and paths it is for. Pure; any thread.
// "RFC" without a number is draft-ietf-httpbis-rfc6265bis-20 in this room.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace doutu {

enum class SameSite : std::uint8_t {
  unset,  ///< Not said, or a word that nobody knows: as lax.
  none,
  lax,
  strict,
  given,  ///< The user gave it for wherever it matches (--cookies-domain).
};

struct Cookie {
  std::string name;       ///< May be empty: then the value alone is sent.
  std::string value;      ///< A secret: it stands in no log, report or argument.
  std::string domain;     ///< As url_host() says it, without a dot before it.
  bool host_only = true;  ///< For that host alone; else for its subdomains, too.
  std::string path = "/";
  std::int64_t expires = 0;  ///< Seconds since 1970; 0: of the session.
  bool secure = false;
  bool http_only = false;
  SameSite same_site = SameSite::unset;
  std::int64_t created = 0;    ///< Milliseconds since 1970.
  bool set_over_http = false;  ///< By an answer that anybody on the way may have written.

  bool operator==(const Cookie&) const = default;
};

/// Bytes: of name and value together, and of an attribute's value (RFC section 5.6).
inline constexpr std::size_t kMaxCookieBytes = 4096;
inline constexpr std::size_t kMaxCookieAttributeBytes = 1024;
/// The longest that a cookie is kept, in seconds: 400 days (RFC section 5.5).
inline constexpr std::int64_t kMaxCookieAge = std::int64_t{400} * 24 * 60 * 60;

/// Whether it may be stored, sent, and written as a line: what read_set_cookie() returns is so; what another process or
/// a file says has to be asked. Then no name or value has a control character (tabs, too), a semicolon, or white space
/// at its ends, the domain is a host as url_host() says it, and everything is within its limits.
[[nodiscard]] bool is_well_formed(const Cookie& cookie);

/// Whether it is no more at this time.
[[nodiscard]] bool has_expired(const Cookie& cookie, std::int64_t now_ms);

/// RFC section 5.1.3: whether a host is the domain, or one below it.
[[nodiscard]] bool domain_matches(std::string_view url_host, std::string_view domain);
/// RFC section 5.1.4: whether a URL's path is the cookie's, or one below it.
[[nodiscard]] bool path_matches(std::string_view url_path, std::string_view cookie_path);

/// Whether a request to that host may have it, as far as the host goes.
[[nodiscard]] bool is_for_host(const Cookie& cookie, std::string_view url_host);

/// Whether an answer of that host may set it: its own host, or a domain above it that is no public suffix. A process
/// that was taken over may say that another cookie was set.
[[nodiscard]] bool may_be_set_by(const Cookie& cookie, std::string_view url_host);

/// What tells cookies apart (RFC 6265bis section 5.7): of two with one key, the later one replaces the other.
[[nodiscard]] std::string cookie_key(const Cookie& cookie);

}  // namespace doutu
