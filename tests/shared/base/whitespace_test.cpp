#include "shared/base/whitespace.h"

#include <gtest/gtest.h>

#include <string>

namespace doutu {
namespace {

/// All bytes for which this holds, in ascending order.
template <class Predicate>
std::string all_of(Predicate predicate) {
  std::string found;
  for (int byte = 0; byte < 256; ++byte) {
    if (predicate(static_cast<char>(byte))) found += static_cast<char>(byte);
  }
  return found;
}

/// The bytes that the function takes off both ends.
template <class Trim>
std::string trimmed_by(Trim trim_text) {
  return all_of([&](char c) { return trim_text(std::string{c, 'x', c}) == "x"; });
}

TEST(WhitespaceTest, EachStandardHasItsOwnSet) {
  EXPECT_EQ(all_of(is_html_whitespace), "\t\n\f\r ");
  EXPECT_EQ(all_of(is_xml_whitespace), "\t\n\r ") << "no form feed";
  EXPECT_EQ(all_of(is_tab_or_newline), "\t\n\r");
  EXPECT_EQ(all_of(is_c0_control_or_space).size(), 0x21U);
}

TEST(WhitespaceTest, TrimmingTakesTheSetOfTheStandard) {
  EXPECT_EQ(trimmed_by(trim_html_whitespace), "\t\n\f\r ");
  EXPECT_EQ(trimmed_by(trim_http_whitespace), "\t\n\r ");
  EXPECT_EQ(trimmed_by(trim_c0_controls_and_space).size(), 0x21U);
}

TEST(WhitespaceTest, WhatStandsInsideStays) {
  EXPECT_EQ(trim_html_whitespace(" \n a b \t"), "a b");
  EXPECT_EQ(trim_front("  a ", " "), "a ");
  EXPECT_EQ(trim(". a.b. ", ". "), "a.b");
}

TEST(WhitespaceTest, OfWhiteSpaceAloneNothingIsLeft) {
  EXPECT_EQ(trim_html_whitespace(" \t\r\n\f"), "");
  EXPECT_EQ(trim_http_whitespace(""), "");
  EXPECT_EQ(trim_c0_controls_and_space(" \x01"), "");
}

}  // namespace
}  // namespace doutu
