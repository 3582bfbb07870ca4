#include "shared/http/request_headers.h"

#include <gtest/gtest.h>

#include "shared/http/header_line.h"

namespace doutu {
namespace {

using Lines = std::vector<std::string>;

Lines lines(const RequestHeaders& headers, std::string_view url, std::string_view referer = "",
            std::string_view cookies = "") {
  HopHeaders hop;
  Lines result;
  for (const curl_slist* line = hop.lines(headers, url, {.referer = referer, .cookies = cookies}); line != nullptr;
       line = line->next) {
    result.emplace_back(line->data);
  }
  return result;
}

TEST(RequestHeaders, GoWhereTheyAreMeantFor) {
  HttpOptions http;
  http.site_origin = "https://example.com:443";
  http.user_agent = "me";
  http.headers = {"Accept-Language: zh", "cookie: a=1", "AUTHORIZATION: Basic x", "Cookie2: y"};
  const RequestHeaders headers(http, {"Accept-Encoding: identity"});
  const Lines all = {"Cookie: a=1",         "User-Agent: me",         "Accept-Encoding: identity",
                     "Accept-Language: zh", "AUTHORIZATION: Basic x", "Cookie2: y"};
  const Lines harmless = {"User-Agent: me", "Accept-Encoding: identity", "Accept-Language: zh", "Cookie2: y"};
  for (const char* url : {"https://example.com/", "https://example.com/a?b", "https://example.com:443/"}) {
    EXPECT_EQ(lines(headers, url), all) << url;
  }
  for (const char* url :
       {"http://example.com/", "https://example.com:444/", "https://www.example.com/", "https://example.com.evil.org/",
        "https://evil.org/https://example.com/", "https://example.com@evil.org/"}) {
    EXPECT_EQ(lines(headers, url), harmless) << url;
  }
}

TEST(RequestHeaders, WithoutATemplateNobodyGetsCredentials) {
  HttpOptions http;
  http.user_agent = "";
  http.headers = {"Cookie: a=1"};
  EXPECT_EQ(lines(RequestHeaders(http), "https://example.com/"), Lines());
}

TEST(HopHeaders, PutTheUsersCookiesBeforeTheSites) {
  HttpOptions http;
  http.site_origin = "https://example.com:443";
  http.user_agent = "";
  http.headers = {"Cookie: a=1; b=2", "COOKIE:c=3"};
  const RequestHeaders headers(http);
  const std::string_view sites = "b=other; d=4; a=other; e=5";
  EXPECT_EQ(lines(headers, "https://example.com/", "", sites), Lines({"Cookie: a=1; b=2; c=3; d=4; e=5"}));
  EXPECT_EQ(lines(headers, "https://img.example.com/", "", "d=4"), Lines({"Cookie: d=4"}));
  EXPECT_EQ(lines(headers, "https://img.example.com/", "https://example.com/1"),
            Lines({"Referer: https://example.com/1"}));
}

TEST(HopHeaders, SayNothingOfWhatThereIsNot) {
  HttpOptions http;
  http.user_agent = "me";
  EXPECT_EQ(lines(RequestHeaders(http), "https://example.com/"), Lines({"User-Agent: me"}));
}

TEST(HeaderLine, IsANameAndAValue) {
  for (const char* good :
       {"A: b", "A:b", "X-Requested-With: XMLHttpRequest", "Cookie: a=1; b=\"2\"", "a: \xe4\xb8\xad"}) {
    EXPECT_TRUE(check_header_line(good)) << good;
  }
  for (const char* bad : {"", ":", ": b", "A", "A b: c", "A:", "A:  ", "A : b", "A\xe4: b", "A: b\r\nC: d", "A: \t"}) {
    EXPECT_FALSE(check_header_line(bad)) << bad;
  }
  EXPECT_FALSE(check_header_line("A: " + std::string(8000, 'b')));
}

TEST(HeaderLine, IsNoneThatDoutuSaysItself) {
  for (const char* bad : {"Host: x", "range: bytes=0-", "TRANSFER-ENCODING: chunked", "User-Agent: x", "Referer: x",
                          "Proxy-Authorization: x", "Accept-Encoding: gzip"}) {
    EXPECT_FALSE(check_header_line(bad)) << bad;
  }
}

}  // namespace
}  // namespace doutu
