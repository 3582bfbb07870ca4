#include "shared/crawl/records.h"

#include <gtest/gtest.h>

#include <cstring>
#include <random>
#include <string>

#include "shared/lane/image_queue.h"

namespace doutu {
namespace {

const std::string kUrl = "https://img.example.com/production/uploads/image/2019/03/04/20190304630000_abcdef.jpg";

std::vector<Record> samples() {
  static const std::string longest(kMaxUrlBytes, 'u');
  static const std::string most_alternatives(kMaxAlternativesBytes, 'a');
  static const std::string largest_cookie(kMaxSetCookieBytes, 'c');
  return {
      CookieSet{1, 1, kUrl, "a=b; Path=/"},
      CookieSet{UINT64_MAX, UINT32_MAX, longest, largest_cookie},
      PageBegin{1, 1, kUrl},
      PageBegin{UINT64_MAX, UINT32_MAX, longest},
      ImageFound{3, 2, 0, Cause::none, kUrl},
      ImageFound{3, 2, 1, Cause::bad_url, ""},
      ImageFound{UINT64_MAX, UINT32_MAX, UINT32_MAX, Cause::url_too_long, longest},
      InlineImage{3, 2, 2, std::string_view("\xff\xd8\0\xff", 4)},
      InlineImage{3, 2, 3, ""},
      ImageFound{3, 2, 4, Cause::none, kUrl, "http://a/\nhttp://b/\n"},
      ImageFound{3, 2, 5, Cause::none, longest, most_alternatives},
      RobotsRead{3, 2, ""},
      RobotsRead{UINT64_MAX, UINT32_MAX, std::string_view(longest).substr(0, 9'000)},
      ImageFound{3, 2, 6, Cause::none, kUrl, "", ReferrerPolicy::no_referrer},
      ImageFound{3, 2, 7, Cause::none, kUrl, "http://a/\n", ReferrerPolicy::unsafe_url},
      PageFound{3, 2, 0, 2, kUrl},
      PageFound{UINT64_MAX, UINT32_MAX, UINT32_MAX, UINT32_MAX, longest},
      PageEnd{4, 1, Cause::none, 200, 120, 0},
      PageEnd{UINT64_MAX, UINT32_MAX, Cause::http_status, 65535, UINT32_MAX, UINT32_MAX, true, UINT32_MAX},
  };
}

TEST(Records, ComeBackAsTheyWere) {
  std::vector<std::byte> buffer;
  for (const auto& record : samples()) {
    const auto bytes = encode(record, buffer);
    EXPECT_LE(bytes.size(), kMaxRecordBytes);
    EXPECT_EQ(decode(bytes), record);
  }
}

TEST(Records, CarryEveryCause) {
  std::vector<std::byte> buffer;
  for (std::uint16_t number = 0; number < kCauseCount; ++number) {
    const Record record = PageEnd{1, 1, static_cast<Cause>(number), 0, 0, 0};
    EXPECT_EQ(decode(encode(record, buffer)), record);
  }
}

TEST(Records, RefuseACauseThatDoesNotExist) {
  std::vector<std::byte> buffer;
  EXPECT_EQ(decode(encode(PageEnd{1, 1, static_cast<Cause>(kCauseCount), 0, 0, 0}, buffer)), std::nullopt);
  EXPECT_EQ(decode(encode(ImageFound{1, 1, 0, static_cast<Cause>(65535), "u"}, buffer)), std::nullopt);
}

TEST(Records, RefuseAPolicyThatDoesNotExist) {
  std::vector<std::byte> buffer;
  for (const int number : {8, 255}) {
    const ImageFound found{1, 1, 0, Cause::none, "http://a/", "", static_cast<ReferrerPolicy>(number)};
    EXPECT_EQ(decode(encode(found, buffer)), std::nullopt) << number;
  }
}

TEST(Records, RefuseAFlagThatIsNeitherSetNorNot) {
  std::vector<std::byte> buffer;
  encode(PageEnd{}, buffer);
  buffer.end()[-5] = std::byte{2};  // Four bytes of links are behind it.
  EXPECT_EQ(decode(buffer), std::nullopt);
}

TEST(Records, AreCutToTheLongestUrl) {
  const std::string endless(kMaxUrlBytes + 5, 'u');
  std::vector<std::byte> buffer;
  const auto record = decode(encode(ImageFound{1, 1, 0, Cause::url_too_long, endless}, buffer));
  ASSERT_TRUE(record);
  EXPECT_EQ(std::get<ImageFound>(*record).url.size(), kMaxUrlBytes);
}

TEST(Records, CarryAnImageUpToItsLimit) {
  std::vector<std::byte> buffer;
  const std::string largest(kMaxInlineBytes, '\x80');
  const auto bytes = encode(InlineImage{1, 1, 0, largest}, buffer);
  EXPECT_LE(bytes.size(), kMaxRecordBytes);
  EXPECT_EQ(decode(bytes), (Record{InlineImage{1, 1, 0, largest}}));
  // One byte more, and a length that says so.
  std::vector<std::byte> larger(bytes.begin(), bytes.end());
  larger.push_back({});
  const auto length_at = static_cast<std::ptrdiff_t>(bytes.size() - kMaxInlineBytes - sizeof(std::uint32_t));
  const auto length = static_cast<std::uint32_t>(kMaxInlineBytes + 1);
  std::memcpy(&larger[static_cast<std::size_t>(length_at)], &length, sizeof length);
  EXPECT_EQ(decode(larger), std::nullopt);
}

TEST(Records, KeepAnyByteOfAUrl) {
  std::string url;
  for (int byte = 0; byte < 256; ++byte) url.push_back(static_cast<char>(byte));
  std::vector<std::byte> buffer;
  const auto record = decode(encode(ImageFound{1, 1, 0, Cause::bad_url, url}, buffer));
  ASSERT_TRUE(record);
  EXPECT_EQ(std::get<ImageFound>(*record).url, url);
}

TEST(Records, RefuseEveryTruncationAndEveryExtension) {
  std::vector<std::byte> buffer;
  for (const auto& sample : samples()) {
    const auto bytes = encode(sample, buffer);
    for (std::size_t length = 0; length < bytes.size(); ++length) {
      // A copy of its own, so that AddressSanitizer sees a read past the end.
      const std::vector<std::byte> cut(bytes.begin(), bytes.begin() + static_cast<std::ptrdiff_t>(length));
      ASSERT_EQ(decode(cut), std::nullopt) << length << " of " << bytes.size();
    }
    std::vector<std::byte> extended(bytes.begin(), bytes.end());
    extended.push_back(std::byte{0});
    EXPECT_EQ(decode(extended), std::nullopt);
  }
}

TEST(Records, RefuseAKindThatDoesNotExist) {
  std::vector<std::byte> buffer;
  encode(PageEnd{}, buffer);
  for (const int kind : {0, 5, 127, 255}) {
    buffer.front() = static_cast<std::byte>(kind);
    EXPECT_EQ(decode(buffer), std::nullopt);
  }
}

TEST(Records, SurviveAnyMutation) {
  std::mt19937 random(1);
  const auto any = [&](std::size_t bound) { return std::uniform_int_distribution<std::size_t>(0, bound - 1)(random); };
  std::vector<std::byte> buffer;
  std::vector<std::byte> again;
  const auto all = samples();
  int understood = 0;
  for (int round = 0; round < 20'000; ++round) {
    encode(all[any(all.size())], buffer);
    if (buffer.size() > 1000) buffer.resize(any(1000) + 1);
    std::vector<std::byte> mutant(buffer.begin(), buffer.end());
    for (std::size_t i = any(4) + 1; i > 0; --i) mutant[any(mutant.size())] = static_cast<std::byte>(any(256));
    const auto record = decode(mutant);
    if (!record) continue;
    ++understood;
    // What is understood is what encode() writes, to the byte.
    const auto bytes = encode(*record, again);
    ASSERT_TRUE(std::equal(bytes.begin(), bytes.end(), mutant.begin(), mutant.end()));
  }
  EXPECT_GT(understood, 1000);
}

TEST(Records, SurviveNoise) {
  std::mt19937 random(2);
  for (int round = 0; round < 20'000; ++round) {
    std::vector<std::byte> noise(random() % 64);
    for (auto& byte : noise) byte = static_cast<std::byte>(random() & 0xffU);
    if (!noise.empty()) noise.front() = static_cast<std::byte>(random() % 6);
    const auto record = decode(noise);
    if (!record) continue;
    std::vector<std::byte> again;
    const auto bytes = encode(*record, again);
    ASSERT_TRUE(std::equal(bytes.begin(), bytes.end(), noise.begin(), noise.end()));
  }
}

}  // namespace
}  // namespace doutu
