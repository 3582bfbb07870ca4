#include "crawler/demo/draw_image.h"

#include <gtest/gtest.h>

#include <cstddef>
#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <string_view>

namespace doutu {
namespace {

std::uint32_t big_endian(std::string_view bytes) {
  std::uint32_t value = 0;
  for (char byte : bytes.substr(0, 4)) value = value << 8U | static_cast<unsigned char>(byte);
  return value;
}

/// CRC of PNG, bit by bit as in its annex, so that the library's is checked and not repeated.
std::uint32_t crc_of(std::string_view bytes) {
  std::uint32_t crc = 0xFFFFFFFF;
  for (char byte : bytes) {
    crc ^= static_cast<unsigned char>(byte);
    for (int bit = 0; bit < 8; ++bit) crc = (crc & 1U) != 0 ? crc >> 1U ^ 0xEDB88320 : crc >> 1U;
  }
  return ~crc;
}

/// The chunks of a PNG file by type; fails the test on anything that is not one.
std::map<std::string, std::string> chunks_of(std::string_view file) {
  std::map<std::string, std::string> chunks;
  EXPECT_TRUE(file.starts_with("\x89PNG\r\n\x1a\n"));
  for (file.remove_prefix(8); file.size() >= 12;) {
    const std::size_t length = big_endian(file);
    if (file.size() < length + 12) break;
    EXPECT_EQ(crc_of(file.substr(4, length + 4)), big_endian(file.substr(length + 8)));
    chunks[std::string(file.substr(4, 4))] = file.substr(8, length);
    file.remove_prefix(length + 12);
  }
  EXPECT_TRUE(file.empty()) << file.size() << " bytes after the last chunk";
  return chunks;
}

TEST(DrawImage, IsAPngFileWithRightChecksums) {
  for (int side : {8, 33, 40, kPictureSide, 256}) {
    auto chunks = chunks_of(draw_image(7, side));
    EXPECT_EQ(big_endian(chunks["IHDR"]), static_cast<std::uint32_t>(side));
    EXPECT_EQ(chunks["PLTE"].size(), 48U);
    const std::size_t row = 1 + (static_cast<std::size_t>(side) + 1) / 2;
    EXPECT_EQ(chunks["IDAT"].size(), 7 + static_cast<std::size_t>(side) * row + 4);
    EXPECT_TRUE(chunks.contains("IEND"));
  }
}

TEST(DrawImage, GivesTheSameBytesForTheSameNumber) { EXPECT_EQ(draw_image(42), draw_image(42)); }

TEST(DrawImage, GivesEveryNumberAFileOfItsOwn) {
  std::set<std::string> files;
  for (std::uint64_t number = 0; number < 2000; ++number) files.insert(draw_image(number, 8));
  EXPECT_EQ(files.size(), 2000U);
}

TEST(DrawImage, StaysSmall) {
  const std::size_t size = draw_image(1).size();
  EXPECT_GT(size, 1000U);
  EXPECT_LT(size, 5000U);
}

}  // namespace
}  // namespace doutu
