#include "downloader/store/image_extension.h"

#include <gtest/gtest.h>

namespace doutu {
namespace {

TEST(ImageExtension, IsFoundInAnyCase) {
  EXPECT_EQ(image_extension("a.jpg"), ".jpg");
  EXPECT_EQ(image_extension("a.b.JPEG"), ".JPEG");
  EXPECT_EQ(image_extension(".png"), ".png");
  for (const char* name : {"", "jpg", "a.", "a.php", "a.jpg.txt", "a.jpgx", "a.jp"}) {
    EXPECT_EQ(image_extension(name), "") << name;
  }
}

TEST(ImageExtension, FitsItsTypeUnderEveryName) {
  for (const char* extension : {".jpg", ".JPG", ".jpeg", ".jpe", ".jfif", ".pjpeg"}) {
    EXPECT_TRUE(extension_fits(extension, "jpeg")) << extension;
    EXPECT_FALSE(extension_fits(extension, "png")) << extension;
  }
  EXPECT_FALSE(extension_fits("", "jpeg"));
  EXPECT_FALSE(extension_fits(".svgz", "svg")) << "an SVG by signature is not compressed";
}

TEST(ImageExtension, OfEverySignatureFitsIt) {
  for (const char* type : {"jpeg", "png", "gif", "webp", "avif", "heic", "bmp", "svg", "ico", "tiff", "jxl"}) {
    EXPECT_TRUE(extension_fits(extension_of_type(type), type)) << type;
  }
  EXPECT_EQ(extension_of_type("jpeg"), ".jpg");
  EXPECT_EQ(extension_of_type(""), "");
}

}  // namespace
}  // namespace doutu
