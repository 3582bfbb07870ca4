// Pages made to use up whoever reads them, and XPaths made to use up whoever evaluates them: each ends under a name
// within the page's deadline and within its memory, and the crawl goes on with the next page. Of those that take their
// whole deadline one is met here, the others with DOUTU_LONG_TESTS=1 only.

#include <fmt/format.h>

#include <algorithm>
#include <cstdlib>

#include "tests/e2e/crawl_fixture.h"

namespace doutu {
namespace {

std::string times(std::size_t count, const std::string& text) {
  std::string all;
  all.reserve(count * text.size());
  for (std::size_t i = 0; i < count; ++i) all += text;
  return all;
}

/// An entity that is ten of another, and so on nine times: a billion words for an XML parser that believes it.
std::string billion_laughs() {
  std::string text = "<!DOCTYPE html [<!ENTITY e0 \"lol\">";
  for (int i = 1; i <= 9; ++i) text += fmt::format("<!ENTITY e{} \"{}\">", i, times(10, fmt::format("&e{};", i - 1)));
  return text + "]>";
}

struct Hostile {
  std::string name;
  std::string type;
  std::string body;
  std::string ends;   ///< A cause, or empty: its image is found.
  bool slow = false;  ///< One more that takes its whole deadline.
};

constexpr const char* kHtml = "text/html";
constexpr const char* kXhtml = "application/xhtml+xml";

std::vector<Hostile> hostile_pages() {
  const std::string xhtml = "<html xmlns='http://www.w3.org/1999/xhtml'><body>&e9;";
  return {
      {"100,000 nested elements", kHtml, times(100'000, "<div>") + "<img src=/a.png>", "page-too-slow"},
      {"10,000 nested elements", kHtml, times(10'000, "<div>") + "<img src=/a.png>", ""},
      {"50 MB of text", kHtml, "<img src=/a.png>" + times(5'000'000, "x x x x x "), "page-too-large"},
      {"8 MB of text", kHtml, "<img src=/a.png>" + std::string(8'000'000, 'x'), ""},
      {"a million images", kHtml, times(1'000'000, "<img src=/a.png>"), "page-too-large"},
      {"400,000 images", kHtml, times(400'000, "<img src=/a.png>"), "too-many-hits"},
      {"99,999 images, one URL", kHtml, times(99'999, "<img src=/a.png>"), ""},
      {"100,000 attributes", kHtml,
       "<p" +
           [] {
             std::string all;
             for (int i = 0; i < 100'000; ++i) all += fmt::format(" a{}=1", i);
             return all;
           }() +
           "><img src=/a.png>",
       "page-too-slow", true},
      {"entities of HTML", kHtml, times(200'000, "&CounterClockwiseContourIntegral;") + "<img src=/a.png>", ""},
      {"entities of a DTD in HTML", kHtml, billion_laughs() + "&e9;<img src=/a.png>", ""},
      {"entities of a DTD in XHTML", kXhtml, "<?xml version='1.0'?>" + billion_laughs() + xhtml + "<img src='/a.png'/>",
       ""},
      {"an entity that is a file", kXhtml,
       "<!DOCTYPE x [<!ENTITY f SYSTEM 'file:///etc/passwd'>]><x>&f;</x><img src=/a.png>", "no-images"},
      {"formatting opened again and again", kHtml, times(20'000, "<b><i><p>") + "<img src=/a.png>", ""},
      {"nested tables", kHtml, times(5'000, "<table><td>") + "<img src=/a.png>", ""},
      {"nested lists of definitions", kHtml, times(3'000, "<dl><dd><li>") + "<img src=/a.png>", ""},
      {"misnested links", kHtml, times(5'000, "<a href=x><table>") + "<img src=/a.png>", ""},
  };
}

class HostilePages : public CrawlTest {
 protected:
  static bool is_long() { return std::getenv("DOUTU_LONG_TESTS") != nullptr; }

  /// Notes how much memory a program took at its largest.
  int crawl_xpath(const std::string& xpath, const std::string& pages) {
    const std::string patience = kPatience == 1 ? "5" : "30";
    CrawlRun run({"crawl", site_.url("/list/{page}"), "--pages", pages, "--xpath", xpath, "--directory", folder_.path(),
                  "--progress", "none", "--retries", "0", "--page-timeout", patience, "--fetchers", "2"});
    const bool ended = eventually(
        [&] {
          for (const char* program : {"doutu-fetcher", "doutu-downloader"}) {
            for (const pid_t child : run.children(program)) largest_kib_ = std::max(largest_kib_, peak_kib(child));
          }
          return !run.running();
        },
        std::chrono::seconds(300));
    EXPECT_TRUE(ended);
    return run.wait().status;
  }

  std::size_t largest_kib_ = 0;
};

TEST_F(HostilePages, EachEndsUnderAName) {
  std::vector<Hostile> pages = hostile_pages();
  if (!is_long()) std::erase_if(pages, [](const Hostile& page) { return page.slow; });
  image("/a.png", 1);
  image("/good.png", 2);
  for (std::size_t i = 0; i < pages.size(); ++i) {
    site_.respond("/list/" + std::to_string(i + 1),
                  Response{.headers = {{"Content-Type", pages[i].type}}, .body = pages[i].body});
  }
  const std::string last = std::to_string(pages.size() + 1);
  site_.page("/list/" + last, "<img src=/good.png>");
  EXPECT_EQ(crawl_xpath("//img/@src", "1-" + last), 3);
  const auto causes = folder_.causes();
  for (std::size_t i = 0; i < pages.size(); ++i) {
    const auto found = causes.find(site_.url("/list/" + std::to_string(i + 1)));
    EXPECT_EQ(found == causes.end() ? "" : found->second, pages[i].ends) << pages[i].name;
  }
  EXPECT_EQ(folder_.images().size(), 2U);
  EXPECT_TRUE(folder_.report().balances());
  fmt::print("{} s, the largest process {} KiB\n", folder_.report().seconds, largest_kib_);
  EXPECT_LT(largest_kib_, kPatience * (600U << 10U));
}

TEST_F(HostilePages, AnXpathThatExplodesEndsThePageAlone) {
  site_.page("/list/1", times(3'000, "<div><p>x</div>") + "<img src=/a.png>");
  site_.page("/list/2", "<img src=/good.png>");
  image("/a.png", 1);
  image("/good.png", 2);
  const std::string url = site_.url("/list/1");
  for (const auto& [xpath, cause] : std::vector<std::pair<std::string, std::string>>{
           {"//*[//*[//*[//*]]]/@src", "xpath-limit"},
           {"//*[count(//*[count(//*[count(//*)>2])>2])>2]//@src", "xpath-limit"},
           {"//*[count(preceding::*[count(following::*)>1])>1]//@src", "xpath-limit"},
           {times(1'500, "//img|") + "//img/@src", ""},
           {"//*[contains(translate(string(/), 'x', 'y'), 'yx')]/@src | //img/@src", ""}}) {
    SCOPED_TRACE(xpath.substr(0, 60));
    EXPECT_EQ(crawl_xpath(xpath, "1-2"), cause.empty() ? 0 : 3);
    EXPECT_EQ(folder_.causes()[url], cause);
    EXPECT_EQ(folder_.report().pages.pending, 0U);
    EXPECT_TRUE(folder_.report().balances());
  }
}

TEST_F(HostilePages, AnXpathThatCopiesThePageForEachElementEndsAtTheDeadline) {
  if (!is_long()) GTEST_SKIP() << "takes the deadline of a page; DOUTU_LONG_TESTS=1";
  site_.page("/list/1", std::string(4'000'000, 'x') + times(100'000, "<p>y</p>") + "<img src=/a.png>");
  site_.page("/list/2", "<img src=/good.png>");
  image("/good.png", 2);
  EXPECT_EQ(crawl_xpath("//*[contains(translate(string(/), 'x', 'y'), 'zz')]/@src | //img/@src", "1-2"), 3);
  EXPECT_EQ(folder_.causes()[site_.url("/list/1")], "page-too-slow");
  EXPECT_EQ(folder_.images().size(), 1U);
}

}  // namespace
}  // namespace doutu
