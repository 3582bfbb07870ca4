#include <gtest/gtest.h>

#include "tests/downloader/check/image_format/bytes.h"
#include "tests/downloader/check/image_format/judge.h"

namespace doutu {
namespace {

std::string directory(std::uint32_t entries, std::uint32_t type = 1) {
  return zeros(2) + little(2, type) + little(2, entries);
}
std::string entry(int side, std::uint32_t bytes, std::uint32_t offset) {
  return raw({side, side, 0, 0}) + zeros(4) + little(4, bytes) + little(4, offset);
}

TEST(IcoFormat, IsWholeAfterTheImageThatLiesFurthest) {
  const Judged icon{.type = "ico", .width = 32, .height = 32, .frames = 2};
  expect_whole(icon, directory(2) + entry(32, 10, 48) + entry(16, 10, 38) + zeros(20));
  expect_whole(icon, directory(2) + entry(16, 10, 38) + entry(32, 10, 48) + zeros(20));
  expect_whole({.type = "ico", .width = 256, .height = 256, .frames = 1},
               directory(1, 2) + entry(0, 9, 30) + zeros(17));
}

TEST(IcoFormat, IsDamagedWhereAnEntryPointsToNothing) {
  expect(Cause::damaged_image, directory(1) + entry(16, 0, 22) + zeros(20));
  expect(Cause::damaged_image, directory(1) + entry(16, 10, 21) + zeros(20));
  expect(Cause::damaged_image, directory(1) + entry(16, 0xFFFFFFFF, 0xFFFFFFFF) + zeros(20));
  expect(Cause::incomplete_image, directory(1) + entry(16, 10, 23) + zeros(10));
}

TEST(IcoFormat, OverlooksSmallerImagesThatAreNowhere) {
  const Judged icon{.type = "ico", .width = 32, .height = 32, .frames = 1};
  for (const std::string& bad : {entry(16, 0, 38), entry(16, 10, 37), entry(32, 10, 0xFFFFFFFF)}) {
    expect_whole(icon, directory(2) + entry(32, 10, 38) + bad + zeros(10));
    expect_whole(icon, directory(2) + bad + entry(32, 10, 38) + zeros(10));
  }
  // One that was cut off looks like this.
  expect(Cause::incomplete_image, directory(2) + entry(32, 10, 38) + entry(16, 10, 48) + zeros(10));
}

TEST(IcoFormat, OverlooksSmallerImagesBehindTheEndWhereAllCame) {
  const Judged icon{.type = "ico", .width = 32, .height = 32, .frames = 2};
  const std::string first = entry(32, 10, 54) + entry(16, 10, 64);
  expect_whole_if_all_came(icon, directory(3) + first + entry(8, 10, 1000) + zeros(20));
  expect_whole_if_all_came(icon, directory(3) + entry(8, 10, 75) + first + zeros(20));
  for (const std::string& bad : {entry(8, 10, 74), entry(8, 10, 70), entry(64, 10, 1000)}) {
    expect(Cause::incomplete_image, directory(3) + first + bad + zeros(20));
  }
  expect(Cause::incomplete_image, directory(3) + first + entry(8, 10, 1000) + zeros(19));
  std::string many = directory(40);
  for (std::uint32_t i = 0; i < 39; ++i) many += entry(16, 10, 6 + 16 * 40);
  expect(Cause::incomplete_image, many + entry(8, 10, 10'000) + zeros(10));
}

TEST(IcoFormat, NeedsTheLargestImage) {
  expect(Cause::damaged_image, directory(2) + entry(16, 10, 38) + entry(32, 0, 38) + zeros(10));
  expect(Cause::damaged_image, directory(2) + entry(0, 10, 5) + entry(32, 10, 38) + zeros(10));
}

TEST(IcoFormat, OverlooksTheReservedByte) {
  for (const std::uint32_t type : {1U, 2U}) {
    for (const int byte : {1, 0xFF}) {
      std::string icon = directory(1, type) + entry(32, 10, 22) + zeros(10);
      icon[9] = static_cast<char>(byte);
      expect_whole({.type = "ico", .width = 32, .height = 32, .frames = 1}, icon);
      icon[18] = 21;  // Then it is no icon that anything would tell.
      expect(Cause::not_an_image, icon);
    }
  }
}

}  // namespace
}  // namespace doutu
