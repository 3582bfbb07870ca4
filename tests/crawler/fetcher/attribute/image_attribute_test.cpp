#include "crawler/fetcher/attribute/image_attribute.h"

#include <gtest/gtest.h>

namespace doutu {
namespace {

TEST(LooksLikeImage, GoesByEndingAndByAttribute) {
  EXPECT_TRUE(looks_like_image("a", "href", "/a.JPG?x#y"));
  EXPECT_TRUE(looks_like_image("img", "src", "thumb.php?id=3"));
  EXPECT_TRUE(looks_like_image("img", "data-original", "/thumb?id=3"));
  EXPECT_TRUE(looks_like_image("div", "data-bg", "https://e.com/a.webp"));
  EXPECT_FALSE(looks_like_image("a", "href", "/a.html"));
  EXPECT_FALSE(looks_like_image("a", "href", "http://e.com/?a.png"));
  EXPECT_FALSE(looks_like_image("img", "data-original-width", "640"));
  EXPECT_FALSE(looks_like_image("img", "alt", "a.png"));
  EXPECT_FALSE(looks_like_image("img", "onclick", "a.png"));
  EXPECT_FALSE(looks_like_image("img", "src", "data:image/gif;base64,R0lGODlhAQABAAAAACw="));
}

}  // namespace
}  // namespace doutu
