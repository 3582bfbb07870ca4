#include "crawler/fetcher/xml_text.h"

#include <gtest/gtest.h>

namespace doutu {
namespace {

TEST(TameXml, LeavesTheReferencesThatNeedNoDeclaration) {
  constexpr std::string_view kText = "<a b='&amp;&lt;&gt;&quot;&apos;'>&#22270;&#x56fe;</a>";
  EXPECT_EQ(tame_xml(kText), kText);
}

TEST(TameXml, ReplacesThoseOfHtml) {
  EXPECT_EQ(tame_xml("&nbsp;&eacute;&hellip;"), "\u00a0\u00e9\u2026");
  EXPECT_EQ(tame_xml("<a b='&copy;'/>"), "<a b='\u00a9'/>");
}

TEST(TameXml, EscapesAnAmpersandThatBeginsNoReference) {
  EXPECT_EQ(tame_xml("a?b=1&c=2&d"), "a?b=1&amp;c=2&amp;d");
  EXPECT_EQ(tame_xml("&unknown; &#; &#x; &#xg; &;"), "&amp;unknown; &amp;#; &amp;#x; &amp;#xg; &amp;;");
  EXPECT_EQ(tame_xml("&amp"), "&amp;amp");
  EXPECT_EQ(tame_xml("&copy=1;"), "&amp;copy=1;");
}

TEST(TameXml, LeavesAloneWhatHoldsNoReferences) {
  for (const char* text : {"<![CDATA[a & b &nbsp;]]>", "<!-- & -->", "<?php & ?>", "<![CDATA[&", "<!--&"}) {
    EXPECT_EQ(tame_xml(text), text);
  }
}

TEST(TameXml, ReplacesWhatXmlForbids) {
  using namespace std::string_literals;
  EXPECT_EQ(tame_xml("a\0b\x08\x1f\t\r\n\x7f"s), "a b  \t\r\n\x7f");
  EXPECT_EQ(tame_xml("\uffff\ufffe\ufffd\U0001f600\ufb3f"), "\ufffd\ufffd\ufffd\U0001f600\ufb3f");
  EXPECT_EQ(tame_xml("<![CDATA[\x01]]>"), "<![CDATA[ ]]>");
}

TEST(TameXml, DropsWhiteSpaceInFront) { EXPECT_EQ(tame_xml(" \r\n<?xml?> <a/>"), "<?xml?> <a/>"); }

}  // namespace
}  // namespace doutu
