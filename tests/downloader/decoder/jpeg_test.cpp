#include "downloader/decoder/jpeg.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdio>  // jpeglib.h wants FILE.
#include <cstdlib>
#include <functional>
#include <memory>
#include <ostream>
#include <string>
#include <vector>

#include <jpeglib.h>

#include "tests/downloader/decoder/cuts.h"

namespace doutu {
namespace {

using namespace std::string_literals;

constexpr unsigned kWidth = 37;
constexpr unsigned kHeight = 29;

using Scans = std::vector<jpeg_scan_info>;

/// How an image is encoded, by libjpeg: what cjpeg and jpegtran do.
struct Encoding {
  std::string name;
  std::function<void(jpeg_compress_struct&)> set = [](jpeg_compress_struct&) {};
  Scans scans = {};
};

void PrintTo(const Encoding& encoding, std::ostream* out) { *out << encoding.name; }

/// Soft shapes, and noise, so that most coefficients are of use.
std::vector<JSAMPLE> row(unsigned y) {
  std::vector<JSAMPLE> samples(std::size_t{3} * kWidth);
  for (unsigned i = 0; i < samples.size(); ++i) {
    samples[i] = static_cast<JSAMPLE>(i * 3 + y * 5 + (i * 7919 + y * 104'729) % 61);
  }
  return samples;
}

std::string encode(const Encoding& encoding) {
  jpeg_compress_struct info{};
  jpeg_error_mgr errors{};
  info.err = jpeg_std_error(&errors);  // Its error_exit() ends the test.
  jpeg_create_compress(&info);
  unsigned char* bytes = nullptr;
  unsigned long size = 0;
  jpeg_mem_dest(&info, &bytes, &size);
  info.image_width = kWidth;
  info.image_height = kHeight;
  info.input_components = 3;
  info.in_color_space = JCS_RGB;
  jpeg_set_defaults(&info);
  encoding.set(info);
  if (!encoding.scans.empty()) {
    info.scan_info = encoding.scans.data();
    info.num_scans = static_cast<int>(encoding.scans.size());
  }
  jpeg_start_compress(&info, TRUE);
  for (unsigned y = 0; y < kHeight; ++y) {
    std::vector<JSAMPLE> samples = row(y);
    JSAMPROW pointer = samples.data();
    jpeg_write_scanlines(&info, &pointer, 1);
  }
  jpeg_finish_compress(&info);
  jpeg_destroy_compress(&info);
  const std::unique_ptr<unsigned char, decltype(&std::free)> owner(bytes, &std::free);
  return {reinterpret_cast<const char*>(bytes), size};
}

void use_full_colors(jpeg_compress_struct& info) {
  for (int i = 0; i < 3; ++i) info.comp_info[i].h_samp_factor = info.comp_info[i].v_samp_factor = 1;
}

jpeg_scan_info all_dc(int high, int low) { return {3, {0, 1, 2, 0}, 0, 0, high, low}; }
jpeg_scan_info some(int component, int first, int last, int high, int low) {
  return {1, {component, 0, 0, 0}, first, last, high, low};
}

/// All at once, coefficient after coefficient, without refinement.
Scans by_band() {
  Scans scans = {all_dc(0, 0)};
  for (int component = 0; component < 3; ++component) {
    for (const auto& [first, last] : {std::pair(1, 1), std::pair(2, 9), std::pair(10, 63)}) {
      scans.push_back(some(component, first, last, 0, 0));
    }
  }
  return scans;
}

/// One bit after the other, the last component first.
Scans by_bit() {
  Scans scans = {all_dc(0, 2), all_dc(2, 1), all_dc(1, 0)};
  for (int component = 2; component >= 0; --component) scans.push_back(some(component, 1, 63, 0, 3));
  for (int bit = 3; bit > 0; --bit) {
    for (int component = 2; component >= 0; --component) scans.push_back(some(component, 1, 63, bit, bit - 1));
  }
  return scans;
}

Scans component_after_component() { return {some(0, 0, 63, 0, 0), some(1, 0, 63, 0, 0), some(2, 0, 63, 0, 0)}; }
Scans two_together() { return {some(0, 0, 63, 0, 0), {2, {1, 2, 0, 0}, 0, 63, 0, 0}}; }

Scans without_last(Scans scans) {
  scans.pop_back();
  return scans;
}

const Encoding kBaseline{.name = "baseline"};

const std::vector<Encoding> kEncodings = {
    kBaseline,
    {.name = "full_colors", .set = use_full_colors},
    {.name = "gray", .set = [](auto& info) { jpeg_set_colorspace(&info, JCS_GRAYSCALE); }},
    {.name = "four_components",
     .set =
         [](auto& info) {
           info.in_color_space = JCS_CMYK;
           info.input_components = 4;
           info.image_width = kWidth * 3 / 4;
           jpeg_set_defaults(&info);
         }},
    {.name = "optimised", .set = [](auto& info) { info.optimize_coding = TRUE; }},
    {.name = "restarts_each_block", .set = [](auto& info) { info.restart_interval = 1; }},
    {.name = "restarts_each_row", .set = [](auto& info) { info.restart_in_rows = 1; }},
    {.name = "best_quality", .set = [](auto& info) { jpeg_set_quality(&info, 100, TRUE); }},
    {.name = "worst_quality", .set = [](auto& info) { jpeg_set_quality(&info, 1, TRUE); }},
    {.name = "progressive", .set = [](auto& info) { jpeg_simple_progression(&info); }},
    {.name = "progressive_gray",
     .set =
         [](auto& info) {
           jpeg_set_colorspace(&info, JCS_GRAYSCALE);
           jpeg_simple_progression(&info);
         }},
    {.name = "progressive_with_restarts",
     .set =
         [](auto& info) {
           info.restart_interval = 2;
           jpeg_simple_progression(&info);
         }},
    {.name = "progressive_by_band", .scans = by_band()},
    {.name = "progressive_by_bit", .scans = by_bit()},
    {.name = "component_after_component", .scans = component_after_component()},
    {.name = "two_components_together", .scans = two_together()}};

std::string name_of(const testing::TestParamInfo<Encoding>& info) { return info.param.name; }

class Jpeg : public testing::TestWithParam<Encoding> {};

/// The encoder ends the data with the last byte that it needs, and EOI follows.
TEST_P(Jpeg, IsWholeFromItsLastByteOfDataOn) {
  const std::string image = encode(GetParam());
  expect_whole_from("jpeg", image, image.size() - 2);
}

INSTANTIATE_TEST_SUITE_P(Encoded, Jpeg, testing::ValuesIn(kEncodings), name_of);

TEST(JpegScans, ThatAreMissingFromTheScriptMakeItNotWhole) {
  for (const Scans& scans : {by_bit(), by_band()}) {
    EXPECT_EQ(decode("jpeg", encode({.name = "", .scans = scans})), DecodeResult::whole);
    EXPECT_EQ(decode("jpeg", encode({.name = "", .scans = without_last(scans)})), DecodeResult::not_whole);
  }
}

TEST(JpegScans, OfAComponentThatNeverComesMakeItNotWhole) {
  std::string image = encode({.name = "", .scans = component_after_component()});
  const auto last_scan = image.rfind("\xff\xda");
  EXPECT_EQ(decode("jpeg", image.substr(0, last_scan) + "\xff\xd9"), DecodeResult::not_whole);
}

TEST(JpegScans, MayHaveNumbersThatMeanNothingInTheirHeaders) {
  std::string image = encode(kBaseline);
  const auto numbers = image.find("\xff\xda") + 11;
  ASSERT_EQ(image.substr(numbers, 3), "\x00\x3f\x00"s);
  image.replace(numbers, 3, "\0\0\0"s);
  EXPECT_EQ(decode("jpeg", image.substr(0, image.size() - 2)), DecodeResult::whole);
}

TEST(JpegData, InArithmeticCodingIsNeverWhole) {
  const std::string image = encode({.name = "", .set = [](auto& info) { info.arith_code = TRUE; }});
  EXPECT_EQ(decode("jpeg", image), DecodeResult::not_whole);
}

TEST(JpegData, MayEndInAnythingInPlaceOfItsEndMark) {
  std::string image = encode(kBaseline);
  image.resize(image.size() - 2);
  for (const std::string& trailer : {"SEFT"s, std::string(500, '\0'), "\xff\xff\xff"s, "\xff\xd8\xff\xe1\0\x08xxxxxx"s,
                                     "\xff\xda\0\x08\1\1\0\0\x3f\0"s, "\xff\xd0\xff\xd1"s}) {
    EXPECT_EQ(decode("jpeg", image + trailer), DecodeResult::whole) << testing::PrintToString(trailer);
  }
}

TEST(JpegData, ThatIsMissingIsNotMadeUpForByWhatStandsBehind) {
  const std::string image = encode({.name = "", .set = [](auto& info) { info.restart_interval = 1; }});
  const auto restart = image.find("\xff\xd3");
  ASSERT_NE(restart, std::string::npos);
  EXPECT_EQ(decode("jpeg", image.substr(0, restart) + image.substr(restart + 2)), DecodeResult::not_whole);
  EXPECT_EQ(decode("jpeg", image.substr(0, restart - 1) + image.substr(restart)), DecodeResult::not_whole);
}

TEST(JpegData, ThatIsNoJpegIsNotWhole) {
  for (const std::string& bytes :
       {""s, "\xff"s, "\xff\xd8"s, "\xff\xd8\xff\xd9"s, "GIF89a"s, std::string(9999, '\xff')}) {
    EXPECT_EQ(decode("jpeg", bytes), DecodeResult::not_whole);
  }
}

/// The same image, which says that it is larger.
std::string of_size(std::string image, unsigned side) {
  const auto frame = std::min(image.find("\xff\xc0"), image.find("\xff\xc2"));
  for (const std::size_t at : {frame + 5, frame + 7}) {
    image[at] = static_cast<char>(side >> 8U);
    image[at + 1] = static_cast<char>(side & 0xFFU);
  }
  return image;
}

TEST(JpegBomb, IsTooLargeOrEndsWhereItsDataDoes) {
  const ProcessorTime time;
  for (const Encoding& encoding : {kBaseline, Encoding{.name = "", .scans = by_bit()}}) {
    EXPECT_EQ(decode("jpeg", of_size(encode(encoding), 65'500)), DecodeResult::too_large);
    EXPECT_EQ(decode("jpeg", of_size(encode(encoding), 12'000)), DecodeResult::not_whole);
  }
  EXPECT_LT(time.seconds(), 3);
}

}  // namespace
}  // namespace doutu
