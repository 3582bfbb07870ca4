#include "shared/coding/body_unpacker.h"

#include <gtest/gtest.h>

#include <string>

#include "tests/shared/coding/packers.h"

namespace doutu {
namespace {

constexpr std::uint64_t kMax = 1 << 20U;

struct Unpacked {
  Decoded decoded;
  bool is_whole;
  std::string bytes;

  bool operator==(const Unpacked&) const = default;
};

Unpacked unpack(const std::vector<Coding>& codings, const std::string& body, std::uint64_t max = kMax) {
  BodyUnpacker unpacker(codings, max);
  Unpacked result{Decoded::ok, false, ""};
  for (std::size_t at = 0; at < body.size() && result.decoded == Decoded::ok; at += 10) {
    result.decoded = unpacker.feed(std::string_view(body).substr(at, 10), [&](std::span<const char> bytes) {
      return result.bytes.append(bytes.data(), bytes.size()), true;
    });
  }
  result.is_whole = unpacker.is_whole();
  return result;
}

TEST(BodyUnpacker, HandsThroughWhatIsInNoCoding) {
  EXPECT_FALSE(BodyUnpacker().is_needed());
  EXPECT_EQ(unpack({}, "the page as it is"), (Unpacked{Decoded::ok, true, "the page as it is"}));
}

TEST(BodyUnpacker, UndoesTheLastCodingFirst) {
  const Unpacked page{Decoded::ok, true, "<img src=a>"};
  EXPECT_EQ(unpack({Coding::gzip}, pack_gzip("<img src=a>")), page);
  EXPECT_EQ(unpack({Coding::gzip, Coding::gzip}, pack_gzip(pack_gzip("<img src=a>"))), page);
  EXPECT_EQ(unpack({Coding::deflate, Coding::brotli, Coding::zstd}, pack_zstd(pack_brotli(pack_zlib("<img src=a>")))),
            page);
  EXPECT_EQ(unpack({Coding::brotli, Coding::gzip}, pack_brotli(pack_gzip("<img src=a>"))).decoded, Decoded::damaged);
}

TEST(BodyUnpacker, IsWholeWhenEveryStageIs) {
  const std::string inner = pack_gzip("<img src=a>");
  EXPECT_FALSE(unpack({Coding::gzip, Coding::gzip}, pack_gzip(inner.substr(0, inner.size() - 1))).is_whole);
  const std::string outer = pack_gzip(inner);
  EXPECT_FALSE(unpack({Coding::gzip, Coding::gzip}, outer.substr(0, outer.size() - 1)).is_whole);
}

TEST(BodyUnpacker, BoundsWhatGoesFromStageToStage) {
  std::string nothing;
  for (int i = 0; i < 100'000; ++i) nothing += pack_gzip("");
  EXPECT_EQ(unpack({Coding::gzip, Coding::gzip}, pack_gzip(nothing)).decoded, Decoded::refused);
  EXPECT_EQ(unpack({Coding::gzip}, nothing).decoded, Decoded::refused) << "nor does the body go on for ever";
}

TEST(BodyUnpacker, RefusesCodingsWithoutEnd) {
  std::string body = "page";
  for (std::size_t i = 0; i < BodyUnpacker::kMostCodings; ++i) body = pack_gzip(body);
  EXPECT_EQ(unpack(std::vector(BodyUnpacker::kMostCodings, Coding::gzip), body).bytes, "page");
  body = pack_gzip(body);
  EXPECT_EQ(unpack(std::vector(BodyUnpacker::kMostCodings + 1, Coding::gzip), body).decoded, Decoded::damaged);
}

}  // namespace
}  // namespace doutu
