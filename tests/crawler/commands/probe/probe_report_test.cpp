#include "crawler/commands/probe/probe_report.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

namespace doutu {
namespace {

using testing::HasSubstr;
using testing::Not;

/// What a fetcher answers about a page on which one expression found images.
ProbeReport found_two() {
  return parse_probe_answer(R"({"url": "http://e.com/?page=3", "final_url": "http://e.com/?page=3", "status": 200,
    "content_type": "text/html", "encoding": "UTF-8", "bytes": 1234, "cause": "", "cause_text": "",
    "matches": [{"xpath": "//img/@src", "cause": "", "hits": 8, "distinct": 6, "repeats": 1, "inlined": 0,
      "unusable": 1, "all_same": false, "first": ["http://e.com/1.jpg", "http://e.com/2.jpg"],
      "rejected": ["javascript:\u001b[2J"]}], "suggestions": []})")
      .value();
}

TEST(ProbeReport, TellsWhatAnExpressionFound) {
  ProbeReport report = found_two();
  suggest_commands(report, CrawlSettings(), CookieSources());
  EXPECT_EQ(probe_text(report),
            "http://e.com/?page=3\n"
            "  200, text/html, UTF-8, 1234 bytes\n"
            "\n"
            "//img/@src\n"
            "  6 images; 1 duplicate link\n"
            "    http://e.com/1.jpg\n"
            "    http://e.com/2.jpg\n"
            "    and 4 more\n"
            "  1 hit without an http or https URL, such as javascript:\\x1b[2J\n"
            "  doutu crawl 'http://e.com/?page={page}' --pages 3-12 --xpath //img/@src\n"
            "\n"
            "page=3 as the page number is a guess, and so is the number of pages.\n");
  EXPECT_EQ(exit_status(report), 0);
}

TEST(ProbeReport, TellsThatAllHitsAreOnePlaceholder) {
  ProbeReport report = found_two();
  report.matches[0].distinct = 1;
  report.matches[0].repeats = 6;
  report.matches[0].all_same = true;
  EXPECT_THAT(probe_text(report), HasSubstr("8 hits, all with the same URL: probably a placeholder\n"));
}

TEST(ProbeReport, TellsWhyThePageDidNotCome) {
  ProbeReport report = found_two();
  report.cause = "http-404";
  report.cause_text = "the server answered 404";
  suggest_commands(report, CrawlSettings(), CookieSources());
  EXPECT_EQ(probe_text(report), "http://e.com/?page=3\n  could not be fetched: the server answered 404 (http-404)\n");
  EXPECT_EQ(exit_status(report), 3);
}

TEST(ProbeReport, TellsThatNothingWasFound) {
  ProbeReport report = found_two();
  report.matches = {ProbeMatch()};
  report.matches[0].xpath = "//x";
  suggest_commands(report, CrawlSettings(), CookieSources());
  EXPECT_THAT(probe_text(report), HasSubstr("\n//x\n  nothing\n"));
  EXPECT_THAT(probe_text(report), Not(HasSubstr("doutu crawl")));
  EXPECT_EQ(exit_status(report), 4);
  report.matches[0].without_url = 3;
  report.matches[0].such_as = "<div class=\"x\x1b\">";
  EXPECT_THAT(probe_text(report),
              HasSubstr("\n//x\n  no URL in the matches: <div class=\"x\\x1b\"> and 2 more; add //img or "
                        "/@ATTRIBUTE to the expression\n"));
  EXPECT_EQ(exit_status(report), 4);
  report.matches[0].such_as = "a number";
  EXPECT_THAT(probe_text(report), HasSubstr("\n//x\n  no URL in the matches: a number\n"));
  report.matches.clear();
  EXPECT_THAT(probe_text(report), HasSubstr("Nothing on the page looks like an image.\n"));
  EXPECT_EQ(exit_status(report), 4);
}

TEST(ProbeReport, LetsNothingOfThePageReachTheTerminalAsItCame) {
  ProbeReport report = found_two();
  const std::string evil = "\x1b]0;x\x07\xe2\x80\xae\n";
  report.final_url = report.content_type = report.encoding = evil;
  report.matches[0].xpath = report.matches[0].cause = report.matches[0].command = evil;
  report.matches[0].first = report.matches[0].rejected = report.matches[0].why = {evil};
  const std::string text = probe_text(report);
  EXPECT_THAT(text, Not(HasSubstr("\x1b")));
  EXPECT_THAT(text, Not(HasSubstr("\xe2\x80\xae")));
  EXPECT_THAT(text, HasSubstr("\\x1b]0;x\\x07\\u{202e}\\x0a"));
}

TEST(ProbeReport, IsJsonWithTheCommand) {
  ProbeReport report = found_two();
  report.matches[0].first = {"\xff"};
  suggest_commands(report, CrawlSettings(), CookieSources());
  const auto json = nlohmann::json::parse(probe_json(report));
  EXPECT_EQ(json.at("page_guess"), "page=3");
  EXPECT_EQ(json.at("matches").at(0).at("hits"), 8);
  EXPECT_EQ(json.at("matches").at(0).at("first").at(0), "\xef\xbf\xbd");
  EXPECT_THAT(json.at("matches").at(0).at("command").get<std::string>(), HasSubstr("{page}"));
}

TEST(ProbeReport, AnAnswerThatIsNoneIsAnError) {
  for (const char* answer : {"", "[]", "nonsense", R"({"status": "x"})", R"({"matches": [7]})"}) {
    EXPECT_FALSE(parse_probe_answer(answer)) << answer;
  }
}

}  // namespace
}  // namespace doutu
