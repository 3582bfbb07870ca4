#include "shared/base/fields.h"

#include <gtest/gtest.h>

#include <chrono>
#include <cstdint>
#include <string>
#include <vector>

namespace doutu {
namespace {

enum class Colour : std::uint8_t { red, green };

struct Group {
  std::string text = "x";
  std::vector<std::string> list;
  bool flag = true;
  bool operator==(const Group&) const = default;
};

struct All {
  Group first;
  std::chrono::milliseconds time{3};
  Colour colour = Colour::green;
  std::uint64_t number = 7;
  Group last;
  bool operator==(const All&) const = default;
};

static_assert(field_count<Group>() == 3);
static_assert(field_count<All>() == 5, "a group is one field");

TEST(Fields, AreThoseOfTheStructInTheirOrder) {
  Group group;
  const auto fields = fields_of(group);
  EXPECT_EQ(&std::get<0>(fields), &group.text);
  EXPECT_EQ(&std::get<1>(fields), &group.list);
  EXPECT_EQ(&std::get<2>(fields), &group.flag);
}

TEST(Fields, CanBeChanged) {
  All all;
  std::get<3>(fields_of(all)) = 8;
  EXPECT_EQ(all.number, 8U);
}

TEST(Fields, AreVisitedOneAfterTheOther) {
  const All all;
  std::size_t visited = 0;
  for_each_field(all, [&visited](const auto&) { ++visited; });
  EXPECT_EQ(visited, 5U);
}

}  // namespace
}  // namespace doutu
