#include "shared/url/url.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "shared/crawl/records.h"

namespace doutu {
namespace {

struct Resolution {
  std::string_view base, reference, expected;
};

TEST(Url, ResolvesAsBrowsersDo) {
  constexpr std::string_view kBase = "http://example.com/a/b?q";
  const std::vector<Resolution> table{
      {kBase, "c.jpg", "http://example.com/a/c.jpg"},
      {kBase, "/c.jpg", "http://example.com/c.jpg"},
      {kBase, "./c.jpg", "http://example.com/a/c.jpg"},
      {kBase, "../c.jpg", "http://example.com/c.jpg"},
      {kBase, "../../../c.jpg", "http://example.com/c.jpg"},
      {kBase, "d/./e/../f", "http://example.com/a/d/f"},
      {kBase, "%2e%2E/c.jpg", "http://example.com/c.jpg"},
      {kBase, ".", "http://example.com/a/"},
      {kBase, "..", "http://example.com/"},
      {kBase, "x/..", "http://example.com/a/"},
      {kBase, "a//b", "http://example.com/a/a//b"},
      {kBase, "?p=1", "http://example.com/a/b?p=1"},
      {kBase, "#top", "http://example.com/a/b?q"},
      {kBase, "", "http://example.com/a/b?q"},
      {kBase, "c.jpg?x=1#y", "http://example.com/a/c.jpg?x=1"},
      {kBase, "c.jpg?", "http://example.com/a/c.jpg?"},
      {kBase, "//cdn.example.net/c.jpg", "http://cdn.example.net/c.jpg"},
      {"https://example.com/", "//cdn.example.net/c.jpg", "https://cdn.example.net/c.jpg"},
      {kBase, "///cdn.example.net/c.jpg", "http://cdn.example.net/c.jpg"},
      {kBase, "\\\\cdn.example.net\\d\\c.jpg", "http://cdn.example.net/d/c.jpg"},
      {kBase, "d\\c.jpg?a\\b", "http://example.com/a/d/c.jpg?a\\b"},
      {kBase, "HTTPS://CDN.Example.NET/C.jpg", "https://cdn.example.net/C.jpg"},
      {kBase, "http://cdn.example.net", "http://cdn.example.net/"},
      {kBase, "http://cdn.example.net?x", "http://cdn.example.net/?x"},
      {kBase, "http://cdn.example.net:80/c", "http://cdn.example.net/c"},
      {kBase, "https://cdn.example.net:443/c", "https://cdn.example.net/c"},
      {kBase, "http://cdn.example.net:8080/c", "http://cdn.example.net:8080/c"},
      {kBase, "http://cdn.example.net:/c", "http://cdn.example.net/c"},
      {kBase, "http:c.jpg", "http://example.com/a/c.jpg"},
      {kBase, "http:/c.jpg", "http://example.com/c.jpg"},
      {"https://example.com/a/b", "http:/cdn.example.net/", "http://cdn.example.net/"},
      {"https://example.com/a/b", "http:cdn.example.net", "http://cdn.example.net/"},
      {kBase, " \n\t c.jpg \r\n", "http://example.com/a/c.jpg"},
      {kBase, "c\n.j\tpg", "http://example.com/a/c.jpg"},
      {kBase, "ht\ntp://cdn.example.net/", "http://cdn.example.net/"},
      {kBase, "a b.jpg", "http://example.com/a/a%20b.jpg"},
      {kBase, "\xe5\x9b\xbe.jpg", "http://example.com/a/%E5%9B%BE.jpg"},
      {kBase, "a\"<>`{}.jpg", "http://example.com/a/a%22%3C%3E%60%7B%7D.jpg"},
      {kBase, "100%.jpg", "http://example.com/a/100%.jpg"},
      {kBase, "a%20b%zz.jpg", "http://example.com/a/a%20b%zz.jpg"},
      {kBase, "?a b'\"<>\xe5", "http://example.com/a/b?a%20b%27%22%3C%3E%E5"},
      {kBase, "http://user:pa ss@cdn.example.net/c", "http://user:pa%20ss@cdn.example.net/c"},
      {kBase, "http://a@b@cdn.example.net/c", "http://a%40b@cdn.example.net/c"},
      {kBase, "http://0x7f.1/c", "http://127.0.0.1/c"},
      {kBase, "http://2130706433/c", "http://127.0.0.1/c"},
      {kBase, "http://[::1]:81/c", "http://[::1]:81/c"},
  };
  for (const auto& [base, reference, expected] : table) {
    const ResolvedUrl resolved = resolve_url(base, reference);
    EXPECT_EQ(resolved.cause, Cause::none) << reference;
    EXPECT_EQ(resolved.url, expected) << reference << " on " << base;
    EXPECT_EQ(resolve_url(resolved.url, resolved.url).url, resolved.url) << "normal form is stable";
  }
}

TEST(Url, NamesWhatIsNoImageUrl) {
  const std::string base = "http://example.com/";
  for (const char* other :
       {"data:image/gif;base64,R0lGOD", "blob:http://example.com/1", "javascript:void(0)", "about:blank",
        "mailto:a@example.com", "ftp://example.com/c.jpg", "file:///etc/passwd", "JavaScript:0", "c:\\x"}) {
    EXPECT_EQ(resolve_url(base, other).cause, Cause::unsupported_scheme) << other;
    EXPECT_EQ(resolve_url(base, other).url, other);
  }
  for (const char* bad :
       {"http://", "http:///", "//", "http://a b/", "http://example.com:99999/", "http://example.com:x/",
        "http://[::1/", "http://a%00b/", "http://<script>/", "http://\xff/", "http://user@/"}) {
    EXPECT_EQ(resolve_url(base, bad).cause, Cause::bad_url) << bad;
  }
  EXPECT_EQ(resolve_url(base, " http://a b/ ").url, "http://a b/") << "as the page wrote it, trimmed";
  EXPECT_EQ(resolve_url("no base", "c.jpg").cause, Cause::bad_url);
}

TEST(Url, BoundsItsLength) {
  const std::string base = "http://example.com/";
  const std::string fits(kMaxUrlBytes - base.size(), 'x');
  EXPECT_EQ(resolve_url(base, fits).url.size(), kMaxUrlBytes);
  const ResolvedUrl longer = resolve_url(base, fits + "y");
  EXPECT_EQ(longer.cause, Cause::url_too_long);
  EXPECT_LE(longer.url.size(), kMaxUrlBytes);
  EXPECT_EQ(resolve_url(base, std::string(6000, ' ') + "a" + std::string(6000, ' ') + "b").cause, Cause::url_too_long)
      << "encoded, it is three times as long";

  const ResolvedUrl data = resolve_url(base, "data:image/png;base64," + std::string(1'000'000, 'A'));
  EXPECT_EQ(data.cause, Cause::unsupported_scheme) << "an inlined image is skipped, however long";
  EXPECT_EQ(data.url.size(), kMaxUrlBytes);
}

TEST(Url, SurvivesAnyByte) {
  const std::string base = "http://example.com/a";
  for (int first = 0; first < 256; ++first) {
    for (int second = 0; second < 256; ++second) {
      for (const char* prefix : {"", "http://", "http://h", "//", "http:"}) {
        const std::string text = prefix + std::string{static_cast<char>(first), static_cast<char>(second)} + "x";
        const ResolvedUrl resolved = resolve_url(base, text);
        if (resolved.cause != Cause::none) continue;
        for (const char c : resolved.url) ASSERT_TRUE(c > 0x20 && c < 0x7f) << resolved.url;
        ASSERT_EQ(resolve_url(base, resolved.url).url, resolved.url);
      }
    }
  }
}

TEST(Url, NormalisesOnlyAbsoluteOnes) {
  EXPECT_EQ(normalise_url(" HTTP://Example.com:80/a/../b#c "), "http://example.com/b");
  EXPECT_EQ(normalise_url("http:example.com"), "http://example.com/");
  for (const char* other : {"", "example.com", "/a", "//example.com/", "ftp://example.com/", "http://", ":"}) {
    EXPECT_EQ(normalise_url(other), std::nullopt) << other;
  }
}

TEST(Url, TellsItsParts) {
  EXPECT_EQ(url_host("http://user:p@example.com:81/a@b"), "example.com");
  EXPECT_EQ(url_host("https://[::1]:81/"), "[::1]");
  EXPECT_EQ(url_host("https://[::1]/"), "[::1]");
  EXPECT_EQ(url_authority("https://user@example.com/a"), "https://example.com:443");
  EXPECT_EQ(url_authority("http://example.com/a"), "http://example.com:80");
  EXPECT_EQ(url_authority("http://[::1]:8080/a"), "http://[::1]:8080");
  EXPECT_EQ(url_last_segment("http://example.com/x/a%20b.jpg?c=/d"), "a%20b.jpg");
  EXPECT_EQ(url_last_segment("http://example.com/x/"), "");
  EXPECT_EQ(url_last_segment("http://example.com"), "");
  EXPECT_EQ(url_without_userinfo("http://user:p@example.com:81/a?b@c"), "http://example.com:81/a?b@c");
  EXPECT_EQ(url_without_userinfo("http://example.com/"), "http://example.com/");
}

}  // namespace
}  // namespace doutu
