// What an element stands for, on pages as people write them.
#include "crawler/fetcher/html/element_url.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace doutu {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

constexpr const char* kBlank = "data:image/gif;base64,R0lGODlhAQABAIAAAAAAAP///yH5BAEAAAAALAAAAAABAAEAAAIBRAA7";

std::vector<std::string> find(const std::string& page, const std::string& expression, Markup markup = Markup::html) {
  return HtmlDocument::parse(page, markup)->evaluate(Xpath::compile(expression).value(), 1000).values;
}

/// Of the page's only <img>.
std::string shown(const std::string& page) {
  const auto found = find(page, "//img");
  return found.empty() ? "" : found.at(0);
}

TEST(ElementUrl, OfAnImageIsTheLargestOfItsSrcset) {
  EXPECT_EQ(shown("<img src=s.jpg>"), "s.jpg");
  EXPECT_EQ(shown("<img src=s.jpg srcset='m.jpg 480w, l.jpg 1200w'>"), "l.jpg");
  EXPECT_EQ(shown("<img src=s.jpg srcset='m.jpg, l.jpg 2x'>"), "l.jpg");
  EXPECT_EQ(shown("<img src=s.jpg srcset=''>"), "s.jpg");
  EXPECT_EQ(shown("<img src=s.jpg srcset='a 1x 1x'>"), "s.jpg") << "which browsers pass over";
  EXPECT_EQ(shown("<img srcset=l.jpg>"), "l.jpg");
}

TEST(ElementUrl, OfALazyImageIsWhatTheScriptWillShow) {
  for (const char* name : {"data-src", "data-original", "data-lazy-src", "data-actualsrc", "data-echo", "data-lazy",
                           "data-lazyload", "data-real-src", "data-img-src", "file", "zoomfile", "data-large-image"}) {
    EXPECT_EQ(shown("<img src=s.jpg " + std::string(name) + "=/l.jpg>"), "/l.jpg") << name;
  }
  EXPECT_EQ(shown("<img src=s.jpg data-src='l'>"), "l") << "without any ending";
  EXPECT_EQ(shown("<img src=s.jpg data-src='/my photo.jpg'>"), "/my photo.jpg");
  EXPECT_EQ(shown("<img src=s.jpg data-actualsrc=m.jpg data-original=l.jpg>"), "l.jpg") << "whatever stands first";
  EXPECT_EQ(shown("<img src=lqip.jpg srcset='lqip.jpg 20w' data-srcset='m.jpg 400w, l.jpg 800w'>"), "l.jpg");
  EXPECT_EQ(shown("<img src=s.jpg data-lazy-srcset='m.jpg 1x, l.jpg 2x' data-lazy-src=m.jpg>"), "l.jpg");
}

TEST(ElementUrl, HasTheLargestWidthThatAScriptMayWrite) {
  EXPECT_EQ(shown("<img src=s.jpg data-src='//h/a_{width}x.jpg' data-widths='[180, 2048,540]'>"), "//h/a_2048x.jpg");
  EXPECT_EQ(shown("<img data-widths='640' data-src='/{width}/a-{width}.jpg'>"), "/640/a-640.jpg");
  EXPECT_EQ(shown("<img src=s.jpg data-src='a_{width}x.jpg' data-widths='[0]'>"), "s.jpg");
  EXPECT_EQ(shown("<img src=s.jpg data-src='a_{width}x{height}.jpg' data-widths='[9]'>"), "s.jpg");
  EXPECT_THAT(find("<div data-bg='a_{width}.jpg' data-widths='[9,10]'></div>", "//div"), ElementsAre("a_10.jpg"));
  EXPECT_THAT(find("<img data-src='a_{width}.jpg' data-widths='[9]'>", "//img/@data-src"), ElementsAre("a_{width}.jpg"))
      << "exactly that attribute";
}

TEST(ElementUrl, OfAnImageForBrowsersWithoutScriptsIsItsSource) {
  EXPECT_THAT(find("<p><img src=/blank.gif data-x=y><noscript><img src=/l.jpg></noscript>", "//noscript//img | //img"),
              ElementsAre("/blank.gif", "/l.jpg"));
  EXPECT_THAT(find("<head><noscript><img src=/l.jpg></noscript>", "//img"), ElementsAre("/l.jpg"));
}

