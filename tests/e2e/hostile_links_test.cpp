// What links, lists and texts may do to a crawl: one table of sites that mean no good, or mean nothing. Each ends by
// itself, with an outcome that has a name, and with a line that says what happened.
#include <gtest/gtest.h>
#include <sys/resource.h>

#include <algorithm>
#include <cstdint>
#include <functional>
#include <map>
#include <ostream>
#include <string>
#include <vector>

#include "tests/e2e/typed_commands.h"

namespace doutu {
namespace {

using Counts = std::map<std::string, std::uint64_t>;

struct HostileJob {
  TypedJob job;
  Counts failures{};      ///< report.json: how many of each cause.
  Counts not_followed{};  ///< And links, those that are not zero.
};

std::ostream& operator<<(std::ostream& out, const HostileJob& hostile) { return out << hostile.job; }

std::string repeat(std::string_view text, int times) {
  std::string all;
  for (int i = 0; i < times; ++i) all += text;
  return all;
}

std::string numbered(int count, const std::function<std::string(int)>& text) {
  std::string all;
  for (int i = 0; i < count; ++i) all += text(i);
  return all;
}

std::string list_of(int list, int links) {
  return numbered(links,
                  [list](int i) { return "<a href=/d/" + std::to_string(list) + "/" + std::to_string(i) + ">x</a>"; });
}

/// "/?p", "/?p&p", "/?p&p&p" ...
std::vector<PageAt> ever_longer(int count) {
  std::vector<PageAt> pages;
  for (int i = 0; i < count; ++i) {
    const std::string path = "/?p" + repeat("&p", i);
    pages.push_back({path, "<img src=/1.png><a href='" + path + "&p'>"});
  }
  return pages;
}

/// Entities that name ten others each.
std::string xml_bomb() {
  return "<?xml version='1.0'?><!DOCTYPE r [<!ENTITY e0 'lol'>" +
         numbered(11,
                  [](int i) {
                    return "<!ENTITY e" + std::to_string(i + 1) + " '" + repeat("&e" + std::to_string(i) + ";", 10) +
                           "'>";
                  }) +
         "]><rss><channel><item><title>&e11;</title><enclosure url='/1.png'/></item></channel></rss>";
}

std::string index_of(const std::string& sitemaps) { return "<sitemapindex>" + sitemaps + "</sitemapindex>"; }
std::string sitemap_at(const std::string& path) { return "<sitemap><loc>SITE" + path + "</loc></sitemap>"; }

const std::string kDeep = repeat("[", 100'000) + R"({"src":"/1.png"})" + repeat("]", 100'000);
const std::string kLongName = "/1.png?" + repeat("a", 8'000) + "!";

const HostileJob kHostile[] = {
    // --- Links.
    {{"TooManyLinksOnAPage",
      "a page has more links than a page may have",
      "/1.png",
      {{"/", repeat("<a href=/d>x</a>", 100'001)}, {"/d", "<img src=/1.png>"}},
      {{"doutu crawl SITE/ --follow //a --xpath //img",
        3,
        "1.png",
        "/ /d /1.png",
        {},
        "1 x too-many-hits (the page has more hits, or longer URLs, than the limits)"}}},
     {{"too-many-hits", 1}}},
    {{"TooManyPages",
      "pages lead to more pages than the user wants",
      "/1.png",
      {{"/1", list_of(1, 10'000)}, {"/2", list_of(2, 10'000)}, {"/d/{1,2}/{0..29}", "<img src=/1.png>"}},
      {{"doutu crawl 'SITE/{page}' -p 1-2 --follow //a --xpath //img --max-pages 30",
        0,
        "1.png",
        std::nullopt,
        {},
        "19,970 links not followed: 19,970 beyond --max-pages"}}},
     {},
     {{"max_pages", 19'970}}},
    {{"NextGoesInACircle",
      "the last page leads to the first one",
      "/1.png",
      {{"/a", "<img src=/1.png><a href=/b>"}, {"/b", "<img src=/1.png><a href=/a>"}},
      {{"doutu crawl SITE/a --next //a --xpath //img", 0, "1.png", "/{a,b} /1.png"}}}},
    {{"NextGoesOnForEver",
      "each page leads to another one, and brings nothing new",
      "/1.png",
      ever_longer(200),
      {{"doutu crawl 'SITE/?p' --next //a --xpath //img",
        0,
        "1.png",
        std::nullopt,
        {},
        "101 in all, 101 with images links 1 link not followed: 1 behind a hundred pages that brought nothing new"}}},
     {},
     {{"endless", 1}}},
    {{"NextLeavesTheSite",
      "the last page leads to another site",
      "/1.png",
      {{"/", "<img src=/1.png><a href=http://127.0.0.2:9/x>"}},
      {{"doutu crawl SITE/ --next //a --xpath //img",
        0,
        "1.png",
        "/ /1.png",
        {},
        "1 link not followed: 1 to other sites"}}},
     {},
     {{"other_site", 1}}},
    {{"DeeperThanTheUserWants",
      "pages lead to pages, and the user wants the first ones",
      "/{1..4}.png",
      {{"/1", "<img src=1.png><a href=2>"}, {"/2", "<img src=2.png><a href=3>"}, {"/3", "<img src=3.png><a href=4>"}},
      {{"doutu crawl SITE/1 --next //a --xpath //img --max-depth 2",
        0,
        "{1..3}.png",
        "/{1..3} /{1..3}.png",
        {},
        "1 link not followed: 1 beyond --max-depth"}}},
     {},
     {{"max_depth", 1}}},
    {{"NothingButLinks",
      "a list leads to nothing that may be followed",
      "",
      {{"/", "<a href=mailto:me@example.com>x</a><a href=http://127.0.0.2:9/x>y</a>"}},
      {{"doutu crawl SITE/ --follow //a --xpath //img",
        4,
        "",
        "/",
        {},
        "1 page had no images: no page that has any is linked from there"}}},
     {},
     {{"other_site", 1}}},

    // --- JSON and XML.
    {{"JsonOfAnyDepth",
      "an API nests 100,000 arrays",
      "/1.png",
      {{"/a.json", kDeep}},
      {{"doutu crawl SITE/a.json --xpath //src", 0, "1.png", "/a.json /1.png"}}}},
    {{"JsonThatIsNone",
      "an API breaks off",
      "/{1..2}.png",
      {{"/a.json", R"({"posts":[{"src":"/1.png"},{"src":"/2.png"} oops)"}},
      {{"doutu crawl SITE/a.json --xpath //src --retries 0",
        3,
        "{1..2}.png",
        "/a.json /{1..2}.png",
        {},
        "1 x bad-json (the JSON of the page is cut off or not valid)"}}},
     {{"bad-json", 1}}},
    {{"XmlBomb",
      "a feed has entities that would fill the memory",
      "/1.png",
      {{"/rss.xml", xml_bomb()}},
      {{"doutu crawl SITE/rss.xml --xpath //enclosure", 0, "1.png", "/rss.xml /1.png"}}}},
    {{"RegexThatExplodesElsewhere",
      "an expression takes for ever in other languages",
      "",
      {{"/", "<script>" + repeat("a", 100'000) + "!</script>"}},
      {{"doutu crawl SITE/ --xpath \"matches(//script, '(a+)+$')\"", 4, "", "/"}}}},
    {{"RewriteThatExplodesElsewhere",
      "the same in a rule",
      kLongName,
      {{"/", "<img src='" + kLongName + "'>"}},
      {{"doutu crawl SITE/ --rewrite 's/(a+)+$/b/'", 0, "1.png", "/ " + kLongName}}}},

    // --- Sitemaps.
    {{"SitemapThatNamesItself",
      "an index of sitemaps names itself",
      "",
      {{"/s.xml", index_of(sitemap_at("/s.xml"))}},
      {{"doutu crawl -i SITE/s.xml --xpath //img",
        4,
        "",
        "/s.xml",
        {},
        "1 page had no images: no page that has any is linked from there"}}}},
    {{"SitemapsThatNameEachOther",
      "an index names a thousand sitemaps, and each of them names the index",
      "",
      {{"/s.xml", index_of(numbered(1000, [](int i) { return sitemap_at("/s/" + std::to_string(i) + ".xml"); }))},
       {"/s/{0..999}.xml", index_of(sitemap_at("/s.xml"))}},
      {{"doutu crawl -i SITE/s.xml --xpath //img",
        4,
        "",
        "/s.xml /s/{0..999}.xml",
        {},
        "1,001 pages had no images: no page that has any is linked from there"}}}},
    {{"SitemapThatIsAWebPage",
      "the site says 200 for a sitemap that it does not have",
      "",
      {{"/sitemap.xml", "<!doctype html><html><body><p>Not found<img src=/no.png></body></html>"}},
      {{"doutu crawl -i SITE/sitemap.xml --xpath //img",
        3,
        "",
        "/sitemap.xml",
        {},
        "1 x not-a-list (the page is neither a sitemap nor a feed)"}}},
     {{"not-a-list", 1}}},

    // --- Lists.
    {{"ListWithoutAUrl",
      "the user's list is empty, or another file",
      "",
      {},
      {{"printf '# none\\n\\n' > l; doutu crawl -i l --xpath //img", 2, std::nullopt, "", "",
        "l: there is no URL in it; expected one a line"},
       {"printf 'hello\\nworld\\n' > l; doutu crawl -i l --xpath //img", 2, std::nullopt, "", "",
        "l: none of its lines is an http or https URL; expected one a line, such as"},
       {"printf 'SITE/a\\nSITE/b\\000\\n' > l; doutu crawl -i l --xpath //img", 2, std::nullopt, "", "",
        "l: line 2 has a zero byte; is this a text file in UTF-8?"},
       {"(printf 'SITE/a\\nSITE/'; head -c 1000000 /dev/zero | tr '\\000' a) > l; doutu crawl -i l --xpath //img", 2,
        std::nullopt, "", "", "l: line 2 is longer than 64 KiB; is this a list of URLs, one a line?"},
       {"doutu crawl -i nowhere --xpath //img", 2, std::nullopt, "", "", "nowhere: No such file or directory"},
       {"doutu crawl -i . --xpath //img", 2, std::nullopt, "", "",
        ".: is a folder; expected a file with one URL a line"},
       {"doutu crawl -i - --xpath //img < /dev/null", 2, std::string(), "", "",
        "standard input: there is no URL in it; expected one a line"}}}},
    {{"ListInAPipe",
      "the list is a FIFO, which can be read once",
      "/{1..2}.png",
      {{"/a", "<img src=1.png>"}, {"/b", "<img src=2.png>"}},
      {{"mkfifo l; printf 'SITE/a\\nSITE/b\\n' > l & doutu crawl -i l --xpath //img", 0, "{1..2}.png",
        "/{a,b} /{1..2}.png"}}}},
    {{"ListThatChanges",
      "the list is another one on the next night",
      "/{1..3}.png",
      {{"/a", "<img src=1.png>"}, {"/b", "<img src=2.png>"}, {"/c", "<img src=3.png>"}},
      {{"printf 'SITE/a\\nSITE/b\\n' > l; doutu crawl -i l --xpath //img", 0, "{1..2}.png", "/{a,b} /{1..2}.png"},
       {"printf 'SITE/c\\nSITE/b\\n' > l; doutu crawl -i l --xpath //img",
        0,
        "{1..3}.png",
        "/{b,c} /3.png",
        {},
        "1 saved (297 B), 1 already had"}}}},
};

class HostileLinks : public TypedCommands, public testing::WithParamInterface<HostileJob> {};

TEST_P(HostileLinks, EndWithAnOutcomeThatHasAName) {
  const auto& [job, failures, not_followed] = GetParam();
  SCOPED_TRACE(job.in_words);
  put(job);
  for (const Typed& night : job.nights) check(night);
  const ReportFile report = img_.report();
  EXPECT_EQ(report.failures, failures);
  Counts counts = report.links_not_followed;
  std::erase_if(counts, [](const auto& count) { return count.second == 0; });
  EXPECT_EQ(counts, not_followed);
}

INSTANTIATE_TEST_SUITE_P(Of, HostileLinks, testing::ValuesIn(kHostile),
                         [](const auto& hostile) { return std::string(hostile.param.job.name); });

TEST_F(TypedCommands, SayThatAPageOf64MegabytesIsTooLarge) {
  site_.respond("/a.json", Response{.headers = {{"Content-Type", "application/json"}, {"Content-Length", "67108864"}},
                                    .body = "[\"",
                                    .again = std::string(std::size_t{64} << 10U, 'a')});
  check({"doutu crawl SITE/a.json --xpath //src",
         3,
         "",
         "/a.json",
         {},
         "1 x page-too-large (the page is larger than the limit)"});
  EXPECT_EQ(img_.report().failures, (Counts{{"page-too-large", 1}}));
}

/// A list of 100,000 lines, of which every thousandth is a URL: the others are named one by one where there is room for
/// that, and the terminal is told of a few.
TEST_F(TypedCommands, NamesEachBadLineOfALongListInAFileAndFewOnTheTerminal) {
  constexpr std::size_t kLines = 100'000;
  std::string list;
  for (std::size_t i = 1; i <= kLines; ++i)
    list += i % 1000 == 0 ? site_.url("/a") + "\n" : "no URL " + std::to_string(i) + "\n";
  write_file(temporary_ / "list.txt", list);
  image("/1.png", 1);
  put({{"/a", "<img src=/1.png>"}});
  const Ended ended = type("doutu crawl -i list.txt --xpath //img");
  EXPECT_EQ(ended.status, 3);
  EXPECT_EQ(img_.report().failures, (Counts{{"bad-url", kLines - kLines / 1000}}));
  const auto failures = img_.failures();
  ASSERT_EQ(failures.size(), kLines - kLines / 1000);
  EXPECT_EQ(failures.back().page, kLines - 1);
  EXPECT_EQ(failures.back().url, "no URL 99999");
  EXPECT_LT(std::ranges::count(ended.err, '\n'), 40) << ended.err.substr(0, 4000);
  rusage used{};
  getrusage(RUSAGE_CHILDREN, &used);
  EXPECT_LT(used.ru_maxrss, kPatience * 100L * 1024) << "KiB, of the largest process";
}

}  // namespace
}  // namespace doutu
