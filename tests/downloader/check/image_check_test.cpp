#include "downloader/check/image_check.h"

#include <gtest/gtest.h>

#include "tests/downloader/check/image_format/judge.h"
#include "tests/downloader/check/small_gif.h"

namespace doutu {
namespace {

Bytes bytes_of(std::string_view text) { return std::as_bytes(std::span(text)); }

TEST(ImageCheck, SaysWhatAWholeImageIs) {
  expect({.type = "gif", .width = 1, .height = 1, .frames = 1}, small_gif(100));
}

TEST(ImageCheck, BelievesWhatHasNoEndWhereAllCame) {
  expect_whole_if_all_came({.type = "jxl", .width = 0, .height = 0, .frames = 1},
                           "\xff\x0a and whatever a decoder may make of it");
}

TEST(ImageCheck, SaysWhyABodyIsNone) {
  expect(Cause::empty_body, "");
  expect(Cause::not_an_image, "Not found");
  expect(Cause::not_an_image, "B");
  expect(Cause::html_not_image, "<!doctype html><p>Sorry");
  expect(Cause::incomplete_image, small_gif(100).substr(0, 98));
  expect(Cause::damaged_image, "GIF89a" + std::string(94, '\0'));
}

TEST(ImageCheck, LooksNoFurtherThanTheEndOfTheImage) {
  expect({.type = "gif", .width = 1, .height = 1, .frames = 1}, small_gif(100) + std::string(10'000, '\xff'));
}

TEST(ImageCheck, DecidesAboutAnErrorPageAtItsFirstBytes) {
  ImageCheck check;
  for (const auto& [body, cause] :
       std::vector<std::pair<std::string_view, Cause>>{{"<!doctype html>", Cause::html_not_image},
                                                       {"<html>", Cause::html_not_image},
                                                       {"{\"error\": \"not found\"}", Cause::not_an_image}}) {
    check.begin();
    EXPECT_EQ(check.feed(bytes_of(body)), cause);
    EXPECT_EQ(check.feed(bytes_of(small_gif(100))), cause) << "for good";
    EXPECT_EQ(check.finish(BodyEnd::announced), cause);
  }
}

TEST(ImageCheck, DecidesAboutADamagedImageWhereItIsDamaged) {
  ImageCheck check;
  check.begin();
  EXPECT_EQ(check.feed(bytes_of("\x89PNG\r\n\x1a\n")), Cause::none);
  EXPECT_EQ(check.feed(bytes_of("\xff\xff\xff\xffIHDR")), Cause::damaged_image);
  EXPECT_EQ(check.feed(bytes_of("more")), Cause::damaged_image) << "for good";
  EXPECT_EQ(check.finish(BodyEnd::announced), Cause::damaged_image);
}

TEST(ImageCheck, StartsAfreshWithEachBody) {
  ImageCheck check;
  for (int i = 0; i < 2; ++i) {
    check.begin();
    EXPECT_EQ(check.facts().type, "");
    EXPECT_EQ(check.finish(BodyEnd::announced), Cause::empty_body);
    check.begin();
    EXPECT_EQ(check.feed(bytes_of("GIF89a")), Cause::none);
    EXPECT_EQ(check.finish(BodyEnd::announced), Cause::incomplete_image);
    check.begin();
    EXPECT_EQ(check.feed(bytes_of("<html>")), Cause::html_not_image);
    check.begin();
    EXPECT_EQ(check.feed(bytes_of(small_gif(50))), Cause::none);
    EXPECT_EQ(check.facts().type, "gif");
    EXPECT_EQ(check.finish(BodyEnd::announced), Cause::none);
  }
}

}  // namespace
}  // namespace doutu
