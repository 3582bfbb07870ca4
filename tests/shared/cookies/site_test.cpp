#include "shared/cookies/site.h"

#include <gtest/gtest.h>

namespace doutu {
namespace {

TEST(Site, IsTheRegistrableDomain) {
  EXPECT_EQ(site_of("img.example.com"), "example.com");
  EXPECT_EQ(site_of("a.b.example.co.uk"), "example.co.uk");
  EXPECT_EQ(site_of("example.com"), "example.com");
}

TEST(Site, OfWhatPeopleRegisterBelowIsTheirs) {
  EXPECT_EQ(site_of("alice.github.io"), "alice.github.io");
  EXPECT_EQ(site_of("www.alice.github.io"), "alice.github.io");
}

TEST(Site, OfAPublicSuffixIsItself) {
  EXPECT_EQ(site_of("co.uk"), "co.uk");
  EXPECT_EQ(site_of("github.io"), "github.io");
}

TEST(Site, OfASingleLabelIsItself) {
  EXPECT_EQ(site_of("localhost"), "localhost");
  EXPECT_EQ(site_of("nas"), "nas");
}

TEST(Site, OfAnAddressIsItself) {
  EXPECT_EQ(site_of("127.0.0.1"), "127.0.0.1");
  EXPECT_EQ(site_of("[2001:db8::1]"), "[2001:db8::1]");
}

TEST(Site, KnowsInternationalSuffixesByTheirAsciiForm) {
  EXPECT_EQ(site_of("www.example.xn--55qx5d.cn"), "example.xn--55qx5d.cn");  // 公司.cn
}

TEST(Site, OfANameWithADotBehindIsAnother) {
  EXPECT_EQ(site_of("www.example.com."), "example.com.");
  EXPECT_TRUE(is_public_suffix("co.uk."));
  EXPECT_EQ(site_of("."), ".");
  EXPECT_EQ(site_of(""), "");
}

TEST(PublicSuffix, IsWhatNobodyOwnsAlone) {
  EXPECT_TRUE(is_public_suffix("com"));
  EXPECT_TRUE(is_public_suffix("co.uk"));
  EXPECT_TRUE(is_public_suffix("github.io"));
  EXPECT_TRUE(is_public_suffix("localhost")) << "a single label that is on no list";
  EXPECT_FALSE(is_public_suffix("example.com"));
}

TEST(PublicSuffix, IsNoAddress) {
  EXPECT_FALSE(is_public_suffix("127.0.0.1"));
  EXPECT_FALSE(is_public_suffix("[::1]"));
}

TEST(SameSiteUrls, HaveOneSchemeAndOneRegistrableDomain) {
  EXPECT_TRUE(are_same_site_urls("https://a.example.com/x", "https://b.example.com:8443/y"));
  EXPECT_FALSE(are_same_site_urls("https://example.com/", "http://example.com/"));
  EXPECT_FALSE(are_same_site_urls("https://example.com/", "https://example.org/"));
  EXPECT_FALSE(are_same_site_urls("https://alice.github.io/", "https://bob.github.io/"));
  EXPECT_TRUE(are_same_site_urls("http://127.0.0.1:80/", "http://127.0.0.1:81/"));
  EXPECT_FALSE(are_same_site_urls("http://127.0.0.1/", "http://127.1.0.1/"));
}

}  // namespace
}  // namespace doutu
