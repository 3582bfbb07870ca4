#include "crawler/fetcher/suggest/suggestion.h"

#include <fmt/core.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "crawler/fetcher/suggest/image_candidates.h"
#include "crawler/fetcher/text/utf8.h"
#include "tests/bench/list_page.h"

namespace doutu {
namespace {

using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;
using testing::SizeIs;

constexpr std::string_view kPageUrl = "http://example.com/photo/list/?page=1";
constexpr std::size_t kMaxHits = 10'000;

std::vector<Suggestion> suggest_for(std::string_view html) {
  const HtmlDocument page = HtmlDocument::parse(html).value();
  return suggest(page, page_base(page, kPageUrl, Encoding::utf_8), kMaxHits);
}

/// The best; empty when there is none.
std::string best_for(std::string_view html) {
  const auto suggestions = suggest_for(html);
  return suggestions.empty() ? "" : suggestions.front().match.xpath;
}

/// What an expression finds, as a crawl would see it.
std::vector<std::string> values(std::string_view html, const std::string& xpath) {
  return HtmlDocument::parse(html)->evaluate(Xpath::compile(xpath).value(), kMaxHits).values;
}

/// Calls piece(i) for 0 to count - 1.
template <class Piece>
std::string repeated(int count, Piece piece) {
  std::string text;
  for (int i = 0; i < count; ++i) text += piece(i);
  return text;
}

// --- The case study's list page.

TEST(Suggestion, FindsTheCaseStudysImagesAndNoOther) {
  const std::string page = list_page();
  const auto wanted = values(page, std::string(kListPageXpath));
  ASSERT_THAT(wanted, SizeIs(kListPageLinks));
  EXPECT_EQ(values(page, best_for(page)), wanted);
}

TEST(Suggestion, TellsAdvertisementsFromImagesInTheSameListItem) {
  const auto item = [](int li) {
    return "<li class='list-group-item'>" +
           repeated(17,
                    [li](int i) {
                      return fmt::format(
                          "<a class='col'><img referrerpolicy=no-referrer src=/static/loader.gif "
                          "data-original='/uploads/2019/{}/{}.jpg' class='lazy image_dta' data-id={}></a>",
                          li, i, i);
                    }) +
           fmt::format(
               "<a rel=nofollow><img referrerpolicy=origin src=/static/loader.gif data-original=/ads/{}.gif "
               "class='lazy ad'></a></li>",
               li);
  };
  const std::string page =
      "<nav><img src=/logo.png referrerpolicy=no-referrer></nav><ul>" + repeated(4, item) + "</ul>";
  const auto suggestions = suggest_for(page);
  ASSERT_THAT(suggestions, Not(IsEmpty()));
  EXPECT_EQ(values(page, suggestions[0].match.xpath), values(page, "//img[@data-id]/@data-original"));
  EXPECT_EQ(suggestions[0].match.distinct, 68U);
  EXPECT_THAT(suggestions[0].why, Contains("src is the same placeholder on all of them: /static/loader.gif"));
  EXPECT_THAT(suggestions[0].why,
              Contains(HasSubstr("leaves out 4 that look like something else, such as /ads/0.gif")));
}

TEST(Suggestion, TellsByReferrerpolicyWhereThereAreNoClasses) {
  const std::string page =
      "<img src=/ad.png data-original=/ad.png>" + repeated(10, [](int i) {
        return fmt::format("<img referrerpolicy=no-referrer src=/l.gif data-original=/img/{}.png>", i);
      });
  EXPECT_EQ(best_for(page), "//img[@referrerpolicy='no-referrer']/@data-original");
}

// --- Which attribute.

TEST(Suggestion, IsPlainWhereThePageIs) {
  const auto suggestions = suggest_for("<p><img src=a.png><img src=b.png></p><p><img src=c.png></p>");
  ASSERT_THAT(suggestions, SizeIs(1));
  EXPECT_EQ(suggestions[0].match.xpath, "//img/@src");
  EXPECT_THAT(suggestions[0].match.first,
              ElementsAre("http://example.com/photo/list/a.png", "http://example.com/photo/list/b.png",
                          "http://example.com/photo/list/c.png"));
  EXPECT_THAT(suggestions[0].why, IsEmpty());
}

TEST(Suggestion, PrefersTheLazyAttributeToSmallPreviews) {
  const std::string page =
      repeated(5, [](int i) { return fmt::format("<img src=/s/{0}.jpg data-src=/l/{0}.jpg>", i); });
  const auto suggestions = suggest_for(page);
  ASSERT_THAT(suggestions, SizeIs(2));
  EXPECT_EQ(suggestions[0].match.xpath, "//img/@data-src");
  EXPECT_EQ(suggestions[1].match.xpath, "//img/@src");
}

TEST(Suggestion, IsNoPlaceholder) {
  EXPECT_EQ(best_for(repeated(5, [](int) { return "<img src=/blank.gif>"; })), "");
  const std::string pixel = "data:image/gif;base64,R0lGODlhAQABAAAAACw=";
  EXPECT_EQ(best_for(repeated(5, [&](int i) { return fmt::format("<img src='{}' data-lazy-src=/{}>", pixel, i); })),
            "//img/@data-lazy-src");
}

TEST(Suggestion, PutsImagesThatThumbnailsLeadToBeforeTheThumbnails) {
  const auto gallery = [](const char* thumbnail) {
    return "<nav><a href=/home>home</a><a href=/about><img src=/logo.png></a></nav>" + repeated(6, [&](int i) {
             return fmt::format(fmt::runtime("<a href=/full/{0}.jpg>" + std::string(thumbnail) + "</a>"), i);
           });
  };
  for (const char* thumbnail : {"<img src=/thumb/{0}.jpg>", "<img src=/l.gif data-src=/thumb/{0}.jpg>",
                                "<figure><img src=/thumb/{0}.jpg></figure>"}) {
    const std::string page = gallery(thumbnail);
    const auto suggestions = suggest_for(page);
    ASSERT_THAT(suggestions, Not(IsEmpty())) << thumbnail;
    EXPECT_THAT(values(page, suggestions[0].match.xpath), SizeIs(6)) << suggestions[0].match.xpath;
    EXPECT_THAT(suggestions[0].match.first, Contains("http://example.com/full/0.jpg")) << suggestions[0].match.xpath;
    EXPECT_THAT(suggestions[0].why, Contains(HasSubstr("the thumbnails link to these")));
  }
}

TEST(Suggestion, TellsThumbnailsThatLeadToImagesFromLinksOfWords) {
  const std::string page = "<a href=/terms.jpg>terms</a>" + repeated(6, [](int i) {
                             return fmt::format("<a href=/full/{0}.jpg><img src=/thumb/{0}.jpg></a>", i);
                           });
  EXPECT_EQ(best_for(page), "//a[img]/@href");
}

TEST(Suggestion, IsTheImagesThemselvesWhereTheyLeadToPages) {
  EXPECT_EQ(best_for(repeated(6, [](int i) { return fmt::format("<a href=/photo/{0}><img src=/s/{0}.jpg></a>", i); })),
            "//img/@src");
  EXPECT_EQ(best_for("<a href=/full/0.jpg><img src=/s/0.jpg></a>" +
                     repeated(6, [](int i) { return fmt::format("<a href=/p/{0}><img src=/s/1{0}.jpg></a>", i); })),
            "//img/@src");
}

TEST(Suggestion, TakesSrcsetWhereThereIsNothingElse) {
  const std::string page =
      repeated(3, [](int i) { return fmt::format("<img data-srcset='/{0}-1.jpg 1x, /{0}-2.jpg 2x'>", i); });
  const auto suggestions = suggest_for(page);
  ASSERT_THAT(suggestions, Not(IsEmpty()));
  EXPECT_EQ(suggestions[0].match.xpath, "//img/@data-srcset");
  EXPECT_THAT(suggestions[0].match.first, Contains("http://example.com/0-2.jpg"));
}

TEST(Suggestion, OffersWhatThumbnailsLinkTo) {
  const std::string page = "<a href=/about.html>x</a>" + repeated(4, [](int i) {
                             return fmt::format("<a class=full href=/l/{0}.jpg><img src=/s/{0}.jpg></a>", i);
                           });
  const auto suggestions = suggest_for(page);
  ASSERT_THAT(suggestions, SizeIs(3));
  EXPECT_EQ(suggestions[0].match.xpath, "//a[@class='full']/@href");
  EXPECT_EQ(suggestions[1].match.xpath, "//img/@src");
  EXPECT_EQ(suggestions[2].match.xpath, "//a[img]/@href") << "the same, written in another way";
}

TEST(Suggestion, TellsLinksToImagesByTheirEndingIfNeedBe) {
  EXPECT_EQ(best_for("<a href=/x.html>x</a><a href=/1.jpg>1</a><a href=/2.jpg>2</a>"),
            "//a[contains(@href,'.jpg')]/@href");
}

// --- Where.

TEST(Suggestion, PutsGroupsTogetherThatDifferInNothingThatMatters) {
  const std::string page =
      "<div id=photos>" +
      repeated(10,
               [](int i) {
                 return fmt::format("<div class={}><img src=/img/{}.jpg></div>", i % 2 == 0 ? "odd" : "even", i);
               }) +
      "</div><div class=side><img src=/avatars/1.png><img src=/avatars/2.png></div>";
  EXPECT_EQ(best_for(page), "//div[@id='photos']//img/@src");
}

TEST(Suggestion, LeavesIconsOutThatRepeat) {
  const std::string page = repeated(12, [](int i) {
    return fmt::format("<div class=post><img class=icon src=/i/star{}.png><img class=shot src=/i/{}.png></div>", i % 2,
                       i);
  });
  const auto suggestions = suggest_for(page);
  ASSERT_THAT(suggestions, SizeIs(testing::Ge(2U)));
  EXPECT_EQ(suggestions[0].match.xpath, "//img[@class='shot']/@src");
  EXPECT_EQ(suggestions.back().match.xpath, "//img/@src");
}

TEST(Suggestion, CombinesWhatTellsOnlyTogether) {
  const auto images = [](const char* around, const char* own, const char* folder) {
    return fmt::format("<ul class={}>", around) +
           repeated(6, [&](int i) { return fmt::format("<li><img class={} src=/{}/{}.jpg>", own, folder, i); }) +
           "</ul>";
  };
  const std::string page =
      images("list", "big", "photos") +
      repeated(2, [](int i) { return fmt::format("<ul class=list><li><img class=small src=/a/{}.jpg></ul>", i); }) +
      repeated(2, [](int i) { return fmt::format("<ul class=side><li><img class=big src=/b/{}.jpg></ul>", i); });
  EXPECT_EQ(best_for(page), "//ul[@class='list']//img[@class='big']/@src");
}

// --- What strangers write.

TEST(Suggestion, SaysNothingAboutAPageWithoutImages) {
  EXPECT_THAT(suggest_for(""), IsEmpty());
  EXPECT_THAT(suggest_for("<p title=a.png>no</p><a href=/x.html>x</a><img alt=b.png><img src=''>"), IsEmpty());
}

TEST(Suggestion, WritesNoNameThatXpathCannotRead) {
  for (const char* attribute : {"xlink:href", ":src", "@src.png", "data-src\"", "1src", "\xe5\x9b\xbe-src"}) {
    const std::string page = repeated(3, [&](int i) { return fmt::format("<img {}=/{}.png>", attribute, i); });
    const auto suggestions = suggest_for(page);
    ASSERT_THAT(suggestions, Not(IsEmpty())) << attribute;
    EXPECT_EQ(suggestions[0].match.distinct, 3U) << suggestions[0].match.xpath;
  }
}

TEST(Suggestion, QuotesNoClassThatWouldMoveACursor) {
  std::string from_right_to_left = "a";
  append_utf8(from_right_to_left, U'\u202e');
  for (const std::string& name : {std::string("a'b\"c"), std::string("a\x1b[2Jb"), from_right_to_left + "b"}) {
    const std::string page = "<img class=other src=/x/0.png>" +
                             repeated(9, [&](int i) { return fmt::format("<img class='{}' src=/y/{}.png>", name, i); });
    for (const Suggestion& suggestion : suggest_for(page)) EXPECT_THAT(suggestion.match.xpath, Not(HasSubstr(name)));
  }
  EXPECT_EQ(best_for("<img class=other src=/x/0.png>" +
                     repeated(9, [](int i) { return fmt::format("<img class=\"it's\" src=/y/{}.png>", i); })),
            "//img[@class=\"it's\"]/@src");
}

TEST(Suggestion, GetsThroughAPageOfManyImagesAndDeepNesting) {
  const std::string page = repeated(400, [](int i) { return fmt::format("<div class=c{}>", i); }) +
                           repeated(60'000, [](int i) { return fmt::format("<img class=k src=/{}.png>", i); });
  const auto suggestions = suggest_for(page);
  ASSERT_THAT(suggestions, Not(IsEmpty()));
  EXPECT_EQ(suggestions[0].match.cause, Cause::too_many_hits);
}

}  // namespace
}  // namespace doutu