TEST(ElementUrl, PassesOverAttributesThatHoldSomethingElse) {
  for (const char* attribute :
       {"data-src=''", "data-src='{{item.src}}'", "data-src='a_{width}x.jpg'", "data-lazy=true", "data-lazy=1",
        "data-image-id=77", "data-image-title='l.jpg of mine'", "data-image-title='my l.jpg'",
        "data-image-permalink=/post/1/", "data-src='#'", "data-srcset='{{set}}'", "file=x", "title=/l.jpg",
        "data-lazy-class=b-lazy", "data-original-title=x"}) {
    EXPECT_EQ(shown("<img src=s.jpg " + std::string(attribute) + ">"), "s.jpg") << attribute;
  }
}

TEST(ElementUrl, OfAnImageIsAStandInOnlyWhereThereIsNothingElse) {
  const std::string blank = kBlank;
  EXPECT_EQ(shown("<img src='" + blank + "' srcset='/s.png 480w, /l.png 1200w'>"), "/l.png");
  EXPECT_EQ(shown("<img src='" + blank + "' data-src=/l.png>"), "/l.png");
  EXPECT_EQ(shown("<img srcset='" + blank + "' src=/l.png>"), "/l.png");
  EXPECT_EQ(shown("<img srcset='/blank.gif 2000w' src=/l.png>"), "/l.png");
  EXPECT_EQ(shown("<img src=/l.png data-src='" + blank + "'>"), "/l.png");
  EXPECT_EQ(shown("<img src=/1x1.gif data-original=/l.png>"), "/l.png");
  EXPECT_EQ(shown("<img src='" + blank + "'>"), blank) << "it is what the page shows";
  EXPECT_EQ(shown("<img src=/blank.gif>"), "/blank.gif");
  EXPECT_EQ(shown("<img srcset='/blank.gif 2x'>"), "/blank.gif");
  EXPECT_EQ(shown("<img alt=x>"), "");
}

TEST(ElementUrl, OfAPictureIsWhatALargeScreenShows) {
  const auto picture = [](const std::string& content) { return shown("<picture>" + content + "</picture>"); };
  EXPECT_EQ(picture("<source type=image/webp srcset='a.webp 480w, b.webp 960w'><img src=c.jpg>"), "b.webp");
  EXPECT_EQ(picture("<source type=video/mp4 srcset=a.mp4><img src=c.jpg>"), "c.jpg");
  EXPECT_EQ(picture("<source media='(max-width: 600px)' srcset=s.jpg><img src=l.jpg>"), "l.jpg");
  EXPECT_EQ(picture("<source media='(min-width: 600px)' srcset=m.jpg><source media='(min-width: 1200px)' srcset=l.jpg>"
                    "<img src=s.jpg>"),
            "l.jpg");
  EXPECT_EQ(picture("<source media='(min-width: 1200px)' srcset=l.jpg><source media='(min-width: 600px)' "
                    "srcset='m.jpg, m2.jpg 2x'><img src=s.jpg>"),
            "l.jpg");
  EXPECT_EQ(picture("<source type=image/avif srcset='a.avif 800w'><source type=image/webp srcset='a.webp 1600w'>"
                    "<img srcset='a.jpg 1200w'>"),
            "a.webp");
  EXPECT_EQ(picture("<source srcset='a.webp 800w'><img src=s.jpg srcset='l.jpg 1600w'>"), "l.jpg");
  EXPECT_EQ(picture("<source media='(prefers-color-scheme: dark)' srcset=d.jpg><img src=l.jpg>"), "l.jpg");
  EXPECT_EQ(picture("<source data-srcset='l.webp 2x' srcset='/blank.gif'><img src=/blank.gif data-src=m.jpg>"),
            "l.webp");
  EXPECT_EQ(picture("<source media='(max-width: 600px)' srcset=s.jpg><img src=/blank.gif>"), "s.jpg");
  EXPECT_EQ(picture("<img src=l.jpg><source srcset=late.jpg>"), "l.jpg") << "browsers look in front of it only";
  EXPECT_EQ(shown("<div><source srcset=a.jpg><img src=l.jpg></div>"), "l.jpg");
}

