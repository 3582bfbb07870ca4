#include "shared/url/referrer_policy.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace doutu {
namespace {

using enum ReferrerPolicy;

constexpr const char* kSecure = "https://example.com/list?token=1";
constexpr const char* kPlain = "http://example.com:81/list?token=1";

struct Row {
  ReferrerPolicy policy;
  const char* same_origin;
  const char* cross_origin;  ///< From https to https.
  const char* downgrade;
  const char* plain;    ///< From http to http of another origin.
  const char* upgrade;  ///< From http to https.
};

TEST(ReferrerPolicy, TellsEachKindOfServerWhatItMayKnow) {
  constexpr const char* kNone = "";
  constexpr const char* kOrigin = "https://example.com/";
  constexpr const char* kPlainOrigin = "http://example.com:81/";
  for (const Row& row : std::vector<Row>{
           {strict_origin_when_cross_origin, kSecure, kOrigin, kNone, kPlainOrigin, kPlainOrigin},
           {no_referrer, kNone, kNone, kNone, kNone, kNone},
           {no_referrer_when_downgrade, kSecure, kSecure, kNone, kPlain, kPlain},
           {same_origin, kSecure, kNone, kNone, kNone, kNone},
           {origin, kOrigin, kOrigin, kOrigin, kPlainOrigin, kPlainOrigin},
           {strict_origin, kOrigin, kOrigin, kNone, kPlainOrigin, kPlainOrigin},
           {origin_when_cross_origin, kSecure, kOrigin, kOrigin, kPlainOrigin, kPlainOrigin},
           {unsafe_url, kSecure, kSecure, kSecure, kPlain, kPlain},
       }) {
    const int number = static_cast<int>(row.policy);
    EXPECT_EQ(referer_for("https://example.com/a.png", kSecure, row.policy), row.same_origin) << number;
    EXPECT_EQ(referer_for("https://cdn.example.com/a.png", kSecure, row.policy), row.cross_origin) << number;
    EXPECT_EQ(referer_for("http://example.com/a.png", kSecure, row.policy), row.downgrade) << number;
    EXPECT_EQ(referer_for("http://example.com/a.png", kPlain, row.policy), row.plain) << number;
    EXPECT_EQ(referer_for("https://example.com:81/a.png", kPlain, row.policy), row.upgrade) << number;
    EXPECT_EQ(referer_for("https://example.com/a.png", "", row.policy), "") << number;
  }
}

TEST(ReferrerPolicy, ComparesSchemeHostAndPort) {
  const auto referer = [](const char* url, const char* page) { return referer_for(url, page, same_origin); };
  EXPECT_EQ(referer("https://user@example.com:443/a.png", kSecure), kSecure);
  EXPECT_EQ(referer("https://example.com:444/a.png", kSecure), "");
  EXPECT_EQ(referer("http://example.com:81/a.png", kPlain), kPlain);
  EXPECT_EQ(referer("https://example.com:81/a.png", kPlain), "");
  EXPECT_EQ(referer_for("https://[::1]/a.png", "http://[::1]/", strict_origin_when_cross_origin), "http://[::1]/");
}

TEST(ReferrerPolicy, TellsNoMoreThanTheOriginOfAnEndlessUrl) {
  const std::string page = "https://example.com/" + std::string(4096 - 20, 'a');
  EXPECT_EQ(referer_for("https://example.com/a.png", page, unsafe_url), page);
  EXPECT_EQ(referer_for("https://example.com/a.png", page + "b", unsafe_url), "https://example.com/");
  EXPECT_EQ(referer_for("https://example.com/a.png", page + "b", no_referrer), "");
}

TEST(ReferrerPolicy, IsNamedByAnElement) {
  EXPECT_EQ(referrer_policy_of_attribute("no-referrer"), no_referrer);
  EXPECT_EQ(referrer_policy_of_attribute("No-Referrer-When-Downgrade"), no_referrer_when_downgrade);
  EXPECT_EQ(referrer_policy_of_attribute("same-origin"), same_origin);
  EXPECT_EQ(referrer_policy_of_attribute("origin"), origin);
  EXPECT_EQ(referrer_policy_of_attribute("strict-origin"), strict_origin);
  EXPECT_EQ(referrer_policy_of_attribute("origin-when-cross-origin"), origin_when_cross_origin);
  EXPECT_EQ(referrer_policy_of_attribute("strict-origin-when-cross-origin"), strict_origin_when_cross_origin);
  EXPECT_EQ(referrer_policy_of_attribute("UNSAFE-URL"), unsafe_url);
  for (const char* none : {"", " no-referrer", "never", "default", "no-referrer, origin", "no_referrer", "origin-"}) {
    EXPECT_EQ(referrer_policy_of_attribute(none), std::nullopt) << none;
  }
}

TEST(ReferrerPolicy, IsNamedByAMetaInTheWordsOfItsFirstYearsToo) {
  EXPECT_EQ(referrer_policy_of_meta("Never"), no_referrer);
  EXPECT_EQ(referrer_policy_of_meta("default"), strict_origin_when_cross_origin);
  EXPECT_EQ(referrer_policy_of_meta("always"), unsafe_url);
  EXPECT_EQ(referrer_policy_of_meta("origin-when-crossorigin"), origin_when_cross_origin);
  EXPECT_EQ(referrer_policy_of_meta("Same-Origin"), same_origin);
  EXPECT_EQ(referrer_policy_of_meta("sometimes"), std::nullopt);
}

TEST(ReferrerPolicy, IsTheLastThatAHeaderNamesAndThatIsKnown) {
  EXPECT_EQ(referrer_policy_of_header("no-referrer"), no_referrer);
  EXPECT_EQ(referrer_policy_of_header("no-referrer, strict-origin-when-cross-origin"), strict_origin_when_cross_origin);
  EXPECT_EQ(referrer_policy_of_header(",origin ,\tUnsafe-URL\t, from-the-future,"), unsafe_url);
  for (const char* none : {"", ",", " , ", "never", "default", "from-the-future", "no-referrer;origin"}) {
    EXPECT_EQ(referrer_policy_of_header(none), std::nullopt) << none;
  }
}

TEST(ReferrerPolicy, HasANumber) {
  EXPECT_EQ(referrer_policy_from_number(0), strict_origin_when_cross_origin);
  EXPECT_EQ(referrer_policy_from_number(7), unsafe_url);
  EXPECT_EQ(referrer_policy_from_number(8), std::nullopt);
  EXPECT_EQ(referrer_policy_from_number(UINT64_MAX), std::nullopt);
}

}  // namespace
}  // namespace doutu
