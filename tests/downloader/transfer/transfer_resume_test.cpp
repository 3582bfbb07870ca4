// Large images whose connection breaks: the rest is asked for, and what comes is never mixed.

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <sys/stat.h>

#include <algorithm>
#include <string>
#include <utility>

#include "tests/downloader/check/small_gif.h"
#include "tests/downloader/transfer/transfer_pool_fixture.h"
#include "tests/shared/http/raw_server.h"

namespace doutu {
namespace {

using Then = RawAnswer::Then;

constexpr std::size_t kMega = 1'000'000;

/// The byte that a request asks from; nullopt: it asks for all.
std::optional<std::size_t> asked_from(const std::string& request) {
  constexpr std::string_view kRange = "Range: bytes=";
  const std::size_t at = request.find("\r\nRange: bytes=");
  if (at == std::string::npos) return std::nullopt;
  return std::stoul(request.substr(at + 2 + kRange.size()));
}

RawAnswer cut(std::string answer, std::size_t body_bytes, Then then = Then::close) {
  answer.resize(std::min(answer.size(), answer.find("\r\n\r\n") + 4 + body_bytes));
  return {std::move(answer), then};
}

class TransferResumeTest : public TransferPoolTest {
 protected:
  TransferResumeTest() { settings_.politeness.retries = 1; }

  /// As a server does that knows ranges.
  [[nodiscard]] std::string part(std::size_t from, const std::string& more = "ETag: \"1\"\r\n") const {
    const std::string range = fmt::format("Content-Range: bytes {}-{}/{}\r\n", from, image_.size() - 1, image_.size());
    return http_answer(image_.substr(from), range + more, "206 Partial Content");
  }
  [[nodiscard]] std::string whole(const std::string& more = "ETag: \"1\"\r\n") const {
    return http_answer(image_, more);
  }

  /// The first answer breaks off after 2 MB; what the request for the rest gets, and any further request the whole.
  ImageOutcome fetch_with_second_answer(const RawAnswer& second, const std::string& more = "ETag: \"1\"\r\n") {
    const RawServer server([&](const std::string& request) {
      requests_.push_back(request);
      if (requests_.size() == 1) return cut(whole(more), 2 * kMega);
      return requests_.size() == 2 ? second : RawAnswer{whole(), Then::close};
    });
    return fetch_url(server.url("/a.gif"));
  }
  void expect_whole(const ImageOutcome& outcome, std::size_t requests, std::uint32_t attempts = 1) {
    EXPECT_EQ(outcome.kind, Kind::fetched) << cause_name(outcome.cause, outcome.http_status);
    EXPECT_EQ(outcome.attempts, attempts);
    EXPECT_EQ(requests_.size(), requests);
    EXPECT_EQ(outcome.content, content_of(image_));
    EXPECT_EQ(incoming(outcome.id), image_);
  }

