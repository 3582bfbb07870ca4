#include "crawler/request/asked_pages.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <tuple>

#include "crawler/request/calendar_day.h"
#include "crawler/request/page_combinations.h"
#include "crawler/request/page_url.h"

namespace doutu {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using Kind = PlaceholderValues::Kind;
using Texts = std::vector<std::string>;

Texts values_in(const PlaceholderValues& values, const PlaceholderFormat& format = {}) {
  Texts texts;
  PageRange::Cursor cursor = values.numbers().numbers();
  while (const auto number = cursor.next()) texts.push_back(values.value(*number, format));
  return texts;
}

TEST(PlaceholderValues, AreNumbersLettersDatesOrWords) {
  const std::vector<std::tuple<std::string, Kind, std::string, Texts>> table = {
      {"1-3", Kind::numbers, "1-3", {"1", "2", "3"}},
      {"a-c", Kind::letters, "a-c", {"a", "b", "c"}},
      {"A-E:2,z", Kind::letters, "A-E:2,z", {"A", "C", "E", "z"}},
      {"a,b,c", Kind::letters, "a-c", {"a", "b", "c"}},
      {"b,a-c", Kind::letters, "b,a-c", {"b", "a", "c"}},
      {"2026-02-27..2026-03-01", Kind::dates, "2026-02-27..2026-03-01", {"2026-02-27", "2026-02-28", "2026-03-01"}},
      {"2024-02-29", Kind::dates, "2024-02-29", {"2024-02-29"}},
      {"2025-12-30..2026-01-10:7", Kind::dates, "2025-12-30..2026-01-06:7", {"2025-12-30", "2026-01-06"}},
      {"1950-10-02..1950-10-03", Kind::dates, "1950-10-02..1950-10-03", {"1950-10-02", "1950-10-03"}},
      {"cats, dogs,cats", Kind::words, "cats,dogs", {"cats", "dogs"}},
      {"s,m,2xl,42", Kind::words, "s,m,2xl,42", {"s", "m", "2xl", "42"}},
      {"t-shirt", Kind::words, "t-shirt", {"t-shirt"}},
      {"图片", Kind::words, "图片", {"图片"}},
  };
  for (const auto& [text, kind, canonical, expected] : table) {
    const auto values = PlaceholderValues::parse(text);
    ASSERT_TRUE(values) << text << ": " << values.error().message;
    EXPECT_EQ(values->kind(), kind) << text;
    EXPECT_EQ(values->text(), canonical) << text;
    EXPECT_EQ(values_in(*values), expected) << text;
    EXPECT_EQ(PlaceholderValues::parse(values->text()).value(), *values) << text;
  }
}

TEST(PlaceholderValues, SayWhatIsWrongAndWhatToWriteInstead) {
  const std::vector<std::pair<std::string, const char*>> table = {
      {"", "is empty"},
      {"1to10", "is not a page number or range"},
      {"1-b", "is not a page number or range"},
      {"2xl,2xl", "is not a page number or range"},
      {"z-a", "counts backwards; write a-z"},
      {"a-Z", "mixes small letters and capitals"},
      {"a-", "is not a letter or a range of letters"},
      {"a-c:0", "a step of at least 1"},
      {"2026-02-29", "is not a date"},
      {"2026-02-30..2026-03-01", "is not a date"},
      {"2026-03-01..2026-02-01", "write 2026-02-01..2026-03-01"},
      {"2026-01-01..2026-01-31:x", "a step of at least 1"},
      {"2026-01-01,cats", "is a range among words"},
      {"cats,1-3", "is a range among words"},
      {"cats,a-c", "is a range among words"},
      {"cats,,dogs", "nothing before or after a comma"},
      {"a;b,cats", "write it as %3B"},
      {"k=v", "write it as %3B"},
      {"cats,d\nogs", "control character"},
  };
  for (const auto& [text, reason] : table) {
    const auto values = PlaceholderValues::parse(text);
    ASSERT_FALSE(values) << text << " is " << values->text();
    EXPECT_THAT(values.error().message, HasSubstr(reason)) << text;
    EXPECT_EQ(values.error().message.find('\n'), std::string::npos) << text;
  }
}

TEST(PlaceholderValues, AreWrittenAsTheMarkSays) {
  const auto days = PlaceholderValues::parse("2026-03-07").value();
  const auto written = [&days](const char* format) {
    return values_in(days, PlaceholderFormat::parse(format).value()).front();
  };
  EXPECT_EQ(written("%Y/%m/%d"), "2026/03/07");
  EXPECT_EQ(written("%y%-m%-d"), "2637");
  EXPECT_EQ(written("%B-%b-%j"), "March-Mar-066");
  EXPECT_EQ(written("100%%-%-j"), "100%-66");
  EXPECT_EQ(values_in(PlaceholderValues::parse("7").value(), PlaceholderFormat::parse("03").value()), Texts{"007"});
  for (const char* bad : {"", "3", "00", "012", "x", "%", "%-", "%Q", "%H"}) {
    EXPECT_FALSE(PlaceholderFormat::parse(bad)) << bad;
  }
}

TEST(AskedPages, HaveOneTextWhateverTheOrderOfTheFlags) {
  AskedPages pages;
  ASSERT_TRUE(pages.add("1-10"));
  EXPECT_EQ(pages.text(), "1-10");
  EXPECT_NE(pages.range(), nullptr);
  ASSERT_TRUE(pages.add("a=7-8"));
  ASSERT_TRUE(pages.add("a=1-3"));  // the last one counts
  EXPECT_EQ(pages.text(), "a=1-3;page=1-10");
  EXPECT_EQ(pages.range(), nullptr);
  EXPECT_EQ(pages.count(), 30U);
  AskedPages other;
  ASSERT_TRUE(other.add("a=1,2,3"));
  ASSERT_TRUE(other.add("page=1-10"));
  EXPECT_EQ(other, pages);
  EXPECT_EQ(AskedPages::parse(pages.text()).value(), pages);
  EXPECT_EQ(AskedPages::parse("a=x-z").value().text(), "a=x-z");
  EXPECT_EQ(AskedPages::parse("cats,dogs").value().range(), nullptr);
}

TEST(AskedPages, AreAListOfUrlsToo) {
  const AskedList list{3, "0123456789abcdef0123456789abcdef"};
  const AskedPages pages(list);
  EXPECT_EQ(pages.text(), "list:3:0123456789abcdef0123456789abcdef");
  const auto again = AskedPages::parse(pages.text());
  ASSERT_TRUE(again);
  EXPECT_EQ(*again, pages);
  EXPECT_EQ(*again->list(), list);
  EXPECT_EQ(again->count(), 3U);
  for (const char* bad : {"list:", "list:3", "list:3:xyz", "list:x:0123456789abcdef0123456789abcdef"}) {
    EXPECT_FALSE(AskedPages::parse(bad)) << bad;
  }
}

TEST(AskedPages, RefuseWhatCannotBeCrawled) {
  const auto problem_of = [](std::vector<const char*> flags) {
    AskedPages pages;
    for (const char* flag : flags) {
      if (Status added = pages.add(flag); !added) return added.error().message;
    }
    return std::string();
  };
  EXPECT_THAT(problem_of({"Page=1-3"}), HasSubstr("names no placeholder"));
  EXPECT_THAT(problem_of({"=1"}), HasSubstr("names no placeholder"));
  EXPECT_THAT(problem_of({"a=1-10000", "b=1-1001"}), HasSubstr("more than 10000000 pages"));
  EXPECT_EQ(problem_of({"a=1-10000", "b=1-1000"}), "");
  EXPECT_THAT(problem_of({"a=1-"}), HasSubstr("only where {page} is the only placeholder"));
  EXPECT_THAT(problem_of({"1-", "a=1-3"}), HasSubstr("only where {page} is the only placeholder"));
  EXPECT_EQ(problem_of({"1-"}), "");
  const std::string word(9000, 'x');
  EXPECT_THAT(problem_of({("a=" + word).c_str(), ("b=" + word).c_str()}), HasSubstr("longer than 16384 bytes"));
}

Texts urls_of(const char* url_template, const char* pages) {
  PageCombinations combinations(AskedPages::parse(pages).value(), UrlTemplate::parse(url_template).value());
  Texts urls;
  while (combinations.advance()) {
    urls.push_back(combinations.url());
    EXPECT_EQ(combinations.id(), urls.size());
  }
  return urls;
}

TEST(PageCombinations, VaryThePlaceholderThatStandsFirstSlowest) {
  EXPECT_THAT(urls_of("http://e/{b}/{a:02}", "a=1-2;b=y-z"),
              ElementsAre("http://e/y/01", "http://e/y/02", "http://e/z/01", "http://e/z/02"));
  EXPECT_THAT(urls_of("http://e/{tag}?d={day:%Y%m%d}&t={tag}", "day=2026-01-31..2026-02-01;tag=cats,d g"),
              ElementsAre("http://e/cats?d=20260131&t=cats", "http://e/cats?d=20260201&t=cats",
                          "http://e/d%20g?d=20260131&t=d%20g", "http://e/d%20g?d=20260201&t=d%20g"));
  EXPECT_THAT(urls_of("http://e/{a}", "a=1,3"), ElementsAre("http://e/1", "http://e/3"));
}

TEST(PageUrl, IsThatOfTheFirstPageNamed) {
  EXPECT_EQ(first_page_url({"http://e/{page}", "3-9", "//img"}, "3-9"), "http://e/3");
  EXPECT_EQ(first_page_url({"http://e/{page}", "3-9", "//img"}, "5,7"), "http://e/5");
  EXPECT_EQ(first_page_url({"http://e/{b}/{a}", "a=1-2;b=y-z", "//img"}, "a=1-2;b=y-z"), "http://e/y/1");
  EXPECT_EQ(first_page_url({"http://e/{b}/{a}", "a=1-2;b=y-z", "//img"}, "3-4"), "http://e/z/1");
  EXPECT_EQ(first_page_url({"http://e/{b}/{a}", "a=1-2;b=y-z", "//img"}, "9"), std::nullopt);
  EXPECT_EQ(first_page_url({"list.txt", "list:3:0123456789abcdef0123456789abcdef", "//img"}, "2"), std::nullopt);
}

}  // namespace
}  // namespace doutu
