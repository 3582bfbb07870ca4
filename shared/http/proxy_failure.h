// ProxyFailure: whether a transfer failed because of the proxy it went through, or of the server behind it. curl has
// one code for several of these. Pure; any thread.
#pragma once

#include <curl/curl.h>

#include <optional>
#include <string_view>

#include "shared/base/cause.h"

namespace doutu {

/// The cause of a transfer that ended with this code, where the proxy is to blame or has said what is wrong with the
/// server; nullopt: the proxy did its part, or there is none (proxy is empty). The proxy is CURLOPT_PROXY's.
///
///   it cannot be looked up, or reached       proxy_dns_failure, proxy_unreachable
///   407, or SOCKS refuses user and password  proxy_login
///   502 to 504 to CONNECT, SOCKS replies     what it says of the server: unreachable, connection_refused, dns_failure
///   any other answer to CONNECT, TLS to it   proxy_failure
///   it closes before it answers for http     proxy_failure
[[nodiscard]] std::optional<Cause> cause_of_proxy(CURL* easy, CURLcode code, long http_status, std::string_view proxy);

}  // namespace doutu
