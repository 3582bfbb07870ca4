// EnumTable: a table with one row for each enumerator, in the order of the enum. Anything else does not compile, so a
// new enumerator cannot be forgotten in a table of names. Any thread.
//
// The enumerators count from 0 without a gap. A row names its own as its first member, `key`:
//
//   struct Row { Fruit key; std::string_view name; };
//   constexpr EnumTable kFruits{std::to_array<Row>({{Fruit::apple, "apple"}, {Fruit::pear, "pear"}})};
//   kFruits[Fruit::pear].name
#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <string_view>

namespace doutu {

/// Whether the enum has an enumerator of this value: gcc and clang write any other value as "value = (Fruit)7".
template <auto value>
[[nodiscard]] consteval bool is_enumerator() {
  return std::string_view(static_cast<const char*>(__PRETTY_FUNCTION__)).find("value = (") == std::string_view::npos;
}

template <class Enum, std::size_t from = 0>
[[nodiscard]] consteval std::size_t enumerators() {
  if constexpr (is_enumerator<static_cast<Enum>(from)>()) {
    return enumerators<Enum, from + 1>();
  } else {
    return from;
  }
}

template <class Row, std::size_t kRows>
class EnumTable {
 public:
  using Enum = decltype(Row::key);
  static_assert(kRows == enumerators<Enum>(), "give each enumerator one row");

  consteval explicit EnumTable(const std::array<Row, kRows>& rows) : rows_(rows) {
    std::size_t index = 0;
    for (const Row& row : rows_) {
      if (static_cast<std::size_t>(row.key) != index++) throw "put the rows into the order of the enum";
    }
  }

  /// Throws std::out_of_range for what is no enumerator.
  [[nodiscard]] constexpr const Row& operator[](Enum key) const { return rows_.at(static_cast<std::size_t>(key)); }

  /// The row of the fallback for what is no enumerator: another process may have written it.
  [[nodiscard]] constexpr const Row& row_or(Enum key, Enum fallback) const {
    return static_cast<std::size_t>(key) < kRows ? (*this)[key] : (*this)[fallback];
  }

  /// The first row in which the member has this value; nullptr: none has.
  template <class Value, class Member>
  [[nodiscard]] constexpr const Row* find(const Value& value, Member Row::*member) const {
    const auto row = std::ranges::find(rows_, value, member);
    return row == rows_.end() ? nullptr : &*row;
  }

  [[nodiscard]] constexpr auto begin() const { return rows_.begin(); }
  [[nodiscard]] constexpr auto end() const { return rows_.end(); }
  [[nodiscard]] static constexpr std::size_t size() { return kRows; }

 private:
  std::array<Row, kRows> rows_;
};

}  // namespace doutu
