#include "downloader/check/image_format/xml_values.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <span>
#include <string>

namespace doutu {
namespace {

constexpr std::size_t kKept = 65'536;

const std::string kFront(kKept, 'A');
const std::string kRest(100'000, 'B');

std::string shortened(const std::string& document, std::size_t piece) {
  XmlValues values;
  std::vector<std::byte> kept;
  for (std::size_t i = 0; i < document.size(); i += piece) {
    values.shorten(std::as_bytes(std::span(document).subspan(i, std::min(piece, document.size() - i))), kept);
  }
  return {reinterpret_cast<const char*>(kept.data()), kept.size()};
}

std::string shortened(const std::string& document) {
  std::string whole = shortened(document, document.size());
  EXPECT_EQ(shortened(document, 7), whole);
  return whole;
}

TEST(XmlValues, KeepTheFrontOfALongValue) {
  EXPECT_EQ(shortened("<a x=\"" + kFront + kRest + "\" y='" + kFront + kRest + "'/>z"),
            "<a x=\"" + kFront + "\" y='" + kFront + "'/>z");
  EXPECT_EQ(shortened("<a x=\"" + kFront + "\">"), "<a x=\"" + kFront + "\">");
  EXPECT_EQ(shortened("<a x=\"" + kFront + "'>" + kRest + "\">"), "<a x=\"" + kFront + "\">");
}

TEST(XmlValues, BreakOffBetweenCharactersAndReferences) {
  EXPECT_EQ(shortened("<a x='" + kFront.substr(2) + "&#10;BB&#10;'/>"), "<a x='" + kFront.substr(2) + "&#10;'/>");
  EXPECT_EQ(shortened("<a x='" + kFront.substr(1) + "\xe2\x82\xac" + "BB'/>"),
            "<a x='" + kFront.substr(1) + "\xe2\x82\xac'/>");
}

TEST(XmlValues, KeepAnOpeningThatMayNotStandThere) {
  EXPECT_EQ(shortened("<a x='" + kFront + "BB<b>BB'/>"), "<a x='" + kFront + "<'/>");
}

TEST(XmlValues, KeepEverythingElse) {
  const std::string long_text = kFront + kRest;
  for (const std::string& document :
       {"<a>it's \"" + long_text + "</a>", "<!---> <a x=' -->" + long_text + "'<a/>", "<!----><a x='y'>" + long_text,
        "<!-- don't -> <a x=' --" + long_text + "--><a y=''/>", "<![CDATA[ <a x=' ]> ]]" + long_text + "]]><a/>",
        "<?php <a x='> ?" + long_text + "?><a/>",
        "<!DOCTYPE a PUBLIC '>' \"it's\" [<!ENTITY b '<" + long_text + "'><!-- ' -->]><a>" + long_text + "</a>"}) {
    EXPECT_EQ(shortened(document), document);
  }
}

TEST(XmlValues, AreFoundBehindEverythingElse) {
  for (const std::string before : {"<!-- don't -->", "<![CDATA[ <a x=' ]]>", "<?x don't ?>", "<a/>'",
                                   "<!DOCTYPE a PUBLIC '>' \"it's\" [<!ENTITY b '>\"'><!-- ' -->]>"}) {
    EXPECT_EQ(shortened(before + "<a x='" + kFront + kRest + "'/>"), before + "<a x='" + kFront + "'/>");
  }
}

TEST(XmlValues, OfUtf16AreKeptWhole) {
  std::string document;
  for (const char c : "<a x='" + kFront + kRest + "'/>") document.append({c, '\0'});
  EXPECT_EQ(shortened(document), document);
  EXPECT_EQ(shortened('\0' + document.substr(0, document.size() - 1)), '\0' + document.substr(0, document.size() - 1));
}

}  // namespace
}  // namespace doutu
