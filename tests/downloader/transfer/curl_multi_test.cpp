#include "downloader/transfer/curl_multi.h"

#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include <array>
#include <boost/asio/io_context.hpp>
#include <functional>
#include <map>
#include <string>

#include "shared/base/clock.h"
#include "shared/base/unique_fd.h"
#include "shared/http/http_client.h"
#include "tests/shared/http/raw_server.h"

namespace doutu {
namespace {

/// A server whose every act is one of the test's, on the test's own thread.
class SlowServer {
 public:
  SlowServer() {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    auto* const name = reinterpret_cast<sockaddr*>(&address);
    socklen_t size = sizeof(address);
    EXPECT_EQ(::bind(listener_.get(), name, size), 0);
    EXPECT_EQ(::listen(listener_.get(), 8), 0);
    EXPECT_EQ(::getsockname(listener_.get(), name, &size), 0);
    url_ = "http://127.0.0.1:" + std::to_string(ntohs(address.sin_port)) + "/";
  }
  [[nodiscard]] const std::string& url() const { return url_; }
  /// The next connection, if there is one.
  bool accept() {
    UniqueFd next(::accept4(listener_.get(), nullptr, nullptr, SOCK_NONBLOCK | SOCK_CLOEXEC));
    if (next.valid()) connection_ = std::move(next);
    return connection_.valid();
  }
  void forget() { connection_.reset(); }
  /// Whether a request came on it.
  bool is_asked() {
    std::array<char, 4096> request{};
    return accept() && ::recv(connection_.get(), request.data(), request.size(), 0) > 0;
  }
  void say(const std::string& text) const {
    EXPECT_EQ(::send(connection_.get(), text.data(), text.size(), MSG_NOSIGNAL), static_cast<ssize_t>(text.size()));
  }

 private:
  UniqueFd listener_{::socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0)};
  UniqueFd connection_;
  std::string url_;
};

class CurlMultiTest : public testing::Test {
 protected:
  static void SetUpTestSuite() { init_http(); }

  struct Transfer {
    explicit Transfer(const std::string& url) {
      curl_easy_setopt(easy.get(), CURLOPT_URL, url.c_str());
      curl_easy_setopt(easy.get(), CURLOPT_WRITEFUNCTION, on_body);
      curl_easy_setopt(easy.get(), CURLOPT_WRITEDATA, this);
      curl_easy_setopt(easy.get(), CURLOPT_NOSIGNAL, 1L);
    }
    static std::size_t on_body(char* data, std::size_t size, std::size_t count, void* self) {
      static_cast<Transfer*>(self)->body.append(data, size * count);
      return size * count;
    }
    CurlEasy easy{curl_easy_init()};
    std::string body;
  };

  /// Runs the loop until it is so; false when the watchdog bit.
  bool run_until(const std::function<bool()>& is_so) {
    const MonoTime end = mono_now() + seconds(30);
    while (!is_so()) {
      if (mono_now() > end) return false;
      io_.run_for(milliseconds(1));
      io_.restart();
    }
    return true;
  }
  [[nodiscard]] bool is_done(const Transfer& transfer) const { return done_.contains(transfer.easy.get()); }

  boost::asio::io_context io_{1};
  std::map<CURL*, CURLcode> done_;
};

TEST_F(CurlMultiTest, UsesNoConnectionOnWhichTheServerSpokeWhileNobodyAsked) {
  SlowServer server;
  SlowServer other;
  Transfer first(server.url());
  Transfer second(server.url());
  Transfer beside(other.url());
  CurlMulti multi(io_, 10, [this](CURL* easy, CURLcode code) { done_[easy] = code; });

  multi.add(first.easy.get());
  multi.add(beside.easy.get());
  ASSERT_TRUE(run_until([&] { return server.is_asked(); }));
  ASSERT_TRUE(run_until([&] { return other.is_asked(); }));
  server.say(http_answer("first"));
  ASSERT_TRUE(run_until([&] { return is_done(first); }));

  // Both sockets have something when the next transfer is due.
  server.say(http_answer("nobody asked for this"));
  other.say(http_answer("beside"));
  server.forget();
  multi.add(second.easy.get());
  ASSERT_TRUE(run_until([&] { return is_done(second) || server.is_asked(); }));
  ASSERT_FALSE(is_done(second)) << "got: " << second.body;
  server.say(http_answer("second"));
  ASSERT_TRUE(run_until([&] { return is_done(second) && is_done(beside); }));
  EXPECT_EQ(done_[second.easy.get()], CURLE_OK);
  EXPECT_EQ(second.body, "second");
  EXPECT_EQ(beside.body, "beside");
}

}  // namespace
}  // namespace doutu
