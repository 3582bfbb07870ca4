#include "crawler/request/recipe.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace doutu {
namespace {

using testing::HasSubstr;

AskedPages range(const char* text) { return AskedPages::parse(text).value(); }

std::string url_of(const char* text, std::uint64_t page) {
  const Result<UrlTemplate> url_template = UrlTemplate::parse(text);
  return url_template ? url_template->url_of(page) : "error: " + url_template.error().message;
}

TEST(UrlTemplate, PutsThePageNumberWhereItIsNamed) {
  EXPECT_EQ(url_of("http://example.com/list?page={page}", 7), "http://example.com/list?page=7");
  EXPECT_EQ(url_of("http://example.com/{page:03}.html", 7), "http://example.com/007.html");
  EXPECT_EQ(url_of("http://example.com/{page:03}.html", 12345), "http://example.com/12345.html");
  EXPECT_EQ(url_of("http://example.com/{page}/{page:02}?p={page}", 7), "http://example.com/7/07?p=7");
  EXPECT_EQ(url_of("http://example.com/", 7), "http://example.com/");
}

TEST(UrlTemplate, GivesNormalisedUrls) {
  EXPECT_EQ(url_of("HTTP://Example.COM:80/a/../{page}#top", 1), "http://example.com/1");
}

TEST(UrlTemplate, KnowsItsHostAndWhetherItNamesThePage) {
  EXPECT_EQ(UrlTemplate::parse("http://127.0.0.1:8080/{page}")->host(), "127.0.0.1");
  EXPECT_THAT(UrlTemplate::parse("http://example.com/{page}")->names(), testing::ElementsAre("page"));
  EXPECT_THAT(UrlTemplate::parse("http://example.com/{b}/{page}?{b:03}")->names(), testing::ElementsAre("b", "page"));
  EXPECT_FALSE(UrlTemplate::parse("http://example.com/")->has_marks());
}

TEST(UrlTemplate, RefusesWhatIsNoTemplateWithAReason) {
  const std::vector<std::pair<std::string, const char*>> table = {
      {"", "not an http or https URL"},
      {"example.com/{page}", "not an http or https URL"},
      {"ftp://example.com/{page}", "not an http or https URL"},
      {"/list/{page}", "not an http or https URL"},
      {"http://", "not an http or https URL"},
      {"http://example.com/{page:3}", "{page:03}"},
      {"http://example.com/{page:00}", "{page:03}"},
      {"http://example.com/{page:012}", "{page:03}"},
      {"http://example.com/{page", "{page:03}"},
      {"http://example.com/{Page}", "\"{Page}\", which is no placeholder"},
      {"http://example.com/?q={\"a\":1}", "write %7B and %7D"},
      {"http://example.com/}", "which is no placeholder"},
      {"http://example.com/{}", "which is no placeholder"},
      {"http://example.com/{a{page}", "which is no placeholder"},
      {"http://example.com/{day:%Q}", "%Y %y %m %d"},
      {"http://host{page}.example.com/", "host name or port"},
      {"http://example.com:{page}/", "host name or port"},
      {"http://example.com/" + std::string(9000, 'x'), "longer than"},
  };
  for (const auto& [text, reason] : table) {
    const Result<UrlTemplate> url_template = UrlTemplate::parse(text);
    ASSERT_FALSE(url_template) << text;
    EXPECT_THAT(url_template.error().message, HasSubstr(reason)) << text;
    EXPECT_LT(url_template.error().message.size(), 400U) << text;
  }
}

TEST(UrlTemplate, DoesNotShowAPasswordInAnError) {
  const Result<UrlTemplate> url_template = UrlTemplate::parse("http://me:secret@example.com/{page:x}");
  ASSERT_FALSE(url_template);
  EXPECT_EQ(url_template.error().message.find("secret"), std::string::npos);
}

TEST(UrlTemplate, DoesNotShowAPasswordWithABraceInAnError) {
  const Result<UrlTemplate> url_template = UrlTemplate::parse("http://me:{secret@example.com/{page}");
  ASSERT_FALSE(url_template);
  EXPECT_EQ(url_template.error().message.find("secret"), std::string::npos) << url_template.error().message;
}

TEST(Recipe, TheBuiltInOneCanBeCrawled) {
  EXPECT_TRUE(check_recipe(builtin_recipe(), range("1-10")));
  EXPECT_EQ(UrlTemplate::parse(builtin_recipe().url_template)->url_of(3), "https://www.pkdoutu.com/photo/list/?page=3");
}

TEST(Recipe, NeedsThePageInTheTemplateUnlessThereIsOnePage) {
  const Recipe recipe{"http://example.com/", {"//img"}};
  EXPECT_TRUE(check_recipe(recipe, range("5")));
  const Status two = check_recipe(recipe, range("5-6"));
  ASSERT_FALSE(two);
  EXPECT_THAT(two.error().message, HasSubstr("has no {page}, but the crawl has 2 pages"));
  const Status open = check_recipe(recipe, range("5-"));
  ASSERT_FALSE(open);
  EXPECT_THAT(open.error().message, HasSubstr("has no {page}, but the crawl has more than one page"));
}

std::string problem_of(const char* url_template, const char* pages) {
  const Status status = check_recipe({.url_template = url_template, .xpaths = {"//img"}}, range(pages));
  return status ? "" : status.error().message;
}

TEST(Recipe, NeedsValuesForEachPlaceholderAndAPlaceForEachValue) {
  EXPECT_EQ(problem_of("http://e/{a}/{page}", "a=1-3;page=1-2"), "");
  EXPECT_EQ(problem_of("http://e/{a}", "a=1"), "");
  EXPECT_THAT(problem_of("http://e/{a}/{page}", "1-2"),
              HasSubstr("has {a}, which has no values; give --pages a=VALUES"));
  EXPECT_THAT(problem_of("http://e/{pages}", "1-2"), HasSubstr("has {pages}, which has no values"));
  EXPECT_THAT(problem_of("http://e/{page}", "a=1-3;page=1-2"), HasSubstr("has no {a}"));
  EXPECT_THAT(problem_of("http://e/{tag:03}", "tag=cats,dogs"),
              HasSubstr("{tag:03}, which pads numbers, but its values are words"));
  EXPECT_THAT(problem_of("http://e/{page:%Y}", "1-2"),
              HasSubstr("{page:%Y}, which writes dates, but its values are numbers"));
}

TEST(Recipe, StaysOnOneHostWhateverTheWords) {
  EXPECT_THAT(problem_of("http://{u}@e/x", "u=me,other.example/"), HasSubstr("has {u} in the host name"));
  EXPECT_THAT(problem_of("http://{u}@e/x", "u=me,you"),
              HasSubstr("gives the same address to all 2 pages, because {u}"));
  EXPECT_THAT(problem_of("http://{day:%Y/%m}@e/x", "day=2026-01-01..2026-01-03"), HasSubstr("host name"));
  EXPECT_THAT(problem_of("http://e/#{b}", "b=x-z"), HasSubstr("gives the same address"));
  EXPECT_THAT(problem_of("http://e/{a}/#{b}", "a=1-2;b=x-z"), HasSubstr("because {b} is after #"));
}

TEST(Recipe, NeedsPagesOfDifferentAddresses) {
  for (const char* same : {"http://example.com/l#page={page}", "http://example.com/l/{page}/../",
                           "http://example.com/{page}/%2e%2e/l?a=1", "http://example.com/l?#!/{page}/x"}) {
    const Recipe recipe{same, {"//img"}};
    EXPECT_TRUE(check_recipe(recipe, range("7"))) << same;
    const Status many = check_recipe(recipe, range("1-3"));
    ASSERT_FALSE(many) << same;
    EXPECT_THAT(many.error().message, HasSubstr("gives the same address to all 3 pages")) << same;
  }
  EXPECT_TRUE(check_recipe({"http://example.com/l?page={page}#images", {"//img"}}, range("1-3")));
  EXPECT_TRUE(check_recipe({"http://example.com/{page}/../{page}#{page}", {"//img"}}, range("1-3")));
}

TEST(Recipe, NeedsXPathsThatTheLedgerCanKeep) {
  const auto check = [](std::vector<std::string> xpaths) {
    const Status status = check_recipe({"http://example.com/{page}", std::move(xpaths)}, range("1-2"));
    return status ? std::string() : status.error().message;
  };
  EXPECT_EQ(check({"//img"}), "");
  EXPECT_THAT(check({}), HasSubstr("--xpath"));
  EXPECT_THAT(check({""}), HasSubstr("is empty"));
  EXPECT_THAT(check({"//img\n/@src"}), HasSubstr("one line"));
  EXPECT_THAT(check(std::vector<std::string>(65, "//img")), HasSubstr("1 to 64"));
  EXPECT_THAT(check({std::string(20'000, 'a')}), HasSubstr("the limit is 16384"));
}

TEST(Recipe, SurvivesTheWayThroughTheLedger) {
  const Recipe recipe{"http://example.com/{page}", {"//img/@src", "//a[@class='x']/@href"}};
  const JobSpec spec = spec_of(recipe, range("1-5,6-10"));
  EXPECT_EQ(spec.pages, "1-10");
  EXPECT_EQ(recipe_of(spec), recipe);
}

TEST(Recipe, KeepsWhatElseIsReadInLinesOfItsOwn) {
  const Recipe recipe{.url_template = "http://example.com/{page}",
                      .xpaths = {"//img"},
                      .follow = {"//a[@class='album']", "//a"},
                      .next = {"//a[@rel='next']"},
                      .alternatives = {"@data-backup"},
                      .rewrites = {"s/ th / full /"}};
  const JobSpec spec = spec_of(recipe, range("1-5"));
  EXPECT_EQ(spec.xpaths,
            "//img\n--follow //a[@class='album']\n--follow //a\n--next //a[@rel='next']\n--alternative @data-backup\n"
            "--rewrite s/ th / full /");
  EXPECT_EQ(recipe_of(spec), recipe);
  const Recipe direct{.url_template = "list.txt", .direct = true};
  EXPECT_EQ(spec_of(direct, {}).xpaths, "--direct");
  EXPECT_EQ(recipe_of(spec_of(direct, {})), direct);
}

TEST(Asked, IsTheUrlAloneWhereItIsOnePage) {
  EXPECT_EQ(job_text({"https://e/{page}", "1-3", "//img"}), "pages 1-3 of https://e/{page}");
  EXPECT_EQ(job_text({"https://e/{page}", "9", "//img"}), "page 9 of https://e/{page}");
  EXPECT_EQ(job_text({"https://e/{page}", "1,3", "//img"}), "pages 1,3 of https://e/{page}");
  EXPECT_EQ(job_text({"https://e/", "1", "//img"}), "https://e/");
  EXPECT_EQ(job_text({"https://e/{page}", "5-", "//img"}), "pages 5- of https://e/{page}");
  EXPECT_EQ(job_text({"https://e/{b}/{a}", "a=1-2;b=x-z", "//img"}), "6 pages of https://e/{b}/{a} (a=1-2, b=x-z)");
  EXPECT_EQ(job_text({"https://e/{a}", "a=7", "//img"}), "1 page of https://e/{a} (a=7)");
  EXPECT_EQ(job_text({"https://e/{page}", "cats,dogs", "//img"}), "2 pages of https://e/{page} (page=cats,dogs)");
  EXPECT_EQ(job_text({"https://me:secret@e/{page}", "1-3", "//img"}), "pages 1-3 of https://***@e/{page}");
  EXPECT_EQ(job_text({"https://e/{page}", "1,3,5,7", "//img"}, {.pages = 3}), "pages 1,3... of https://e/{page}");
}

}  // namespace
}  // namespace doutu
