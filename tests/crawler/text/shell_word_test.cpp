#include "crawler/text/shell_word.h"

#include <gtest/gtest.h>

namespace doutu {
namespace {

TEST(ShellWord, QuotesWhatAShellWouldReadOtherwise) {
  EXPECT_EQ(shell_word("plain-1_x/y.z"), "plain-1_x/y.z");
  EXPECT_EQ(shell_word(""), "''");
  EXPECT_EQ(shell_word("a b"), "'a b'");
  EXPECT_EQ(shell_word("https://e.com/?page={page}&x=$y"), "'https://e.com/?page={page}&x=$y'");
  EXPECT_EQ(shell_word("//li[@class='x']"), "\"//li[@class='x']\"");
  EXPECT_EQ(shell_word("it's $5"), "'it'\\''s $5'");
  EXPECT_EQ(shell_word("'\"`!\\"), "''\\''\"`!\\'");
}

}  // namespace
}  // namespace doutu
