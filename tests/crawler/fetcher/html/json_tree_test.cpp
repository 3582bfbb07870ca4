// JSON pages, and what expressions find on them.
#include "crawler/fetcher/html/json_tree.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "crawler/fetcher/text/page_text.h"

namespace doutu {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using namespace std::string_view_literals;

constexpr std::size_t kMany = 10'000'000;

Hits ask(std::string_view json, const std::string& expression) {
  return HtmlDocument::parse(json, Markup::json)->evaluate(Xpath::compile(expression).value(), kMany);
}

std::vector<std::string> find(std::string_view json, const std::string& expression) {
  const Hits hits = ask(json, expression);
  EXPECT_EQ(hits.cause, Cause::none);
  return hits.values;
}

std::string repeat(std::string_view text, std::size_t times) {
  std::string out;
  for (std::size_t i = 0; i < times; ++i) out += text;
  return out;
}

TEST(JsonTree, HasAnElementForEachMember) {
  constexpr std::string_view kJson = R"({"posts": {"id": 7, "src": "/a b.jpg", "thumb": {"src": "/t.jpg"}}})";
  EXPECT_THAT(find(kJson, "//src"), ElementsAre("/a b.jpg", "/t.jpg"));
  EXPECT_THAT(find(kJson, "/json/posts/src/text()"), ElementsAre("/a b.jpg"));
  EXPECT_THAT(find(kJson, "//posts[id=7]/thumb/src"), ElementsAre("/t.jpg"));
  EXPECT_THAT(find(kJson, "string(//id)"), ElementsAre("7"));
}

TEST(JsonTree, RepeatsTheElementOfAnArray) {
  EXPECT_THAT(find(R"({"a":["1","2"],"b":3})", "/json/a"), ElementsAre("1", "2"));
  EXPECT_THAT(find(R"({"a":[{"s":"1"},{"s":"2"}]})", "/json/a[2]/s"), ElementsAre("2"));
  EXPECT_THAT(find(R"(["1",{"s":"2"}])", "/json/item[1] | /json/item/s"), ElementsAre("1", "2"));
  EXPECT_THAT(find(R"({"a":[["1","2"],["3"]]})", "/json/a[1]/item | /json/a[2]/item"), ElementsAre("1", "2", "3"));
  EXPECT_THAT(find(R"([["1"],["2"]])", "/json/item[2]/item"), ElementsAre("2"));
  EXPECT_THAT(find(R"({"a":[],"b":{}})", "//a | //b"), IsEmpty());
}

TEST(JsonTree, KeepsAKeyThatIsNoNameAsAnAttribute) {
  EXPECT_THAT(find(R"({"@graph":[{"2x":"1"},{"":"2"}],"a b":"3"})",
                   "//item[@name='@graph']/item[@name='2x' or @name=''] | /json/item[@name='a b']"),
              ElementsAre("1", "2", "3"));
  EXPECT_THAT(find(R"({"og:image":"1","图":"2","a:b:c":"3","x\u0000y":"4"})",
                   "//og:image | //图 | //item[@name='a:b:c'] | //item[@name='x\xef\xbf\xbdy']"),
              ElementsAre("1", "2", "3", "4"));
}

TEST(JsonTree, HasValuesAsWritten) {
  EXPECT_THAT(find(R"([1, -2, 1.50, 1E2, 123456789012345678901234567890, true, false, null, "", "x"])", "//item"),
              ElementsAre("1", "-2", "1.50", "1E2", "123456789012345678901234567890", "true", "false", "x"));
  EXPECT_THAT(find(R"("a.jpg")", "/json"), ElementsAre("a.jpg"));
  EXPECT_THAT(find(R"(["\u56fe\/\ud83d\ude00\n", "a\u0000b", "cut \ud83d"])", "//item"),
              ElementsAre("图/\xf0\x9f\x98\x80",
                          "a\xef\xbf\xbd"
                          "b",
                          "cut \xef\xbf\xbd"));
}

TEST(JsonTree, TakesAnObjectForItsUrl) {
  EXPECT_THAT(find(R"({"image":{"@type":"ImageObject","url":"1"}})", "//image"), ElementsAre("1"));
  EXPECT_THAT(find(R"({"a":{"src":"1"}})", "//a"), IsEmpty());
}

TEST(JsonTree, SaysWhereItBreaksOff) {
  for (const std::string_view json : {R"([{"src":"1"},{"src":"2)"sv, R"({"src":"1"},)"sv, R"({"src":"1"}<p>)"sv,
                                      R"({"src":"1",'a':2})"sv, "{\"src\":\"1\"}\0{\"src\":2}"sv}) {
    const Hits hits = ask(json, "//src");
    EXPECT_EQ(hits.cause, Cause::bad_json) << json;
    EXPECT_THAT(hits.values, ElementsAre("1")) << json;
  }
  for (const char* json : {"", " ", "<html>", "nul"}) EXPECT_EQ(ask(json, "//src").cause, Cause::bad_json) << json;
}

TEST(JsonTree, HasAnyDepth) {
  constexpr std::size_t kDepth = 100'000;
  const std::string arrays = repeat("[", kDepth) + "\"x\"" + repeat("]", kDepth);
  EXPECT_THAT(find(arrays, "//item[not(*)]"), ElementsAre("x"));
  EXPECT_THAT(find(repeat("[", kDepth) + R"({"src":"x"})" + repeat("]", kDepth), "//src"), ElementsAre("x"));
  EXPECT_THAT(find(arrays, "count(//item[text()]/ancestor::*) = 100000"), IsEmpty());
  const std::string objects = repeat("{\"a\":", kDepth) + "\"x\"" + repeat("}", kDepth);
  EXPECT_THAT(find(objects, "//a[text()='x']"), ElementsAre("x"));
  EXPECT_THAT(find(objects, "string(/json)"), ElementsAre("x"));
  EXPECT_EQ(ask(repeat("[", kDepth), "//item").cause, Cause::bad_json);
}

TEST(JsonTree, IsBoundedInMemory) {
  EXPECT_FALSE(HtmlDocument::parse("[" + repeat("0,", 16 << 20) + "0]", Markup::json)) << "16 million elements";
  const std::string text(std::size_t{64} << 20U, 'x');
  EXPECT_EQ(find(R"({"a":")" + text + R"(","src":"1"})", "//src").size(), 1U);
}

TEST(JsonTree, IsReadInItsEncoding) {
  const auto src_of = [](std::string bytes, std::string_view type) {
    const PageText text = decode_page(std::move(bytes), type);
    EXPECT_EQ(text.markup, Markup::json);
    return find(text.utf8, "//a");
  };
  EXPECT_THAT(src_of("\xef\xbb\xbf{\"a\":\"图\"}", "application/json"), ElementsAre("图"));
  EXPECT_THAT(src_of("{\"a\":\"\xcd\xbc\"}", "application/json; charset=gbk"), ElementsAre("图"));
  EXPECT_THAT(src_of(std::string("{\0\"\0a\0\"\0:\0\"\0\xfe\x56\"\0}\0"sv), "text/plain"), ElementsAre("图"));
  EXPECT_THAT(src_of("{\"a\":\"<meta charset=gbk>图\"}", "text/html"), ElementsAre("<meta charset=gbk>图"));
}

}  // namespace
}  // namespace doutu
