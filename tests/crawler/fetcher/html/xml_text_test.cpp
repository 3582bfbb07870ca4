#include "crawler/fetcher/html/xml_text.h"

#include <gtest/gtest.h>

namespace doutu {
namespace {

std::string tamed(std::string_view xml) { return tame_xml(xml).text; }

TEST(TameXml, LeavesTheReferencesThatNeedNoDeclaration) {
  constexpr std::string_view kText = "<a b=\"&amp;&lt;&gt;&quot;&apos;\">&#22270;&#x56fe;</a>";
  EXPECT_EQ(tamed(kText), kText);
}

TEST(TameXml, ReplacesThoseOfHtml) {
  EXPECT_EQ(tamed("&nbsp;&eacute;&hellip;"), "\u00a0\u00e9\u2026");
  EXPECT_EQ(tamed("<a b='&copy;'/>"), "<a b=\"\u00a9\"/>");
}

TEST(TameXml, EscapesAnAmpersandThatBeginsNoReference) {
  EXPECT_EQ(tamed("a?b=1&c=2&d"), "a?b=1&amp;c=2&amp;d");
  EXPECT_EQ(tamed("&unknown; &#; &#x; &#xg; &;"), "&amp;unknown; &amp;#; &amp;#x; &amp;#xg; &amp;;");
  EXPECT_EQ(tamed("&amp"), "&amp;amp");
  EXPECT_EQ(tamed("&copy=1;"), "&amp;copy=1;");
}

TEST(TameXml, LeavesAloneWhatHoldsNoReferences) {
  for (const char* text : {"<![CDATA[a & b &nbsp;]]>", "<!-- & -->", "<?php & ?>", "<![CDATA[&", "<!--&"}) {
    EXPECT_EQ(tamed(text), text);
  }
}

TEST(TameXml, ReplacesWhatXmlForbids) {
  using namespace std::string_literals;
  EXPECT_EQ(tamed("a\0b\x08\x1f\t\r\n\x7f"s), "a b  \t\r\n\x7f");
  EXPECT_EQ(tamed("\uffff\ufffe\ufffd\U0001f600\ufb3f"), "\ufffd\ufffd\ufffd\U0001f600\ufb3f");
  EXPECT_EQ(tamed("<![CDATA[\x01]]>"), "<![CDATA[ ]]>");
}

TEST(TameXml, DropsWhatStandsBeforeTheDeclaration) {
  EXPECT_EQ(tamed(" \r\n<?xml version='1.0'?> <a/>"), "<?xml version='1.0'?> <a/>");
  EXPECT_EQ(tamed("<br />\n<b>Warning</b>: x <?xml version='1.0'?><a/>"), "<?xml version='1.0'?><a/>");
  EXPECT_EQ(tamed(" \n<a/>"), "<a/>");
}

TEST(TameXml, LeavesTagsThatAreInOrder) {
  constexpr std::string_view kXml = "<a b=\"c\" d=\"e f\"><g:h i=\"'\"/>t</a>";
  EXPECT_EQ(tamed(kXml), kXml);
  EXPECT_FALSE(tame_xml(kXml).was_mended);
  EXPECT_EQ(tamed("<a  b = 'c\"d'\n></a >"), "<a b=\"c&quot;d\"></a>");
  EXPECT_FALSE(tame_xml("<!DOCTYPE a [<!ENTITY b '<c>'>]><a>").was_mended) << "what is left open, libxml2 ends";
}

TEST(TameXml, MendsTags) {
  const auto mended = [](std::string_view xml) {
    EXPECT_TRUE(tame_xml(xml).was_mended) << xml;
    return tamed(xml);
  };
  EXPECT_EQ(mended("<a></b></a>"), "<a></a>");
  EXPECT_EQ(mended("<a><b><c></a>"), "<a><b><c></c></b></a>");
  EXPECT_EQ(mended("<a><b></a></b>"), "<a><b></b></a>");
  EXPECT_EQ(mended("<a b=c d e='f></a>"), "<a b=\"c\" d=\"\" e=\"f\"></a>");
  EXPECT_EQ(mended("<a b='1<2'/>"), "<a b=\"1&lt;2\"/>");
  EXPECT_EQ(mended("<a @b='c' = \"/>"), "<a/>") << "what cannot be read goes";
  EXPECT_EQ(mended("1 < 2 <3 <"), "1 &lt; 2 &lt;3 &lt;");
  EXPECT_EQ(mended("<a <b>"), "<a><b>");
  EXPECT_EQ(mended("<a"), "<a>");
  EXPECT_EQ(mended("</"), "");
}

}  // namespace
}  // namespace doutu
