#include <gtest/gtest.h>

#include "tests/downloader/check/image_format/bytes.h"
#include "tests/downloader/check/image_format/judge.h"

namespace doutu {
namespace {

using namespace std::string_literals;

const std::string kStart = raw({0xFF, 0xD8});
const std::string kEnd = raw({0xFF, 0xD9});
const Judged kJpeg{.type = "jpeg", .width = 40, .height = 30, .frames = 1};

std::string segment(int marker, const std::string& data) {
  return raw({0xFF, marker}) + big(2, data.size() + 2) + data;
}
std::string frame(int marker = 0xC0, std::uint32_t height = 30, std::uint32_t width = 40) {
  return segment(marker, raw({8}) + big(2, height) + big(2, width) + raw({1, 1, 0x11, 0}));
}
/// A scan's header and its coded data.
std::string scan(const std::string& data = "data"s) { return segment(0xDA, raw({1, 1, 0, 0, 63, 0})) + data; }
/// A frame with components of these identifiers, and the header of a scan of such.
std::string frame_of(const std::string& ids) {
  std::string components;
  for (const char id : ids) components += id + raw({0x11, 0});
  return segment(0xC0, raw({8, 0, 30, 0, 40, static_cast<int>(ids.size())}) + components);
}
std::string scan_of(const std::string& ids) {
  std::string components;
  for (const char id : ids) components += id + raw({0});
  return segment(0xDA, raw({static_cast<int>(ids.size())}) + components + raw({0, 63, 0})) + "data";
}
std::string tables() { return segment(0xDB, zeros(65)) + segment(0xC4, zeros(20)); }

TEST(JpegFormat, IsWholeAtItsEndMarker) { expect_whole(kJpeg, kStart + tables() + frame() + scan() + kEnd); }

TEST(JpegFormat, KnowsEveryKindOfFrame) {
  for (const int marker : {0xC0, 0xC1, 0xC2, 0xC3, 0xC5, 0xC9, 0xCA, 0xCF, 0xF7}) {
    expect(kJpeg, kStart + frame(marker) + scan() + kEnd);
  }
}

TEST(JpegFormat, ReadsSeveralScansWithTablesBetweenThem) {
  expect_whole(kJpeg, kStart + frame(0xC2) + scan() + tables() + scan() + segment(0xFE, "comment") + scan() + kEnd);
}

TEST(JpegFormat, TakesStuffedBytesRestartMarkersAndFillBytesForWhatTheyAre) {
  const std::string data = raw({0xFF, 0x00, 0xFF, 0xD0, 1, 0xFF, 0xD7, 0xFF, 0x00, 0xFF, 0xFF, 0x00, 0xFF, 0xFF, 0xFF});
  expect_whole(kJpeg, kStart + raw({0xFF, 0xFF}) + frame() + segment(0xDD, big(2, 4)) + scan(data) + kEnd);
}

TEST(JpegFormat, DoesNotEndWithItsThumbnail) {
  const std::string thumbnail = kStart + frame(0xC0, 3, 4) + scan() + kEnd;
  expect_whole(kJpeg, kStart + segment(0xE1, "Exif\0\0"s + thumbnail) + frame() + scan() + kEnd);
}

TEST(JpegFormat, LearnsItsHeightFromALineCount) {
  expect_whole(kJpeg, kStart + frame(0xC0, 0) + scan() + segment(0xDC, big(2, 30)) + kEnd);
  expect_whole(kJpeg, kStart + frame(0xC0, 0) + scan() + segment(0xDC, big(2, 30) + "more") + kEnd);
  for (const std::string& none : {""s, segment(0xDC, big(2, 0)), segment(0xDC, "x"), raw({0xFF, 0xDC, 0, 0})}) {
    expect(Cause::damaged_image, kStart + frame(0xC0, 0) + scan() + none + kEnd);
  }
}

TEST(JpegFormat, NeedsNoLineCountWhereTheFrameSaysIt) {
  for (const std::string& odd : {segment(0xDC, "x"), segment(0xDC, "abc"), raw({0xFF, 0xDC, 0, 0})}) {
    expect_whole(kJpeg, kStart + frame() + scan() + odd + kEnd);
  }
}

TEST(JpegFormat, OverlooksALengthThatIsTooShortForItselfWhereDecodersDo) {
  for (const int marker : {0xFE, 0xE0, 0xE1, 0xE2, 0xEE, 0xEF}) {
    expect_whole(kJpeg, kStart + raw({0xFF, marker, 0, 0}) + frame() + raw({0xFF, marker, 0, 1}) + scan() + kEnd);
  }
  for (const int marker : {0xDB, 0xC4, 0xDD, 0xC0, 0xDA, 0xF0}) {
    expect(Cause::damaged_image, kStart + frame() + raw({0xFF, marker, 0, 1}) + scan() + kEnd);
  }
}

TEST(JpegFormat, HasScansOfItsOwnComponentsOnly) {
  const Judged color = kJpeg;
  for (const std::string& ids : {"\1\2\3"s, "\2"s, "\3\1"s, "\1\2\3\4"s}) {
    expect_whole(color, kStart + frame_of("\1\2\3\4") + scan_of(ids) + kEnd);
  }
  expect(color, kStart + frame_of("RGB") + scan_of("G") + scan_of("RB") + kEnd);
  expect(color, kStart + frame_of("\1\1\2") + scan_of("\1\2\1") + kEnd);  // Some writers number all of them alike.
  for (const std::string& ids : {"\5"s, "\0"s, "\1\2\5"s, "\1\1"s, ""s, "\1\2\3\4\1"s}) {
    expect(Cause::damaged_image, kStart + frame_of("\1\2\3\4") + scan_of(ids) + kEnd);
  }
}

TEST(JpegFormat, IsDoubtfulWithoutItsEndMarkerWhereAllCame) {  // A scan that was cut looks the same.
  expect_doubtful_if_all_came(kStart + frame() + scan());
  expect_doubtful_if_all_came(kStart + frame() + scan() + raw({0xFF}));
  expect_doubtful_if_all_came(kStart + frame() + scan() + segment(0xE0, "x").substr(0, 4));
  expect_no_doubt(kStart + tables());
  expect_no_doubt(kStart + frame());
  expect_no_doubt(kStart + frame() + scan().substr(0, 3));
  expect_doubtful_if_all_came(kStart + frame() + scan() + "\0\0\1\x0a\x0e\0\0\0Image_UTC_Data1532700000000SEFT"s);
}

TEST(JpegFormat, OverlooksBytesBetweenSegmentsAsDecodersDo) {
  expect(kJpeg, kStart + segment(0xE0, "x") + "junk" + frame() + scan() + kEnd);
}

TEST(JpegFormat, HasNoForeignMarkerBeforeItsFirstScan) {
  for (const int marker : {0x02, 0xBF, 0xC8, 0xDE, 0xDF, 0xF0, 0xF6, 0xF9, 0xFD}) {
    expect(Cause::damaged_image, kStart + segment(marker, "x") + frame() + scan() + kEnd);
    expect(Cause::damaged_image, kStart + frame() + "junk" + segment(marker, "x") + scan() + kEnd);
    expect_whole(kJpeg, kStart + frame() + scan() + segment(marker, "x") + kEnd);  // Decoders have the image by then.
  }
  for (const int marker : {0xF8, 0xFE, 0xE0, 0xEF, 0xCC, 0xDD}) {
    expect_whole(kJpeg, kStart + segment(marker, "x") + frame() + scan() + kEnd);
  }
  for (const int marker : {0x00, 0x01, 0xD0, 0xD7}) {  // Without content.
    expect_whole(kJpeg, kStart + tables() + raw({0xFF, marker}) + frame() + scan() + kEnd);
  }
}

TEST(JpegFormat, NeedsOneFrameAndThenAScan) {
  for (const std::string& body : {kEnd, frame() + kEnd, scan() + kEnd, scan() + frame() + kEnd, frame() + frame()}) {
    expect(Cause::damaged_image, kStart + body);
  }
}

TEST(JpegFormat, IsDamagedWhereItContradictsItself) {
  for (const std::string& body : {
           raw({0xFF, 0xDB, 0, 1}),                               // A segment shorter than its length.
           frame(0xC0, 30, 0),                                    // No width.
           segment(0xC0, raw({8, 0, 30, 0, 40, 0})),              // No component.
           segment(0xC0, raw({8, 0, 30, 0, 40, 3, 1, 0x11, 0})),  // Fewer components than said.
           segment(0xC0, raw({8, 0})),
           segment(0xC0, raw({8, 0, 30, 0, 40, 1, 1, 0x10, 0})),  // A component without rows.
           segment(0xC0, raw({8, 0, 30, 0, 40, 1, 1, 0x51, 0})),  // More samples than there may be.
           frame_of(std::string(11, '\1')) + scan_of("\1"), frame() + segment(0xDA, raw({1})),  // Too short.
           frame() + segment(0xDA, raw({1, 1, 0, 0, 63, 0, 0})), frame() + segment(0xDA, raw({2, 1, 0, 0, 63, 0})),
           frame() + scan() + kStart,  // Another image.
       }) {
    expect(Cause::damaged_image, kStart + body + kEnd);
  }
}

}  // namespace
}  // namespace doutu
