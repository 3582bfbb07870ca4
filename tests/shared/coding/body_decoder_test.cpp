#include "shared/coding/body_decoder.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "tests/shared/coding/packers.h"

namespace doutu {
namespace {

struct Format {
  const char* name;
  std::unique_ptr<BodyDecoder> (*make)();
  std::string (*pack)(const std::string&);
};

std::string page() {
  std::string text;
  for (int i = 0; i < 5000; ++i) text += "<img src=/" + std::to_string(i * 7919) + ".jpg>";
  return text;
}

/// In pieces of this size.
Decoded feed(BodyDecoder& decoder, std::string_view bytes, std::size_t piece, std::string& out) {
  const BodySink sink = [&](std::span<const char> more) { return out.append(more.data(), more.size()), true; };
  Decoded decoded = Decoded::ok;
  for (; !bytes.empty() && decoded == Decoded::ok; bytes.remove_prefix(std::min(piece, bytes.size()))) {
    decoded = decoder.feed(bytes.substr(0, piece), sink);
  }
  return decoded;
}

class BodyDecoderTest : public testing::TestWithParam<Format> {
 protected:
  const std::unique_ptr<BodyDecoder> decoder_ = GetParam().make();
  std::string out_;
};

TEST_P(BodyDecoderTest, UnpacksPiecesOfAnySize) {
  const std::string text = page();
  const std::string packed = GetParam().pack(text);
  for (const std::size_t piece : {std::size_t{1}, std::size_t{7}, std::size_t{1000}, packed.size()}) {
    const auto decoder = GetParam().make();
    std::string out;
    EXPECT_EQ(feed(*decoder, packed, piece, out), Decoded::ok);
    EXPECT_EQ(out, text);
    EXPECT_TRUE(decoder->is_whole());
  }
}

TEST_P(BodyDecoderTest, UnpacksSizesAroundThatOfAPiece) {
  for (const std::size_t size : {0U, 1U, 16383U, 16384U, 16385U, 32768U, 131072U}) {
    const auto decoder = GetParam().make();
    std::string out;
    EXPECT_EQ(feed(*decoder, GetParam().pack(std::string(size, 'a')), 1 << 20U, out), Decoded::ok);
    EXPECT_EQ(out.size(), size);
    EXPECT_TRUE(decoder->is_whole()) << size;
  }
}

TEST_P(BodyDecoderTest, KnowsABodyThatWasCutOffAnywhere) {
  const std::string packed = GetParam().pack("<img src=a.jpg><img src=b.jpg>");
  for (std::size_t length = 1; length < packed.size(); ++length) {
    const auto decoder = GetParam().make();
    EXPECT_EQ(feed(*decoder, std::string_view(packed).substr(0, length), length, out_), Decoded::ok);
    EXPECT_FALSE(decoder->is_whole()) << length << " of " << packed.size();
  }
}

TEST_P(BodyDecoderTest, TakesNoBytesForAnEmptyBody) { EXPECT_TRUE(decoder_->is_whole()); }

TEST_P(BodyDecoderTest, EndsWhereTheSinkWantsNoMore) {
  std::size_t taken = 0;
  const BodySink sink = [&](std::span<const char> more) { return (taken += more.size()) <= 100'000; };
  const std::string bomb = GetParam().pack(std::string(8'000'000, 'a'));
  EXPECT_EQ(decoder_->feed(bomb, sink), Decoded::refused);
  EXPECT_LT(taken, 200'000U);
}

TEST_P(BodyDecoderTest, FindsThatBytesAreInAnotherCoding) {
  std::string out;
  EXPECT_TRUE(feed(*decoder_, "<!DOCTYPE html><img src=a.jpg>" + page(), 1000, out) == Decoded::damaged ||
              !decoder_->is_whole());
}

TEST_P(BodyDecoderTest, EndsForAnyBytes) {
  std::string packed = GetParam().pack(page());
  for (std::size_t i = 0; i < packed.size(); i += 97) {
    packed[i] = static_cast<char>(packed[i] ^ 0x55);
    const auto decoder = GetParam().make();
    std::string out;
    feed(*decoder, packed, packed.size(), out);
    EXPECT_LT(out.size(), 10'000'000U);
  }
}

INSTANTIATE_TEST_SUITE_P(
    All, BodyDecoderTest,
    testing::Values(Format{"gzip", make_gzip_decoder, pack_gzip}, Format{"zlib", make_deflate_decoder, pack_zlib},
                    Format{"bare_deflate", make_deflate_decoder, pack_bare_deflate},
                    Format{"brotli", make_brotli_decoder, [](const std::string& bytes) { return pack_brotli(bytes); }},
                    Format{"zstd", make_zstd_decoder, [](const std::string& bytes) { return pack_zstd(bytes); }}),
    [](const auto& format) { return std::string(format.param.name); });

TEST(GzipDecoder, GoesOnFromMemberToMemberAndPassesPaddingBy) {
  const auto decoder = make_gzip_decoder();
  std::string out;
  const std::string body = pack_gzip("one ") + pack_gzip("two") + std::string(100, '\0') + pack_gzip("three");
  EXPECT_EQ(feed(*decoder, body, 5, out), Decoded::ok);
  EXPECT_EQ(out, "one two");
  EXPECT_TRUE(decoder->is_whole());
}

TEST(GzipDecoder, FindsAWrongChecksum) {
  std::string packed = pack_gzip(page());
  packed[packed.size() - 6] ^= 1;
  std::string out;
  EXPECT_EQ(feed(*make_gzip_decoder(), packed, 1000, out), Decoded::damaged);
}

TEST(DeflateDecoder, PassesByWhatStandsBehindTheEnd) {
  for (const auto& pack : {pack_zlib, pack_bare_deflate}) {
    const auto decoder = make_deflate_decoder();
    std::string out;
    EXPECT_EQ(feed(*decoder, pack("page") + "more", 3, out), Decoded::ok);
    EXPECT_EQ(out, "page");
    EXPECT_TRUE(decoder->is_whole());
  }
}

TEST(ZstdDecoder, GoesOnFromFrameToFrame) {
  const auto decoder = make_zstd_decoder();
  std::string out;
  EXPECT_EQ(feed(*decoder, pack_zstd("one ") + pack_zstd("two"), 5, out), Decoded::ok);
  EXPECT_EQ(out, "one two");
  EXPECT_TRUE(decoder->is_whole());
}

TEST(ZstdDecoder, TakesTheWindowThatBrowsersTakeAndNoLargerOne) {
  std::string out;
  EXPECT_EQ(feed(*make_zstd_decoder(), pack_zstd("page", 23), 1000, out), Decoded::ok);
  EXPECT_EQ(feed(*make_zstd_decoder(), pack_zstd("page", 24), 1000, out), Decoded::damaged);
}

TEST(BrotliDecoder, TakesTheLargestWindowThatTheFormatHas) {
  std::string out;
  EXPECT_EQ(feed(*make_brotli_decoder(), pack_brotli(page(), 24), 1000, out), Decoded::ok);
  EXPECT_EQ(out, page());
}

}  // namespace
}  // namespace doutu
