// Wrong use: exit status 2 and one line that says what is wrong; no folder is made.

#include <algorithm>
#include <filesystem>

#include "tests/e2e/crawl_fixture.h"

namespace doutu {
namespace {

struct Wrong {
  std::string name;
  std::vector<std::string> arguments;
  std::vector<std::string> words;  ///< That the line must have.
};

void PrintTo(const Wrong& wrong, std::ostream* out) { *out << wrong.name; }

class WrongUse : public testing::TestWithParam<Wrong> {};

TEST_P(WrongUse, IsSaidInOneLine) {
  const TemporaryFolder temporary;
  const Ended ended = run_doutu(GetParam().arguments, temporary.path().string());
  EXPECT_EQ(ended.status, 2);
  EXPECT_EQ(ended.out, "");
  EXPECT_TRUE(ended.err.starts_with("doutu: ")) << ended.err;
  EXPECT_EQ(std::count(ended.err.begin(), ended.err.end(), '\n'), 1) << ended.err;
  for (const std::string& word : GetParam().words) EXPECT_NE(ended.err.find(word), std::string::npos) << ended.err;
  EXPECT_TRUE(std::filesystem::is_empty(temporary.path())) << "a folder was made";
}

const std::string kUrl = "http://127.0.0.1:1/{page}";

INSTANTIATE_TEST_SUITE_P(
    Of, WrongUse,
    testing::Values(Wrong{"UnknownFlag", {"crawl", "--pagse", "1-2"}, {"--pagse"}},
                    Wrong{"UnknownCommand", {"crwal"}, {"crwal"}},
                    Wrong{"MissingValue", {"crawl", "--pages"}, {"--pages"}},
                    Wrong{"PagesBehindAnOpenEnd", {"crawl", kUrl, "--pages", "5-,1-3"}, {"--pages", "5-"}},
                    Wrong{"PagesBackwards", {"crawl", kUrl, "--pages", "5-1"}, {"--pages", "5-1"}},
                    Wrong{"TooManyPages", {"crawl", kUrl, "--pages", "1-99999999999"}, {"--pages", "99999999999"}},
                    Wrong{"NoPages", {"crawl", kUrl, "--pages", ""}, {"--pages"}},
                    Wrong{"PagesThatAreNoNumbers", {"crawl", kUrl, "--pages", "one"}, {"--pages", "one"}},
                    Wrong{"TemplateWithoutPage", {"crawl", "http://127.0.0.1:1/", "--pages", "1-2"}, {"{page}"}},
                    Wrong{
                        "TemplateThatIsNoUrl", {"crawl", "example.com/{page}", "--pages", "1"}, {"example.com/{page}"}},
                    Wrong{"TemplateOfAnotherScheme", {"crawl", "ftp://example.com/{page}", "--pages", "1"}, {"ftp"}},
                    Wrong{"TwoTemplates", {"crawl", kUrl, kUrl, "--pages", "1"}, {"has a placeholder"}},
                    Wrong{"XpathThatEndsTooEarly",
                          {"crawl", kUrl, "--pages", "1", "--xpath", "//img[@src="},
                          {"--xpath", "//img[@src=", "character 12"}},
                    Wrong{"XpathFunctionThatIsNone",
                          {"crawl", kUrl, "--pages", "1", "--xpath", "//img[ends-with(@src, 'x')]"},
                          {"ends-with"}},
                    Wrong{"EmptyXpath", {"crawl", kUrl, "--pages", "1", "--xpath", ""}, {"XPath"}},
                    Wrong{"NoFetchers", {"crawl", kUrl, "--fetchers", "0"}, {"--fetchers"}},
                    Wrong{"NegativeDownloaders", {"crawl", kUrl, "--downloaders", "-3"}, {"--downloaders"}},
                    Wrong{"ProgressThatIsNone", {"crawl", kUrl, "--progress", "loud"}, {"--progress", "loud"}}),
    [](const auto& tested) { return tested.param.name; });

TEST(Help, GoesToStdout) {
  for (const std::vector<std::string>& arguments :
       {std::vector<std::string>{"--help"}, {"crawl", "--help"}, {"demo", "--help"}, {"--version"}}) {
    const Ended ended = run_doutu(arguments);
    EXPECT_EQ(ended.status, 0);
    EXPECT_EQ(ended.err, "");
    EXPECT_NE(ended.out.find("doutu"), std::string::npos);
  }
}

}  // namespace
}  // namespace doutu
