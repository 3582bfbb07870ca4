#include "shared/http/proxy_failure.h"

#include <gtest/gtest.h>

#include "shared/http/address_guard.h"
#include "shared/http/http_client.h"
#include "shared/url/proxy_url.h"
#include "tests/shared/http/raw_server.h"

namespace doutu {
namespace {

using Then = RawAnswer::Then;
using namespace std::string_literals;

std::size_t ignore_bytes(char* /*data*/, std::size_t size, std::size_t count, void* /*context*/) {
  return size * count;
}

class ProxyFailure : public testing::Test {
 protected:
  static void SetUpTestSuite() { init_http(); }

  /// What became of a request through that proxy.
  static std::optional<Cause> get(const std::string& url, const std::string& proxy, long limit_ms = 20'000) {
    HttpOptions http;
    http.proxy = proxy;
    const CurlEasy easy(curl_easy_init());
    HeaderLimit header_limit{.max = 1'000'000};
    apply_http_settings(easy.get(), http);
    curl_easy_setopt(easy.get(), CURLOPT_WRITEFUNCTION, ignore_bytes);
    curl_easy_setopt(easy.get(), CURLOPT_TIMEOUT_MS, limit_ms);
    install_header_limit(easy.get(), header_limit);
    curl_easy_setopt(easy.get(), CURLOPT_URL, url.c_str());
    const CURLcode code = curl_easy_perform(easy.get());
    long status = 0;
    curl_easy_getinfo(easy.get(), CURLINFO_RESPONSE_CODE, &status);
    return cause_of_proxy(easy.get(), code, status, proxy);
  }

  /// Through a proxy that answers so, whatever it is asked.
  static std::optional<Cause> answered(const std::string& url, const std::string& bytes, Then then = Then::close) {
    const RawServer proxy([&](const std::string&) { return RawAnswer{bytes, then}; });
    return get(url, proxy.url("/"));
  }

