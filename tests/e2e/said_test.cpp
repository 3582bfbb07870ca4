// What a crawl says when something is wrong: who is to blame, at once, and what can be done; and what it says to cron.

#include <arpa/inet.h>
#include <gmock/gmock.h>
#include <sys/socket.h>

#include <algorithm>

#include "shared/sandbox/instrumented.h"
#include "tests/e2e/crawl_fixture.h"
#include "tests/shared/http/raw_server.h"
#include "tests/site/own_network.h"

namespace doutu {
namespace {

using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;
using testing::StartsWith;

class Said : public CrawlTest {
 protected:
  /// Of a template that is not the site's.
  [[nodiscard]] Ended crawl_of(const std::string& url, const std::vector<std::string>& more) const {
    std::vector<std::string> arguments = {"crawl",        url,    "--pages",   "1", "--directory", folder_.path(),
                                          "--retry-wait", "0.01", "--retries", "2"};
    arguments.insert(arguments.end(), more.begin(), more.end());
    return run_doutu(arguments);
  }
  void expect_blamed(const Ended& ended, const std::string& cause, const std::string& words) const {
    EXPECT_EQ(ended.status, 3) << ended.err;
    EXPECT_EQ(folder_.report().failures, (std::map<std::string, std::uint64_t>{{cause, 1}}));
    EXPECT_THAT(ended.err, HasSubstr(words)) << "at once";
    EXPECT_THAT(ended.out, HasSubstr(words)) << "in the summary";
  }
};

TEST_F(Said, AProxyThatIsDownIsTheProxy) {
  const std::string down = refusing_url();
  const Ended ended = crawl_of("http://site.test/{page}", {"--proxy", down.substr(0, down.rfind('/'))});
  expect_blamed(ended, "proxy-unreachable", "the proxy cannot be reached");
  EXPECT_THAT(ended.err,
              HasSubstr("http://site.test/1: the proxy cannot be reached; trying again for 1 s (--retries 2)"));
}

TEST_F(Said, AProxyWhoseNameDoesNotResolveIsTheProxy) {
  expect_blamed(crawl_of("http://site.test/{page}", {"--proxy", "http://no-such-proxy.invalid:1"}), "proxy-dns-failure",
                "the host name of the proxy cannot be resolved");
}

TEST_F(Said, AProxyThatWantsALoginIsTheProxy) {
  const RawServer proxy(
      [](const std::string&) { return RawAnswer{http_answer("", "", "407 Proxy Authentication Required")}; });
  expect_blamed(crawl_of("http://site.test/{page}", {"--proxy", proxy.url("")}), "proxy-login",
                "the proxy needs a valid user and password (see --proxy)");
}

TEST_F(Said, AnImageThatTheProxyDoesNotLetThroughIsTheProxys) {
  list(1, {"http://other.test/a.png"});
  const RawServer proxy([&](const std::string& request) {
    const bool is_page = request.find("/list/") != std::string::npos;
    return is_page ? RawAnswer{http_answer(list_page({"http://other.test/a.png"}))}
                   : RawAnswer{http_answer("", "", "407 Proxy Authentication Required")};
  });
  const Ended ended =
      crawl_of("http://site.test/list/{page}", {"--proxy", proxy.url(""), "--xpath", std::string(kMemeXpath)});
  EXPECT_EQ(ended.status, 3) << ended.err;
  EXPECT_EQ(folder_.report().failures, (std::map<std::string, std::uint64_t>{{"proxy-login", 1}}));
}

TEST_F(Said, ANameThatDoesNotResolveIsSaidAtOnceWithHowLongItIsTried) {
  CrawlRun run({"crawl", "http://no-such-site.invalid/{page}", "--pages", "1-3", "--directory", folder_.path()});
  ASSERT_TRUE(eventually([&] { return run.err().find("cannot be resolved") != std::string::npos; })) << run.err();
  EXPECT_THAT(run.err(), HasSubstr("the host name cannot be resolved; trying again for 15 s (--retries 4)"));
  EXPECT_TRUE(run.running());
  run.signal(SIGTERM);
  const Ended ended = run.wait();
  EXPECT_EQ(ended.err.find("trying again"), ended.err.rfind("trying again")) << "once for all pages\n" << ended.err;
}

TEST_F(Said, ANameOfImagesThatDoesNotResolveIsSaidAtOnceAsWell) {
  list(1, {"http://no-such-site.invalid/a.png", "http://no-such-site.invalid/b.png"});
  CrawlRun run({"crawl", site_.url("/list/{page}"), "--pages", "1", "--xpath", std::string(kMemeXpath), "--directory",
                folder_.path()});
  ASSERT_TRUE(eventually([&] { return run.err().find("cannot be resolved") != std::string::npos; })) << run.err();
  EXPECT_THAT(run.err(), HasSubstr(".png: the host name cannot be resolved; trying again for 15 s (--retries 4)"));
  EXPECT_TRUE(run.running());
  run.signal(SIGTERM);
  const Ended ended = run.wait();
  EXPECT_EQ(ended.err.find("trying again"), ended.err.rfind("trying again")) << "once for all images\n" << ended.err;
}

TEST_F(Said, ANameServerThatIsSilentIsNoServerThatTakesNoConnection) {
  const auto problem = in_own_network([&] {
    const UniqueFd silent(::socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0));
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(53);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    ASSERT_EQ(::bind(silent.get(), reinterpret_cast<const sockaddr*>(&address), sizeof(address)), 0);
    const Ended ended = crawl_of("http://site.test/{page}", {"--connect-timeout", "0.2"});
    expect_blamed(ended, "dns-failure", "the host name cannot be resolved");
    EXPECT_THAT(ended.err, HasSubstr("(--retries 2); this machine has no network\n"));
  });
  if (problem) GTEST_SKIP() << *problem;
}

TEST_F(Said, WithoutATerminalWhatIsCrawledAndWhenMoreIsSaid) {
  list(1, {"/1.png"});
  image("/1.png", 1);
  const Ended ended =
      run_doutu({"crawl", site_.url("/list/1"), "--xpath", std::string(kMemeXpath), "--directory", folder_.path()});
  EXPECT_EQ(ended.status, 0);
  EXPECT_EQ(ended.err,
            "doutu: crawling " + site_.url("/list/1") + " into " + folder_.path() + "; progress every 30 s\n");
  EXPECT_THAT(ended.out, HasSubstr("  request   " + site_.url("/list/1") + "\n"));
}

TEST_F(Said, NoImageAnywhereNamesTheCommandThatShowsAPage) {
  site_.page("/list/1", "<p>Please log in.</p>");
  const Ended ended = crawl("1");
  EXPECT_EQ(ended.status, 4);
  EXPECT_THAT(ended.out, HasSubstr("doutu probe " + site_.url("/list/1") + " --xpath "));
}

class Quiet : public Said {
 protected:
  static void expect_one_line(const Ended& ended, int status, const std::vector<std::string>& words) {
    EXPECT_EQ(ended.status, status);
    EXPECT_EQ(ended.out, "");
    EXPECT_EQ(std::ranges::count(ended.err, '\n'), 1) << ended.err;
    EXPECT_THAT(ended.err, StartsWith("doutu: "));
    for (const std::string& word : words) EXPECT_THAT(ended.err, HasSubstr(word));
  }
};

TEST_F(Quiet, SaysNothingOfACrawlThatIsComplete) {
  make_meme_site(site_, {.pages = 1, .images_per_page = 3});
  const Ended ended = crawl("1", {"-q"});
  EXPECT_EQ(ended.status, 0);
  EXPECT_EQ(ended.out + ended.err, "");
}

TEST_F(Quiet, SaysInOneLineWhatFailed) {
  make_meme_site(site_, {.pages = 1, .images_per_page = 3});
  site_.respond("/img/2.png", Response{.status = 404});
  expect_one_line(crawl("1", {"-q"}), 3,
                  {folder_.path() + ": Finished with failures after ", "Next: 1 image failed with 404"});
}

TEST_F(Quiet, SaysInOneLineThatNoPageHadAnImage) {
  site_.page("/list/1", "<p>Please log in.</p>");
  expect_one_line(crawl("1", {"-q"}), 4, {"doutu probe " + site_.url("/list/1")});
}

TEST_F(Quiet, CallsALimitThatTheUserSetNoError) {
  make_meme_site(site_, {.pages = 3, .images_per_page = 20});
  const Ended ended = crawl("1-3", {"-q", "--max-images", "7", "--downloaders", "2"});
  expect_one_line(ended, 9,
                  {"Stopped early after ", "--max-images is reached: ",
                   "to continue: doutu crawl -d " + folder_.path() + " --max-images N, where N is more than "});
  EXPECT_THAT(ended.err, Not(HasSubstr("error")));
}

TEST_F(Quiet, SaysInOneLineThatTheDiskIsFull) {
  make_meme_site(site_, {.pages = 1, .images_per_page = 3});
  expect_one_line(crawl("1", {"-q", "--min-free-disk", "900000T", "--disk-wait", "0"}), 9,
                  {folder_.path() + ": Stopped early after ", "the disk could not be written. Next: ",
                   "make room on the disk, then run the same command again to continue."});
}

TEST_F(Said, OneImageIsNoImagesAtALimit) {
  make_meme_site(site_, {.pages = 3, .images_per_page = 20});
  EXPECT_THAT(
      crawl("1-3", {"--max-images", "1", "--downloaders", "1"}).err,
      testing::ContainsRegex("doutu: --max-images is reached: (1 image is|([02-9]|[0-9][0-9]+) images are) saved\n"));
}

TEST_F(Said, ALimitThatTheUserSetIsNoError) {
  make_meme_site(site_, {.pages = 3, .images_per_page = 20});
  for (const auto& [flag, value] : {std::pair("--max-images", "7"), std::pair("--max-bytes", "5K")}) {
    const Ended ended = crawl("1-3", {flag, value, "--downloaders", "2"});
    EXPECT_EQ(ended.status, 9);
    EXPECT_THAT(ended.err, HasSubstr(flag + std::string(" is reached: ")));
    EXPECT_THAT(ended.err, Not(HasSubstr("error")));
  }
}

TEST_F(Quiet, SaysInOneLineThatItWasStopped) {
  site_.hold("/list/1");
  const auto run = start("1", {"-q"});
  ASSERT_TRUE(site_.wait_for("/list/1"));
  run->signal(SIGTERM);
  expect_one_line(run->wait(), 143, {"Stopped after ", "run the same command again to continue"});
}

TEST_F(Quiet, SaysInOneLineWhyItDidNotStart) {
  make_meme_site(site_, {.pages = 1, .images_per_page = 3});
  site_.hold("/list/1");
  const auto run = start("1");
  ASSERT_TRUE(site_.wait_for("/list/1"));
  expect_one_line(crawl("1", {"-q"}), 75, {"another crawl is using"});
  run->signal(SIGTERM);
  (void)run->wait();
}

TEST_F(Said, TheDemoNamesALimitOfMemoryAtOnce) {
  if (kSanitized) GTEST_SKIP() << "a sanitizer takes memory of its own";
  CrawlRun run({"-c", "ulimit -v 80000 && exec \"$0\" \"$@\"", DOUTU_PROGRAM, "demo", "--directory", folder_.path()},
               "", std::map<std::string, std::string>(), "/bin/sh");
  const Ended ended = run.wait();
  EXPECT_EQ(ended.status, 1);
  EXPECT_EQ(std::ranges::count(ended.err, '\n'), 1) << ended.err;
  EXPECT_THAT(ended.err,
              HasSubstr("the limit on memory per process is 78 MiB (ulimit -v), and a crawl needs at least"));
  EXPECT_THAT(ended.err, HasSubstr("raise the limit"));
}

}  // namespace
}  // namespace doutu
