#include "crawler/report/empty_pages.h"

#include <gtest/gtest.h>

namespace doutu {
namespace {

OddPage page(std::uint64_t number, std::string final_url = "") {
  return {.number = number, .url = "https://e/l/" + std::to_string(number), .final_url = std::move(final_url)};
}

/// Without the counts.
EmptyPageList list_of(const std::vector<OddPage>& pages) {
  EmptyPageCollector collector;
  for (const OddPage& one : pages) collector.add(one);
  EmptyPageList list = collector.list();
  EXPECT_EQ(std::exchange(list.count, 0), pages.size());
  list.with_images = 0;
  return list;
}

TEST(EmptyPages, OfNoneTheListIsEmpty) { EXPECT_EQ(list_of({}), EmptyPageList{}); }

TEST(EmptyPages, AreNamedInSpans) {
  EXPECT_EQ(list_of({page(4)}), (EmptyPageList{.numbers = "4"}));
  EXPECT_EQ(list_of({page(0), page(4), page(5), page(6), page(9)}), (EmptyPageList{.numbers = "0,4-6,9"}));
}

TEST(EmptyPages, BehindTheEighthSpanAreCounted) {
  EmptyPageCollector collector;
  for (std::uint64_t number = 1; number <= 1000; number += 2) collector.add(page(number));
  EXPECT_EQ(collector.list(), (EmptyPageList{.numbers = "1,3,5,7,9,11,13,15", .further = 492, .count = 500}));
  collector.add(page(16));
  EXPECT_EQ(collector.list().further, 493U);
}

TEST(EmptyPages, CountThoseThatHadImagesOfAnotherPage) {
  EmptyPageCollector collector;
  OddPage stray = page(2, "https://e/login");
  stray.has_images = true;
  collector.add(page(1));
  collector.add(stray);
  EXPECT_EQ(collector.list().count, 2U);
  EXPECT_EQ(collector.list().with_images, 1U);
}

TEST(EmptyPages, ThatAllEndedAtOneUrlNameIt) {
  const std::string login = "https://e/login";
  EXPECT_EQ(list_of({page(1, login)}).redirected_to, login);
  EXPECT_EQ(list_of({page(1, login), page(2, login)}).redirected_to, login);
  EXPECT_EQ(list_of({page(1, login), page(2, "https://e/age"), page(3, login)}).redirected_to, "");
  EXPECT_EQ(list_of({page(1, login), page(2)}).redirected_to, "");
  EXPECT_EQ(list_of({page(1), page(2, login)}).redirected_to, "");
  EXPECT_EQ(list_of({page(1, "https://me:secret@e/x")}).redirected_to, "https://***@e/x");
}

TEST(EmptyPages, ThatALoginPageIsToldToReturnToEndedAtOneUrl) {
  EXPECT_EQ(list_of({page(1, "https://e/login?next=1"), page(2, "https://e/login?next=2"), page(3, "https://e/login")})
                .redirected_to,
            "https://e/login");
  OddPage slash = page(2);
  slash.url = "https://e/l?page=2";
  slash.final_url = "https://e/l/?page=2";
  OddPage first = slash;
  first.final_url = "https://e/l/?page=1";
  EXPECT_EQ(list_of({first, slash}).redirected_to, "") << "each stayed where it was";
}

}  // namespace
}  // namespace doutu
