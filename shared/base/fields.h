// Fields: the members of a plain struct in their order. The compiler finds them, so no list of members can miss one. A
// struct has up to 16; one more needs one more line here. Any thread.
#pragma once

#include <cstddef>
#include <tuple>
#include <type_traits>
#include <utility>

namespace doutu {

/// Stands for a value of any type while fields are counted.
struct AnyField {
  template <class T>
  operator T() const;  // NOLINT(google-explicit-constructor): only named, never called
};

/// How many values T{...} takes.
template <class T, class... Fields>
consteval std::size_t field_count() {
  if constexpr (requires { T{Fields{}..., AnyField{}}; }) {
    return field_count<T, Fields..., AnyField>();
  } else {
    return sizeof...(Fields);
  }
}

template <std::size_t Count>
using FieldCount = std::integral_constant<std::size_t, Count>;

// clang-format off
template <class T> auto tie_fields(T& s, FieldCount<1>) { auto& [a] = s; return std::tie(a); }
template <class T> auto tie_fields(T& s, FieldCount<2>) { auto& [a, b] = s; return std::tie(a, b); }
template <class T> auto tie_fields(T& s, FieldCount<3>) { auto& [a, b, c] = s; return std::tie(a, b, c); }
template <class T> auto tie_fields(T& s, FieldCount<4>) { auto& [a, b, c, d] = s; return std::tie(a, b, c, d); }
template <class T> auto tie_fields(T& s, FieldCount<5>) { auto& [a, b, c, d, e] = s; return std::tie(a, b, c, d, e); }
template <class T> auto tie_fields(T& s, FieldCount<6>) { auto& [a, b, c, d, e, f] = s; return std::tie(a, b, c, d, e, f); }
template <class T> auto tie_fields(T& s, FieldCount<7>) { auto& [a, b, c, d, e, f, g] = s; return std::tie(a, b, c, d, e, f, g); }
template <class T> auto tie_fields(T& s, FieldCount<8>) { auto& [a, b, c, d, e, f, g, h] = s; return std::tie(a, b, c, d, e, f, g, h); }
template <class T> auto tie_fields(T& s, FieldCount<9>) { auto& [a, b, c, d, e, f, g, h, i] = s; return std::tie(a, b, c, d, e, f, g, h, i); }
template <class T> auto tie_fields(T& s, FieldCount<10>) { auto& [a, b, c, d, e, f, g, h, i, j] = s; return std::tie(a, b, c, d, e, f, g, h, i, j); }
template <class T> auto tie_fields(T& s, FieldCount<11>) { auto& [a, b, c, d, e, f, g, h, i, j, k] = s; return std::tie(a, b, c, d, e, f, g, h, i, j, k); }
template <class T> auto tie_fields(T& s, FieldCount<12>) { auto& [a, b, c, d, e, f, g, h, i, j, k, l] = s; return std::tie(a, b, c, d, e, f, g, h, i, j, k, l); }
template <class T> auto tie_fields(T& s, FieldCount<13>) { auto& [a, b, c, d, e, f, g, h, i, j, k, l, m] = s; return std::tie(a, b, c, d, e, f, g, h, i, j, k, l, m); }
template <class T> auto tie_fields(T& s, FieldCount<14>) { auto& [a, b, c, d, e, f, g, h, i, j, k, l, m, n] = s; return std::tie(a, b, c, d, e, f, g, h, i, j, k, l, m, n); }
template <class T> auto tie_fields(T& s, FieldCount<15>) { auto& [a, b, c, d, e, f, g, h, i, j, k, l, m, n, o] = s; return std::tie(a, b, c, d, e, f, g, h, i, j, k, l, m, n, o); }
template <class T> auto tie_fields(T& s, FieldCount<16>) { auto& [a, b, c, d, e, f, g, h, i, j, k, l, m, n, o, p] = s; return std::tie(a, b, c, d, e, f, g, h, i, j, k, l, m, n, o, p); }
// clang-format on

/// A tuple of references to them.
template <class T>
auto fields_of(T& plain_struct) {
  return tie_fields(plain_struct, FieldCount<field_count<std::remove_const_t<T>>()>());
}

/// Calls visit(field) for each.
template <class T, class Visit>
void for_each_field(T& plain_struct, Visit&& visit) {
  std::apply([&visit](auto&... field) { (visit(field), ...); }, fields_of(plain_struct));
}

}  // namespace doutu
