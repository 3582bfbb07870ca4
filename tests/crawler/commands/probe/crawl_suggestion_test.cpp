#include "crawler/commands/probe/crawl_suggestion.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdio>
#include <fstream>
#include <sstream>
#include <tuple>

#include "crawler/command_line/command_line.h"
#include "crawler/request/recipe.h"
#include "tests/site/temporary_folder.h"

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

TEST(PageNumberGuess, LeavesBracesOfTheUrlThatNoTemplateTakesForAMark) {
  EXPECT_EQ(guess_page_number("https://e.com/?q={a}&page=3")->url_template, "https://e.com/?q=%7Ba%7D&page={page}");
  EXPECT_THAT(crawl_command_line("https://e.com/?q={a}", std::nullopt, "//img", {}, {}),
              testing::HasSubstr("?q=%7Ba%7D'"));
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
  EXPECT_EQ(crawl_command_line("http://e.com/a", std::nullopt, "//img", settings, {}),
            "doutu crawl http://e.com/a --pages 1 --xpath //img");
  settings.page.encoding = "gbk";
  settings.http.user_agent = "me too";
  settings.http.insecure = true;
  settings.http.headers = {"Cookie: secret", "Accept-Language: zh"};
  settings.http.proxy = "http://user:password@p:1";
  EXPECT_EQ(crawl_command_line("http://e.com/?p=3", guess_page_number("http://e.com/?p=3"), "//img", settings, {}),
            "doutu crawl 'http://e.com/?p={page}' --pages 3-12 --xpath //img --page-encoding gbk --user-agent 'me too' "
            "--header 'Cookie: secret' --header 'Accept-Language: zh' --proxy http://user:password@p:1 --insecure");
}

TEST(CrawlCommandLine, NamesTheFileOfHeadersAndStandardInput) {
  CrawlSettings settings;
  settings.http.headers = {"@my secrets", "-"};
  EXPECT_EQ(crawl_command_line("http://e.com/a", std::nullopt, "//img", settings, {}),
            "doutu crawl http://e.com/a --pages 1 --xpath //img --header '@my secrets' --header=-");
}

// --- What sh makes of the line, and the parser of that.

/// The words that sh reads in line, "doutu" itself left out.
std::vector<std::string> words_in_sh(const std::string& line) {
  const TemporaryFolder folder;
  std::ofstream(folder / "script") << "doutu() { printf '%s\\0' \"$@\"; }\n" << line << "\n";
  FILE* pipe = ::popen(("sh " + folder / "script").c_str(), "r");  // NOLINT(cert-env33-c): a fixed command
  std::vector<std::string> words(1);
  for (int byte = std::fgetc(pipe); byte != EOF; byte = std::fgetc(pipe)) {
    if (byte == '\0') {
      words.emplace_back();
    } else {
      words.back() += static_cast<char>(byte);
    }
  }
  words.pop_back();
  EXPECT_EQ(::pclose(pipe), 0) << line;
  return words;
}

/// The crawl that line begins when it is pasted into sh.
CrawlCommand pasted(const std::string& line) {
  const std::vector<std::string> words = words_in_sh(line);
  std::vector<const char*> arguments = {"doutu"};
  for (const std::string& word : words) arguments.push_back(word.c_str());
  std::ostringstream out;
  std::ostringstream err;
  Command command = parse_command_line(static_cast<int>(arguments.size()), arguments.data(), out, err);
  EXPECT_EQ(err.str(), "");
  auto* crawl = std::get_if<CrawlCommand>(&command);
  EXPECT_NE(crawl, nullptr) << line;
  return crawl != nullptr ? std::move(*crawl) : CrawlCommand();
}

TEST(CrawlCommandLine, MeansTheSameWhenItIsPastedIntoSh) {
  CrawlSettings settings;
  settings.page.encoding = "shift_jis";
  settings.http.connect_timeout = milliseconds(2'500);
  settings.page.timeout = milliseconds(50);
  settings.http.user_agent = "-v it's \"me\" `id` $HOME !! \\ 表情 #;&|<>*?~";
  settings.http.referer = "http://e.com/?a='b'&c=$(id)";
  settings.http.headers = {"Cookie: a='b'; c=\"d\"", "X-Backslash: \\'\\\\", "X-Word: 表情 !"};
  settings.http.http1 = true;
  settings.http.proxy = "http://user:p'a$s@127.0.0.1:1";
  settings.http.ca_file = "/etc/ssl/certs/ca-certificates.crt";
  settings.http.insecure = true;
  settings.http.allow_private = true;
  const std::string url = "http://e.com/?q='`$(id)`'&page=3";
  for (const std::string xpath : {"//li[@class='it']/img[@alt=\"`$x`\"]", "-1", "//img[contains(@alt, '表情')]/@src"}) {
    const CrawlCommand crawl = pasted(crawl_command_line(url, guess_page_number(url), xpath, settings, {}));
    EXPECT_EQ(crawl.url_template, "http://e.com/?q='`$(id)`'&page={page}");
    EXPECT_EQ(crawl.pages->text(), "3-12");
    EXPECT_EQ(crawl.xpaths, std::vector<std::string>{xpath});
    EXPECT_EQ(crawl.settings, settings);
  }
}

}  // namespace
}  // namespace doutu
