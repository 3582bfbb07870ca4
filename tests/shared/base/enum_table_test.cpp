#include "shared/base/enum_table.h"

#include <gtest/gtest.h>

#include <cstdint>
#include <stdexcept>

namespace doutu {
namespace {

enum class Fruit : std::uint8_t { apple, pear, plum };
struct Row {
  Fruit key;
  std::string_view name;
};

// Two rows, or two in the other order, do not compile.
constexpr EnumTable kFruits{
    std::to_array<Row>({{Fruit::apple, "apple"}, {Fruit::pear, "pear"}, {Fruit::plum, "plum"}})};

static_assert(enumerators<Fruit>() == 3);
static_assert(is_enumerator<Fruit::plum>() && !is_enumerator<static_cast<Fruit>(3)>());

TEST(EnumTableTest, HasTheRowOfAnEnumerator) {
  EXPECT_EQ(kFruits[Fruit::plum].name, "plum");
  EXPECT_THROW(static_cast<void>(kFruits[static_cast<Fruit>(3)]), std::out_of_range);
}

TEST(EnumTableTest, HasTheRowOfTheFallbackForWhatIsNoEnumerator) {
  EXPECT_EQ(kFruits.row_or(Fruit::apple, Fruit::pear).name, "apple");
  EXPECT_EQ(kFruits.row_or(static_cast<Fruit>(3), Fruit::pear).name, "pear");
}

TEST(EnumTableTest, FindsTheRowOfAName) {
  const Row* const pear = kFruits.find(std::string_view("pear"), &Row::name);
  ASSERT_NE(pear, nullptr);
  EXPECT_EQ(pear->key, Fruit::pear);
  EXPECT_EQ(kFruits.find(std::string_view("fig"), &Row::name), nullptr);
}

}  // namespace
}  // namespace doutu
