#include "shared/base/encoding_label.h"

#include <gtest/gtest.h>

namespace doutu {
namespace {

TEST(EncodingLabel, MeansWhatBrowsersMean) {
  EXPECT_EQ(encoding_from_label("utf8"), Encoding::utf_8);
  EXPECT_EQ(encoding_from_label("gb2312"), Encoding::gbk);
  EXPECT_EQ(encoding_from_label("iso-8859-1"), Encoding::windows_1252);
  EXPECT_EQ(encoding_from_label("utf-16"), Encoding::utf_16le);
  EXPECT_EQ(encoding_from_label("iso-2022-kr"), Encoding::replacement);
}

TEST(EncodingLabel, MayBeInAnyCaseWithWhiteSpaceAround) {
  EXPECT_EQ(encoding_from_label(" \t\r\n\fShift_JIS "), Encoding::shift_jis);
  EXPECT_EQ(encoding_from_label("KOI8-R"), Encoding::koi8_r);
}

TEST(EncodingLabel, IsNoOtherWord) {
  for (const char* label : {"", " ", "utf-7", "utf-8 utf8", "gb 2312", "utf-8;", "\xc2\xa0utf-8", "CP932//IGNORE",
                            "ucs-4", "windows-125", "iso-8859-999"}) {
    EXPECT_EQ(encoding_from_label(label), std::nullopt) << label;
  }
}

TEST(EncodingLabel, HasTheStandardsName) {
  EXPECT_EQ(encoding_name(Encoding::shift_jis), "Shift_JIS");
  EXPECT_EQ(encoding_name(Encoding::x_user_defined), "x-user-defined");
}

}  // namespace
}  // namespace doutu
