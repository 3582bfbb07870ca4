#include "crawler/fetcher/gzip_reader.h"

#include <gtest/gtest.h>

#include <algorithm>

namespace doutu {
namespace {

using Fed = GzipReader::Fed;

constexpr std::uint64_t kMax = 1 << 20U;

std::string pack(const std::string& text) {
  z_stream stream{};
  EXPECT_EQ(deflateInit2(&stream, 9, Z_DEFLATED, 15 + 16, 8, Z_DEFAULT_STRATEGY), Z_OK);
  std::string packed(deflateBound(&stream, text.size()) + 32, '\0');
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(text.data()));
  stream.avail_in = static_cast<uInt>(text.size());
  stream.next_out = reinterpret_cast<Bytef*>(packed.data());
  stream.avail_out = static_cast<uInt>(packed.size());
  EXPECT_EQ(deflate(&stream, Z_FINISH), Z_STREAM_END);
  packed.resize(packed.size() - stream.avail_out);
  deflateEnd(&stream);
  return packed;
}

std::string page() {
  std::string text;
  for (int i = 0; i < 5000; ++i) text += "<img src=/" + std::to_string(i * 7919) + ".jpg>";
  return text;
}

/// In pieces of this size.
Fed feed(GzipReader& reader, std::string_view bytes, std::size_t piece, std::string& out) {
  Fed fed = Fed::ok;
  for (; !bytes.empty() && fed == Fed::ok; bytes.remove_prefix(std::min(piece, bytes.size()))) {
    fed = reader.feed(bytes.substr(0, piece), out, kMax);
  }
  return fed;
}

TEST(GzipReader, UnpacksPiecesOfAnySize) {
  const std::string text = page();
  const std::string packed = pack(text);
  GzipReader reader;
  for (const std::size_t piece : {std::size_t{1}, std::size_t{7}, std::size_t{1000}, packed.size()}) {
    std::string out;
    reader.begin();
    EXPECT_EQ(feed(reader, packed, piece, out), Fed::ok);
    EXPECT_EQ(out, text);
    EXPECT_TRUE(reader.is_whole());
  }
}

TEST(GzipReader, KnowsABodyThatWasCutOffAnywhere) {
  const std::string packed = pack("<img src=a.jpg>");
  GzipReader reader;
  for (std::size_t length = 1; length < packed.size(); ++length) {
    std::string out;
    reader.begin();
    EXPECT_EQ(feed(reader, std::string_view(packed).substr(0, length), length, out), Fed::ok);
    EXPECT_FALSE(reader.is_whole()) << length << " of " << packed.size();
  }
}

TEST(GzipReader, TakesNoBytesForAnEmptyBody) {
  GzipReader reader;
  EXPECT_TRUE(reader.is_whole());
}

TEST(GzipReader, GoesOnFromMemberToMemberAndPassesPaddingBy) {
  GzipReader reader;
  std::string out;
  EXPECT_EQ(feed(reader, pack("one ") + pack("two") + std::string(100, '\0') + pack("three"), 5, out), Fed::ok);
  EXPECT_EQ(out, "one two");
  EXPECT_TRUE(reader.is_whole());
}

TEST(GzipReader, StopsAtTheLimit) {
  const std::string packed = pack(std::string(kMax + 1, 'a'));
  ASSERT_LT(packed.size(), 5000U);
  GzipReader reader;
  std::string out;
  EXPECT_EQ(feed(reader, packed, packed.size(), out), Fed::too_large);
  EXPECT_LE(out.size(), kMax);
}

TEST(GzipReader, FindsDamage) {
  std::string packed = pack(page());
  packed[packed.size() - 6] ^= 1;  // Of the checksum.
  GzipReader reader;
  std::string out;
  EXPECT_EQ(feed(reader, packed, 1000, out), Fed::damaged);
  reader.begin();
  EXPECT_EQ(feed(reader, "<img src=a.jpg>", 1000, out), Fed::damaged);
}

}  // namespace
}  // namespace doutu