  std::string image_ = small_gif(3 * kMega);
  std::vector<std::string> requests_;  ///< The server's thread.
};

TEST_F(TransferResumeTest, GoesOnWhereTheConnectionBroke) {
  expect_whole(fetch_with_second_answer({part(2 * kMega), Then::close}), 2);
  EXPECT_EQ(asked_from(requests_[1]), 2 * kMega);
  EXPECT_NE(requests_[1].find("\r\nIf-Range: \"1\"\r\n"), std::string::npos);
  EXPECT_EQ(asked_from(requests_[0]), std::nullopt);
}

TEST_F(TransferResumeTest, EachByteIsSentOnceHoweverOftenItBreaks) {
  image_ = small_gif(50 * kMega);
  settings_.politeness.retries = 0;
  std::size_t sent = 0;
  std::size_t requests = 0;
  const RawServer server([&](const std::string& request) {
    const std::size_t from = asked_from(request).value_or(0);
    const std::size_t count = std::min(image_.size() - from, ++requests == 11 ? image_.size() : 4'600'000 + requests);
    sent += count;
    return cut(from == 0 ? whole() : part(from), count);
  });
  const ImageOutcome outcome = fetch_url(server.url("/a.gif"));
  EXPECT_EQ(outcome.kind, Kind::fetched) << cause_name(outcome.cause, outcome.http_status);
  EXPECT_EQ(outcome.attempts, 1U);
  EXPECT_EQ(outcome.content, content_of(image_));
  EXPECT_EQ(requests, 11U);
  EXPECT_EQ(sent, image_.size());
}

TEST_F(TransferResumeTest, GoesOnWithADateIfItIsOldEnough) {
  const std::string old = "Date: Tue, 01 Dec 2026 10:00:00 GMT\r\nLast-Modified: Tue, 01 Dec 2026 09:00:00 GMT\r\n";
  expect_whole(fetch_with_second_answer({part(2 * kMega, old), Then::close}, old), 2);
  EXPECT_NE(requests_[1].find("\r\nIf-Range: Tue, 01 Dec 2026 09:00:00 GMT\r\n"), std::string::npos);
}

TEST_F(TransferResumeTest, APartMayEndEarlyToo) {
  RawAnswer less = {http_answer(image_.substr(2 * kMega, 100'000),
                                fmt::format("Content-Range: bytes {}-{}/{}\r\nETag: \"1\"\r\n", 2 * kMega,
                                            2 * kMega + 99'999, image_.size()),
                                "206 Partial Content"),
                    Then::close};
  const RawServer server([&](const std::string& request) {
    requests_.push_back(request);
    if (requests_.size() == 1) return cut(whole(), 2 * kMega);
    return requests_.size() == 2 ? less : RawAnswer{part(asked_from(request).value_or(0)), Then::close};
  });
  expect_whole(fetch_url(server.url("/a.gif")), 3);
  EXPECT_EQ(asked_from(requests_[2]), 2 * kMega + 100'000);
}

TEST_F(TransferResumeTest, ARestThatIsWholeMayBeFollowedBySilence) {
  settings_.politeness.retries = 0;
  settings_.image.timeout = seconds(2);
  const std::string rest = part(2 * kMega);
  const auto with_length = [&](std::string line) {
    const std::size_t at = rest.find("Content-Length:");
    return std::string(rest).replace(at, rest.find("\r\n", at) + 2 - at, std::move(line));
  };
  for (const std::string& answer : {with_length(""), with_length("Content-Length: 1000001\r\n")}) {
    requests_.clear();
    expect_whole(fetch_with_second_answer({answer, Then::hold_open}), 2);
  }
}

TEST_F(TransferResumeTest, ALaterAttemptGoesOnToo) {
  const RawServer server([&](const std::string& request) {
    requests_.push_back(request);
    if (requests_.size() == 1) return cut(whole(), 2 * kMega);
    if (requests_.size() == 2) return RawAnswer{http_answer("busy", "", "503 Service Unavailable"), Then::close};
    return RawAnswer{part(asked_from(request).value_or(0)), Then::close};
  });
  expect_whole(fetch_url(server.url("/a.gif")), 3, 2);
  EXPECT_EQ(asked_from(requests_[2]), 2 * kMega);
}

TEST_F(TransferResumeTest, GoesOnWhereARedirectLed) {
  const RawServer server([&](const std::string& request) {
    if (request.starts_with("GET /a.gif")) {
      return RawAnswer{http_answer("", "Location: /b.gif\r\n", "302 Found"), Then::close};
    }
    requests_.push_back(request);
    const auto from = asked_from(request);
    return from ? RawAnswer{part(*from), Then::close} : cut(whole(), 2 * kMega);
  });
  const ImageOutcome outcome = fetch_url(server.url("/a.gif"));
  expect_whole(outcome, 2);
  EXPECT_EQ(outcome.final_url, server.url("/b.gif"));
}

TEST_F(TransferResumeTest, WhatIsNoRestOfItIsFetchedAnew) {
  const std::string other = small_gif(3 * kMega, 'o');
  const auto range = [&](std::size_t from, std::size_t size, const std::string& more) {
    return http_answer(other.substr(from),
                       fmt::format("Content-Range: bytes {}-{}/{}\r\n{}", from, size - 1, size, more),
                       "206 Partial Content");
  };
  const std::pair<const char*, std::string> answers[] = {
      {"another tag", range(2 * kMega, other.size(), "ETag: \"2\"\r\n")},
      {"another range", range(kMega, other.size(), "ETag: \"1\"\r\n")},
      {"another length", range(2 * kMega, other.size() + 1, "ETag: \"1\"\r\n")},
      {"a coding", range(2 * kMega, other.size(), "ETag: \"1\"\r\nContent-Encoding: gzip\r\n")},
      {"several ranges",
       range(2 * kMega, other.size(), "ETag: \"1\"\r\nContent-Type: multipart/byteranges; boundary=a\r\n")},
      {"no tag", range(2 * kMega, other.size(), "")},
      {"no range", http_answer(other.substr(2 * kMega), "ETag: \"1\"\r\n", "206 Partial Content")},
      {"more than the range", http_answer(other,
                                          fmt::format("Content-Range: bytes {}-{}/{}\r\nETag: \"1\"\r\n", 2 * kMega,
                                                      other.size() - 1, other.size()),
                                          "206 Partial Content")},
      {"no such range", http_answer("sorry", "", "416 Range Not Satisfiable")},
      {"a range of nothing", http_answer("", "Content-Range: bytes */3000000\r\n", "416 Range Not Satisfiable")},
      {"other bytes", range(2 * kMega, other.size(), "ETag: \"1\"\r\n").replace(200, 400'000, 400'000, '\0')},
  };
  for (const auto& [what, answer] : answers) {
    SCOPED_TRACE(what);
    requests_.clear();
    const ImageOutcome outcome = fetch_with_second_answer({answer, Then::close});
    expect_whole(outcome, 3);
    EXPECT_EQ(asked_from(requests_[2]), std::nullopt);
  }
}

TEST_F(TransferResumeTest, TheWholeInAnswerIsTakenFromItsBeginning) {
  image_ = small_gif(3 * kMega, 'n');
  const std::string old = small_gif(3 * kMega, 'o');
  const RawServer server([&](const std::string& request) {
    requests_.push_back(request);
    return requests_.size() == 1 ? cut(http_answer(old, "ETag: \"0\"\r\n"), 2 * kMega)
                                 : RawAnswer{whole(), Then::close};
  });
  expect_whole(fetch_url(server.url("/a.gif")), 2);
  EXPECT_EQ(asked_from(requests_[1]), 2 * kMega);
}

TEST_F(TransferResumeTest, AServerThatGivesTheWholeAndBreaksOffAgainIsNotAskedForEver) {
  const RawServer server([&](const std::string& request) {
    requests_.push_back(request);
    return cut(whole(), 2 * kMega);
  });
  expect_failed(fetch_url(server.url("/a.gif")), Cause::truncated, 2);
  EXPECT_EQ(requests_.size(), 3U) << "one for the rest, and one for another attempt";
}

TEST_F(TransferResumeTest, ARestThatBringsLittleEndsTheAttempt) {
  const RawServer server([&](const std::string& request) {
    requests_.push_back(request);
    const auto from = asked_from(request);
    return from ? cut(part(*from), 1000) : cut(whole(), 2 * kMega);
  });
  expect_failed(fetch_url(server.url("/a.gif")), Cause::truncated, 2);
  EXPECT_EQ(requests_.size(), 3U);
  EXPECT_EQ(asked_from(requests_[2]), 2 * kMega + 1000) << "each byte counts";
}

TEST_F(TransferResumeTest, WithoutAStrongValidatorTheWholeIsFetchedAgain) {
  for (const char* more : {"", "ETag: W/\"1\"\r\n", "Last-Modified: Tue, 01 Dec 2026 09:00:00 GMT\r\n",
                           "ETag: \"1\"\r\nAccept-Ranges: none\r\n"}) {
    requests_.clear();
    expect_whole(fetch_with_second_answer({whole(), Then::close}, more), 2, 2);
    EXPECT_EQ(asked_from(requests_[1]), std::nullopt) << more;
  }
}

TEST_F(TransferResumeTest, ASmallImageIsFetchedAgain) {
  image_ = small_gif(kMega);
  const RawServer server([&](const std::string& request) {
    requests_.push_back(request);
    return requests_.size() == 1 ? cut(whole(), kMega - 1000) : RawAnswer{whole(), Then::close};
  });
  expect_whole(fetch_url(server.url("/a.gif")), 2, 2);
  EXPECT_EQ(asked_from(requests_[1]), std::nullopt);
}

TEST_F(TransferResumeTest, KeepsTheFileTimeThatTheFirstAnswerSaid) {
  const std::string dated = "ETag: \"1\"\r\nLast-Modified: Sun, 01 Nov 2020 09:00:00 GMT\r\n";
  const ImageOutcome outcome = fetch_with_second_answer({part(2 * kMega), Then::close}, dated);
  expect_whole(outcome, 2);
  struct stat about {};
  ASSERT_EQ(::stat((incoming() / std::to_string(outcome.id)).c_str(), &about), 0);
  EXPECT_EQ(about.st_mtim.tv_sec, 1604221200);
}

}  // namespace
}  // namespace doutu
