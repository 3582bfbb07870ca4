#include "crawler/fetcher/html/form_request.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <vector>

namespace doutu {
namespace {

using testing::HasSubstr;

constexpr std::string_view kUrl = "https://example.com/forum/login.php?from=list";

Result<FormRequest> filled(std::string_view html, const std::vector<FormField>& fields = {},
                           const char* which = nullptr, Encoding encoding = Encoding::utf_8) {
  const auto page = HtmlDocument::parse(html).value();
  const FormPage form{page, kUrl, encoding};
  if (which == nullptr) return fill_in_form(form, nullptr, fields);
  const Xpath xpath = Xpath::compile(which).value();
  return fill_in_form(form, &xpath, fields);
}

/// What the only form sends behind the "?".
std::string sent(const std::string& controls, const std::vector<FormField>& fields = {}) {
  const auto request = filled("<form action=/go>" + controls + "</form>", fields, "//form").value();
  EXPECT_THAT(request.url, testing::StartsWith("https://example.com/go?"));
  return request.url.substr(request.url.find('?') + 1);
}

TEST(FormRequest, SendsAsABrowserWhatALoginFormHas) {
  const auto request = filled(R"(<form id=search><input name=q></form>
    <form method=POST action=../login?do=1#top>
      <input type=hidden name=csrf value=" a b ">
      <input name=user> <input type=password name=pass>
      <input type=checkbox name=stay> <button>Log in</button>
    </form>)",
                              {{"user", "me"}, {"pass", "open sesame"}})
                           .value();
  EXPECT_TRUE(request.is_post);
  EXPECT_EQ(request.url, "https://example.com/login?do=1");
  EXPECT_EQ(request.content_type, "application/x-www-form-urlencoded");
  EXPECT_EQ(request.body, "csrf=+a+b+&user=me&pass=open+sesame");
}

TEST(FormRequest, LeadsWhereTheFormOrItsButtonSays) {
  const auto url = [](std::string_view html) { return filled(html, {}, "//form").value().url; };
  EXPECT_EQ(url("<form><input name=a></form>"), "https://example.com/forum/login.php?a=") << "the page itself";
  EXPECT_EQ(url("<base href=/other/><form action=' '><input name=a></form>"), "https://example.com/forum/login.php?a=")
      << "whatever its base is";
  EXPECT_EQ(url("<base href=/other/><form action=x?old=1><input name=a></form>"), "https://example.com/other/x?a=");
  EXPECT_EQ(url("<form action=/a><button formaction=/b>B</button></form>"), "https://example.com/b?");
  EXPECT_EQ(url("<form action=/a method=post><button formmethod=get>B</button></form>"), "https://example.com/a?");
  EXPECT_EQ(url("<form action=/a method=dialog></form>"), "https://example.com/a?");
  EXPECT_TRUE(filled("<form><button formmethod=Post name=b></form>", {}, "//form").value().is_post);
  EXPECT_EQ(filled("<form method=post enctype=multipart/form-data></form>", {}, "//form").value().body,
            "------doutu-form---\r\n");
}

TEST(FormRequest, SendsWhatIsThereAndSwitchedOn) {
  EXPECT_EQ(sent("<input name=a value=1><input value=2><input name='' value=3>"), "a=1");
  EXPECT_EQ(sent("<input name=a value=1><input name=a value=2>"), "a=1&a=2") << "a name twice";
  EXPECT_EQ(sent("<input name=a disabled value=1><fieldset disabled><legend><input name=b value=2></legend>"
                 "<legend><input name=c></legend><input name=d><fieldset><input name=e></fieldset></fieldset>"),
            "b=2");
  EXPECT_EQ(sent("<input type=CHECKBOX name=a><input type=checkbox name=b checked>"
                 "<input type=checkbox name=c value='' checked>"),
            "b=on&c=");
  EXPECT_EQ(sent("<input type=radio name=a value=1 checked><input type=radio name=a value=2 checked>"
                 "<input type=radio name=a value=3>"),
            "a=2");
  EXPECT_EQ(sent("<textarea name=a>\n1\n<b></textarea>"), "a=1%0D%0A%3Cb%3E");
  EXPECT_EQ(
      sent(
          "<input name=a value='1\n2'><input type=email name=b value=' me@x '><input type=hidden name=c value='3\n4'>"),
      "a=12&b=me%40x&c=3%0D%0A4");
  EXPECT_EQ(sent("<input type=file name=a>"), "a=");
  EXPECT_EQ(sent("<datalist><input name=a></datalist><object name=b></object><output name=c>3</output>"), "");
}

TEST(FormRequest, SendsWhatIsSelected) {
  EXPECT_EQ(sent("<select name=a><option disabled>0<option> 1  2 <option value=3>4</select>"), "a=1+2");
  EXPECT_EQ(sent("<select name=a><option>1<option selected>2<option selected value=''>3</select>"), "a=");
  EXPECT_EQ(sent("<select name=a multiple><option>1<option selected>2<option selected>3</select>"), "a=2&a=3");
  EXPECT_EQ(sent("<select name=a multiple><option>1</select><select name=b size=4><option>1</select>"), "");
  EXPECT_EQ(sent("<select name=a><optgroup disabled><option>1</optgroup><option>2</select>"), "a=2");
  EXPECT_EQ(sent("<select name=a></select>"), "");
}

TEST(FormRequest, PressesTheFirstButton) {
  EXPECT_EQ(sent("<button type=button name=x value=0>menu</button><input type=reset name=y>"
                 "<input type=submit name=a value=1><button name=b value=2>B</button>"),
            "a=1");
  EXPECT_EQ(sent("<button disabled name=a>A</button><button name=b value=2>B</button>"), "b=2");
  EXPECT_EQ(sent("<input type=image name=go><input type=submit name=b>"), "go.x=0&go.y=0");
  EXPECT_EQ(sent("<input type=image>"), "x=0&y=0");
  EXPECT_EQ(sent("<input name=u><button name=do value=join>Join</button><button name=do value=login>Log in</button>",
                 {{"do", "login"}}),
            "u=&do=login")
      << "or the one that the user names";
}

TEST(FormRequest, TakesTheUsersFieldsInPlaceOfAnyOfTheirNames) {
  EXPECT_EQ(sent("<input name=a value=1><input name=b value=2>", {{"a", "3"}, {"new", "4"}}), "a=3&b=2&new=4");
  EXPECT_EQ(sent("<input type=radio name=a value=1 checked><input type=radio name=a value=2>", {{"a", "2"}}), "a=2");
  EXPECT_EQ(sent("<input type=checkbox name=stay><input name=b disabled value=1>", {{"stay", "yes"}, {"b", "2"}}),
            "stay=yes&b=2");
}

TEST(FormRequest, KnowsWhatBelongsToTheForm) {
  const auto request = [](std::string_view html) { return filled(html, {}, "//form[@id='f']").value().url; };
  EXPECT_EQ(request("<input name=a form=f><form id=f action=/><input name=b><input name=c form=g><input name=d form=f>"
                    "</form><form id=g></form><input name=e><input name=h form=nobody>"),
            "https://example.com/?a=&b=&d=");
  EXPECT_EQ(request("<form id=f action=/><form id=g><input name=a></form><input name=b>"), "https://example.com/?a=")
      << "there are no forms within forms";
  EXPECT_EQ(
      request(
          "<table><form id=f action=/><tr><td><input name=a><tr><td><select name=b><option>1</select></td></tr></form>"
          "<form id=g><tr><td><input name=c></form></table>"),
      "https://example.com/?a=&b=1")
      << "of the parser, that ends it before the row";
  EXPECT_EQ(request("<table><tr><form id=f action=/><td><input name=a></form></table><input name=b>"),
            "https://example.com/?a=");
}

TEST(FormRequest, WritesTheEncodingOfTheForm) {
  const auto url = [](std::string_view html, Encoding encoding) {
    return filled(html, {{"a", "\u56fe"}}, "//form", encoding).value().url;
  };
  EXPECT_EQ(url("<form action=/><input name=a></form>", Encoding::gbk), "https://example.com/?a=%CD%BC");
  EXPECT_EQ(url("<form action=/><input name=a></form>", Encoding::utf_16le), "https://example.com/?a=%E5%9B%BE");
  EXPECT_EQ(url("<form action=/ accept-charset='nonsense, UTF-8 gbk'><input type=hidden name=_charset_ value=x>"
                "<input name=a></form>",
                Encoding::gbk),
            "https://example.com/?_charset_=UTF-8&a=%E5%9B%BE");
}

TEST(FormRequest, SaysWhyThereIsNone) {
  const auto error = [](std::string_view html, const char* which = nullptr) {
    const auto request = filled(html, {{"pass", "sesame"}}, which);
    return request ? "none" : request.error().message;
  };
  EXPECT_EQ(error("<form><input name=q></form>"), "has no form with a password field");
  EXPECT_THAT(error("<form><input type=password></form><form><input type=password></form>"),
              HasSubstr("has 2 forms with a password field"));
  EXPECT_EQ(error("<input type=password>"), "has no form with a password field");
  EXPECT_THAT(error("<p>", "//form"), HasSubstr("has nothing that"));
  EXPECT_THAT(error("<p>", "//p"), HasSubstr("has no form where"));
  EXPECT_THAT(error("<form></form>", "count(//form)"), HasSubstr("has nothing that"));
  EXPECT_THAT(error("<form action='javascript:go()'></form>", "//form"), HasSubstr("leads to \"javascript:go()\""));
  EXPECT_EQ(error("<form><input type=password></form>", "//input/@type"), "none") << "what is in it is as good";
}

TEST(FormRequest, IsBounded) {
  std::string deep;
  for (int i = 0; i < 20'000; ++i) deep += "<div>";
  EXPECT_EQ(filled("<form action=/>" + deep + "<input name=a>", {}, "//form").value().url, "https://example.com/?a=");
  std::string many;
  for (int i = 0; i < 20'000; ++i) many += "<input name=a>";
  EXPECT_LT(sent(many).size(), 30'001U);
}

TEST(HtmlDocument, KnowsWhetherAnExpressionIsTrue) {
  const auto page = HtmlDocument::parse("<a href=/logout></a><p></p>").value();
  const auto matches = [&page](const char* xpath) { return page.matches(Xpath::compile(xpath).value()); };
  EXPECT_TRUE(matches("//a[@href='/logout']"));
  EXPECT_TRUE(matches("//p"));
  EXPECT_FALSE(matches("//b"));
  EXPECT_TRUE(matches("count(//a) = 1"));
  EXPECT_FALSE(matches("count(//a) = 2"));
  EXPECT_FALSE(matches("string(//p)"));
}

}  // namespace
}  // namespace doutu
