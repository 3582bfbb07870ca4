// srcset attributes against the cases of the web platform tests, which say what a browser selects on a screen of 1x.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <nlohmann/json.hpp>
#include <string>
#include <string_view>
#include <vector>

#include "crawler/fetcher/attribute/srcset.h"
#include "tests/conformance/conformance_data.h"

namespace doutu {
namespace {

constexpr std::string_view kLostCharacter = "the data has lost the U+0001 that the case is about";

/// Where doutu finds another candidate than a browser selects, by srcset, with the reason. A case listed here has to
/// differ.
const std::map<std::string, std::string_view> kDifferences = {
    {"data:,a 1w", kLostCharacter},
    {"data:,a 1x 1x", kLostCharacter},
};

std::vector<std::string> candidates_of(std::string_view srcset) {
  std::vector<std::string> urls;
  while (const auto candidate = take_srcset_candidate(srcset)) urls.emplace_back(candidate->url);
  return urls;
}

TEST(SrcsetConformance, FindsWhatABrowserSelects) {
  const auto folder = conformance_folder("wpt-srcset");
  if (!folder) GTEST_SKIP() << kNoConformanceData;
  const nlohmann::json cases = read_conformance_json(*folder / "cases.json");
  for (const auto& json : cases) {
    const std::string srcset = json["srcset"];
    const std::string expected = json["expect"];
    const bool same = best_srcset_candidate(srcset).value_or("") == expected;
    EXPECT_NE(same, kDifferences.contains(srcset)) << srcset << " should be: " << expected;
    if (kDifferences.contains(srcset)) continue;
    const std::vector<std::string> candidates = candidates_of(srcset);
    EXPECT_EQ(candidates.empty(), expected.empty()) << srcset;
    EXPECT_TRUE(expected.empty() || std::ranges::find(candidates, expected) != candidates.end()) << srcset;
  }
  EXPECT_GE(cases.size(), 70U) << "the data has shrunk";
  fmt::print("{} of {} cases agree\n", cases.size() - kDifferences.size(), cases.size());
}

}  // namespace
}  // namespace doutu
