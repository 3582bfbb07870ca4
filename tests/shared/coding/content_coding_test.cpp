#include "shared/coding/content_coding.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace doutu {
namespace {

using namespace std::string_view_literals;
using testing::ElementsAre;
using testing::IsEmpty;

TEST(ContentCodings, AreReadInTheOrderInWhichTheyWereApplied) {
  EXPECT_THAT(read_content_codings("gzip").applied, ElementsAre(Coding::gzip));
  EXPECT_THAT(read_content_codings("x-gzip").applied, ElementsAre(Coding::gzip));
  EXPECT_THAT(read_content_codings(" GZip ,\tBR").applied, ElementsAre(Coding::gzip, Coding::brotli));
  EXPECT_THAT(read_content_codings("deflate, zstd").applied, ElementsAre(Coding::deflate, Coding::zstd));
  EXPECT_THAT(read_content_codings("gzip, gzip").applied, ElementsAre(Coding::gzip, Coding::gzip));
  EXPECT_THAT(read_content_codings("\"gzip\"").applied, ElementsAre(Coding::gzip));
}

TEST(ContentCodings, PassOverLabelsThatAreNone) {
  for (const char* value : {"", " ", ",", "identity", "None", "identity, , none"}) {
    EXPECT_THAT(read_content_codings(value).applied, IsEmpty()) << value;
    EXPECT_FALSE(read_content_codings(value).has_unknown) << value;
  }
  for (const char* value : {"utf-8", "UTF-8", "binary", "8bit", "aws-chunked", "text/html", "chunked", "gzipped"}) {
    EXPECT_THAT(read_content_codings(value).applied, IsEmpty()) << value;
    EXPECT_TRUE(read_content_codings(value).has_unknown) << value;
  }
  EXPECT_THAT(read_content_codings("gzip, identity").applied, ElementsAre(Coding::gzip));
  EXPECT_THAT(read_content_codings("utf-8, gzip").applied, ElementsAre(Coding::gzip));
}

TEST(BeginsAsBinary, TellsPackedBytesFromText) {
  EXPECT_FALSE(begins_as_binary(""));
  EXPECT_FALSE(begins_as_binary("\t<p>\r\n\f\x1b$B\xe5\x9b\xbe"));
  EXPECT_FALSE(begins_as_binary("<\0p\0>\0"sv));
  EXPECT_TRUE(begins_as_binary("\x1f\x9d\x90\x3c"));
  EXPECT_TRUE(begins_as_binary("<p>\x01"));
  EXPECT_FALSE(begins_as_binary(std::string(512, ' ') + "\x01")) << "the beginning is enough";
}

}  // namespace
}  // namespace doutu
