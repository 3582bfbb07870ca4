#include "crawler/fetcher/attribute/media_width.h"

#include <gtest/gtest.h>

namespace doutu {
namespace {

TEST(MediaWidth, IsTheLeastThatIsAskedFor) {
  EXPECT_EQ(width_for_large_screen(""), 0);
  EXPECT_EQ(width_for_large_screen("all"), 0);
  EXPECT_EQ(width_for_large_screen("screen and (orientation: landscape)"), 0);
  EXPECT_EQ(width_for_large_screen("(min-width: 600px)"), 600);
  EXPECT_EQ(width_for_large_screen("only screen and (MIN-WIDTH:1024px) and (min-resolution: 2dppx)"), 1024);
  EXPECT_EQ(width_for_large_screen("(min-width: 40em)"), 640);
  EXPECT_EQ(width_for_large_screen("(width >= 600px)"), 600);
  EXPECT_EQ(width_for_large_screen("(600px <= width)"), 600);
  EXPECT_EQ(width_for_large_screen("(min-width: 600px), (min-width: 900px)"), 900);
  EXPECT_EQ(width_for_large_screen("(max-width: 600px), (min-width: 900px)"), 900);
}

TEST(MediaWidth, IsNoneOfWhatALargeScreenDoesNotTake) {
  for (const char* media :
       {"(max-width: 600px)", "(min-width: 300px) and (max-width: 600px)", "print", "(orientation: portrait)",
        "(prefers-color-scheme: dark)", "(prefers-reduced-motion: reduce)", "(width <= 600px)", "(600px > width)",
        "(300px <= width <= 600px)", "not all", "(max-width: 300px), print"}) {
    EXPECT_EQ(width_for_large_screen(media), std::nullopt) << media;
  }
}

TEST(MediaWidth, EndsForAnything) {
  for (const char* media :
       {"(", ")", "((((", "(min-width:", "(min-width: -)", ",,,", "(width", "(min-width: 1e999px)"}) {
    (void)width_for_large_screen(media);
  }
}

}  // namespace
}  // namespace doutu
