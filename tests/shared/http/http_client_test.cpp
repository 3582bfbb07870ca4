#include "shared/http/http_client.h"

#include <gtest/gtest.h>

#include "shared/http/address_guard.h"
#include "tests/shared/http/raw_server.h"

namespace doutu {
namespace {

using Then = RawAnswer::Then;

std::size_t ignore_bytes(char* /*data*/, std::size_t size, std::size_t count, void* /*context*/) {
  return size * count;
}

class HttpClientTest : public testing::Test {
 protected:
  static void SetUpTestSuite() { init_http(); }

  HttpClientTest() : easy_(curl_easy_init()) {
    apply_http_settings(easy_.get(), http_);
    curl_easy_setopt(easy_.get(), CURLOPT_WRITEFUNCTION, ignore_bytes);
    install_header_limit(easy_.get(), header_limit_);
  }

  Cause get(const std::string& url, milliseconds limit = milliseconds(20'000)) {
    curl_easy_setopt(easy_.get(), CURLOPT_URL, url.c_str());
    curl_easy_setopt(easy_.get(), CURLOPT_TIMEOUT_MS, static_cast<long>(limit.count()));
    header_limit_.begin();
    const CURLcode code = curl_easy_perform(easy_.get());
    curl_easy_getinfo(easy_.get(), CURLINFO_RESPONSE_CODE, &status_);
    return cause_of_transfer(easy_.get(), code, status_, limit, header_limit_.said.data());
  }

  Cause get_answer(const std::string& bytes, Then then = Then::close) {
    const RawServer server([&](const std::string&) { return RawAnswer{bytes, then}; });
    return get(server.url("/"));
  }

  /// To a client that wants TLS.
  Cause get_tls_answer(const std::string& bytes, Then then = Then::close) {
    const RawServer server([&](const std::string&) { return RawAnswer{bytes, then}; });
    std::string url = server.url("/");
    return get(url.insert(4, "s"));
  }

  const HttpOptions http_;
  const CurlEasy easy_;
  HeaderLimit header_limit_{.max = 1'000'000};
  long status_ = 0;
};

TEST_F(HttpClientTest, ReadsTheStatus) {
  EXPECT_EQ(get_answer(http_answer("x")), Cause::none);
  EXPECT_EQ(get_answer(http_answer("x", "", "204 No Content")), Cause::none);
  EXPECT_EQ(get_answer(http_answer("x", "", "404 Not Found")), Cause::http_status);
  EXPECT_EQ(status_, 404);
  EXPECT_EQ(get_answer(http_answer("x", "Location: /y\r\n", "302 Found")), Cause::http_status);
  EXPECT_TRUE(is_redirect(status_));
  EXPECT_EQ(redirect_target(easy_.get(), "http://a.test/x", {}).url, "http://a.test/y");
  EXPECT_FALSE(is_redirect(304));
  EXPECT_FALSE(is_redirect(300));
}

TEST_F(HttpClientTest, TellsHowAConnectionEnded) {
  EXPECT_EQ(get(refusing_url()), Cause::connection_refused);
  EXPECT_EQ(get_answer("", Then::close), Cause::connection_lost);
  EXPECT_EQ(get_answer("", Then::reset), Cause::connection_lost);
  EXPECT_EQ(get_answer("HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nxx"), Cause::truncated);
  EXPECT_EQ(get_answer("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nab"), Cause::truncated);
  EXPECT_EQ(get_answer("this is no HTTP at all\r\n\r\n"), Cause::bad_response);
}

TEST_F(HttpClientTest, TellsABrokenConnectionFromABrokenMessage) {
  const std::string chunked = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n";
  EXPECT_EQ(get_answer(chunked + "5\r\nab", Then::reset), Cause::connection_lost);
  for (const char* chunks :
       {"zz\r\nab\r\n", "\r\n\r\n", "11111111111111111111\r\nab", "ffffffffffffffff\r\nab", "2\r\nabc"}) {
    EXPECT_EQ(get_answer(chunked + chunks), Cause::bad_response) << chunks;
  }
  EXPECT_EQ(get_answer(chunked + "5\r\nab", Then::reset), Cause::connection_lost);
}

TEST_F(HttpClientTest, TakesNoPartAndNoContradiction) {
  EXPECT_EQ(get_answer(http_answer("x", "", "206 Partial Content")), Cause::bad_response);
  EXPECT_EQ(get_answer(http_answer("x", "Content-Length: 1\r\n")), Cause::none);
  EXPECT_EQ(get_answer("HTTP/1.1 200 OK\r\nContent-Length: 2\r\nContent-Length: 1\r\n\r\nxy"), Cause::bad_response);
  EXPECT_EQ(get_answer("HTTP/1.1 200 OK\r\nContent-Length: 2\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n"
                       "\r\n1\r\nx\r\n0\r\n\r\n"),
            Cause::none)
      << "chunks override every length";
}

TEST_F(HttpClientTest, TellsTimeoutFromStall) {
  const RawServer server([](const std::string&) {
    return RawAnswer{"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nxx", Then::hold_open};
  });
  EXPECT_EQ(get(server.url("/"), milliseconds(100)), Cause::timeout);
  curl_easy_setopt(easy_.get(), CURLOPT_LOW_SPEED_LIMIT, 1000L);
  curl_easy_setopt(easy_.get(), CURLOPT_LOW_SPEED_TIME, 1L);
  EXPECT_EQ(get(server.url("/")), Cause::stalled);
}

TEST_F(HttpClientTest, TellsASlowAnswerOverAUsedConnectionFromANameThatNobodyLooksUp) {
  std::size_t requests = 0;
  const RawServer server([&](const std::string&) {
    return ++requests == 1 ? RawAnswer{http_answer("x"), Then::keep_alive} : RawAnswer{"", Then::hold_open};
  });
  EXPECT_EQ(get(server.url("/")), Cause::none);
  EXPECT_EQ(get(server.url("/"), milliseconds(100)), Cause::timeout);
  EXPECT_EQ(server.connections(), 1U);
}

TEST_F(HttpClientTest, TellsAConnectionThatNeverCameAboutFromASlowAnswer) {
  const RawServer server([](const std::string&) { return RawAnswer{"", Then::hold_open}; });
  EXPECT_EQ(get(server.url("/"), milliseconds(100)), Cause::timeout);
  // TLS with a server that says nothing: connected by TCP, but no connection that could carry a request.
  std::string url = server.url("/");
  url.insert(4, "s");
  EXPECT_EQ(get(url, milliseconds(100)), Cause::connect_timeout);
}

TEST_F(HttpClientTest, TellsThatTlsFailed) {
  EXPECT_EQ(get_tls_answer(http_answer("x")), Cause::tls_missing);
  const std::string alert("\x15\x03\x03\x00\x02\x02\x28", 7);  // handshake_failure
  EXPECT_EQ(get_tls_answer(alert), Cause::tls_failure);
}

TEST_F(HttpClientTest, TellsAConnectionThatEndsBeforeTlsStandsFromTlsThatFailed) {
  const std::string begun("\x16\x03\x03\x00\x7a\x02\x00", 7);  // of a server's hello
  for (const Then then : {Then::close, Then::reset}) {
    EXPECT_EQ(get_tls_answer("", then), Cause::connection_lost) << header_limit_.said.data();
    EXPECT_EQ(get_tls_answer(begun, then), Cause::connection_lost) << header_limit_.said.data();
  }
}

TEST_F(HttpClientTest, SpeaksHttpOnly) {
  EXPECT_NE(get("file:///etc/passwd"), Cause::none);
  EXPECT_NE(get("ftp://127.0.0.1/"), Cause::none);
}

TEST_F(HttpClientTest, ListensToTheSettingsAndNotToTheEnvironment) {
  const RawServer server([](const std::string&) { return RawAnswer{http_answer("x"), Then::close}; });
  ASSERT_EQ(setenv("http_proxy", refusing_url().c_str(), 1), 0);  // NOLINT(concurrency-mt-unsafe)
  EXPECT_EQ(get(server.url("/a/./b")), Cause::none);
  unsetenv("http_proxy");  // NOLINT(concurrency-mt-unsafe)
  EXPECT_TRUE(server.requests().at(0).starts_with("GET /a/./b HTTP/1.1\r\n")) << "curl changes no path";
}

TEST_F(HttpClientTest, BoundsTheHeader) {
  header_limit_.max = 10'000;
  std::string lines;
  for (int i = 0; i < 200; ++i) lines += "X-Filler: " + std::string(90, 'x') + "\r\n";
  EXPECT_EQ(get_answer(http_answer("x", lines)), Cause::bad_response);
  header_limit_.max = 100'000;
  EXPECT_EQ(get_answer(http_answer("x", lines)), Cause::none);
}

TEST_F(HttpClientTest, TellsWhetherTheHeaderCameToItsEnd) {
  const std::string chunked = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1\r\nx\r\n0\r\n";
  const std::string interim = "HTTP/1.1 103 Early Hints\r\nLink: </x>\r\n\r\n";
  for (const std::string& whole :
       {http_answer("x"), chunked + "\r\n", chunked + "X: y\r\n\r\n", chunked + "HTTP/1.1 404: Not Found\r\n\r\n",
        chunked + "HTTP/1.1 103: Early Hints\r\n\r\n", interim + http_answer("x"), interim + interim + http_answer("x"),
        "HTTP/1.1 100 Continue\r\n\r\n" + http_answer("x"), http_answer("x", "HTTP/1.1 103: x\r\n")}) {
    EXPECT_EQ(get_answer(whole), Cause::none) << whole;
    EXPECT_FALSE(header_limit_.was_cut(CURLE_OK)) << whole;
  }
  const std::string cut = "HTTP/1.1 200 OK\r\nX: y\r\n";
  for (const std::string& bytes : {cut, interim + cut, cut + "HTTP/1.1 200 OK\r\n"}) {
    (void)get_answer(bytes);
    EXPECT_TRUE(header_limit_.was_cut(CURLE_OK)) << bytes;
  }
}

/// Behind a proxy that makes a tunnel, and then gives this answer for the server. A handle makes one transfer: see
/// transfer_handle.h.
class BehindATunnel : public HttpClientTest, public testing::WithParamInterface<const char*> {
 protected:
  Cause get_answer_of_server() {
    const RawServer proxy([](const std::string& request) {
      const bool is_connect = request.starts_with("CONNECT ");
      return RawAnswer{is_connect ? "HTTP/1.1 200 OK\r\n\r\n" : GetParam(),
                       is_connect ? Then::keep_alive : Then::close};
    });
    set_text(easy_.get(), CURLOPT_PROXY, proxy.url("").c_str());
    curl_easy_setopt(easy_.get(), CURLOPT_HTTPPROXYTUNNEL, 1L);
    return get("http://example.com/");
  }
};

TEST_P(BehindATunnel, TheHeaderIsTheServers) {
  const Cause cause = get_answer_of_server();
  EXPECT_TRUE(cause == Cause::bad_response || header_limit_.was_cut(CURLE_OK));
}

INSTANTIATE_TEST_SUITE_P(OfEachBadKind, BehindATunnel,
                         testing::Values("HTTP/1.1 200 OK\r\n folded: first line\r\n\r\n",
                                         "HTTP/1.1 200 OK\r\nX: and cut\r\n"));

TEST_F(HttpClientTest, ReadsRetryAfterWithinItsBound) {
  const auto ask = [&](const std::string& value) {
    get_answer(http_answer("", "Retry-After: " + value + "\r\n", "429 Too Many Requests"));
    return retry_after(easy_.get(), seconds(3600));
  };
  EXPECT_EQ(ask("7"), seconds(7));
  EXPECT_EQ(ask("0"), seconds(0));
  EXPECT_EQ(ask("99999999"), seconds(3600));
  EXPECT_EQ(ask("-5"), seconds(0));
  EXPECT_EQ(ask("soon"), seconds(0));
  EXPECT_EQ(ask("120abc"), seconds(0));
  EXPECT_EQ(ask(" 7 \t"), seconds(7));
  EXPECT_EQ(ask("99999999999999999999999"), seconds(3600));
  EXPECT_EQ(ask("Fri, 31 Dec 2100 23:59:59 GMT"), seconds(3600));
  EXPECT_EQ(ask("Fri, 31 Dec 1999 23:59:59 GMT"), seconds(0));
  get_answer(http_answer(""));
  EXPECT_EQ(retry_after(easy_.get(), seconds(3600)), seconds(0)) << "not that of the answer before";
}

TEST_F(HttpClientTest, AsksTheGuardBeforeItConnects) {
  const RawServer server([](const std::string&) { return RawAnswer{http_answer("x"), Then::keep_alive}; });
  const AddressGuard guard("127.0.0.1", AddressGuard::Allows::open_internet);
  GuardedTransfer transfer{.guard = &guard, .host = "evil.example"};
  install_address_guard(easy_.get(), transfer);
  EXPECT_NE(get(server.url("/")), Cause::none);
  EXPECT_TRUE(transfer.refused);
  EXPECT_EQ(server.connections(), 0U);

  transfer = {.guard = &guard, .host = "127.0.0.1"};
  EXPECT_EQ(get(server.url("/")), Cause::none);
  EXPECT_FALSE(transfer.refused);
}

TEST_F(HttpClientTest, AsksTheGuardAgainOnAReusedConnection) {
  const RawServer server([](const std::string&) { return RawAnswer{http_answer("x"), Then::keep_alive}; });
  const AddressGuard guard("127.0.0.1", AddressGuard::Allows::open_internet);
  GuardedTransfer transfer{.guard = &guard, .host = "127.0.0.1"};
  install_address_guard(easy_.get(), transfer);
  EXPECT_EQ(get(server.url("/1")), Cause::none);
  EXPECT_EQ(get(server.url("/2")), Cause::none);
  EXPECT_EQ(server.connections(), 1U) << "the connection is reused";
  transfer.host = "evil.example";
  EXPECT_NE(get(server.url("/3")), Cause::none);
  EXPECT_TRUE(transfer.refused);
  EXPECT_EQ(server.requests().size(), 2U);
}

}  // namespace
}  // namespace doutu
