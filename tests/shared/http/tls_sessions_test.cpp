#include "shared/http/tls_sessions.h"

#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <openssl/ssl.h>
#include <sys/socket.h>

#include <array>
#include <atomic>
#include <csignal>
#include <memory>
#include <string>
#include <thread>

#include "shared/base/unique_fd.h"
#include "shared/http/http_client.h"
#include "shared/http/transfer_handle.h"
#include "tests/site/certificate.h"

namespace doutu {
namespace {

/// Answers one request on each TLS connection, at every address of loopback, and closes it. One thread.
class TlsServer {
 public:
  TlsServer() {
    certificate_.install(context_.get());
    sockaddr_in address{};
    address.sin_family = AF_INET;
    socklen_t size = sizeof address;
    auto* const name = reinterpret_cast<sockaddr*>(&address);
    EXPECT_EQ(::bind(listener_.get(), name, size), 0);
    EXPECT_EQ(::getsockname(listener_.get(), name, &size), 0);
    EXPECT_EQ(::listen(listener_.get(), 64), 0);
    port_ = ntohs(address.sin_port);
    thread_ = std::jthread([this] { serve(); });
  }
  TlsServer(const TlsServer&) = delete;
  TlsServer& operator=(const TlsServer&) = delete;
  ~TlsServer() { ::shutdown(listener_.get(), SHUT_RDWR); }

  [[nodiscard]] std::string url(const std::string& host) const {
    return "https://" + host + ":" + std::to_string(port_) + "/";
  }
  [[nodiscard]] int connections() const { return connections_; }
  [[nodiscard]] int full_handshakes() const { return full_handshakes_; }

 private:
  template <auto Free>
  struct Deleter {
    template <class T>
    void operator()(T* object) const {
      Free(object);
    }
  };

  void serve() {
    while (true) {
      const UniqueFd socket(::accept4(listener_.get(), nullptr, nullptr, SOCK_CLOEXEC));
      if (!socket.valid()) return;
      const std::unique_ptr<SSL, Deleter<SSL_free>> tls(SSL_new(context_.get()));
      SSL_set_fd(tls.get(), socket.get());
      if (SSL_accept(tls.get()) == 1) answer(tls.get());
    }
  }

  void answer(SSL* tls) {
    ++connections_;
    if (SSL_session_reused(tls) == 0) ++full_handshakes_;
    std::array<char, 4096> request{};
    SSL_read(tls, request.data(), request.size());
    const std::string answer = "HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 1\r\n\r\nx";
    SSL_write(tls, answer.data(), static_cast<int>(answer.size()));
    if (SSL_shutdown(tls) == 0) SSL_read(tls, request.data(), request.size());
  }

  const Certificate certificate_;
  const std::unique_ptr<SSL_CTX, Deleter<SSL_CTX_free>> context_{SSL_CTX_new(TLS_server_method())};
  const UniqueFd listener_{::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)};
  std::uint16_t port_ = 0;
  std::atomic<int> connections_{0};
  std::atomic<int> full_handshakes_{0};
  std::jthread thread_;
};

std::size_t ignore_bytes(char* /*data*/, std::size_t size, std::size_t count, void* /*context*/) {
  return size * count;
}

class TlsSessionsTest : public testing::TestWithParam<TransferHandle::Reuse> {
 protected:
  static void SetUpTestSuite() { init_http(); }

  void get(const std::string& host) {
    CURL* const easy = handle_.next_handle();
    sessions_.serve(easy, host);
    set_text(easy, CURLOPT_URL, server_.url(host).c_str());
    EXPECT_EQ(perform_alone(multi_.get(), easy), CURLE_OK);
    curl_multi_remove_handle(multi_.get(), easy);
  }

  static void prepare(CURL* easy) {
    HttpOptions http;
    http.insecure = true;
    apply_http_settings(easy, http);
    curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, ignore_bytes);
  }

  TlsServer server_;
  const TlsSessions sessions_;
  TransferHandle handle_{prepare, GetParam()};
  const CurlMultiHandle multi_{curl_multi_init()};
};

TEST_P(TlsSessionsTest, OutliveTheHandleThatMadeThem) {
  for (int i = 0; i < 4; ++i) get("127.0.0.1");
  EXPECT_EQ(server_.connections(), 4);
  EXPECT_EQ(server_.full_handshakes(), 1);
}

TEST_P(TlsSessionsTest, AreKeptOfManyHosts) {
  constexpr int kHosts = 40;
  for (int round = 0; round < 2; ++round) {
    for (int i = 1; i <= kHosts; ++i) get("127.0.0." + std::to_string(i));
  }
  EXPECT_EQ(server_.connections(), 2 * kHosts);
  EXPECT_EQ(server_.full_handshakes(), kHosts);
}

INSTANTIATE_TEST_SUITE_P(OfEitherHandle, TlsSessionsTest,
                         testing::Values(TransferHandle::Reuse::safe, TransferHandle::Reuse::unsafe));

}  // namespace
}  // namespace doutu
