#include "shared/http/referer_setting.h"

#include <gtest/gtest.h>

namespace doutu {
namespace {

TEST(RefererSetting, HasFourForms) {
  for (const char* good : {"none", "origin", "page", "http://r", "HTTPS://r/?a=b"}) {
    EXPECT_TRUE(is_referer_setting(good)) << good;
  }
  for (const char* bad : {"", "orign", "Page", "r", "example.com/", "ftp://r/", "same-origin"}) {
    EXPECT_FALSE(is_referer_setting(bad)) << bad;
  }
}

}  // namespace
}  // namespace doutu
