#include "shared/http/proxy_failure.h"

#include "shared/base/ascii.h"

namespace doutu {
namespace {

constexpr long kWantsLogin = 407;

long number(CURL* easy, CURLINFO what) {
  long value = 0;
  curl_easy_getinfo(easy, what, &value);
  return value;
}

bool never_came(CURL* easy, CURLINFO moment) {
  curl_off_t microseconds = 0;
  curl_easy_getinfo(easy, moment, &microseconds);
  return microseconds == 0;
}

/// To an https URL, whatever the proxy: by CONNECT.
bool is_tunnel(CURL* easy) {
  const char* url = nullptr;
  curl_easy_getinfo(easy, CURLINFO_EFFECTIVE_URL, &url);
  return url != nullptr && ascii_lower(std::string_view(url).substr(0, 6)) == "https:";
}

/// The proxy's answer to CONNECT; 0: none came.
long connect_status(CURL* easy) { return number(easy, CURLINFO_HTTP_CONNECTCODE); }

/// nullopt: there is no tunnel, or it stands. Once a request is sent, it does, also if it was made for another one.
std::optional<Cause> cause_of_tunnel(CURL* easy) {
  if (!is_tunnel(easy) || !never_came(easy, CURLINFO_PRETRANSFER_TIME_T)) return std::nullopt;
  const long status = connect_status(easy);
  if (status >= 200 && status <= 299) return std::nullopt;
  if (status == kWantsLogin) return Cause::proxy_login;
  return status >= 502 && status <= 504 ? Cause::unreachable : Cause::proxy_failure;
}

/// Of an https proxy. With one, TLS before the tunnel stands is with the proxy.
bool is_tls_with_proxy(CURL* easy, std::string_view proxy) {
  if (!ascii_lower(proxy).starts_with("https:")) return false;
  return number(easy, CURLINFO_PROXY_SSL_VERIFYRESULT) != 0 || !is_tunnel(easy) || connect_status(easy) == 0;
}

/// A request for an http URL is the proxy's to answer, unless it speaks SOCKS: that one hands bytes on. It closed the
/// connection before it said anything.
bool is_silent_proxy(CURL* easy, long http_status, std::string_view proxy) {
  return !is_tunnel(easy) && http_status == 0 && !ascii_lower(proxy).starts_with("socks");
}

Cause cause_of_socks(CURL* easy) {
  switch (number(easy, CURLINFO_PROXY_ERROR)) {
    case CURLPX_REPLY_CONNECTION_REFUSED:
      return Cause::connection_refused;
    case CURLPX_REPLY_HOST_UNREACHABLE:
    case CURLPX_REPLY_NETWORK_UNREACHABLE:
    case CURLPX_REPLY_TTL_EXPIRED:
    case CURLPX_REQUEST_FAILED:  // SOCKS4 says no more.
      return Cause::unreachable;
    case CURLPX_RESOLVE_HOST:
      return Cause::dns_failure;
    case CURLPX_NO_AUTH:
    case CURLPX_USER_REJECTED:
    case CURLPX_IDENTD:
    case CURLPX_IDENTD_DIFFER:
      return Cause::proxy_login;
    default:
      return Cause::proxy_failure;
  }
}

/// SOCKS does its part before the connection counts as made. Nothing is sent before PRETRANSFER; over a used connection
/// libcurl 8 leaves the other two out.
std::optional<Cause> cause_of_timeout(CURL* easy) {
  if (!never_came(easy, CURLINFO_PRETRANSFER_TIME_T)) return std::nullopt;
  if (never_came(easy, CURLINFO_NAMELOOKUP_TIME_T)) return Cause::proxy_dns_failure;
  if (never_came(easy, CURLINFO_CONNECT_TIME_T)) return Cause::proxy_unreachable;
  return std::nullopt;
}

}  // namespace

std::optional<Cause> cause_of_proxy(CURL* easy, CURLcode code, long http_status, std::string_view proxy) {
  if (proxy.empty()) return std::nullopt;
  switch (code) {
    case CURLE_OK:
      return http_status == kWantsLogin ? std::optional(Cause::proxy_login) : std::nullopt;
    case CURLE_COULDNT_RESOLVE_PROXY:
    case CURLE_COULDNT_RESOLVE_HOST:  // libcurl says so of the name of a SOCKS proxy. No other name is looked up first.
      return Cause::proxy_dns_failure;
    case CURLE_COULDNT_CONNECT:
      return Cause::proxy_unreachable;
    case CURLE_PROXY:
      return cause_of_socks(easy);
    case CURLE_OPERATION_TIMEDOUT:
      return cause_of_timeout(easy);
    case CURLE_SSL_CONNECT_ERROR:
    case CURLE_PEER_FAILED_VERIFICATION:
      return is_tls_with_proxy(easy, proxy) ? std::optional(Cause::proxy_failure) : cause_of_tunnel(easy);
    case CURLE_RECV_ERROR:
    case CURLE_SEND_ERROR:
    case CURLE_GOT_NOTHING:
      return is_silent_proxy(easy, http_status, proxy) ? std::optional(Cause::proxy_failure) : cause_of_tunnel(easy);
    case CURLE_WEIRD_SERVER_REPLY:
    case CURLE_UNSUPPORTED_PROTOCOL:
      return cause_of_tunnel(easy);
    default:
      return std::nullopt;
  }
}

}  // namespace doutu
