#include "downloader/transfer/image_version.h"

#include <gtest/gtest.h>

namespace doutu {
namespace {

constexpr const char* kDate = "Tue, 01 Dec 2026 10:00:00 GMT";
constexpr const char* kMinuteBefore = "Tue, 01 Dec 2026 09:59:00 GMT";
constexpr const char* kLessBefore = "Tue, 01 Dec 2026 09:59:01 GMT";

std::string if_range(const AnswerHeader& answer) { return version_of("http://i/a", answer, 10).if_range; }

TEST(ImageVersion, AsksWithAStrongTagOrAStrongDate) {
  EXPECT_EQ(if_range({.etag = "\"a\""}), "\"a\"");
  EXPECT_EQ(if_range({.etag = "\"\""}), "\"\"");
  EXPECT_EQ(if_range({.last_modified = kMinuteBefore, .date = kDate}), kMinuteBefore);
  EXPECT_EQ(if_range({.etag = "\"a\"", .last_modified = kLessBefore, .date = kDate}), "\"a\"");
  EXPECT_EQ(if_range({.etag = "\"a\"", .content_encoding = "identity", .accept_ranges = "bytes"}), "\"a\"");
}

TEST(ImageVersion, DoesNotAskWithWhatMayStandForTwo) {
  EXPECT_EQ(if_range({}), "");
  EXPECT_EQ(if_range({.etag = "W/\"a\""}), "");
  EXPECT_EQ(if_range({.etag = "W/\"a\"", .last_modified = kMinuteBefore, .date = kDate}), "") << "there is a tag";
  EXPECT_EQ(if_range({.etag = "\"a\", \"b\""}), "") << "two lines";
  for (const char* etag : {"a", "\"", "\"a", "a\"", "\"a\"b\""}) EXPECT_EQ(if_range({.etag = etag}), "") << etag;
  EXPECT_EQ(if_range({.last_modified = kLessBefore, .date = kDate}), "");
  EXPECT_EQ(if_range({.last_modified = kMinuteBefore}), "") << "when is now?";
  EXPECT_EQ(if_range({.last_modified = "yesterday", .date = kDate}), "");
  EXPECT_EQ(if_range({.etag = "\"a\"", .content_encoding = "gzip"}), "");
  EXPECT_EQ(if_range({.etag = "\"a\"", .content_encoding = "rot13"}), "");
  EXPECT_EQ(if_range({.etag = "\"a\"", .accept_ranges = "None"}), "");
}

class RestOfAnImage : public testing::Test {
 protected:
  using Length = std::optional<std::uint64_t>;
  Length rest(const std::string& range) {
    answer_.content_range = range;
    return length_in_rest(answer_, version_, 100);
  }

  ImageVersion version_ = version_of("http://i/a", {.etag = "\"a\"", .last_modified = kDate}, 200);
  AnswerHeader answer_{.etag = "\"a\"", .last_modified = kDate};
};

TEST_F(RestOfAnImage, BeginsWhereTheHalfEnds) {
  EXPECT_EQ(rest("bytes 100-199/200"), 200U);
  EXPECT_EQ(rest("Bytes 100-199/200"), 200U);
  EXPECT_EQ(rest("bytes 100-149/200"), 200U) << "the server gives less than it was asked for";
  for (const char* range :
       {"", "bytes 0-199/200", "bytes 99-199/200", "bytes 101-199/200", "bytes 100-199/201", "bytes 100-199/*",
        "bytes */200", "bytes 100-200/200", "bytes 100-99/200", "bytes=100-199/200", "bytes 100-199",
        "items 100-199/200", "bytes 100-199/200, bytes 100-199/200", "bytes 100-199/200 ", "bytes -100-199/200",
        "bytes 100-199/99999999999999999999999"}) {
    EXPECT_EQ(rest(range), std::nullopt) << range;
  }
}

TEST_F(RestOfAnImage, TellsTheLengthThatTheFirstAnswerDidNot) {
  version_.length = std::nullopt;
  EXPECT_EQ(rest("bytes 100-4999/5000"), 5000U);
}

TEST_F(RestOfAnImage, IsOfTheSameVersion) {
  const AnswerHeader same = answer_;
  constexpr const char* kRest = "bytes 100-199/200";
  answer_.last_modified.clear();
  EXPECT_EQ(rest(kRest), 200U) << "a server need not say it again beside the tag";
  for (const char* etag : {"", "\"b\"", "W/\"a\"", "\"a\", \"a\"", "a"}) {
    answer_ = same;
    answer_.etag = etag;
    EXPECT_EQ(rest(kRest), std::nullopt) << etag;
  }
  answer_ = same;
  answer_.last_modified = kMinuteBefore;
  EXPECT_EQ(rest(kRest), std::nullopt);
  answer_ = same;
  answer_.content_encoding = "gzip";
  EXPECT_EQ(rest(kRest), std::nullopt);
  answer_ = same;
  answer_.content_type = "Multipart/byteranges; boundary=x";
  EXPECT_EQ(rest(kRest), std::nullopt);
}

TEST_F(RestOfAnImage, SaysTheDateThatItWasAskedForBy) {
  version_ = version_of("http://i/a", {.last_modified = kMinuteBefore, .date = kDate}, 200);
  ASSERT_EQ(version_.if_range, kMinuteBefore);
  constexpr const char* kRest = "bytes 100-199/200";
  answer_ = {.last_modified = kMinuteBefore};
  EXPECT_EQ(rest(kRest), 200U);
  for (const char* date : {"", kDate}) {
    answer_ = {.last_modified = date};
    EXPECT_EQ(rest(kRest), std::nullopt) << date;
  }
  answer_ = {.etag = "\"a\"", .last_modified = kMinuteBefore};
  EXPECT_EQ(rest(kRest), std::nullopt) << "the first answer had no tag";
}

}  // namespace
}  // namespace doutu
