// Dates against the HTTP state test suite, Retry-After against Chromium's cases.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include <map>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <string_view>

#include "shared/base/http_date.h"
#include "shared/politeness/retry_after.h"
#include "tests/conformance/conformance_data.h"

namespace doutu {
namespace {

using std::chrono::seconds;

/// Retry-After values that Chromium refuses and doutu reads; the wait is zero either way.
const std::map<std::string, std::string_view> kDifferences = {
    {"Mon, 1 Jan 1900 12:34:56 GMT", "a date in the past is a wait of zero, not nonsense"},
};

TEST(DateConformance, ReadsTheDatesOfTheStateSuite) {
  const auto folder = conformance_folder("http-dates");
  if (!folder) GTEST_SKIP() << kNoConformanceData;
  std::size_t cases = 0;
  for (const char* file : {"examples.json", "bsd-examples.json"}) {
    for (const auto& json : read_conformance_json(*folder / file)) {
      ++cases;
      const std::string text = json["test"];
      const auto date = parse_http_date(text);
      if (json["expected"].is_null()) {
        EXPECT_EQ(date, std::nullopt) << text;
      } else {
        ASSERT_NE(date, std::nullopt) << text;
        // The expectation is an IMF-fixdate, which http_date_test.cpp tests by number.
        EXPECT_EQ(date, parse_http_date(json["expected"].get<std::string>())) << text;
      }
    }
  }
  EXPECT_GE(cases, 70U) << "the data has shrunk";
  fmt::print("{} of {} dates agree\n", cases, cases);
}

TEST(DateConformance, ReadsRetryAfterAsChromiumDoes) {
  const auto folder = conformance_folder("http-dates", "retry-after-chromium.json");
  if (!folder) GTEST_SKIP() << kNoConformanceData;
  constexpr std::chrono::sys_seconds kNow{seconds(1'415'227'170)};  // 2014-11-05T22:39:30Z, as the data says
  const nlohmann::json data = read_conformance_json(*folder / "retry-after-chromium.json");
  for (const auto& json : data["cases"]) {
    const std::string value = json["value"];
    std::optional<seconds> expected;
    if (json["valid"].get<bool>()) expected = seconds(json["seconds"].get<std::int64_t>());
    if (kDifferences.contains(value)) expected = seconds::zero();
    EXPECT_EQ(parse_retry_after(value, kNow), expected) << value;
    EXPECT_FALSE(kDifferences.contains(value) && json["valid"].get<bool>()) << value << " is no difference";
  }
  EXPECT_GE(data["cases"].size(), 15U) << "the data has shrunk";
}

}  // namespace
}  // namespace doutu