TEST(ElementUrl, OfAPictureElementIsThatOfItsImage) {
  EXPECT_THAT(find("<picture><source srcset='a.jpg 9w'><img src=b.jpg></picture>", "//picture"), ElementsAre("a.jpg"));
  EXPECT_THAT(find("<picture><source srcset=a.jpg><source data-srcset=b.jpg></picture>", "//picture"),
              ElementsAre("a.jpg"));
  EXPECT_THAT(find("<picture></picture>", "//picture"), IsEmpty());
}

TEST(ElementUrl, OfOtherElementsIsTheirUrl) {
  EXPECT_THAT(find("<meta content=1><link href=2><link href=3 imagesrcset='4 1x, 5 2x'>", "//meta | //link"),
              ElementsAre("1", "2", "5"));
  EXPECT_THAT(find("<video poster=1 src=x><source src=2></video><audio><source src=3></audio>", "//video | //source"),
              ElementsAre("1", "2", "3"));
  EXPECT_THAT(find("<a href=1>x</a><area href=2><object data=3></object><embed src=4>", "//body//*"),
              ElementsAre("1", "2", "3", "4"));
  EXPECT_THAT(find("<input type=image src=1><input type=IMAGE src=2><input type=text src=3><input src=4>", "//input"),
              ElementsAre("1", "2"));
  EXPECT_THAT(find("<svg><image href=1 xlink:href=x /><image xlink:href=2 /></svg>", "//image"), ElementsAre("1", "2"));
  EXPECT_THAT(find("<amp-img src=1 srcset='2 2x'></amp-img>", "//amp-img"), ElementsAre("2"));
  EXPECT_THAT(find("<li data-src=/l.jpg></li><div data-bg=/m.jpg></div><p data-x=/n.jpg>o.jpg</p>", "//body//*"),
              ElementsAre("/l.jpg", "/m.jpg"));
}

TEST(ElementUrl, OfAnAttributeIsThatAttribute) {
  constexpr const char* kImg = "<img src=s.jpg data-src=l.jpg srcset='m.jpg 1x, x.jpg 2x'>";
  EXPECT_THAT(find(kImg, "//img/@src"), ElementsAre("s.jpg"));
  EXPECT_THAT(find(kImg, "//img/@data-src"), ElementsAre("l.jpg"));
  EXPECT_THAT(find(kImg, "//img/@srcset"), ElementsAre("x.jpg"));
}

TEST(ElementUrl, OfAFeedsElementIsItsUrlOrItsText) {
  const std::string feed =
      "<rss xmlns:media='m' xmlns:image='i' xmlns:itunes='t'><link>http://h/1</link><image><url>/2"
      "</url></image><enclosure url='/3'/><media:content url='/4'/><itunes:image href='/5'/>"
      "<image:image><image:loc> /6 </image:loc></image:image><title>two words</title></rss>";
  EXPECT_THAT(find(feed, "/rss/*", Markup::xml), ElementsAre("http://h/1", "/2", "/3", "/4", "/5", "/6"));
  EXPECT_THAT(find(feed, "//image:loc", Markup::xml), ElementsAre("/6"));
  EXPECT_THAT(find("<feed><link href='/1'/><logo>/2</logo><icon/></feed>", "/feed/*", Markup::xml),
              ElementsAre("/1", "/2"));
  EXPECT_THAT(find("<html xmlns='http://www.w3.org/1999/xhtml'><p>/1</p><img src='/2'/></html>", "//*", Markup::xml),
              ElementsAre("/2"))
      << "a web page's text is text";
  EXPECT_THAT(find("<p>/1</p>", "//p"), IsEmpty());
}

TEST(ElementUrl, LooksAtBoundedlyManySources) {
  std::string page = "<picture>";
  for (int i = 0; i < 20'000; ++i) page += "<source srcset=s.jpg><img src=a.jpg>";
  EXPECT_THAT(HtmlDocument::parse(page)->evaluate(Xpath::compile("//img").value(), 100'000).values.size(), 20'000U);
}

}  // namespace
}  // namespace doutu
