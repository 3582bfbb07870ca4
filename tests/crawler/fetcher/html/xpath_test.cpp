#include "crawler/fetcher/html/xpath.h"

#include <gtest/gtest.h>

namespace doutu {
namespace {

std::string problem_of(const std::string& expression) {
  const auto xpath = Xpath::compile(expression);
  return xpath ? "" : xpath.error().message;
}

TEST(Xpath, CompilesWhatPeopleWrite) {
  for (const char* expression :
       {"//img/@src", "//li[@class='list-group-item']//img[@referrerpolicy='no-referrer']/@data-original",
        "//a[contains(@href, \".jpg\") and not(position() > 2)]", "(//img)[1]", "//p/text()", "id('x')/following::img",
        "string(//img/@src)", "//div[count(a) div (2) = 1]", "//*[name()='xlink:href']", "//img [ last ( ) ]",
        "//ancestor-or-self :: div", "//h1 | //h2", "//\xe5\x9b\xbe", "//@*[starts-with(name(), 'data-')]", ".",
        "//image:loc", "//svg:image/@xlink:href | //media:*", "//@xml:lang", "child::a:b[@c:d]"}) {
    EXPECT_EQ(problem_of(expression), "");
  }
}

TEST(Xpath, SaysWhereAnExpressionIsWrong) {
  EXPECT_EQ(problem_of("//img[@src='x"), "Unfinished literal at character 14, marked by >>>: //img[@src='x >>> ");
  EXPECT_EQ(problem_of("//img[@src]]"), "Invalid expression at character 12, marked by >>>: //img[@src] >>> ]");
  EXPECT_EQ(problem_of("//\xe5\x9b\xbe["), "Invalid expression at character 5, marked by >>>: //\xe5\x9b\xbe[ >>> ");
  EXPECT_EQ(problem_of(""), "Invalid expression at character 1, marked by >>>:  >>> ");
}

TEST(Xpath, FindsNamesThatNobodyKnows) {
  EXPECT_EQ(problem_of("//img[match(@src, 'x')]"),
            "Unknown function match(), did you mean matches()? at character 7, marked by >>>: //img[ >>> match(@src, "
            "'x')]");
  EXPECT_EQ(problem_of("//img[ends-with(@src, 'x')]"),
            "Unknown function ends-with() at character 7, marked by >>>: //img[ >>> ends-with(@src, 'x')]");
  EXPECT_EQ(problem_of("//a[x:contains(., 'y')]"),
            "Unknown function contains(), did you mean contains()? at character 7, marked by >>>: //a[x: >>> "
            "contains(., 'y')]");
  EXPECT_EQ(problem_of("//a[.='foo(' or .=\"x:y\"]"), "") << "text is no name";
}

TEST(Xpath, FindsCallsThatCannotBe) {
  EXPECT_EQ(problem_of("//a[html()]"),
            "The function html() takes one argument at character 5, marked by >>>: //a[ >>> html()]");
  EXPECT_EQ(problem_of("matches(//a, 'x', 'y')"),
            "The function matches() takes two arguments at character 1, marked by >>>:  >>> matches(//a, 'x', 'y')");
  EXPECT_EQ(problem_of("//a[matches(., 'x[')]"),
            "Bad regular expression, missing ]: [ at character 18, marked by >>>: //a[matches(., 'x >>> [')]");
  EXPECT_EQ(problem_of("//a[matches(., @re)]"),
            "The regular expression is not in quotes at character 16, marked by >>>: //a[matches(.,  >>> @re)]");
  EXPECT_EQ(problem_of("matches(//a, concat('x', 'y'))"),
            "The regular expression is not in quotes at character 14, marked by >>>: matches(//a,  >>> concat('x', "
            "'y'))");
  EXPECT_EQ(problem_of("matches(//a, '(x{1000}){1000}')").substr(0, 23), "Bad regular expression,");
  EXPECT_EQ(problem_of("matches(matches(//a[@b='),'], ',('), \")(\")").substr(0, 23), "Bad regular expression,");
  for (const char* expression :
       {"json(//script)//src", "html( //description )//img/@src", "css-urls(//@style)[1]", "matches(., '[\"(]') | //a",
        "matches(html(//a[1])/b, \"x,'y[(]\")", "count(best(//img)) > 1"}) {
    EXPECT_EQ(problem_of(expression), "");
  }
}

TEST(Xpath, FindsOperandsThatCannotBe) {
  EXPECT_EQ(problem_of("//img | 'x'"), "Invalid type: //img | 'x'");
  EXPECT_EQ(problem_of("$x"), "Undefined variable: $x");
}

TEST(Xpath, KeepsTheTerminalClean) {
  EXPECT_EQ(problem_of("//img[\x1b").find('\x1b'), std::string::npos);
  EXPECT_FALSE(problem_of(std::string("//img\0[", 7)).empty());
  EXPECT_FALSE(problem_of("//\xff\xfe").empty());
}

TEST(Xpath, SurvivesAnExpressionOfAnyDepth) { EXPECT_FALSE(problem_of(std::string(100'000, '(')).empty()); }

}  // namespace
}  // namespace doutu
