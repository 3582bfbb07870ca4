#include "downloader/store/file_name.h"

#include <fmt/core.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace doutu {
namespace {

struct Named {
  std::string url, type, name;
};

TEST(FileName, IsTheLastSegmentMadeSafe) {
  const std::vector<Named> table = {
      {"http://h/a/cat.jpg", "jpeg", "cat.jpg"},
      {"http://h/a/cat.jpg?size=2#x", "jpeg", "cat.jpg"},
      {"http://h/a/CAT.JPG", "jpeg", "CAT.JPG"},
      // No extension of an image.
      {"http://h/a/cat", "jpeg", "cat.jpg"},
      {"http://h/a/cat", "webp", "cat.webp"},
      {"http://h/show.php?id=7", "gif", "show.php.gif"},
      {"http://h/v1.2", "png", "v1.2.png"},
      // The extension of another type.
      {"http://h/photo.jpg", "png", "photo.png"},
      {"http://h/photo.JPG", "webp", "photo.webp"},
      {"http://h/photo.jpg.webp", "jpeg", "photo.jpg"},
      {"http://h/photo.jpg.webp", "webp", "photo.jpg.webp"},
      {"http://h/photo.png.webp", "jpeg", "photo.png.jpg"},
      {"http://h/logo.svgz", "svg", "logo.svg"},
      {"http://h/photo.jfif", "jpeg", "photo.jfif"},
      {"http://h/photo.TIF", "tiff", "photo.TIF"},
      {"http://h/photo.heif", "heic", "photo.heif"},
      {"http://h/photo.apng", "png", "photo.apng"},
      // Nothing to name it by.
      {"http://h/", "png", "image.png"},
      {"http://h/a/", "png", "image.png"},
      {"http://h/...", "png", "image.png"},
      {"http://h/%20.%20", "png", "image.png"},
      {"http://h/x", "", "x"},
      // Percent-encoding.
      {"http://h/%E7%86%8A%E7%8C%AB.jpg", "jpeg", "熊猫.jpg"},
      {"http://h/a%20b.jpg", "jpeg", "a b.jpg"},
      {"http://h/%B2%FA.jpg", "jpeg", "%B2%FA.jpg"},
      {"http://h/100%.jpg", "jpeg", "100%.jpg"},
      {"http://h/%4", "jpeg", "%4.jpg"},
      {"http://h/%zz", "jpeg", "%zz.jpg"},
      {"http://h/%2541.jpg", "jpeg", "%41.jpg"},
      // Ways out of the folder.
      {"http://h/..%2F..%2Fetc%2Fpasswd", "jpeg", "_.._etc_passwd.jpg"},
      {"http://h/%2e%2e%5cx.jpg", "jpeg", "_x.jpg"},
      {"http://h/.doutu", "png", "doutu.png"},
      {"http://h/.jpg", "jpeg", "jpg.jpg"},
      {"http://h/a%00b.jpg", "jpeg", "a_b.jpg"},
      // What other systems refuse, or hide.
      {"http://h/a:b*c%3Fd%22e%3Cf%3Eg%7Ch.jpg", "jpeg", "a_b_c_d_e_f_g_h.jpg"},
      {"http://h/%1B%5B2Jx%0A.jpg", "jpeg", "_[2Jx_.jpg"},
      {"http://h/x%E2%80%AEgpj.exe", "jpeg", "x_gpj.exe.jpg"},
      {"http://h/x%C2%85y.jpg", "jpeg", "x_y.jpg"},
      {"http://h/x%7Fy.jpg", "jpeg", "x_y.jpg"},
      {"http://h/name.%20.", "png", "name.png"},
      {"http://h/~root.jpg", "jpeg", "_root.jpg"},
      {"http://h/.~~root.jpg", "jpeg", "_~root.jpg"},
      {"http://h/a~b.jpg", "jpeg", "a~b.jpg"},
      {"http://h/a%E2%80%8Bb%EF%BB%BFc%C2%ADd%E2%81%A0e.jpg", "jpeg", "a_b_c_d_e.jpg"},  // zero width
      {"http://h/a%E3%85%A4b%F3%A0%80%81c.jpg", "jpeg", "a_b_c.jpg"},                    // filler, tag
      {"http://h/a%EF%BF%BEb%EE%80%80.jpg", "jpeg", "a_b\xee\x80\x80.jpg"},              // no character; private use
      {"http://h/%E3%80%80a%C2%A0b%E3%80%80.jpg", "jpeg", "a b .jpg"},                   // other spaces
      // Devices of DOS.
      {"http://h/con", "png", "_con.png"},
      {"http://h/NUL.jpg", "jpeg", "_NUL.jpg"},
      {"http://h/com1.tar.jpg", "jpeg", "_com1.tar.jpg"},
      {"http://h/LPT%C2%B9.jpg", "jpeg", "_LPT¹.jpg"},
      {"http://h/aux%20.jpg", "jpeg", "_aux .jpg"},
      {"http://h/CON.jpg.png", "jpeg", "_CON.jpg"},
      {"http://h/DOUTU~1", "png", "_DOUTU~1.png"},
      {"http://h/console.jpg", "jpeg", "console.jpg"},
      {"http://h/com10.jpg", "jpeg", "com10.jpg"},
  };
  for (const Named& row : table) {
    EXPECT_EQ(file_name_for(row.url, row.type), row.name) << row.url;
  }
}

TEST(FileName, KeepsAWrongExtensionWhenAsked) {
  EXPECT_EQ(file_name_for("http://h/photo.jpg", "webp", WrongExtension::kept), "photo.jpg");
  EXPECT_EQ(file_name_for("http://h/photo", "webp", WrongExtension::kept), "photo.webp");
  EXPECT_EQ(file_name_for("http://h/show.php", "gif", WrongExtension::kept), "show.php.gif");
  EXPECT_EQ(file_name_for("http://h/aux.jpg", "gif", WrongExtension::kept), "_aux.jpg");
}

TEST(FileName, IsCutAtACharacterAndKeepsItsExtension) {
  std::string pandas;
  for (int i = 0; i < 200; ++i) pandas += "%E7%86%8A";
  const std::string name = file_name_for("http://h/" + pandas + ".jpeg", "jpeg");
  EXPECT_LE(name.size(), kMaxNameBytes);
  EXPECT_GT(name.size(), kMaxNameBytes - 3);
  EXPECT_TRUE(name.ends_with("熊.jpeg"));

  const std::string second = numbered_name(name, 2);
  EXPECT_LE(second.size(), kMaxNameBytes);
  EXPECT_TRUE(second.ends_with("熊-2.jpeg"));
}

TEST(FileName, HasNoTrailingBlankAfterTheCut) {
  const std::string name = file_name_for("http://h/" + std::string(kMaxNameBytes - 1, 'a') + "%20%20b", "");
  EXPECT_EQ(name, std::string(kMaxNameBytes - 1, 'a'));
}

TEST(FileName, OfEveryByteIsSafe) {
  for (int byte = 0; byte < 256; ++byte) {
    constexpr const char* kHex = "0123456789ABCDEF";
    const std::string code = {'%', kHex[byte / 16], kHex[byte % 16]};
    const std::string name = file_name_for(fmt::format("http://h/{0}x{0}/{0}", code), "png");
    EXPECT_FALSE(name.empty());
    EXPECT_NE(name.front(), '.');
    EXPECT_EQ(name.find_first_of("/\\:*?\"<>|"), std::string::npos) << byte;
    for (const char c : name) EXPECT_FALSE(static_cast<unsigned char>(c) < 0x20 || c == 0x7f) << byte;
  }
}

TEST(FileName, FitsIntoWhatTheFileSystemTakes) {
  constexpr std::size_t kEncrypted = 143;
  const std::string url = "http://h/" + std::string(150, 'n') + ".png";
  const std::string name = file_name_for(url, "png", WrongExtension::corrected, kEncrypted);
  EXPECT_EQ(name, std::string(139, 'n') + ".png");
  EXPECT_EQ(numbered_name(name, 1000, kEncrypted), std::string(134, 'n') + "-1000.png");
  EXPECT_EQ(suffixed_name(name, "0123456789abcdef", kEncrypted), std::string(122, 'n') + "-0123456789abcdef.png");
  EXPECT_EQ(file_name_for("http://h/%E8%A1%A8%E6%83%85%E8%A1%A8%E6%83%85%E8%A1%A8%E6%83%85.png", "webp",
                          WrongExtension::corrected, kMinNameBytes),
            "\xe8\xa1\xa8\xe6\x83\x85\xe8\xa1\xa8\xe6\x83\x85\xe8\xa1\xa8\xe6\x83\x85.webp");
}

TEST(PlainName, IsShortAndOfLettersAndDigits) {
  EXPECT_EQ(plain_name("9f86d081884c7d659a2feaa0c55ad015", "jpeg"), "9f86d081884c7d65.jpg");
  EXPECT_EQ(plain_name("9f86d081884c7d659a2feaa0c55ad015", ""), "9f86d081884c7d65");
  EXPECT_LE(numbered_name(plain_name("9f86d081884c7d659a2feaa0c55ad015", "webp"), 1000).size(), kMinNameBytes);
}

TEST(NumberedName, CountsFromTheSecond) {
  EXPECT_EQ(numbered_name("a.jpg", 1), "a.jpg");
  EXPECT_EQ(numbered_name("a.jpg", 2), "a-2.jpg");
  EXPECT_EQ(numbered_name("a", 13), "a-13");
  EXPECT_EQ(numbered_name("a.tar.png", 3), "a.tar-3.png");
}

TEST(FileName, IsTheHashOfAnImageThatAPageCarriesInItself) {
  EXPECT_EQ(file_name_for("data:sha256/0a1b", "png", WrongExtension::corrected), "0a1b.png");
}

}  // namespace
}  // namespace doutu
