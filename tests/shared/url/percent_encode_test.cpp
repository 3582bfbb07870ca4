#include "shared/url/percent_encode.h"

#include <gtest/gtest.h>

namespace doutu {
namespace {

std::string encoded(std::string_view bytes, PercentEncodeSet set) {
  std::string out = "x";
  append_percent_encoded(out, bytes, set);
  return out.substr(1);
}

TEST(PercentEncode, EncodesWhatItsSetHas) {
  constexpr std::string_view kMarks = "!\"#$%&'()*+,-./:;<=>?@[\\]^_`{|}~";
  EXPECT_EQ(encoded(kMarks, PercentEncodeSet::path), "!%22%23$%&'()*+,-./:;%3C=%3E%3F@[\\]%5E_%60%7B|%7D~");
  EXPECT_EQ(encoded(kMarks, PercentEncodeSet::query), "!%22%23$%&%27()*+,-./:;%3C=%3E?@[\\]^_`{|}~");
  EXPECT_EQ(encoded(kMarks, PercentEncodeSet::userinfo),
            "!%22%23$%&'()*+,-.%2F%3A%3B%3C%3D%3E%3F%40%5B%5C%5D%5E_%60%7B%7C%7D~");
  for (const auto set : {PercentEncodeSet::path, PercentEncodeSet::query, PercentEncodeSet::userinfo}) {
    EXPECT_EQ(encoded(std::string_view("a\0 \x1f\x7f\xe5z", 7), set), "a%00%20%1F%7F%E5z");
    EXPECT_EQ(encoded("", set), "");
  }
}

TEST(PercentDecode, LeavesWhatIsNoEncoding) {
  EXPECT_EQ(percent_decode("a%20b%E7%86%8A%2f"), "a b\xe7\x86\x8a/");
  EXPECT_EQ(percent_decode("%"), "%");
  EXPECT_EQ(percent_decode("%4"), "%4");
  EXPECT_EQ(percent_decode("%zz%4g%%41"), "%zz%4g%A");
  EXPECT_EQ(percent_decode("%2541"), "%41") << "once";
  EXPECT_EQ(percent_decode("%00").size(), 1U);
}

}  // namespace
}  // namespace doutu
