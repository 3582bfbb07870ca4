#include "crawler/fetcher/attribute/srcset.h"

#include <fmt/core.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace doutu {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

std::vector<std::string> urls(std::string_view srcset) {
  std::vector<std::string> found;
  while (const auto candidate = take_srcset_candidate(srcset)) found.emplace_back(candidate->url);
  return found;
}

std::string best(std::string_view srcset) { return std::string(best_srcset_candidate(srcset).value_or("none")); }

TEST(Srcset, IsAListOfUrlsWithDescriptors) {
  EXPECT_THAT(urls("a.jpg, b.jpg 2x , c.jpg 640w 480h,\n\td.jpg"), ElementsAre("a.jpg", "b.jpg", "c.jpg", "d.jpg"));
  EXPECT_THAT(urls("a.jpg,b.jpg"), ElementsAre("a.jpg,b.jpg")) << "a comma within a URL is a part of it";
  EXPECT_THAT(urls("a.jpg,, ,b.jpg,"), ElementsAre("a.jpg", "b.jpg"));
  EXPECT_THAT(urls("a.jpg 1x,b.jpg 2x"), ElementsAre("a.jpg", "b.jpg"));
  EXPECT_THAT(urls("a.jpg (x, y 2x), b.jpg"), ElementsAre("a.jpg", "b.jpg"));
  EXPECT_THAT(urls("a.jpg (x, b.jpg"), ElementsAre("a.jpg")) << "an open parenthesis takes the rest";
  EXPECT_THAT(urls(""), IsEmpty());
  EXPECT_THAT(urls(" ,, , "), IsEmpty());
}

TEST(Srcset, ReadsWidthAndDensity) {
  std::string_view srcset = "a 640w, b 1.5x, c, d 99999999999999999999999w, e 1e1x";
  EXPECT_EQ(take_srcset_candidate(srcset)->width, 640U);
  EXPECT_EQ(take_srcset_candidate(srcset)->density, 1.5);
  const auto bare = take_srcset_candidate(srcset);
  EXPECT_FALSE(bare->width || bare->density);
  EXPECT_EQ(take_srcset_candidate(srcset)->width, ~std::uint64_t{0}) << "what is greater is the greatest";
  EXPECT_EQ(take_srcset_candidate(srcset)->density, 10.0);
}

TEST(Srcset, DropsACandidateThatContradictsItself) {
  for (const char* descriptors :
       {"1w 1w", "1x 1x", "1w 1x", "1x 1w", "1h", "1h 1x", "1x 1w 1h", "0w", "1w 0h", "1h 1h 1w"}) {
    EXPECT_THAT(urls(std::string("a ") + descriptors + ", b"), ElementsAre("b")) << descriptors;
  }
  EXPECT_THAT(urls("a 1w 1h, b 1h 1w"), ElementsAre("a", "b"));
}

TEST(Srcset, PassesOverWhatIsNoDescriptor) {
  for (const char* descriptors : {"foo", "1W", "+1w", "-1w", "1.0w", "1e0w", "NaNw", "w", "x", "1", "-1x", "1.x",
                                  "1.e1x", "infx", "nanx", "1e999x", "++1x", "0x1x", "()"}) {
    std::string srcset = std::string("a ") + descriptors;
    std::string_view rest = srcset;
    const auto candidate = take_srcset_candidate(rest);
    ASSERT_TRUE(candidate) << descriptors;
    EXPECT_FALSE(candidate->width || candidate->density) << descriptors;
  }
}

TEST(Srcset, IsBestWhereItHasMostPixels) {
  EXPECT_EQ(best("s.jpg 320w, l.jpg 1280w, m.jpg 640w"), "l.jpg");
  EXPECT_EQ(best("a.jpg, b.jpg 2x, c.jpg 1.5x"), "b.jpg");
  EXPECT_EQ(best("a.jpg 0.5x, b.jpg"), "b.jpg") << "no descriptor is 1x";
  EXPECT_EQ(best("a.jpg 3x, b.jpg 10w"), "b.jpg") << "a width says more than a density";
  EXPECT_EQ(best("a.jpg 2x, b.jpg 2x"), "a.jpg") << "the first of equal ones";
  EXPECT_EQ(best("a.jpg 1w 1w"), "none");
  EXPECT_EQ(best(""), "none");
}

TEST(Srcset, TakesLongOnesInOneGo) {
  std::string commas(1'000'000, ',');
  EXPECT_EQ(best(commas), "none");
  std::string many;
  for (int i = 0; i < 100'000; ++i) many += "a" + std::to_string(i) + ".jpg " + std::to_string(i + 1) + "w, ";
  EXPECT_EQ(best(many), "a99999.jpg");
  EXPECT_EQ(best("a" + std::string(1'000'000, '(')).size(), 1'000'001U);
  for (int byte = 0; byte < 256; ++byte) {
    const std::string any(3, static_cast<char>(byte));
    (void)best(fmt::format("{0} {0}x, {0}w", any));
  }
}

}  // namespace
}  // namespace doutu
