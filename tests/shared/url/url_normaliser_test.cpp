#include "shared/url/url_normaliser.h"

#include <gtest/gtest.h>

#include <random>
#include <string>

#include "shared/url/max_url_bytes.h"
#include "shared/url/url.h"

namespace doutu {
namespace {

TEST(UrlNormaliser, SaysTheSameAsNormaliseUrlWhateverCameBefore) {
  UrlNormaliser urls;
  for (const char* text : {"http://h/a.jpg",
                           "http://h/b/c.jpg?d=e&f=g",
                           "http://h/a/../b.jpg",
                           "http://h/./b.jpg",
                           "http://h/a/.b.jpg",
                           "http://h/%2e%2e/b.jpg",
                           "http://h/a b.jpg",
                           "http://h/a\\b.jpg",
                           "http://h/a?b?c",
                           "http://h/a?'b'",
                           "http://h/a#b",
                           "http://h/a?b#c",
                           "http://h",
                           "http://H/a",
                           "http://h/\xe5\x9b\xbe.jpg",
                           "http://h:80/a",
                           "http://h:8080/a",
                           "https://h/a",
                           "http://h/",
                           "http://hh/a",
                           "http://h.",
                           "ftp://h/a",
                           "",
                           "h/a",
                           "http://h/a\tb",
                           "http://me:sesame@h/a",
                           "http://h/a",
                           "http://h/a.",
                           "http://h/a/..",
                           "http://h/..a",
                           "http://h//a",
                           "http://h/a?/.b"}) {
    EXPECT_EQ(urls.normalise(text), normalise_url(text)) << text;
  }
}

TEST(UrlNormaliser, SaysTheSameOfRandomTextsAsNormaliseUrl) {
  constexpr int kTexts = 100'000;
  const std::string pieces[] = {"a", "B", ".", "..", "/",        "?", "#", "%",  "%2e", "\\", " ",
                                "&", "=", "'", "\"", "\xc3\xa9", ":", "@", "\n", "~",   "|"};
  std::mt19937 random(1);  // NOLINT(cert-msc32-c,cert-msc51-cpp): the same texts in every run.
  UrlNormaliser urls;
  for (int i = 0; i < kTexts; ++i) {
    std::string text = random() % 9 == 0 ? "https://other/" : "http://h/";
    for (std::size_t length = random() % 8; length > 0; --length) text += pieces[random() % std::size(pieces)];
    ASSERT_EQ(urls.normalise(text), normalise_url(text)) << text;
  }
}

TEST(UrlNormaliser, BoundsTheLength) {
  UrlNormaliser urls;
  ASSERT_TRUE(urls.normalise("http://h/"));
  const std::string longest = "http://h/" + std::string(kMaxUrlBytes, 'a');
  EXPECT_EQ(urls.normalise(longest), normalise_url(longest));
}

}  // namespace
}  // namespace doutu