  static std::string refusing_port() { return refusing_url().substr("http://"s.size()); }
};

constexpr const char* kUrl = "http://site.test/";
constexpr const char* kSecureUrl = "https://site.test/";

TEST_F(ProxyFailure, IsAProxyThatCannotBeReachedOrLookedUp) {
  for (const char* scheme : {"http://", "socks5://", "socks5h://", "socks4a://"}) {
    for (const char* url : {kUrl, kSecureUrl}) {
      EXPECT_EQ(get(url, scheme + refusing_port()), Cause::proxy_unreachable) << scheme << url;
      EXPECT_EQ(get(url, scheme + "no-such-proxy.invalid:1"s), Cause::proxy_dns_failure) << scheme << url;
    }
  }
}

TEST_F(ProxyFailure, IsALoginThatTheProxyWants) {
  const std::string refusal = http_answer("", "Proxy-Authenticate: Basic\r\n", "407 Proxy Authentication Required");
  EXPECT_EQ(answered(kUrl, refusal), Cause::proxy_login);
  EXPECT_EQ(answered(kSecureUrl, refusal), Cause::proxy_login);
}

TEST_F(ProxyFailure, IsTheServersWhereTheProxyCannotReachIt) {
  EXPECT_EQ(answered(kSecureUrl, http_answer("", "", "502 Bad Gateway")), Cause::unreachable);
  EXPECT_EQ(answered(kSecureUrl, http_answer("", "", "503 Service Unavailable")), Cause::unreachable);
  EXPECT_EQ(answered(kUrl, http_answer("", "", "502 Bad Gateway")), std::nullopt) << "it may be the site's own answer";
}

TEST_F(ProxyFailure, IsAConnectionThatTheProxyClosesWithoutAnAnswer) {
  EXPECT_EQ(answered(kUrl, "", Then::close), Cause::proxy_failure);
  EXPECT_EQ(answered(kUrl, "", Then::reset), Cause::proxy_failure);
}

TEST_F(ProxyFailure, IsATunnelThatTheProxyRefusesOrForgets) {
  EXPECT_EQ(answered(kSecureUrl, http_answer("", "", "403 Forbidden")), Cause::proxy_failure);
  EXPECT_EQ(answered(kSecureUrl, "", Then::close), Cause::proxy_failure);
  EXPECT_EQ(answered(kSecureUrl, "", Then::reset), Cause::proxy_failure);
  EXPECT_EQ(answered(kSecureUrl, "SSH-2.0-x\r\n\r\n"), Cause::proxy_failure);
}

TEST_F(ProxyFailure, IsTlsWithTheProxyAndNotWithTheServerBehind) {
  const RawServer plain([](const std::string&) { return RawAnswer{"no TLS here\r\n\r\n"}; });
  const std::string proxy = "https://127.0.0.1:" + std::to_string(plain.port());
  EXPECT_EQ(get(kUrl, proxy), Cause::proxy_failure);
  EXPECT_EQ(get(kSecureUrl, proxy), Cause::proxy_failure);
  // The tunnel stands, and what speaks at its other end is no TLS.
  const RawServer tunnel([](const std::string& request) {
    const bool is_connect = request.starts_with("CONNECT ");
    return is_connect ? RawAnswer{"HTTP/1.1 200 OK\r\n\r\n", Then::keep_alive} : RawAnswer{"no TLS here\r\n\r\n"};
  });
  EXPECT_EQ(get(kSecureUrl, tunnel.url("/")), std::nullopt);
}

TEST_F(ProxyFailure, IsWhatSocksRepliesSay) {
  const auto replied = [](const std::string& bytes, const std::string& scheme = "socks5h", const char* url = kUrl) {
    const RawServer proxy([](const std::string&) { return RawAnswer{}; }, bytes);
    return get(url, scheme + "://127.0.0.1:" + std::to_string(proxy.port()));
  };
  const auto reply = [&](char code) {
    return replied("\x05\x00"s + "\x05"s + code + "\x00\x01\x00\x00\x00\x00\x00\x00"s);
  };
  EXPECT_EQ(reply('\x03'), Cause::unreachable);
  EXPECT_EQ(reply('\x04'), Cause::unreachable);
  EXPECT_EQ(reply('\x05'), Cause::connection_refused);
  EXPECT_EQ(reply('\x02'), Cause::proxy_failure) << "not allowed by its rules";
  EXPECT_EQ(replied("\x05\x00"s, "socks5", "http://no-such-site.invalid/"), Cause::dns_failure) << "looked up here";
  EXPECT_EQ(replied("\x05\xff"s), Cause::proxy_login);
  EXPECT_EQ(replied("HTTP/1.1 400 Bad Request\r\n\r\n"), Cause::proxy_failure) << "no SOCKS";
}

TEST_F(ProxyFailure, IsNoneWhereTheProxyDoesItsPart) {
  EXPECT_EQ(answered(kUrl, http_answer("x")), std::nullopt);
  EXPECT_EQ(answered(kUrl, http_answer("x", "", "404 Not Found")), std::nullopt);
  EXPECT_EQ(answered(kUrl, "HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nx"), std::nullopt);
  EXPECT_EQ(get(refusing_url(), ""), std::nullopt) << "there is no proxy";
}

TEST(ProxyCheck, KnowsWhatCurlKnows) {
  for (const char* good : {"127.0.0.1:3128", "proxy", "http://proxy", "https://u:p@proxy:1", "socks4://p",
                           "socks4a://p", "socks5://[::1]:1080", "SOCKS5H://p"}) {
    EXPECT_TRUE(check_proxy(good)) << good;
  }
  for (const char* bad : {"ftp://proxy", "socks://proxy", "http://", "http://a b", "://x"}) {
    EXPECT_FALSE(check_proxy(bad)) << bad;
  }
}

}  // namespace
}  // namespace doutu
