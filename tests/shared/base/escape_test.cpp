#include "shared/base/escape.h"

#include <gtest/gtest.h>

#include <random>
#include <utility>
#include <vector>

namespace doutu {
namespace {

TEST(Escape, LeavesReadableTextAlone) {
  for (const char* text : {"", "plain", "a\\b", "caf\xc3\xa9", "\xe6\x96\x97\xe5\x9b\xbe", "\xf0\x9f\x98\x80"}) {
    EXPECT_EQ(escape_for_terminal(text), text);
  }
}

TEST(Escape, ReplacesWhatMovesHidesOrBreaks) {
  const std::vector<std::pair<std::string, const char*>> table = {
      {"a\nb\rc\td", "a\\x0ab\\x0dc\\x09d"},
      {"\x1b[2J", "\\x1b[2J"},
      {std::string("a\0b", 3), "a\\x00b"},
      {"\x7f", "\\x7f"},
      {"\xc2\x9b", "\\u{009b}"},                // C1: CSI
      {"\xd8\x9c", "\\u{061c}"},                // Arabic letter mark
      {"\xe2\x80\x8f", "\\u{200f}"},            // right-to-left mark
      {"\xe2\x80\xa8", "\\u{2028}"},            // line separator
      {{'\xe2', '\x80', '\xae'}, "\\u{202e}"},  // right-to-left override
      {{'\xe2', '\x81', '\xa6'}, "\\u{2066}"},  // isolate
      {"\xff\xfe", "\\xff\\xfe"},               // no UTF-8
      {"\xc0\xaf", "\\xc0\\xaf"},               // overlong
      {"\xed\xa0\x80", "\\xed\\xa0\\x80"},      // surrogate
      {"\xf4\x90\x80\x80", "\\xf4\\x90\\x80\\x80"},
      {"\xe2\x80", "\\xe2\\x80"},  // cut off
  };
  for (const auto& [text, shown] : table) EXPECT_EQ(escape_for_terminal(text), shown);
}

TEST(Escape, ASecondPassChangesNothing) {
  const std::string once = escape_for_terminal("\x1b[2J\xff\n\\");
  EXPECT_EQ(escape_for_terminal(once), once);
}

TEST(Escape, NoBytesWhateverPassAsControls) {
  std::mt19937 random(1);
  for (int round = 0; round < 2000; ++round) {
    std::string text(40, '\0');
    for (char& byte : text) byte = static_cast<char>(random());
    const std::string shown = escape_for_terminal(text);
    for (std::string_view rest = shown; !rest.empty();) {
      const std::size_t length = utf8_sequence(rest);
      ASSERT_GT(length, 0U) << "valid UTF-8 only";
      ASSERT_FALSE(length == 1 && (rest[0] < 0x20 || rest[0] == 0x7f));
      ASSERT_FALSE(rest[0] == '\xc2' && static_cast<unsigned char>(rest[1]) < 0xa0);
      rest.remove_prefix(length);
    }
  }
}

TEST(Escape, CutsAtTheLimit) {
  EXPECT_EQ(escape_for_terminal("12345", 5), "12345");
  EXPECT_EQ(escape_for_terminal("123456", 5), "12345...");
}

TEST(EscapeUrl, HidesTheUserinfo) {
  const std::vector<std::pair<const char*, const char*>> table = {
      {"http://me:secret@example.com/a", "http://***@example.com/a"},
      {"http://me:se@cret@example.com/a", "http://***@example.com/a"},
      {"http://me@example.com/a", "http://***@example.com/a"},
      {"http://example.com:80/a:b@c", "http://example.com:80/a:b@c"},
      {"http://example.com?x:y@z", "http://example.com?x:y@z"},
      {"no url \n", "no url \\x0a"},
      // What a page wrote, and is no URL.
      {"//me:secret@exa mple/", "//***@exa mple/"},
      {"https:/me:secret@[", "https:/***@["},
      {"http:\\\\me:secret@[", "http:\\\\***@["},
      {"http://me:se/cr#et@example.com/", "http://***@example.com/"},
      {"http://[::1]:80/a:b@c", "http://[::1]:80/a:b@c"},
      {"a:b:c@d/e", "a:***@d/e"},
      {"/a/b:c@d", "/a/b:c@d"},
  };
  for (const auto& [url, shown] : table) EXPECT_EQ(escape_url(url), shown);
}

TEST(EscapeUrl, HidesWhatTheQueryCallsASecret) {
  const std::vector<std::pair<const char*, const char*>> table = {
      {"http://h/a?token=abc", "http://h/a?token=***"},
      {"http://h/a?page=1&X-Amz-Signature=abc&w=3", "http://h/a?page=1&X-Amz-Signature=***&w=3"},
      {"http://h/a?sig=a=b;size=2#f?token=x", "http://h/a?sig=***;size=2#f?token=x"},
      {"http://h/a?key=photo&APIKEY=1&sid=", "http://h/a?key=photo&APIKEY=***&sid=***"},
      {"http://h/a?author=me&monkey=2&page={page}", "http://h/a?author=me&monkey=2&page={page}"},
      {"http://h/token=1/?", "http://h/token=1/?"},
      {"http://h/?&&=;?", "http://h/?&&=;?"},
      {"http://h/?token", "http://h/?token"},
  };
  for (const auto& [url, shown] : table) EXPECT_EQ(escape_url(url), shown);
}

TEST(EscapeUrl, SaysInWordsWhatItHides) {
  EXPECT_EQ(hidden_parts_text("http://me:secret@h/{page}"), "the user and password");
  EXPECT_EQ(hidden_parts_text("http://h/{page}?token=abc"), "the secret of its query");
  EXPECT_EQ(hidden_parts_text("http://me@h/{page}?token=abc"), "the user, the password and the secret of its query");
  EXPECT_EQ(hidden_parts_text("http://h/{page}"), "");
}

TEST(Utf8, KnowsTheLengthOfASequence) {
  EXPECT_EQ(utf8_sequence(""), 0U);
  EXPECT_EQ(utf8_sequence("a"), 1U);
  EXPECT_EQ(utf8_sequence("\xc3\xa9x"), 2U);
  EXPECT_EQ(utf8_sequence("\xe6\x96\x97"), 3U);
  EXPECT_EQ(utf8_sequence("\xf0\x9f\x98\x80"), 4U);
  EXPECT_EQ(utf8_sequence("\x80"), 0U);
  EXPECT_EQ(utf8_sequence("\xe0\x80\x80"), 0U);
  EXPECT_EQ(utf8_sequence("\xf5\x80\x80\x80"), 0U);
}

}  // namespace
}  // namespace doutu
