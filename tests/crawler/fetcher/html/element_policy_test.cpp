// What a page says of the policies of its images, and of itself.
#include "crawler/fetcher/html/element_policy.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "crawler/fetcher/html/image_links.h"

namespace doutu {
namespace {

using enum ReferrerPolicy;
using Policy = std::optional<ReferrerPolicy>;

std::vector<Policy> policies(std::string_view page, const std::string& expression, Markup markup = Markup::html) {
  std::vector<Xpath> xpaths;
  xpaths.push_back(Xpath::compile(expression).value());
  const auto document = HtmlDocument::parse(page, markup).value();
  std::vector<Policy> found;
  for (const ImageLink& link : find_image_links(document, xpaths, "http://h/", Encoding::utf_8, 100).links) {
    found.push_back(link.referrer_policy);
  }
  return found;
}

Policy of_page(std::string_view page, Markup markup = Markup::html) {
  return HtmlDocument::parse(page, markup)->referrer_policy();
}

struct Hit {
  const char* page;
  const char* expression;
  Policy policy;
};

TEST(ElementPolicy, IsThatOfTheElementThatIsHit) {
  for (const auto& [page, expression, policy] : std::vector<Hit>{
           {"<img referrerpolicy='no-referrer' data-original=a>", "//img/@data-original", no_referrer},
           {"<img referrerpolicy='no-referrer' data-original=a>", "//img", no_referrer},
           {"<img src=a referrerpolicy=ORIGIN>", "//img/@src", origin},
           {"<img src=a>", "//img/@src", std::nullopt},
           {"<img src=a referrerpolicy>", "//img/@src", std::nullopt},
           {"<img src=a referrerpolicy=''>", "//img/@src", std::nullopt},
           {"<img src=a referrerpolicy=never>", "//img/@src", std::nullopt},
           {"<div referrerpolicy=origin><img src=a></div>", "//img/@src", std::nullopt},
           {"<a referrerpolicy=unsafe-url href=a>a</a>", "//a", unsafe_url},
           {"<a referrerpolicy=unsafe-url href=a><img src=b></a>", "//img", std::nullopt},
           {"<area referrerpolicy=origin href=a>", "//area/@href", origin},
           {"<iframe referrerpolicy=origin src=a>", "//iframe/@src", origin},
           {"<link rel=preload referrerpolicy=origin href=a>", "//link", origin},
           {"<video referrerpolicy=origin poster=a>", "//video", origin},
           {"<p referrerpolicy=origin>a.jpg</p>", "//p/text()", std::nullopt},
           {"<img src=a referrerpolicy=origin>", "string(//img/@src)", std::nullopt},
           {"<svg><image xlink:href=a referrerpolicy=origin /></svg>", "//image", origin},
           {"<img src=a referrerpolicy=origin referrerpolicy=unsafe-url>", "//img/@src", origin},
           // A picture is fetched by its <img>.
           {"<picture><source srcset=a><img src=b referrerpolicy=origin></picture>", "//source/@srcset", origin},
           {"<picture><source srcset=a referrerpolicy=unsafe-url><img src=b referrerpolicy=origin></picture>",
            "//picture", origin},
           {"<picture><source srcset=a referrerpolicy=origin></picture>", "//source", origin},
           {"<video><source src=a></video><img src=b referrerpolicy=origin>", "//source/@src", std::nullopt},
           // Links that say it in the older way.
           {"<a rel='nofollow NoReferrer' href=a>a</a>", "//a/@href", no_referrer},
           {"<a rel=noreferrer referrerpolicy=origin href=a>a</a>", "//a", no_referrer},
           {"<area referrerpolicy=origin rel=noreferrer href=a>", "//area", no_referrer},
           {"<a rel='noopener noreferrerx' href=a>a</a>", "//a", std::nullopt},
           {"<a rel=noreferrer href=a><img src=b></a>", "//img/@src", std::nullopt},
           {"<link rel=noreferrer href=a>", "//link/@href", std::nullopt},
           // Markup within texts.
           {"<p title='&lt;img src=a referrerpolicy=origin&gt;'>", "html(//p/@title)//img", origin},
           {"<p style='background: url(a)' referrerpolicy=origin>", "css-urls(//p/@style)", std::nullopt},
       }) {
    EXPECT_EQ(policies(page, expression), std::vector<Policy>{policy}) << page << ' ' << expression;
  }
}

TEST(ElementPolicy, IsOfEachHitItsOwn) {
  EXPECT_EQ(policies("<img src=a><img src=b referrerpolicy=origin><img src=''><img src=c referrerpolicy=no-referrer>",
                     "//img/@src"),
            (std::vector<Policy>{std::nullopt, origin, no_referrer}));
}

TEST(ElementPolicy, IsNoneInFeedsAndJson) {
  EXPECT_EQ(policies("<rss><enclosure url='http://h/a'/></rss>", "//enclosure/@url", Markup::xml),
            std::vector<Policy>{std::nullopt});
  EXPECT_EQ(policies(R"({"a": "b"})", "//a", Markup::json), std::vector<Policy>{std::nullopt});
}

TEST(ElementPolicy, OfThePageIsThatOfItsLastMetaThatNamesOne) {
  struct Page {
    const char* text;
    Policy policy;
  };
  for (const auto& [text, policy] : std::vector<Page>{
           {"<p>", std::nullopt},
           {"<meta name=referrer content=no-referrer>", no_referrer},
           {"<meta content=never name=REFERRER>", no_referrer},
           {"<meta name=referrer content=origin><meta name=referrer content=same-origin>", same_origin},
           {"<meta name=referrer content=origin><meta name=referrer content=sometimes><meta name=referrer>", origin},
           {"<meta name=referrer content=origin><body><p><meta name=referrer content=default>",
            strict_origin_when_cross_origin},
           {"<noscript><meta name=referrer content=origin></noscript>", std::nullopt},
           {"<meta name=referrer content=origin><noscript><meta name=referrer content=never></noscript>", origin},
           {"<meta http-equiv=referrer content=origin>", std::nullopt},
           {"<svg><meta name=referrer content=origin></svg>", origin},  // It ends the <svg> (HTML section 13.2.6.5).
           {"<template><meta name=referrer content=origin></template>", std::nullopt},
       }) {
    EXPECT_EQ(of_page(text), policy) << text;
  }
}

TEST(ElementPolicy, OfXhtmlIsReadAsThatOfHtml) {
  const auto xhtml = [](std::string_view head) {
    return "<html xmlns='http://www.w3.org/1999/xhtml'><head>" + std::string(head) + "</head><body/></html>";
  };
  EXPECT_EQ(of_page(xhtml("<meta name='referrer' content='origin'/>"), Markup::xml), origin);
  EXPECT_EQ(of_page(xhtml("<meta xmlns='x' name='referrer' content='origin'/>"), Markup::xml), std::nullopt);
}

}  // namespace
}  // namespace doutu
