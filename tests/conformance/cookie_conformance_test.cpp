// Set-Cookie against the HTTP state test suite, the tests behind RFC 6265.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <nlohmann/json.hpp>
#include <string>
#include <string_view>

#include "shared/base/whitespace.h"
#include "shared/cookies/cookie_jar.h"
#include "shared/cookies/set_cookie.h"
#include "shared/url/url.h"
#include "tests/conformance/conformance_data.h"

namespace doutu {
namespace {

constexpr std::string_view kAnswer = "http://home.example.org:8888/cookie-parser";
constexpr std::string_view kNextRequest = "http://home.example.org:8888/cookie-parser-result";
/// 2011, when the suite was made: some of its cookies expire in 2019.
constexpr std::int64_t kNow = 1'300'000'000'000;

struct Difference {
  std::string_view sent;
  std::string_view why;
};
constexpr std::string_view kNameless = "5.6 step 3: without '=' it is a value, and 5.8.3 sends it; RFC 6265 ignored it";
constexpr std::string_view kControl = "5.6 step 1: a control character ends it all; the suite cuts the value there";
constexpr std::string_view kBytes = "5.1.4 compares bytes, as path0028 of the suite says; this test is disabled there";
constexpr std::string_view kLastDomain =
    "5.7: the last Domain counts, and an empty one is none; RFC 6265 passed it over";

/// By RFC 6265bis (draft 20), whose sections these are.
const std::map<std::string, Difference> kDifferences = {
    {"0004", {"foo", kNameless}},
    {"0023", {"foo", kNameless}},
    {"0025", {"foo", kNameless}},
    {"0026", {"foo", kNameless}},
    {"0028", {"foo", kNameless}},
    {"chromium0009", {"BLAHHH", kNameless}},
    {"chromium0010", {"\"BLA\\\"HHH\"", kNameless}},
    {"chromium0012", {"ABC", kNameless}},
    {"disabled-chromium0023", {"", kControl}},
    {"disabled-path0029", {"", kBytes}},
    {"mozilla0014", {"six", kNameless}},
    {"mozilla0016", {"eight", kNameless}},
    {"mozilla0017", {"eight; test=six", kNameless}},
    {"name0017", {"a=bar", kNameless}},
    {"name0023", {"foo", kNameless}},
    {"name0032", {"\"foo\\\"bar", kNameless}},
    {"name0033", {"aaa", kNameless}},
    {"optional-domain0042", {"foo=bar", kLastDomain}},
};

/// Takes the first line off text.
std::string_view take_line(std::string_view& text) {
  const std::string_view line = text.substr(0, text.find('\n'));
  text.remove_prefix(std::min(line.size() + 1, text.size()));
  return line;
}

/// The header of the request that follows an answer with these headers.
std::string cookies_after(std::string_view headers) {
  CookieJar jar;
  std::string url(kNextRequest);
  while (!headers.empty()) {
    std::string_view value = take_line(headers);
    const std::string_view name = value.substr(0, value.find(':'));
    value.remove_prefix(std::min(name.size() + 1, value.size()));
    if (name == "Set-Cookie") {
      if (const auto cookie = read_set_cookie(value, {.url = kAnswer, .now_ms = kNow})) jar.put(*cookie, kNow);
    } else {
      EXPECT_EQ(name, "Location");
      url = resolve_url(kAnswer, value).url;
    }
  }
  return jar.header_for(url, kNow, CookieJar::From::page);
}

TEST(CookieConformance, KeepsAndSendsCookiesAsTheStateSuiteSays) {
  const auto folder = conformance_folder("cookies", "http-state.derived.json");
  if (!folder) GTEST_SKIP() << kNoConformanceData;
  std::size_t cases = 0;
  std::size_t differences = 0;
  for (const auto& json : read_conformance_json(*folder / "http-state.derived.json")) {
    ++cases;
    const std::string name = json["name"];
    std::string expected(trim_html_whitespace(json["expected_cookie_header"].get_ref<const std::string&>()));
    if (expected.starts_with("Cookie: ")) expected.erase(0, 8);
    const std::string sent = cookies_after(json["response_headers"].get_ref<const std::string&>());
    const auto difference = kDifferences.find(name);
    if (difference == kDifferences.end()) {
      EXPECT_EQ(sent, expected) << name;
    } else {
      ++differences;
      EXPECT_EQ(sent, difference->second.sent) << name << ": " << difference->second.why;
      EXPECT_NE(sent, expected) << name << " is no difference";
    }
  }
  EXPECT_EQ(differences, kDifferences.size()) << "some are not in the data";
  EXPECT_GE(cases, 148U) << "the data has shrunk";
  fmt::print("{} of {} tests agree, {} differ by RFC 6265bis\n", cases - differences, cases, differences);
}

}  // namespace
}  // namespace doutu
