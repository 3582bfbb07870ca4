// Which cookies the parent gives to whom.
#include <csignal>

#include "shared/cookies/cookie_file.h"
#include "shared/cookies/cookie_line.h"
#include "tests/crawler/run/crawl_fixture.h"
#include "tests/site/state_in.h"

namespace doutu {
namespace {

using testing::AllOf;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;
using testing::SizeIs;

Cookie cookie(const char* name, const char* domain) {
  return {.name = name, .value = "1", .domain = domain, .created = 1};
}

class CrawlCookiesTest : public CrawlTest {
 protected:
  void know_all() {
    for (const Cookie& known :
         {cookie("ours", "site.example"), cookie("sub", "www.site.example"), cookie("theirs", "bank.example")}) {
      children_.downloader().say(CookieKnown{cookie_line(known)});
    }
    loop_.settle();
  }
};

TEST_F(CrawlCookiesTest, GivesAFetcherTheCookiesOfItsPagesHostAlone) {
  children_.fetchers_wait = true;
  run("1-2", [&] {
    know_all();
    children_.put(children_.fetcher());
    loop_.settle();
    const auto given = children_.fetcher().told_of<FetchPage>();
    ASSERT_THAT(given, SizeIs(2));
    EXPECT_THAT(given[0]->cookies, IsEmpty());
    EXPECT_THAT(given[1]->cookies, AllOf(HasSubstr("ours"), Not(HasSubstr("sub")), Not(HasSubstr("theirs"))));
    children_.fetchers_wait = false;
    children_.put(children_.fetcher());
  });
}

TEST_F(CrawlCookiesTest, TellsAFetcherTheCookiesOfAHostOfItsSiteToWhichItsPageIsRedirected) {
  children_.fetchers_wait = true;
  run("1", [&] {
    know_all();
    children_.fetcher().say(AskCookies{"https://www.site.example/1"});
    loop_.settle();
    const auto told = children_.fetcher().told_of<CookiesTold>();
    ASSERT_THAT(told, SizeIs(1));
    EXPECT_THAT(told[0]->cookies, AllOf(HasSubstr("sub"), Not(HasSubstr("ours")), Not(HasSubstr("theirs"))));
    children_.fetchers_wait = false;
    children_.put(children_.fetcher());
  });
}

TEST_F(CrawlCookiesTest, KillsAFetcherThatAsksForThoseOfAnotherSite) {
  children_.fetchers_wait = true;
  run("1", [&] {
    know_all();
    FakeProcess& fetcher = children_.fetcher();
    fetcher.say(AskCookies{"https://bank.example/1"});
    loop_.settle();
    EXPECT_THAT(fetcher.told_of<CookiesTold>(), IsEmpty());
    EXPECT_TRUE(fetcher.got(SIGKILL));
    children_.fetchers_wait = false;
  });
}

TEST_F(CrawlCookiesTest, KillsAFetcherThatAsksMoreOftenThanAPageMayBeRedirected) {
  command_.settings.http.max_redirects = 2;
  children_.fetchers_wait = true;
  run("1", [&] {
    FakeProcess& fetcher = children_.fetcher();
    for (int i = 0; i < 3; ++i) fetcher.say(AskCookies{"https://www.site.example/1"});
    loop_.settle();
    EXPECT_TRUE(fetcher.got(SIGKILL));
    children_.fetchers_wait = false;
  });
}

TEST_F(CrawlCookiesTest, KillsAFetcherThatAsksWithoutAPage) {
  children_.fetchers_wait = true;
  run("1", [&] {
    FakeProcess& fetcher = children_.fetcher();
    children_.downloaders_wait = true;
    children_.put(fetcher);
    loop_.settle();
    fetcher.say(AskCookies{"http://site.example/1"});
    loop_.settle();
    EXPECT_TRUE(fetcher.got(SIGKILL));
    children_.fetchers_wait = false;
    children_.downloaders_wait = false;
    children_.record();
  });
}

TEST_F(CrawlCookiesTest, BeginsAgainWithWhatAnotherDownloaderHasFound) {
  command_.settings.http.no_cookies = false;
  children_.fetchers_wait = true;
  run("1-3", [&] {
    children_.put(children_.fetcher());
    know_all();  // Of this the folder has nothing: it has gone, or was never saved.
    ASSERT_TRUE(write_cookie_file(state_in(command_.settings.folder.directory),
                                  {.cookies = {cookie("kept", "site.example")}, .imported = {}}));
    children_.downloader().crash();
    loop_.settle();
    children_.put(children_.fetcher());
    loop_.settle();
    const auto given = children_.fetcher().told_of<FetchPage>();
    ASSERT_THAT(given, SizeIs(3));
    EXPECT_THAT(given[2]->cookies, AllOf(HasSubstr("kept"), Not(HasSubstr("ours"))));
    EXPECT_THAT(children_.downloader().told_of<CookieKnown>(), IsEmpty()) << "it has read the file";
    children_.fetchers_wait = false;
    children_.put(children_.fetcher());
  });
}

}  // namespace
}  // namespace doutu
