#include "shared/url/same_site.h"

#include <gtest/gtest.h>

namespace doutu {
namespace {

TEST(SameSite, IsAHostAndItsSubdomains) {
  EXPECT_TRUE(is_same_site("example.com", "example.com"));
  EXPECT_TRUE(is_same_site("example.com", "www.example.com"));
  EXPECT_TRUE(is_same_site("img.cdn.example.com", "example.com"));
  EXPECT_TRUE(is_same_site("localhost", "localhost"));
}

TEST(SameSite, IsNoNeighbour) {
  EXPECT_FALSE(is_same_site("a.example.com", "b.example.com"));
  EXPECT_FALSE(is_same_site("badexample.com", "example.com"));
  EXPECT_FALSE(is_same_site("example.com", "com"));
  EXPECT_FALSE(is_same_site(".example.com", "example.com"));
  EXPECT_FALSE(is_same_site("example.com", ""));
}

}  // namespace
}  // namespace doutu
