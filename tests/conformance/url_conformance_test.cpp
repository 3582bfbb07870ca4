// URLs against the test data of the WHATWG URL standard: every case that ends in an http or https URL, or that fails or
// leaves these schemes from one.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include <map>
#include <nlohmann/json.hpp>
#include <set>
#include <string>
#include <string_view>

#include "shared/url/url.h"
#include "tests/conformance/conformance_data.h"

namespace doutu {
namespace {

/// Where doutu differs from the data, by input, with the reason. A case listed here has to differ.
const std::map<std::string, std::string_view> kDifferences = {
    {"non-special://f:999999/c", "another scheme is unsupported, whatever is wrong behind it"},
};

bool is_http(std::string_view url) { return url.starts_with("http:") || url.starts_with("https:"); }

std::string without_fragment(const std::string& url) { return url.substr(0, url.find('#')); }

struct UrlCase {
  explicit UrlCase(const nlohmann::json& json) : input(json["input"]) {
    if (json["base"].is_string()) base = json["base"];
    if (json.contains("href")) href = json["href"];
  }

  [[nodiscard]] bool concerns_doutu() const {
    return is_http(href) || is_http(base) || (href.empty() && is_http(input));
  }

  std::string input, base;
  std::string href;  ///< Empty: the case fails.
};

/// What doutu should make of the case: a URL, or the cause in place of one.
std::string expectation(const UrlCase& test) {
  if (test.href.empty()) return "failure";
  return is_http(test.href) ? without_fragment(test.href) : "unsupported scheme";
}

std::string outcome(const UrlCase& test) {
  const ResolvedUrl resolved = resolve_url(normalise_url(test.base).value_or(""), test.input);
  switch (resolved.cause) {
    case Cause::none:
      return resolved.url;
    case Cause::unsupported_scheme:
      return "unsupported scheme";
    default:
      return "failure";
  }
}

TEST(UrlConformance, ResolvesTheCasesOfTheStandard) {
  const auto folder = conformance_folder("whatwg-url", "urltestdata.json");
  if (!folder) GTEST_SKIP() << kNoConformanceData;
  int cases = 0;
  int agreeing = 0;
  std::set<std::string> differing;
  for (const auto& json : read_conformance_json(*folder / "urltestdata.json")) {
    if (!json.is_object()) continue;  // a comment
    const UrlCase test(json);
    if (!test.concerns_doutu()) continue;
    ++cases;
    const bool agrees = outcome(test) == expectation(test);
    agreeing += agrees ? 1 : 0;
    if (!agrees) differing.insert(test.input);
    if (!kDifferences.contains(test.input)) {
      EXPECT_EQ(outcome(test), expectation(test)) << test.input << " on " << test.base;
    }
  }
  for (const auto& [input, reason] : kDifferences) {
    EXPECT_TRUE(differing.contains(input)) << input << " agrees now: take it off the list";
  }
  EXPECT_GE(cases, 300) << "the data has shrunk";
  fmt::print("{} of {} cases agree\n", agreeing, cases);
}

/// The encoders that doutu has, by label.
const std::map<std::string, QueryEncoder> kEncoders = {{"utf-8", {}}};

TEST(UrlConformance, EncodesQueriesAsTheStandardDoes) {
  const auto folder = conformance_folder("whatwg-url");
  if (!folder) GTEST_SKIP() << kNoConformanceData;
  const std::string page = "http://example.com/";
  int cases = 0;
  for (const auto& json : read_conformance_json(*folder / "percent-encoding.json")) {
    if (!json.is_object()) continue;
    const std::string input = json["input"];
    for (const auto& [label, output] : json["output"].items()) {
      const auto encoder = kEncoders.find(label);
      if (encoder == kEncoders.end()) continue;
      ++cases;
      EXPECT_EQ(resolve_url(page, "?" + input, encoder->second).url, page + "?" + output.get<std::string>())
          << input << " in " << label;
    }
  }
  EXPECT_GE(cases, 7) << "the data has shrunk";
}

}  // namespace
}  // namespace doutu
