#include "crawler/fetcher/text/form_body.h"

#include <gtest/gtest.h>

#include <vector>

namespace doutu {
namespace {

std::string query(const std::vector<FormEntry>& entries, Encoding encoding = Encoding::utf_8) {
  return form_query(entries, encoding);
}

TEST(FormBody, EncodesAsBrowsersDo) {
  EXPECT_EQ(query({{"a b", "c&d=e"}, {"x*-._y", "~!'()/?%+"}}), "a+b=c%26d%3De&x*-._y=%7E%21%27%28%29%2F%3F%25%2B");
  EXPECT_EQ(query({{"a", "1\n2\r3\r\n4"}}), "a=1%0D%0A2%0D%0A3%0D%0A4");
  EXPECT_EQ(query({{"", "x"}, {"y", ""}}), "=x&y=");
  EXPECT_EQ(query({}), "");
}

TEST(FormBody, WritesThePagesEncoding) {
  EXPECT_EQ(query({{"\u56fe", "\u56fe"}}), "%E5%9B%BE=%E5%9B%BE");
  EXPECT_EQ(query({{"\u56fe", "\u56fe"}}, Encoding::gbk), "%CD%BC=%CD%BC");
  EXPECT_EQ(query({{"a", "\u56fe %26%23"}}, Encoding::windows_1252), "a=%26%2322270%3B+%2526%2523");
}

TEST(FormBody, MakesPartsThatCannotBeMistaken) {
  const std::vector<FormEntry> entries = {{"a\"b", "x"}, {"file", "", true}, {"c", "\u56fe\n----doutu-form-"}};
  const FormBody body = form_body(entries, FormEncoding::multipart, Encoding::windows_1252);
  EXPECT_EQ(body.content_type, "multipart/form-data; boundary=----doutu-form-x");
  EXPECT_EQ(body.bytes,
            "------doutu-form-x\r\nContent-Disposition: form-data; name=\"a%22b\"\r\n\r\nx\r\n"
            "------doutu-form-x\r\nContent-Disposition: form-data; name=\"file\"; filename=\"\"\r\n"
            "Content-Type: application/octet-stream\r\n\r\n\r\n"
            "------doutu-form-x\r\nContent-Disposition: form-data; name=\"c\"\r\n\r\n&#22270;\r\n----doutu-form-\r\n"
            "------doutu-form-x--\r\n");
}

TEST(FormBody, SaysWhatItIs) {
  const std::vector<FormEntry> entries = {{"a", "b c"}};
  EXPECT_EQ(form_body(entries, FormEncoding::urlencoded, Encoding::utf_8).content_type,
            "application/x-www-form-urlencoded");
  EXPECT_EQ(form_body(entries, FormEncoding::urlencoded, Encoding::utf_8).bytes, "a=b+c");
  EXPECT_EQ(form_body(entries, FormEncoding::plain, Encoding::utf_8).bytes, "a=b c\r\n");
}

}  // namespace
}  // namespace doutu
