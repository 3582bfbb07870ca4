#include "crawler/run/common_places.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace doutu {
namespace {

OddPage page(std::uint64_t number, std::string final_url) {
  return {.number = number,
          .url = "https://e/list?page=" + std::to_string(number),
          .final_url = std::move(final_url),
          .has_images = true};
}

/// The numbers of those that ended at a common place.
std::vector<std::uint64_t> strays(const std::vector<OddPage>& pages, std::uint64_t asked = 100) {
  CommonPlaces common(asked);
  for (const OddPage& one : pages) common.add(one);
  std::vector<std::uint64_t> numbers;
  for (const OddPage& one : pages) {
    if (common.contains(one)) numbers.push_back(one.number);
  }
  return numbers;
}

using Numbers = std::vector<std::uint64_t>;

TEST(CommonPlaces, AreThoseWhereThreePagesEnded) {
  const std::string login = "https://e/login";
  EXPECT_EQ(strays({page(1, login), page(2, login)}), Numbers());
  EXPECT_EQ(strays({page(1, login), page(2, login), page(3, "https://e/3"), page(4, login)}), (Numbers{1, 2, 4}));
}

TEST(CommonPlaces, AreThoseWhereAllPagesEnded) {
  const std::string login = "https://e/login";
  EXPECT_EQ(strays({page(1, login), page(2, login)}, 2), (Numbers{1, 2}));
  EXPECT_EQ(strays({page(1, "https://e/here")}, 1), Numbers()) << "one page has no other to share its place with";
}

TEST(CommonPlaces, AreNotToldApartByWhereTheySendBackTo) {
  const auto login = [](std::uint64_t number) {
    return page(number, "https://e/login?to=%2Flist%3Fpage%3D" + std::to_string(number) + "&x=1");
  };
  EXPECT_EQ(strays({login(1), login(2), login(3)}), (Numbers{1, 2, 3}));
}

TEST(CommonPlaces, AreNotWhatAMovedGalleryIs) {
  const auto moved = [](std::uint64_t number) { return page(number, "https://e/g/?p=" + std::to_string(number)); };
  EXPECT_EQ(strays({moved(1), moved(2), moved(3), moved(4)}), Numbers());
}

TEST(CommonPlaces, AreFoundAmongMorePlacesThanAreRemembered) {
  std::vector<OddPage> pages;
  for (std::uint64_t i = 0; i < 3 * CommonPlaces::kMost; ++i)
    pages.push_back(page(i, "https://e/" + std::to_string(i)));
  for (std::uint64_t i = 0; i < 4; ++i) pages.push_back(page(900'000 + i, "https://e/login"));
  EXPECT_EQ(strays(pages).size(), 4U);
}

}  // namespace
}  // namespace doutu
