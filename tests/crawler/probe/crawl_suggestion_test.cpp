#include "crawler/probe/crawl_suggestion.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <tuple>

#include "crawler/recipe.h"

namespace doutu {
namespace {

TEST(PageNumberGuess, FindsWhereAUrlNamesThePage) {
  const std::vector<std::tuple<std::string, std::string, std::uint64_t>> urls = {
      {"https://e.com/list/?page=3", "https://e.com/list/?page={page}", 3},
      {"https://e.com/list?cat=7&PN=12&s=1", "https://e.com/list?cat=7&PN={page}&s=1", 12},
      {"https://e.com/list?p=003", "https://e.com/list?p={page:03}", 3},
      {"https://e.com/page/4/", "https://e.com/page/{page}/", 4},
      {"https://e.com/page/4/item-77", "https://e.com/page/{page}/item-77", 4},
      {"https://e.com/2019/page5.html", "https://e.com/2019/page{page}.html", 5},
      {"https://e.com/list_3.html", "https://e.com/list_{page}.html", 3},
      {"https://e.com/list/3/", "https://e.com/list/{page}/", 3},
      {"https://e.com/list/3?sort=9", "https://e.com/list/{page}?sort=9", 3},
      {"https://e.com:8080/9", "https://e.com:8080/{page}", 9},
  };
  for (const auto& [url, url_template, page] : urls) {
    const auto guess = guess_page_number(url);
    ASSERT_TRUE(guess) << url;
    EXPECT_EQ(guess->url_template, url_template);
    EXPECT_EQ(guess->page, page);
    const auto parsed = UrlTemplate::parse(url_template);
    ASSERT_TRUE(parsed) << url_template;
    EXPECT_EQ(parsed->url_of(page), url);
  }
}

TEST(PageNumberGuess, TakesNoOtherNumberForAPage) {
  for (const char* url : {"https://e.com/", "https://e.com", "https://e3.com:8080/", "https://e.com/list.html",
                          "https://e.com/2019/list.html", "https://e.com/mp3.html", "https://e.com/?cat=7",
                          "https://e.com/?page=", "https://e.com/?page=last", "https://e.com/20190304123456.html",
                          "https://e.com/?page=99999999999999999999999", "https://192.168.0.1/x"}) {
    EXPECT_EQ(guess_page_number(url).has_value(), false) << url;
  }
}

TEST(CrawlCommandLine, HasWhatThePageWasFetchedWith) {
  CrawlSettings settings;
  EXPECT_EQ(crawl_command_line("http://e.com/a", std::nullopt, "//img", settings),
            "doutu crawl http://e.com/a --pages 1 --xpath //img");
  settings.page_encoding = "gbk";
  settings.user_agent = "me too";
  settings.insecure = true;
  settings.headers = {"Cookie: secret"};
  settings.proxy = "http://user:password@p:1";
  EXPECT_EQ(crawl_command_line("http://e.com/?p=3", guess_page_number("http://e.com/?p=3"), "//img", settings),
            "doutu crawl 'http://e.com/?p={page}' --pages 3-12 --xpath //img --page-encoding gbk --user-agent 'me too' "
            "--insecure");
}

}  // namespace
}  // namespace doutu
