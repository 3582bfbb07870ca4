#include "shared/base/nearest_word.h"

#include <gtest/gtest.h>

#include <vector>

namespace doutu {
namespace {

const std::vector<std::string> kFlags = {"--pages",   "--fetchers",        "--proxy", "--wait",  "--retry-wait",
                                         "--retries", "--connect-timeout", "--log",   "--quiet", "--page-timeout"};

std::string nearest(std::string_view word) { return nearest_word(word, kFlags).value_or(""); }

TEST(NearestWord, ForgivesALetterTooManyMissingOrWrong) {
  EXPECT_EQ(nearest("--fetcher"), "--fetchers");
  EXPECT_EQ(nearest("--fetcherss"), "--fetchers");
  EXPECT_EQ(nearest("--fetchars"), "--fetchers");
  EXPECT_EQ(nearest("--retires"), "--retries");
  EXPECT_EQ(nearest("-fetchers"), "--fetchers");
}

TEST(NearestWord, CountsTwoLettersThatChangedPlacesAsOneSlip) {
  EXPECT_EQ(nearest("--lgo"), "--log");
  EXPECT_EQ(nearest("--wiat"), "--wait");
  EXPECT_EQ(nearest("--pagse"), "--pages");
}

TEST(NearestWord, TakesTheOnlyOneThatBeginsSo) {
  EXPECT_EQ(nearest("--connect"), "--connect-timeout");
  EXPECT_EQ(nearest("--page-time"), "--page-timeout");
  EXPECT_EQ(nearest("--fe"), "") << "too short to say";
}

TEST(NearestWord, OffersNothingThatIsFar) {
  for (const char* word : {"--depth", "--xy", "-z", "--", "", "--gol", "--timeouts"}) EXPECT_EQ(nearest(word), "");
  EXPECT_EQ(nearest("--" + std::string(100'000, 'x')), "");
  EXPECT_EQ(nearest_word("--pages", {}), std::nullopt);
}

}  // namespace
}  // namespace doutu
