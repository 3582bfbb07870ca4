#include "crawler/view/summary.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <sstream>
#include "crawler/view/empty_pages_text.h"

namespace doutu {
namespace {

using testing::HasSubstr;
using testing::Not;
using testing::StartsWith;
using Failures = std::map<std::string, CauseCounters>;

CrawlSnapshot snapshot(CrawlState state) {
  CrawlSnapshot snapshot;
  snapshot.state = state;
  snapshot.directory = "pictures";
  snapshot.spec = {"https://e/{page}", "1-76", "//img/@src\n//a/@href"};
  snapshot.seconds = 12.3456;
  snapshot.pages = {.asked = 76, .done = 70, .empty = 2, .failed = 3};
  snapshot.images = {.known = 1,
                     .repeated = 84,
                     .saved = 5000,
                     .duplicate = 2,
                     .skipped = 4,
                     .failed = 5,
                     .pending = 6,
                     .bytes = 21'940'000};
  snapshot.images_per_second = 406;
  snapshot.bytes_per_second = 1'782'579;
  return snapshot;
}

const Failures kFailures = {{"http-503", {12, 0, "http://e/a.jpg"}}, {"timeout", {3, 1, "http://e/list/4"}}};

TEST(Summary, SaysWhatWasAskedWhatCameWhatDidNotAndWhatNext) {
  EXPECT_EQ(summary(snapshot(CrawlState::failures), kFailures),
            "Finished with failures after 12.3 s.\n"
            "  request   pages 1-76 of https://e/{page}\n"
            "  xpath     //img/@src\n"
            "            //a/@href\n"
            "  pages     76 in all, 70 with images, 2 without, 3 failed, 1 still to do\n"
            "  found     5,102 images: 5,000 saved (20.9 MiB), 2 duplicate files, 1 already\n"
            "            had, 84 duplicate links, 4 skipped, 5 failed, 6 still to do\n"
            "  speed     406 images/s, 1.7 MiB/s\n"
            "  failed    12 x http-503 (the server answered 503), for example\n"
            "            http://e/a.jpg\n"
            "  failed    3 x timeout (the transfer took too long), for example\n"
            "            http://e/list/4\n"
            "  folder    pictures\n"
            "  report    pictures/.doutu/report.json\n"
            "  failures  pictures/.doutu/failures.jsonl\n"
            "Next: 12 images failed with 503, 1 page and 2 images (the transfer took too\n"
            "      long); run the same command again to retry.\n");
}

TEST(Summary, NamesTheHostWhereARedirectedOneFailed) {
  const Failures failures = {{"tls-unknown-issuer", {1, 1, "http://e/l/2", "https://me:secret@other:8443/x"}}};
  EXPECT_THAT(summary(snapshot(CrawlState::failures), failures),
              HasSubstr(", for example\n            http://e/l/2\n"
                        "            redirected to https://***@other:8443/x\n"));
}

TEST(Summary, SaysWhichRobotsTxtCouldNotBeReadAndTakesItForNoRedirect) {
  const auto shown = [](const char* url, const char* final_url) {
    return summary(snapshot(CrawlState::failures), {{"timeout", {1, 1, url, final_url}}});
  };
  EXPECT_THAT(shown("http://e/b1", "http://e/robots.txt"),
              HasSubstr("            http://e/b1\n"
                        "            for which http://e/robots.txt could not be read (--no-robots does\n"
                        "            not ask for it)\n"));
  EXPECT_THAT(shown("http://e/b1", "http://e/en/robots.txt"), HasSubstr("redirected to http://e/en/robots.txt\n"));
  EXPECT_THAT(shown("http://e/robots.txt", "http://e/"), HasSubstr("redirected to http://e/\n"));
}

TEST(Summary, SaysHowManyImagesLackTheirEndMark) {
  CrawlSnapshot crawl = snapshot(CrawlState::complete);
  crawl.without_end_mark = 1;
  EXPECT_THAT(summary(crawl, {}), testing::HasSubstr("1 image without an end mark, but with all pixels\n"));
}

TEST(Summary, SaysWhichLinksWereNotFollowed) {
  CrawlSnapshot crawl = snapshot(CrawlState::complete);
  EXPECT_THAT(summary(crawl, {}), testing::Not(HasSubstr("not followed")));
  crawl.links_not_followed = {.off_site = 1, .over_limit = 2};
  EXPECT_THAT(summary(crawl, {}), HasSubstr("3 links not followed: 1 to other sites, 2 beyond --max-pages\n"));
}

TEST(Summary, SaysWhatRobotsLeftOutAndHowToGetIt) {
  CrawlSnapshot crawl = snapshot(CrawlState::complete);
  EXPECT_THAT(summary(crawl, {}), testing::Not(HasSubstr("robots")));
  crawl.pages.robots = 1;
  EXPECT_THAT(summary(crawl, {}), HasSubstr("  left out  robots.txt forbids 1 page; --no-robots fetches it\n"));
  crawl.images.robots = 12;
  EXPECT_THAT(summary(crawl, {}), HasSubstr("robots.txt forbids 1 page and 12 images; --no-robots fetches them\n"));
  EXPECT_THAT(summary(crawl, {}), HasSubstr("12 left out"));
  EXPECT_THAT(summary(crawl, {}), HasSubstr("failures.jsonl"));
}

TEST(Summary, OfACrawlThatRobotsLeftNothingSaysSo) {
  CrawlSnapshot crawl = snapshot(CrawlState::no_images);
  crawl.pages = {.asked = 2, .done = 1, .robots = 1};
  crawl.images = {};
  EXPECT_EQ(next_step(crawl, {}), "robots.txt forbids 1 page; --no-robots fetches it.");
  EXPECT_FALSE(has_probe_command(crawl));
  EXPECT_THAT(summary_line(crawl, {}, ""), HasSubstr("--no-robots"));
}

TEST(Summary, OfPagesThatLeadToOthersSaysSo) {
  CrawlSnapshot crawl = snapshot(CrawlState::no_images);
  crawl.spec = {"https://e/sitemap.xml", "1", "//img\n--input-file"};
  crawl.pages = {.asked = 2, .done = 2};
  crawl.images = {};
  const std::string text = summary(crawl, {});
  EXPECT_THAT(text, testing::StartsWith("2 pages had no images: no page that has any is linked from there\n"));
  EXPECT_THAT(text, HasSubstr("2 in all, 2 with images or links\n"));
  EXPECT_THAT(text, testing::Not(HasSubstr("--input-file"))) << "the request says it";
}

TEST(Summary, SaysHowManyImagesCameFromAnotherUrl) {
  CrawlSnapshot crawl = snapshot(CrawlState::complete);
  EXPECT_THAT(summary(crawl, {}), testing::Not(testing::HasSubstr("came from")));
  crawl.replaced = 12;
  EXPECT_THAT(summary(crawl, {}),
              testing::HasSubstr("  12 images came from another URL of theirs, because the first failed\n"));
}

TEST(Summary, BeginsWithThePagesThatHadNoImages) {
  CrawlSnapshot crawl = snapshot(CrawlState::no_images);
  crawl.pages = {.asked = 10, .done = 3, .empty = 7, .failed = 0};
  crawl.empty_pages = {.numbers = "4-10", .further = 0, .redirected_to = "https://e/login", .count = 7};
  const std::string text = summary(crawl, {});
  EXPECT_THAT(text, StartsWith("7 of 10 pages had no images: pages 4-10, all redirected to /login\n"
                               "Finished after 12.3 s.\n"));
  EXPECT_THAT(text, HasSubstr("  failures  pictures/.doutu/failures.jsonl\n"));
  EXPECT_THAT(text, HasSubstr("Next: the site may require a login or a cookie (--header). This command shows"));
  EXPECT_THAT(text, Not(HasSubstr("--allow-empty"))) << "they are not empty";
  crawl.empty_pages = {.numbers = "4,6", .further = 1200, .redirected_to = "https://other/login", .count = 1202};
  EXPECT_THAT(summary(crawl, {}),
              StartsWith("1,202 of 10 pages had no images: pages 4,6 and 1,200 more, all redirected to\n"
                         "https://other/login\n"));
  crawl.pages.empty = 1;
  crawl.empty_pages = {.numbers = "4", .further = 0, .redirected_to = "https://e/?a", .count = 1};
  EXPECT_THAT(summary(crawl, {}), StartsWith("1 of 10 pages had no images: page 4, redirected to /?a\n"));
  crawl.empty_pages.with_images = 1;
  EXPECT_THAT(summary(crawl, {}), StartsWith("1 of 10 pages had no images of their own: page 4, redirected to /?a\n"));
  crawl.empty_pages = {.numbers = "\x1b", .further = 0, .redirected_to = "\x1b[2J" + std::string(100'000, 'x')};
  EXPECT_EQ(summary(crawl, {}).find('\x1b'), std::string::npos);
  EXPECT_LT(summary(crawl, {}).size(), 2500U);
}

TEST(Summary, OfPagesThatMayBeEmptySaysWhereTheyAllEndedAndNoMore) {
  CrawlSnapshot crawl = snapshot(CrawlState::complete);
  crawl.pages = {.asked = 5, .done = 0, .empty = 5, .failed = 0};
  crawl.empty_pages = {.numbers = "1-5", .redirected_to = "https://e/login", .count = 5};
  const std::string text = summary(crawl, {});
  EXPECT_THAT(text, StartsWith("5 of 5 pages had no images: pages 1-5, all redirected to /login\nComplete after "));
  EXPECT_THAT(text, Not(HasSubstr("failures.jsonl")));
  EXPECT_THAT(text, Not(HasSubstr("Next:")));
}

TEST(Summary, KeepsAddressesWholeInAFileAndWithinTheWidthOfATerminal) {
  const std::string url = "http://e/" + std::string(3000, 'a') + "/熊猫头.jpg";
  CrawlSnapshot asked = snapshot(CrawlState::failures);
  asked.spec = {"http://e/表情/" + std::string(300, 'b') + "{page}", "1-76", "//a[.='" + std::string(300, 'c') + "']"};
  asked.directory = "/图片";
  const Failures failures = {{"http-503", {12, 0, url}}};
  const std::string file = summary(asked, failures);
  EXPECT_THAT(file, HasSubstr("\n            " + url + "\n"));
  EXPECT_THAT(file, HasSubstr(asked.spec.url_template + "\n"));
  EXPECT_THAT(file, HasSubstr("  xpath     " + asked.spec.xpaths + "\n"));
  std::istringstream terminal(summary(asked, failures, TextLayout(80, Charset::utf8)));
  for (std::string line; std::getline(terminal, line);) EXPECT_LT(columns_of(line), 80U) << line;
  EXPECT_THAT(terminal.str(), HasSubstr("/熊猫头.jpg\n"));
}

TEST(Summary, OfACompleteCrawlHasNothingToDoNext) {
  CrawlSnapshot complete;
  complete.state = CrawlState::complete;
  complete.directory = "img";
  complete.pages = {.asked = 1, .done = 1, .empty = 0, .failed = 0};
  complete.images.saved = 1;
  EXPECT_EQ(summary(complete, {}),
            "Complete after 0.0 s.\n"
            "  pages     1 in all, 1 with images\n"
            "  found     1 image: 1 saved (0 B)\n"
            "  folder    img\n"
            "  report    img/.doutu/report.json\n");
}

TEST(Summary, ShowsNoControlCharactersPasswordsOrEndlessLists) {
  CrawlSnapshot odd = snapshot(CrawlState::failures);
  odd.directory = "im\x1bg";
  odd.spec = {"http://me:secret@e/\x1b{page}", "1", std::string(100, '\n') + "\x1b"};
  Failures failures;
  for (char letter = 'a'; letter < 'p'; ++letter) {
    failures[std::string("cause-") + letter] = {1, 0, "http://me:secret@a/\x1b[2J" + std::string(5000, 'x')};
  }
  const std::string text = summary(odd, failures, TextLayout(80, Charset::utf8));
  EXPECT_EQ(text.find('\x1b'), std::string::npos);
  EXPECT_THAT(text, Not(HasSubstr("secret")));
  EXPECT_THAT(text, HasSubstr("and 7 causes more"));
  EXPECT_LT(text.size(), 2500U);
  for (auto& [name, counters] : failures) counters.example.append(100'000, 'x');
  EXPECT_LT(summary(odd, failures).size(), 140'000U);
}

TEST(NextStep, OfFailuresThatMayPassIsToRetry) {
  EXPECT_EQ(next_step(snapshot(CrawlState::failures), {{"http-503", {12, 0, ""}}}),
            "12 images failed with 503; run the same command again to retry.");
  EXPECT_EQ(next_step(snapshot(CrawlState::failures), {{"timeout", {1, 1, ""}}}),
            "1 page failed (the transfer took too long); run the same command again to retry.");
  EXPECT_EQ(next_step(snapshot(CrawlState::failures), {{"http-500", {3, 1, ""}}}),
            "1 page and 2 images failed with 500; run the same command again to retry.");
}

TEST(NextStep, OfFailuresThatLastSaysSo) {
  EXPECT_EQ(next_step(snapshot(CrawlState::failures), {{"http-404", {5, 0, ""}}, {"http-503", {2, 0, ""}}}),
            "2 images failed with 503; run the same command again to retry. "
            "5 images failed with 404, probably for good.");
  EXPECT_EQ(next_step(snapshot(CrawlState::failures), {{"cause-of-tomorrow", {1, 0, ""}}}),
            "1 image failed (unknown to this version); see failures.jsonl.");
  EXPECT_EQ(next_step(snapshot(CrawlState::failures), {{"http-410", {1, 1, ""}}}),
            "1 page failed with 410, probably for good.");
}

TEST(NextStep, NamesEachCauseWhileTheyAreFew) {
  Failures gone = {{"http-404", {1, 1, ""}}, {"http-410", {1, 1, ""}}};
  EXPECT_EQ(next_step(snapshot(CrawlState::failures), gone),
            "1 page failed with 404, 1 page with 410, probably for good.");
  const Failures many = {{"http-500", {9, 0, ""}},
                         {"http-502", {8, 1, ""}},
                         {"stalled", {7, 0, ""}},
                         {"timeout", {6, 0, ""}},
                         {"truncated", {5, 0, ""}}};
  EXPECT_EQ(
      next_step(snapshot(CrawlState::failures), many),
      "9 images failed with 500, 1 page and 7 images with 502, 7 images (the transfer was too slow for too long), "
      "11 for other reasons; run the same command again to retry.");
}

TEST(NextStep, OfANameThatNeverAnsweredIsToCheckIt) {
  CrawlSnapshot crawl = snapshot(CrawlState::failures);
  crawl.pages = {.asked = 2, .done = 0, .empty = 0, .failed = 2};
  EXPECT_EQ(next_step(crawl, {{"dns-failure", {2, 2, ""}}}),
            "2 pages failed (the host name cannot be resolved); check the name, or run the same command again to "
            "retry.");
  EXPECT_THAT(next_step(crawl, {{"proxy-dns-failure", {2, 2, ""}}}), HasSubstr("; check the name, or run"));
  EXPECT_THAT(next_step(crawl, {{"dns-failure", {1, 1, ""}}, {"http-404", {1, 1, ""}}}),
              Not(HasSubstr("check the name")));
  crawl.pages = {.asked = 2, .done = 1, .empty = 0, .failed = 1};
  EXPECT_EQ(next_step(crawl, {{"dns-failure", {1, 1, ""}}, {"timeout", {1, 0, ""}}}),
            "1 page failed (the host name cannot be resolved), 1 image (the transfer took too long); run the same "
            "command again to retry.");
}

TEST(NextStep, CallsNothingLostForGoodThatAnotherCommandMayGet) {
  EXPECT_EQ(next_step(snapshot(CrawlState::failures), {{"http-403", {2, 0, ""}}}),
            "2 images failed with 403; the site may require a login, a cookie or a Referer (--header, --referer).");
  EXPECT_EQ(next_step(snapshot(CrawlState::failures), {{"proxy-login", {2, 2, ""}}}),
            "2 pages failed (the proxy needs a valid user and password (see --proxy)); see failures.jsonl.");
  EXPECT_EQ(next_step(snapshot(CrawlState::failures), {{"damaged-image", {2, 0, ""}}, {"http-404", {1, 0, ""}}}),
            "1 image failed with 404, probably for good. "
            "2 images failed (the image is damaged); see failures.jsonl.");
}

TEST(NextStep, OfTlsThatFailedIsHowToTrustTheServer) {
  const auto next = [](const char* cause) { return next_step(snapshot(CrawlState::failures), {{cause, {1, 1, ""}}}); };
  EXPECT_EQ(
      next("tls-unknown-issuer"),
      "1 page failed (the server's certificate is self-signed, or its issuer is unknown); --cacert FILE trusts the "
      "certificates in FILE, --insecure accepts any.");
  EXPECT_EQ(next("tls-wrong-name"),
            "1 page failed (the server's certificate is for another name); --insecure accepts any certificate.");
  EXPECT_THAT(next("tls-expired"), HasSubstr("has expired, or is not valid yet); --insecure accepts any certificate."));
  EXPECT_EQ(next("tls-missing"), "1 page failed (the server does not speak TLS); does its URL begin with http://?");
  EXPECT_EQ(next("tls-failure"), "1 page failed (a TLS connection failed); see failures.jsonl.")
      << "no certificate is to blame";
}

TEST(NextStep, IsNotAFlagThatIsInForce) {
  CrawlSnapshot crawl = snapshot(CrawlState::failures);
  crawl.probe_flags = "--header --insecure";
  for (const char* cause : {"tls-unknown-issuer", "tls-wrong-name", "tls-expired"}) {
    EXPECT_THAT(next_step(crawl, {{cause, {1, 0, ""}}}), HasSubstr("; run the same command again to retry.")) << cause;
  }
}

TEST(NextStep, WithoutAnImageIsTheCommandThatShowsWhatAPageHas) {
  EXPECT_EQ(probe_command({"https://e/l?p={page:02}", "7-9", "//img/@src\n//a[@class='x']/@href"}, "7-9"),
            "doutu probe 'https://e/l?p=07' --xpath //img/@src --xpath \"//a[@class='x']/@href\"");
  EXPECT_EQ(probe_command({"https://me:secret@e/", "1", "//img"}, "1"), "doutu probe 'https://***@e/' --xpath //img");
  const std::string text = summary(snapshot(CrawlState::no_images), {});
  EXPECT_THAT(text, HasSubstr("\n      doutu probe https://e/1 --xpath //img/@src --xpath //a/@href\n"));
}

TEST(NextStep, WhereStepsLeadToThePagesIsToLookForWhatIsMissing) {
  CrawlSnapshot lists = snapshot(CrawlState::no_images);
  lists.spec.xpaths = "//img\n--follow //a[@class='album']";
  lists.empty_pages = {.numbers = "1", .found = 9, .example = "https://e/album/7", .count = 10};
  const std::string text = summary(lists, {});
  EXPECT_THAT(text, HasSubstr("had no images or links: page 1, and 9 that links lead to, such as\n/album/7\n"));
  EXPECT_THAT(text, HasSubstr("\n      doutu probe https://e/1 --xpath \"//a[@class='album']\"\n"));
  lists.empty_pages = {.found = 1, .example = "https://e/album/7", .count = 1};
  EXPECT_THAT(summary(lists, {}), HasSubstr("had no images or links: /album/7\n"));
  EXPECT_THAT(summary(lists, {}), HasSubstr("\n      doutu probe https://e/album/7 --xpath //img\n"));
}

TEST(NextStep, NamesWhatTheProbeCommandLeavesOut) {
  CrawlSnapshot empty = snapshot(CrawlState::no_images);
  empty.probe_flags = "--header --proxy";
  EXPECT_THAT(next_step(empty, {}), HasSubstr("finds there, with your values of --header --proxy:"));
  empty.spec.url_template = "https://me:secret@e/{page}";
  EXPECT_THAT(next_step(empty, {}),
              HasSubstr(" with your values of --header --proxy and the user and password in place of ***:"));
  empty.spec.url_template = "https://e/{page}?token=secret";
  EXPECT_THAT(next_step(empty, {}), HasSubstr(" and the secret of its query in place of ***:"));
  empty.spec.url_template = "https://me:secret@e/{page}";
  empty.probe_flags.clear();
  EXPECT_THAT(next_step(empty, {}), HasSubstr("finds there, with the user and password in place of ***:"));
}

TEST(NextStep, OfFailuresBesidePagesWithoutImagesIsAlsoToLookAtOne) {
  CrawlSnapshot both = snapshot(CrawlState::failures);
  const Failures failures = {{"http-404", {1, 0, ""}}};
  EXPECT_THAT(summary(both, failures), Not(HasSubstr("doutu probe"))) << "pages without images were fine";
  both.empty_pages = {.numbers = "4", .count = 1};
  EXPECT_THAT(next_step(both, failures), HasSubstr("for good. Some pages had no images. This command shows"));
  EXPECT_THAT(summary(both, failures), HasSubstr("\n      doutu probe https://e/4 --xpath //img/@src"));
  EXPECT_THAT(summary_line(both, failures), HasSubstr(" doutu probe https://e/4 --xpath //img/@src"));
}

TEST(SummaryLine, SaysHowACrawlEndedAndWhatNextInOneLine) {
  EXPECT_EQ(summary_line(snapshot(CrawlState::failures), {{"http-503", {12, 0, ""}}}),
            "pictures: Finished with failures after 12.3 s. "
            "Next: 12 images failed with 503; run the same command again to retry.");
  EXPECT_EQ(summary_line(snapshot(CrawlState::stopped_early), {}, "the disk could not be written"),
            "pictures: Stopped early after 12.3 s: the disk could not be written. "
            "Next: 1 page and 6 images are still to do; make room on the disk, then run the same command again to "
            "continue.");
  CrawlSnapshot empty = snapshot(CrawlState::no_images);
  EXPECT_THAT(summary_line(empty, {}), HasSubstr(" doutu probe https://e/1 --xpath"));
  empty.empty_pages = {.numbers = "4-10", .redirected_to = "https://e/login"};
  EXPECT_THAT(summary_line(empty, {}), HasSubstr(" had no images: pages 4-10, all redirected to /login. Next: "));
  EXPECT_THAT(summary_line(empty, {}), HasSubstr(" doutu probe https://e/4 --xpath")) << "one that had none";
}

TEST(NextStep, AfterALimitIsAHigherOne) {
  CrawlSnapshot limited = snapshot(CrawlState::stopped_early);
  limited.directory = "my pictures";
  limited.limit = "--max-images";
  EXPECT_EQ(next_step(limited, {}),
            "1 page and 6 images are still to do; to continue: doutu crawl -d 'my pictures' --max-images N, where N is "
            "more than 5000.");
  limited.limit = "--max-bytes";
  EXPECT_THAT(next_step(limited, {}), HasSubstr(" --max-bytes N, where N is more than 21940000."));
}

TEST(NextStep, OfAnUnfinishedCrawlIsToContinue) {
  EXPECT_EQ(next_step(snapshot(CrawlState::killed), {}),
            "1 page and 6 images are still to do; run the same command again to continue.");
  CrawlSnapshot one = snapshot(CrawlState::interrupted);
  one.pages.done = 71;
  one.images.pending = 1;
  EXPECT_EQ(next_step(one, {}), "1 image is still to do; run the same command again to continue.");
  one.images.pending = 0;
  EXPECT_EQ(next_step(one, {}), "run the same command again to continue.");
  EXPECT_THAT(next_step(snapshot(CrawlState::stopped_early), {}), HasSubstr("; make room on the disk, then run"));
  EXPECT_THAT(next_step(snapshot(CrawlState::broken), {}), HasSubstr("see crawl.log"));
  EXPECT_THAT(next_step(snapshot(CrawlState::no_images), {}), HasSubstr("the site may have changed."));
}

}  // namespace
}  // namespace doutu
