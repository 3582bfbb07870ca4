#include "shared/cookies/cookie.h"

#include <gtest/gtest.h>

#include <string>

namespace doutu {
namespace {

Cookie cookie(std::string name, std::string value, std::string domain = "example.com") {
  Cookie made;
  made.name = std::move(name);
  made.value = std::move(value);
  made.domain = std::move(domain);
  return made;
}

TEST(Cookie, IsWellFormedWhenEveryReaderTakesItForOneCookie) {
  EXPECT_TRUE(is_well_formed(cookie("a", "b")));
  EXPECT_TRUE(is_well_formed(cookie("", "b=c"))) << "without a name";
  EXPECT_TRUE(is_well_formed(cookie("a", "")));
  EXPECT_TRUE(is_well_formed(cookie("a", "\"b, c\" \xff=")));
  for (const char* text : {"b;c", "b\tc", "b\nc", "b\rc", "b\x7f", " b", "b "}) {
    EXPECT_FALSE(is_well_formed(cookie("a", text))) << text;
    EXPECT_FALSE(is_well_formed(cookie(text, "a"))) << text;
  }
  EXPECT_FALSE(is_well_formed(cookie("a", std::string("b\0c", 3))));
  EXPECT_FALSE(is_well_formed(cookie("a=b", "c")));
  EXPECT_FALSE(is_well_formed(cookie("", "")));
}

TEST(Cookie, OfAnotherSpellingOfItsHostIsNotWellFormed) {
  for (const char* domain : {"", ".example.com", "EXAMPLE.com", "a b", "127.1", "::1", "example.com:80", "a\tb"}) {
    EXPECT_FALSE(is_well_formed(cookie("a", "b", domain))) << domain;
  }
  EXPECT_FALSE(is_well_formed(cookie("a", "b", std::string(256, 'a'))));
  EXPECT_TRUE(is_well_formed(cookie("a", "b", "[::1]")));
  EXPECT_TRUE(is_well_formed(cookie("a", "b", "127.0.0.1")));
}

TEST(Cookie, HasBoundsInBytes) {
  EXPECT_TRUE(is_well_formed(cookie("ab", std::string(kMaxCookieBytes - 2, 'c'))));
  EXPECT_FALSE(is_well_formed(cookie("ab", std::string(kMaxCookieBytes - 1, 'c'))));
  Cookie deep = cookie("a", "b");
  deep.path = "/" + std::string(kMaxCookieAttributeBytes - 1, 'p');
  EXPECT_TRUE(is_well_formed(deep));
  deep.path += 'p';
  EXPECT_FALSE(is_well_formed(deep));
}

TEST(Cookie, HasAPathFromTheRoot) {
  for (const char* path : {"", "x", "/a;b", "/a\tb"}) {
    Cookie odd = cookie("a", "b");
    odd.path = path;
    EXPECT_FALSE(is_well_formed(odd)) << path;
  }
}

TEST(Cookie, ExpiresInTheSecondThatItNames) {
  Cookie timed = cookie("a", "b");
  EXPECT_FALSE(has_expired(timed, 5'000)) << "of the session";
  timed.expires = 5;
  EXPECT_FALSE(has_expired(timed, 4'999));
  EXPECT_TRUE(has_expired(timed, 5'000));
}

TEST(Cookie, MatchesTheDomainAndWhatIsBelow) {
  EXPECT_TRUE(domain_matches("example.com", "example.com"));
  EXPECT_TRUE(domain_matches("a.b.example.com", "example.com"));
  EXPECT_FALSE(domain_matches("badexample.com", "example.com"));
  EXPECT_FALSE(domain_matches("example.com", "a.example.com"));
  EXPECT_FALSE(domain_matches("example.com", ""));
  EXPECT_FALSE(domain_matches("10.0.0.1", "0.0.1")) << "numbers of an address are no domains";
}

TEST(Cookie, MatchesThePathAndWhatIsBelow) {
  EXPECT_TRUE(path_matches("/a", "/a"));
  EXPECT_TRUE(path_matches("/a/b", "/a"));
  EXPECT_TRUE(path_matches("/a/b", "/a/"));
  EXPECT_TRUE(path_matches("/a/", "/a/"));
  EXPECT_TRUE(path_matches("/x", "/"));
  EXPECT_FALSE(path_matches("/ab", "/a"));
  EXPECT_FALSE(path_matches("/a", "/a/"));
  EXPECT_FALSE(path_matches("/A", "/a"));
}

TEST(Cookie, MayBeSetByItsHostAndThoseBelowItsDomain) {
  Cookie set = cookie("a", "b", "example.com");
  EXPECT_TRUE(may_be_set_by(set, "example.com"));
  EXPECT_FALSE(may_be_set_by(set, "www.example.com")) << "for the host alone";
  set.host_only = false;
  EXPECT_TRUE(may_be_set_by(set, "www.example.com"));
  EXPECT_FALSE(may_be_set_by(set, "example.org"));
  set.domain = "com";
  EXPECT_FALSE(may_be_set_by(set, "example.com")) << "a public suffix";
  set.host_only = true;
  EXPECT_TRUE(may_be_set_by(set, "com"));
}

}  // namespace
}  // namespace doutu
