#include "shared/http/referer.h"

#include <gtest/gtest.h>

#include <vector>

namespace doutu {
namespace {

TEST(Referer, IsWhatTheSettingMakesOfThePage) {
  constexpr const char* kPage = "https://h/list?1";
  struct Row {
    const char* setting;
    const char* page;
    ReferrerPolicy policy;
    const char* same;
    const char* other;
    const char* insecure;
  };
  constexpr const char* kNone = "";
  constexpr const char* kOrigin = "https://h/";
  constexpr const char* kWhole = "https://h/list?1";
  constexpr const char* kNamed = "http://r/x";
  for (const auto& [setting, page, policy, same, other, insecure] : std::vector<Row>{
           {"", kPage, {}, kWhole, kOrigin, kNone},
           {"", kPage, ReferrerPolicy::no_referrer, kNone, kNone, kNone},
           {"", "", {}, kNone, kNone, kNone},
           {"none", kPage, ReferrerPolicy::unsafe_url, kNone, kNone, kNone},
           {"origin", kPage, ReferrerPolicy::no_referrer, kOrigin, kOrigin, kOrigin},
           {"page", kPage, ReferrerPolicy::no_referrer, kWhole, kWhole, kWhole},
           {"page", "", {}, kNone, kNone, kNone},
           {"http://r/x", kPage, ReferrerPolicy::no_referrer, kNamed, kNamed, kNamed},
           {"http://r/x", "", {}, kNamed, kNamed, kNamed},
       }) {
    const Referer referer(setting);
    EXPECT_EQ(referer.of("https://h/a.png", page, policy), same) << setting;
    EXPECT_EQ(referer.of("https://i/a.png", page, policy), other) << setting;
    EXPECT_EQ(referer.of("http://h/a.png", page, policy), insecure) << setting;
  }
}

}  // namespace
}  // namespace doutu
