// Cause: why a page or an image is not there. One list for both, because both are HTTP transfers. Report,
// failures.jsonl and ledger store a cause by its name. So a name never changes, but its number may. Any thread.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace doutu {

enum class Cause : std::uint16_t {
  none = 0,     ///< It is there.
  http_status,  ///< The server said no; the name carries the status: "http-404".

  // The network.
  dns_failure,
  connection_refused,
  unreachable,
  connect_timeout,
  connection_lost,
  tls_failure,         ///< For another reason than these:
  tls_unknown_issuer,  ///< The certificate is self-signed, or nobody who is trusted signed it.
  tls_wrong_name,
  tls_expired,   ///< Or it is not valid yet.
  tls_missing,   ///< What came is no TLS.
  timeout,       ///< The whole transfer took longer than its limit.
  stalled,       ///< Less than the minimum speed for too long.
  truncated,     ///< Fewer bytes than announced.
  bad_response,  ///< Not HTTP, or HTTP that curl cannot follow.
  too_many_redirects,
  bad_redirect,
  insecure_redirect,  ///< From https to http.
  private_address,
  blocked_port,  ///< One at which browsers expect another protocol than HTTP.
  robots,        ///< The server's robots.txt forbids it: it was not asked for. Shown as an outcome of its own.

  // The proxy.
  proxy_dns_failure,
  proxy_unreachable,
  proxy_login,    ///< It wants a user and a password, or others than these.
  proxy_failure,  ///< It is there, and did not let the request through.

  // What came.
  empty_body,
  too_large,
  not_an_image,
  html_not_image,
  incomplete_image,  ///< The body ends before the image does.
  damaged_image,     ///< The image contradicts itself.
  too_many_pixels,   ///< Announced; they were not decoded.

  // What the page said.
  bad_url,
  url_too_long,
  unsupported_scheme,  ///< blob:, javascript:, ftp: ... The image counts as skipped, not as failed.

  // Pages.
  page_too_large,
  too_many_hits,
  page_unreadable,
  bad_json,          ///< Its JSON breaks off, or is none.
  not_a_list,        ///< Neither a sitemap nor a feed, where one was expected.
  page_too_complex,  ///< Its tree takes too much memory.
  xpath_limit,
  page_too_slow,
  page_kills_fetcher,
  login_needed,  ///< It leads to a page of --before: the login has expired.
  bad_records,   ///< The fetcher's records were damaged, foreign, or disagreed with their count.

  // Images.
  host_limit,  ///< Its host has sent as many bytes as it may (--max-host-bytes): it was not asked.
  image_kills_downloader,
  internal_error,  ///< A call failed that has no business failing; the log says which.
};
inline constexpr std::uint32_t kCauseCount = static_cast<std::uint32_t>(Cause::internal_error) + 1;

/// "dns-failure", "http-404". Only lower-case letters, digits and hyphens. Empty for Cause::none.
[[nodiscard]] std::string cause_name(Cause cause, int http_status = 0);

/// What cause_name() was asked for; nullopt for a name that this version does not know.
struct NamedCause {
  Cause cause = Cause::none;
  int http_status = 0;
};
[[nodiscard]] std::optional<NamedCause> cause_from_name(std::string_view name);

/// The cause that another process wrote as a number; nullopt when there is no such cause.
[[nodiscard]] std::optional<Cause> cause_from_number(std::uint32_t number);

/// A sentence fragment for people: "the host name cannot be resolved". For http_status: "the server answered 404".
[[nodiscard]] std::string cause_text(Cause cause, int http_status = 0);

/// Whether another attempt may help. HTTP statuses: 408, 425, 429 and all of 5xx may, except 501 and 505.
[[nodiscard]] bool is_temporary(Cause cause, int http_status = 0);

/// Whether no connection came about, with the server or with the proxy before it: it may be out of reach as a whole.
[[nodiscard]] bool is_out_of_reach(Cause cause);

}  // namespace doutu
