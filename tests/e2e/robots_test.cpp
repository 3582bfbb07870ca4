// robots.txt, as the server's log has it: what the user names is fetched, what is found obeys, with Crawl-delay; and
// what the flags change.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <string>
#include <vector>

#include "tests/e2e/typed_commands.h"

namespace doutu {
namespace {

using std::chrono::milliseconds;
using testing::HasSubstr;
using testing::Not;

constexpr const char* kForbidPictures = "User-agent: *\nDisallow: /pic/2\nDisallow: /full/3\nDisallow: /list\n";

/// A list that the user names, three pages that it leads to, and an image on each.
std::vector<PageAt> gallery(std::string robots) {
  std::vector<PageAt> pages{{"/list", "<a href=/pic/1>1</a><a href=/pic/2>2</a><a href=/pic/3>3</a>"},
                            {"/pic/1", "<img src=/full/1.png>"},
                            {"/pic/2", "<img src=/full/2.png>"},
                            {"/pic/3", "<img src=/full/3.png>"}};
  if (!robots.empty()) pages.push_back({"/robots.txt", std::move(robots)});
  return pages;
}

constexpr const char* kCrawl = "doutu crawl SITE/list --follow //a --xpath //img --retry-wait 0.05";

const TypedJob kJobs[] = {
    {"WhatIsNamedIsFetched",
     "a page that the user has named is fetched with its images, whatever robots.txt says, and that is not read",
     "/1.png",
     {{"/named", "<img src=/1.png>"}, {"/robots.txt", "User-agent: *\nDisallow: /\n"}},
     {{"doutu crawl SITE/named --xpath //img", 0, "1.png", "/named /1.png"}}},
    {"WhatIsFoundObeys",
     "pages that links lead to, and their images, obey; the list that the user has named does not",
     "/full/{1..3}.png",
     gallery(kForbidPictures),
     {{kCrawl,
       0,
       "1.png",
       "/robots.txt /list /pic/1 /pic/3 /full/1.png",
       {},
       "robots.txt forbids 1 page and 1 image; --no-robots fetches them"},
      {std::string(kCrawl) + " --no-robots", 0, "{1..3}.png", "/list /pic/{2,3} /full/{2,3}.png"}}},
    {"EverythingObeys",
     "with --robots so does what the user names, and nothing is left",
     "/full/{1..3}.png",
     gallery(kForbidPictures),
     {{std::string(kCrawl) + " --robots", 4, "", "/robots.txt", {}, "robots.txt forbids 1 page; --no-robots"}}},
    {"NothingObeys",
     "with --no-robots nobody reads it; of the two flags the last one counts",
     "/full/{1..3}.png",
     gallery(kForbidPictures),
     {{std::string(kCrawl) + " --robots --no-robots", 0, "{1..3}.png", "/list /pic/{1..3} /full/{1..3}.png"},
      {"doutu crawl -d img --robots", 4, "{1..3}.png", "/robots.txt", {}, "--no-robots"}}},
    {"OnlyImagesAreForbidden",
     "all images are forbidden: nothing came, and that is said",
     "/full/{1..3}.png",
     gallery("User-agent: doutu\nDisallow: /*.png$\n"),
     {{kCrawl, 4, "", "/robots.txt /list /pic/{1..3}", {}, "robots.txt forbids 3 images; --no-robots fetches them"}}},
    {"SitemapsUrlsObey",
     "pages that a sitemap lists are found, the sitemap is named",
     "/full/{1..3}.png",
     {{"/sitemap.xml", "<urlset><url><loc>SITE/pic/1</loc></url><url><loc>SITE/pic/2</loc></url></urlset>"},
      {"/pic/1", "<img src=/full/1.png>"},
      {"/pic/2", "<img src=/full/2.png>"},
      {"/robots.txt", "User-agent: *\nDisallow: /pic/2\nDisallow: /sitemap\n"}},
     {{"doutu crawl -i SITE/sitemap.xml --xpath //img", 0, "1.png", "/robots.txt /sitemap.xml /pic/1 /full/1.png"}}},
    {"ARedirectObeys",
     "a page and an image that are allowed lead to what is not",
     "/full/{1..3}.png",
     {{"/list", "<a href=/go>1</a><a href=/pic/1>2</a>"},
      {"/pic/1", "<img src=/full/1.png><img src=/moved.png>"},
      {"/robots.txt", "User-agent: *\nDisallow: /pic/2\nDisallow: /full/2\n"}},
     {{kCrawl, 0, "1.png", "/robots.txt /list /go /pic/1 /full/1.png /moved.png", {}, "forbids 1 page and 1 image"}}},
    {"AListOfImagesObeysIfTheUserSaysSo",
     "a list names images, with --robots they obey",
     "/full/{1..3}.png",
     {{"/robots.txt", "User-agent: *\nDisallow: /full/2\n"}},
     {{"printf 'SITE/full/1.png\\nSITE/full/2.png\\n' | doutu crawl -i - --direct --robots", 0, "1.png",
       "/robots.txt /full/1.png"}}},
    {"AWebPageForbidsNothing",
     "in place of robots.txt comes a web page",
     "/full/{1..3}.png",
     gallery("<!doctype html><pre>\nUser-agent: *\nDisallow: /\n</pre>"),
     {{kCrawl, 0, "{1..3}.png", "/robots.txt /list /pic/{1..3} /full/{1..3}.png"}}},
    {"NoneForbidsNothing",
     "there is no robots.txt; the next night nobody asks again within a day",
     "/full/{1..3}.png",
     gallery(""),
     {{kCrawl, 0, "{1..3}.png", "/robots.txt /list /pic/{1..3} /full/{1..3}.png"},
      {std::string(kCrawl) + " --refresh-pages", 0, "{1..3}.png", "/list /pic/{1..3}"}}},
    {"IsKeptForADay",
     "what it forbids is known the next night",
     "/full/{1..3}.png",
     gallery(kForbidPictures),
     {{kCrawl, 0, "1.png", "/robots.txt /list /pic/1 /pic/3 /full/1.png"},
      {std::string(kCrawl) + " --refresh-pages", 0, "1.png", "/list /pic/1 /pic/3", {}, "--no-robots fetches them"}}},
};

class RobotsJobs : public TypedCommands, public testing::WithParamInterface<TypedJob> {};

TEST_P(RobotsJobs, AskForNothingThatIsForbidden) {
  put(GetParam());
  site_.respond("/go", Response{.status = 302, .headers = {{"Location", "/pic/2"}}});
  site_.respond("/moved.png", Response{.status = 302, .headers = {{"Location", "/full/2.png"}}});
  for (const Typed& night : GetParam().nights) {
    check(night);
    // Also that nobody asked who need not.
    if (night.asked->find("/robots.txt") == std::string::npos) {
      EXPECT_EQ(site_.count("/robots.txt"), 0U);
    }
  }
}
INSTANTIATE_TEST_SUITE_P(Jobs, RobotsJobs, testing::ValuesIn(kJobs),
                         [](const auto& job) { return std::string(job.param.name); });

class RobotsTxt : public TypedCommands {
 protected:
  /// A gallery of three pages, and a robots.txt that answers so.
  Ended crawl_with(const Response& robots, const std::string& more = "") {
    put({.name = "", .in_words = "", .images = "/full/{1..3}.png", .pages = gallery(""), .nights = {}});
    site_.respond("/robots.txt", robots);
    return type(std::string(kCrawl) + more);
  }
};

TEST_F(RobotsTxt, ReadsNoMoreThanTheBeginningOfAHugeFile) {
  const std::string line = "# " + std::string(1022, 'x') + "\n";
  Response huge{.headers = {{"Content-Length", "1073741824"}}, .body = "User-agent: *\nDisallow: /pic/2\n"};
  huge.cut_after = huge.body.size();
  huge.again = line;
  const Ended ended = crawl_with(huge);
  EXPECT_EQ(ended.status, 0) << ended.out << ended.err;
  EXPECT_EQ(img_.images().size(), 2U);
  EXPECT_EQ(site_.count("/pic/2"), 0U);
  EXPECT_LT(img_.report().seconds, 20);
}

TEST_F(RobotsTxt, FailsForTheServersCauseWhereItCannotBeRead) {
  const Ended ended = crawl_with({.status = 503}, " --retries 1");
  EXPECT_EQ(ended.status, 3);
  EXPECT_EQ(site_.count_under("/pic/"), 0U);
  EXPECT_EQ(img_.report().pages.failed, 3U);
  EXPECT_EQ(img_.report().pages.robots, 0U);
  for (const FailureLine& failure : img_.failures()) {
    EXPECT_EQ(failure.cause, "http-503");
    EXPECT_EQ(failure.final_url, site_.url("/robots.txt"));
  }
  const std::string unread = "for which " + site_.url("/robots.txt") + " could not be read";
  EXPECT_THAT(ended.err,
              HasSubstr("/pic/1, " + unread + " (--no-robots does not ask for it): the server answered 503"));
  EXPECT_THAT(ended.out, HasSubstr(unread));
  EXPECT_THAT(ended.err + ended.out, Not(HasSubstr("redirected to")));
}

TEST_F(RobotsTxt, IsTriedAgainAsAnyPage) {
  put({.name = "", .in_words = "", .images = "/full/{1..3}.png", .pages = gallery(""), .nights = {}});
  site_.respond("/robots.txt", {{.status = 500}, {.body = "User-agent: *\nDisallow: /pic/2\n"}});
  EXPECT_EQ(type(kCrawl).status, 0);
  EXPECT_EQ(site_.count("/pic/2"), 0U);
  EXPECT_EQ(img_.report().images.saved, 2U);
}

TEST_F(RobotsTxt, FollowsRedirects) {
  TestSite other;
  other.respond("/rules", {.body = "User-agent: *\nDisallow: /pic/2\n"});
  EXPECT_EQ(crawl_with({.status = 301, .headers = {{"Location", other.url("/rules")}}}).status, 0);
  EXPECT_EQ(site_.count("/pic/2"), 0U);
  EXPECT_EQ(other.count("/rules"), 1U);
}

TEST_F(RobotsTxt, TakesALoopForNone) {
  EXPECT_EQ(crawl_with({.status = 301, .headers = {{"Location", "/robots.txt"}}}).status, 0);
  EXPECT_EQ(site_.count("/robots.txt"), 6U);
  EXPECT_EQ(img_.images().size(), 3U);
}

/// Images on another server obey what that one says, whatever the server of their pages says.
TEST_F(RobotsTxt, AsksEachServerForItsOwn) {
  TestSite other;
  for (const char* path : {"/a.png", "/b.png", "/c.png"}) other.file(path, read_file("/dev/null"));
  other.respond("/robots.txt", {.body = "User-agent: *\nDisallow: /b\n"});
  image("/a.png", 1);
  put(std::vector<PageAt>{{"/list", "<a href=/pic/1>1</a>"},
                          {"/pic/1", "<img src=" + other.url("/a.png") + "><img src=" + other.url("/b.png") +
                                         "><img src=" + other.url("/c.png") + "><img src=/a.png>"},
                          {"/robots.txt", "User-agent: *\nDisallow: /list\n"}});
  (void)type(std::string(kCrawl) + " --retries 0 --allow-private");
  EXPECT_EQ(other.count("/robots.txt"), 1U);
  EXPECT_EQ(other.count("/a.png"), 1U);
  EXPECT_EQ(other.count("/c.png"), 1U);
  EXPECT_EQ(other.count("/b.png"), 0U);
  EXPECT_EQ(site_.count("/robots.txt"), 1U);
  EXPECT_EQ(img_.report().images.robots, 1U);
  EXPECT_EQ(img_.causes()[other.url("/b.png")], "robots");
}

TEST_F(RobotsTxt, KeepsTheCrawlDelayBetweenPagesAndBetweenImages) {
  Response robots{.body = "User-agent: *\nCrawl-delay: 0.4\n"};
  EXPECT_EQ(crawl_with(robots, " --wait 0.1").status, 0);
  for (const std::string_view prefix : {"/pic/", "/full/"}) {
    std::vector<std::chrono::steady_clock::time_point> asked;
    for (const Hit& hit : site_.log()) {
      if (hit.path.starts_with(prefix)) asked.push_back(hit.asked);
    }
    ASSERT_EQ(asked.size(), 3U) << prefix;
    // One gap is more than any request takes on its way: of two, one is certain.
    EXPECT_GE(asked[2] - asked[0], milliseconds(400)) << prefix;
  }
}

/// What is forbidden was not asked for, and nothing waits for it.
TEST_F(RobotsTxt, DoesNotWaitForWhatItDoesNotAskFor) {
  std::string page;
  for (int i = 0; i < 40; ++i) page += "<img src=/no/" + std::to_string(i) + ".png>";
  image("/yes.png", 1);
  put(std::vector<PageAt>{{"/list", "<a href=/pic/1>1</a>"},
                          {"/pic/1", page + "<img src=/yes.png>"},
                          {"/robots.txt", "User-agent: *\nDisallow: /no/\nCrawl-delay: 1\n"}});
  EXPECT_EQ(type(kCrawl).status, 0);
  EXPECT_EQ(img_.report().images.robots, 40U);
  EXPECT_EQ(img_.report().images.saved, 1U);
  EXPECT_LT(img_.report().seconds, 20);
}

}  // namespace
}  // namespace doutu
