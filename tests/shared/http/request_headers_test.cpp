#include "shared/http/request_headers.h"

#include <gtest/gtest.h>

#include "shared/http/header_line.h"

namespace doutu {
namespace {

using Lines = std::vector<std::string>;

Lines lines(const RequestHeaders& headers, std::string_view url) {
  Lines result;
  for (const curl_slist* line = headers.lines_for(url); line != nullptr; line = line->next) {
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
  const Lines all = {"User-Agent: me", "Accept-Encoding: identity", "Accept-Language: zh",
                     "cookie: a=1",    "AUTHORIZATION: Basic x",    "Cookie2: y"};
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
