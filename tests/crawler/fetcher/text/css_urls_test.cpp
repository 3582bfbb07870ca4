#include "crawler/fetcher/text/css_urls.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace doutu {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

TEST(CssUrls, AreWhatUrlNames) {
  EXPECT_THAT(css_urls("background: url(a.jpg) no-repeat, URL( 'b c.jpg' ), url(\"d)e.jpg\")"),
              ElementsAre("a.jpg", "b c.jpg", "d)e.jpg"));
  EXPECT_THAT(css_urls("background-image:image-set(url(1x.png) 1x, url(2x.png) 2x)"), ElementsAre("1x.png", "2x.png"));
  EXPECT_THAT(css_urls("url(data:image/gif;base64,R0lGODlh+/=)"), ElementsAre("data:image/gif;base64,R0lGODlh+/="));
  EXPECT_THAT(css_urls("@font-face{src:url(a.woff)format('woff')} a{b:url(c)}"), ElementsAre("a.woff", "c"));
  EXPECT_THAT(css_urls("url(图.jpg)"), ElementsAre("图.jpg"));
}

TEST(CssUrls, AreUnescaped) {
  EXPECT_THAT(css_urls(R"x(url(a\)b\ c.jpg), url('it\'s.jpg'), url("\41 b\000043.jpg"))x"),
              ElementsAre("a)b c.jpg", "it's.jpg", "AbC.jpg"));
  EXPECT_THAT(css_urls(R"x(\75 rl(a), u\72l(b), url(\56FE .jpg), url(\0), url(\d800 x))x"),
              ElementsAre("a", "b", "图.jpg", "\xef\xbf\xbd", "\xef\xbf\xbdx"));
  EXPECT_THAT(css_urls("url('a\\\nb.jpg')"), ElementsAre("ab.jpg"));
}

TEST(CssUrls, AreNotInCommentsAndStrings) {
  EXPECT_THAT(css_urls("/* url(a) */ content: 'url(b)' \"url(c)\" url(/*d*/) x"), ElementsAre("/*d*/"));
  EXPECT_THAT(css_urls("myurl(a) url-prefix(b) -url(c) url (d) src(e)"), IsEmpty());
  EXPECT_THAT(css_urls("/* url(a)"), IsEmpty());
}

TEST(CssUrls, PassOverWhatBrowsersPassOver) {
  EXPECT_THAT(css_urls("url(a b) url(c\"d) url(e(f) url() url('') url( ) url('x\n) url(g)"), ElementsAre("g"));
}

TEST(CssUrls, MayEndEarly) {
  EXPECT_THAT(css_urls("url(a"), ElementsAre("a"));
  EXPECT_THAT(css_urls("url('a"), ElementsAre("a"));
  EXPECT_THAT(css_urls("url( a "), ElementsAre("a"));
  for (const char* css : {"url(", "url", "'", "\\", "url(\\", "url('\\", "url(a b", "/*"})
    EXPECT_LE(css_urls(css).size(), 1U) << css;
}

}  // namespace
}  // namespace doutu
