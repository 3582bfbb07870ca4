#include "shared/http/transfer_handle.h"

#include <gtest/gtest.h>

#include <array>

#include "shared/http/tls_sessions.h"
#include "tests/shared/http/raw_server.h"

namespace doutu {
namespace {

using Reuse = TransferHandle::Reuse;
using Then = RawAnswer::Then;

std::size_t keep_bytes(char* data, std::size_t size, std::size_t count, void* text) {
  static_cast<std::string*>(text)->append(data, size * count);
  return size * count;
}

/// Transfers one after another on one multi handle, as fetcher and downloader make them.
class TransferHandleTest : public testing::TestWithParam<Reuse> {
 protected:
  static void SetUpTestSuite() { init_http(); }

  void prepare(CURL* easy) {
    apply_http_settings(easy, {});
    install_header_limit(easy, header_limit_);
    curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, keep_bytes);
    curl_easy_setopt(easy, CURLOPT_WRITEDATA, &body_);
  }

  Cause get(const std::string& url) {
    CURL* const easy = handle_.next_handle();
    sessions_.serve(easy, "127.0.0.1");
    set_text(easy, CURLOPT_URL, url.c_str());
    header_limit_.begin();
    body_.clear();
    const CURLcode code = perform_alone(multi_.get(), easy);
    long status = 0;
    curl_easy_getinfo(easy, CURLINFO_RESPONSE_CODE, &status);
    const Cause cause = cause_of_transfer(easy, code, status, milliseconds::zero(), header_limit_.said.data());
    curl_multi_remove_handle(multi_.get(), easy);
    return cause;
  }

  const TlsSessions sessions_;
  HeaderLimit header_limit_{.max = 100'000};
  std::string body_;
  TransferHandle handle_{[this](CURL* easy) { prepare(easy); }, GetParam()};
  const CurlMultiHandle multi_{curl_multi_init()};
};

TEST_P(TransferHandleTest, KeepsWhatHoldsForAllTransfers) {
  const RawServer server([](const std::string&) { return RawAnswer{http_answer("x"), Then::keep_alive}; });
  for (int i = 0; i < 3; ++i) {
    EXPECT_EQ(get(server.url("/")), Cause::none);
    EXPECT_EQ(body_, "x");
  }
}

TEST_P(TransferHandleTest, LosesNoConnectionWithAHandle) {
  const RawServer server([](const std::string&) { return RawAnswer{http_answer("x"), Then::keep_alive}; });
  for (int i = 0; i < 3; ++i) EXPECT_EQ(get(server.url("/")), Cause::none);
  EXPECT_EQ(server.connections(), 1U);
}

INSTANTIATE_TEST_SUITE_P(Both, TransferHandleTest, testing::Values(Reuse::safe, Reuse::unsafe));

TEST(TransferHandle, IsUsedAgainWhereThatIsSafe) {
  int prepared = 0;
  TransferHandle handle([&](CURL*) { ++prepared; }, Reuse::safe);
  CURL* const first = handle.next_handle();
  EXPECT_EQ(handle.next_handle(), first);
  EXPECT_EQ(prepared, 1);
}

TEST(TransferHandle, IsNewForEachTransferWhereThatIsUnsafe) {
  int prepared = 0;
  TransferHandle handle([&](CURL*) { ++prepared; }, Reuse::unsafe);
  for (int i = 0; i < 3; ++i) handle.next_handle();
  EXPECT_EQ(prepared, 3);
}

/// libcurl 7.88 frees the headers of an answer and keeps a pointer to the last; a folded first line leads it there.
class FoldedHeader : public TransferHandleTest {};

TEST_P(FoldedHeader, IsABadResponseBehindAnyOtherAnswer) {
  const std::array<std::string, 5> answers = {
      http_answer("whole"),
      "HTTP/1.1 200 OK\r\n A: b\r\nContent-Length: 5\r\n\r\nhello",
      "HTTP/1.1 200 OK\r\n\tA: b\r\nContent-Length: 5\r\n\r\nhello",
      "HTTP/1.1 200 OK\r\n \r\nContent-Length: 5\r\n\r\nhello",
      "HTTP/1.1 100 Continue\r\n A: b\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello",
  };
  const RawServer server([&](const std::string& request) {
    return RawAnswer{answers.at(static_cast<std::size_t>(request.at(5) - '0')), Then::close};
  });
  for (int round = 0; round < 20; ++round) {
    EXPECT_EQ(get(server.url("/0")), Cause::none);
    EXPECT_EQ(get(server.url("/" + std::to_string(1 + round % 4))), Cause::bad_response) << round % 4;
  }
}

TEST_P(FoldedHeader, ContinuesTheLineBeforeIt) {
  const RawServer server([](const std::string&) {
    return RawAnswer{"HTTP/1.1 200 OK\r\nA: b\r\n c\r\nContent-Length: 5\r\n\r\nhello", Then::close};
  });
  for (int i = 0; i < 3; ++i) {
    EXPECT_EQ(get(server.url("/")), Cause::none);
    curl_header* header = nullptr;
    ASSERT_EQ(curl_easy_header(handle_.get(), "A", 0, CURLH_HEADER, -1, &header), CURLHE_OK);
    EXPECT_EQ(std::string(header->value), "b c");
  }
}

INSTANTIATE_TEST_SUITE_P(AsHere, FoldedHeader, testing::Values(TransferHandle::reuse_in_running_libcurl()));

}  // namespace
}  // namespace doutu
