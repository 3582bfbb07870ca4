// Pages that come and have no image: each is named, and no crawl that met one looks complete.

#include <gmock/gmock.h>

#include <filesystem>
#include <nlohmann/json.hpp>

#include "tests/e2e/crawl_fixture.h"

namespace doutu {
namespace {

using testing::HasSubstr;
using testing::StartsWith;
using Json = nlohmann::json;

class EmptyPages : public CrawlTest {
 protected:
  /// Pages 1 to 3 have an image each, those behind send to the login page.
  void site_with_login(int pages) {
    for (int page = 1; page <= 3; ++page) {
      const std::string path = "/" + std::to_string(page) + ".png";
      image(path, static_cast<std::uint64_t>(page));
      list(page, {path});
    }
    site_.page("/login", "please log in");
    for (int page = 4; page <= pages; ++page) {
      site_.respond("/list/" + std::to_string(page), {.status = 302, .headers = {{"Location", "/login"}}});
    }
  }
  [[nodiscard]] Ended again(const std::vector<std::string>& more = {}) const {
    std::vector<std::string> arguments = {"crawl", "-d", folder_.path(), "--progress", "none"};
    arguments.insert(arguments.end(), more.begin(), more.end());
    return run_doutu(arguments);
  }
  [[nodiscard]] Ended status(const std::vector<std::string>& more = {}) const {
    std::vector<std::string> arguments = {"status", folder_.path()};
    arguments.insert(arguments.end(), more.begin(), more.end());
    return run_doutu(arguments);
  }
  [[nodiscard]] Json json_of(const std::string& name) const {
    return Json::parse(read_file(folder_.state(name)), nullptr, false);
  }
};

constexpr const char* kFirstLine = "7 of 10 pages had no images: pages 4-10, all redirected to /login\nFinished after ";

TEST_F(EmptyPages, AreNamedWithWhereTheyEnded) {
  site_with_login(10);
  const Ended ended = crawl("1-10");
  EXPECT_EQ(ended.status, 4) << ended.err;
  EXPECT_THAT(ended.out, StartsWith(kFirstLine));
  EXPECT_THAT(ended.out, HasSubstr("Next: the site may require a login or a cookie (--header). This command"));
  EXPECT_THAT(ended.out, HasSubstr("/.doutu/failures.jsonl"));
  const ReportFile report = folder_.report();
  EXPECT_EQ(report.outcome, "no-images");
  EXPECT_EQ(report.images, (ReportFile::Images{.found = 3, .saved = 3}));
  EXPECT_TRUE(report.balances());
  const auto lines = folder_.failures();
  ASSERT_EQ(lines.size(), 7U);
  for (std::size_t i = 0; i < lines.size(); ++i) {
    EXPECT_EQ(lines[i].page, i + 4);
    EXPECT_EQ(lines[i].url, site_.url("/list/" + std::to_string(i + 4)));
    EXPECT_EQ(lines[i].cause, "no-images");
    EXPECT_EQ(lines[i].status, 200);
    EXPECT_EQ(lines[i].attempts, 1);
    EXPECT_EQ(lines[i].final_url, site_.url("/login"));
  }
}

TEST_F(EmptyPages, AreTheSameInEveryFile) {
  site_with_login(10);
  ASSERT_EQ(crawl("1-10").status, 4);
  const Json expected = {{"count", 7},
                         {"numbers", "4-10"},
                         {"further", 0},
                         {"found", 0},
                         {"example", nullptr},
                         {"with_images", 0},
                         {"redirected_to", site_.url("/login")}};
  EXPECT_EQ(json_of("report.json")["empty_pages"], expected);
  EXPECT_EQ(json_of("status.json")["empty_pages"], expected);
  EXPECT_EQ(json_of("status.json")["state"], "no-images");
  EXPECT_THAT(status().out, StartsWith(kFirstLine));
  EXPECT_THAT(read_file(folder_.state("crawl.log")), HasSubstr("7 of 10 pages had no images: pages 4-10"));
  std::filesystem::remove(folder_.state("status.json"));
  EXPECT_THAT(status().out, StartsWith(kFirstLine)) << "killed between its report and its last status.json";
}

/// The login page has a picture, and is told where to return to.
TEST_F(EmptyPages, AreThoseThatShowAnotherPageToo) {
  site_with_login(10);
  image("/logo.png", 99);
  const std::string login = list_page({"/logo.png"});
  for (int page = 4; page <= 10; ++page) {
    const std::string target = "/login?next=%2Flist%2F" + std::to_string(page);
    site_.respond("/list/" + std::to_string(page), {.status = 302, .headers = {{"Location", target}}});
    site_.page(target, login);
  }
  const Ended ended = crawl("1-10");
  EXPECT_EQ(ended.status, 4) << ended.err;
  EXPECT_THAT(ended.out,
              StartsWith("7 of 10 pages had no images of their own: pages 4-10, all redirected to /login\n"));
  const auto lines = folder_.failures();
  ASSERT_EQ(lines.size(), 7U);
  EXPECT_EQ(lines[0].cause, "redirected-away");
  EXPECT_EQ(lines[0].final_url, site_.url("/login?next=%2Flist%2F4"));
  EXPECT_THAT(status().out, StartsWith("7 of 10 pages had no images of their own"));
  EXPECT_EQ(again({"--allow-empty"}).status, 0);
}

/// With --allow-empty they are no failure. That one place took all of them is worth a line all the same.
TEST_F(EmptyPages, ThatMayBeAreNamedWhereOnePlaceTookThem) {
  site_with_login(10);
  site_.page("/list/2", "an end");
  const Ended ended = crawl("1-10", {"--allow-empty"});
  EXPECT_EQ(ended.status, 0) << ended.err;
  EXPECT_THAT(ended.out, StartsWith("7 of 10 pages had no images: pages 4-10, all redirected to /login\nComplete "));
  EXPECT_THAT(status().out, StartsWith("7 of 10 pages had no images: pages 4-10, all redirected to /login\n"));
  EXPECT_TRUE(folder_.failures().empty());

  site_.page("/other", "somewhere else");
  site_.respond("/list/10", {.status = 302, .headers = {{"Location", "/other"}}});
  EXPECT_THAT(again().out, StartsWith("Complete ")) << "not all to one place";
  EXPECT_EQ(json_of("report.json")["empty_pages"], nullptr);
}

/// Each ends at its own address, a moved one, or two at the last page of the gallery.
TEST_F(EmptyPages, AreNotThoseThatAreRedirectedEachForItself) {
  for (int page = 1; page <= 6; ++page) {
    const std::string number = std::to_string(page);
    image("/" + number + ".png", static_cast<std::uint64_t>(page));
    const std::string target = "/gallery?page=" + (page < 5 ? number : "5");
    site_.respond("/list/" + number, {.status = 302, .headers = {{"Location", target}}});
    if (page < 6) site_.page(target, list_page({"/" + number + ".png"}));
  }
  const Ended ended = crawl("1-6");
  EXPECT_EQ(ended.status, 0) << ended.out;
}

TEST_F(EmptyPages, BesideAFailureAreNamedToo) {
  site_with_login(5);
  site_.respond("/list/2", Response{.status = 404});
  const Ended ended = crawl("1-5");
  EXPECT_EQ(ended.status, 3) << ended.err;
  EXPECT_THAT(ended.out, StartsWith("2 of 5 pages had no images: pages 4-5, all redirected to /login\n"
                                    "Finished with failures after "));
  EXPECT_EQ(folder_.causes(), (std::map<std::string, std::string>{{site_.url("/list/2"), "http-404"},
                                                                  {site_.url("/list/4"), "no-images"},
                                                                  {site_.url("/list/5"), "no-images"}}));
  EXPECT_EQ(folder_.report().failures, (std::map<std::string, std::uint64_t>{{"http-404", 1}}))
      << "those that failed alone";
}

TEST_F(EmptyPages, CountInTheMiddleOfARangeAsAtItsEnd) {
  image("/a.png", 1);
  for (const int page : {1, 3}) list(page, {"/a.png"});
  site_.page("/list/2", "nothing");
  site_.page("/list/4", "");
  const Ended ended = crawl("1-4");
  EXPECT_EQ(ended.status, 4);
  EXPECT_THAT(ended.out, StartsWith("2 of 4 pages had no images: pages 2,4\n"));
}

TEST_F(EmptyPages, AreOneRuleWithNoImageAnywhere) {
  site_.page("/list/1", "nothing");
  site_.page("/list/2", "nothing");
  const Ended ended = crawl("1-2");
  EXPECT_EQ(ended.status, 4);
  EXPECT_THAT(ended.out, StartsWith("2 of 2 pages had no images: pages 1-2\nFinished after "));
  EXPECT_EQ(again({"--allow-empty"}).status, 0);
}

TEST_F(EmptyPages, AreAllowedUntilTheFolderForgetsIt) {
  site_with_login(5);
  const Ended allowed = crawl("1-5", {"--allow-empty"});
  EXPECT_EQ(allowed.status, 0) << allowed.err;
  EXPECT_EQ(folder_.report().outcome, "complete");
  EXPECT_EQ(folder_.report().pages.empty, 2U);
  EXPECT_TRUE(folder_.failures().empty());
  EXPECT_EQ(again().status, 0);
  EXPECT_EQ(again({"--forget", "allow-empty"}).status, 4);
  EXPECT_EQ(again().status, 4);
  EXPECT_EQ(again({"--allow-empty"}).status, 0);
  EXPECT_EQ(again().status, 0);
}

TEST_F(EmptyPages, AreAskedAgainByTheNextRun) {
  site_with_login(5);
  ASSERT_EQ(crawl("1-5").status, 4);
  for (const int page : {4, 5}) {
    const std::string path = "/" + std::to_string(page) + ".png";
    image(path, static_cast<std::uint64_t>(page));
    list(page, {path});
  }
  site_.forget_log();
  const Ended ended = again();
  EXPECT_EQ(ended.status, 0) << ended.out;
  EXPECT_EQ(site_.count("/list/4"), 1U);
  EXPECT_EQ(site_.count_under("/login"), 0U);
  EXPECT_EQ(folder_.report().images, (ReportFile::Images{.found = 5, .known = 3, .saved = 2}));
  EXPECT_TRUE(folder_.failures().empty());
}

TEST_F(EmptyPages, OfACrawlThatWasKilledAreNamedByTheOneThatGoesOn) {
  site_with_login(10);
  site_.hold("/list/9");
  const auto run = start("1-10", {"--fetchers", "1"});
  ASSERT_TRUE(site_.wait_for("/list/9"));
  const auto recorded = [&] {
    const Json now = Json::parse(status({"--json"}).out, nullptr, false);
    return now.is_object() && now["pages"]["outcomes"]["empty"] == 5;
  };
  ASSERT_TRUE(eventually(recorded)) << "pages 4-8 are in the ledger";
  run->signal(SIGKILL);
  (void)run->wait();
  site_.release("/list/9");
  site_.forget_log();
  const Ended ended = again();
  EXPECT_EQ(ended.status, 4) << ended.err;
  EXPECT_THAT(ended.out, StartsWith(kFirstLine));
  EXPECT_EQ(site_.count("/list/4"), 0U) << "what is recorded is not asked for by the same job";
  EXPECT_EQ(folder_.failures().size(), 7U);
}

TEST_F(EmptyPages, AreNotThoseWhoseHitsAreNoNewFiles) {
  image("/a.png", 1);
  list(1, {"/a.png"});
  list(2, {"/a.png"});                                      // met again
  list(3, {"mailto:a@example.com", "javascript:void(0)"});  // skipped
  list(4, {"data:image/gif;base64,R0lGODlhAQABAIAAAAAAAP///ywAAAAAAQABAAACAUwAOw=="});
  image("/b.png", 1);
  list(5, {"/b.png"});  // the bytes of another
  const Ended ended = crawl("1-5");
  EXPECT_EQ(ended.status, 0) << ended.out;
  EXPECT_EQ(folder_.report().pages.done, 5U);
  EXPECT_TRUE(folder_.failures().empty());
}

TEST_F(EmptyPages, AreSaidOfACrawlThatFoundNothingThatCouldBeAnImage) {
  list(1, {"mailto:a@example.com"});
  list(2, {"javascript:void(0)"});
  const Ended ended = crawl("1-2");
  EXPECT_EQ(ended.status, 4);
  EXPECT_THAT(ended.out, StartsWith("2 pages had no images: the XPath found only links to other things\n"));
  EXPECT_EQ(crawl("1-2", {"--allow-empty"}).status, 0);
}

}  // namespace
}  // namespace doutu
