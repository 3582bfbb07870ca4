// Public suites of good and broken images: pngsuite, libpng's crashers and palettes, image-rs' bad and regression
// files, and the images of WPT's MIME sniffing.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include <chrono>
#include <filesystem>
#include <map>
#include <nlohmann/json.hpp>
#include <set>
#include <string>

#include "downloader/check/signature.h"
#include "tests/conformance/conformance_data.h"
#include "tests/downloader/check/image_format/judge.h"

namespace doutu {
namespace {

namespace fs = std::filesystem;
using namespace std::string_literals;

/// What is said of each file of the suite that has one of these endings: "png 32x32 1", "damaged-image".
using Verdicts = std::map<std::string, std::string>;

Verdicts judge_all(const fs::path& folder, const std::set<std::string>& endings) {
  Verdicts verdicts;
  std::chrono::steady_clock::duration slowest{};
  for (const auto& entry : fs::directory_iterator(folder)) {
    if (!endings.contains(entry.path().extension())) continue;
    const std::string body = read_conformance_file(entry.path());
    const auto begin = std::chrono::steady_clock::now();
    const Judged judged = judge(body);
    const auto time = std::chrono::steady_clock::now() - begin;
    slowest = std::max(slowest, time);
    EXPECT_LT(time, std::chrono::milliseconds(500)) << entry.path();
    expect(judged, body);
    std::ostringstream said;
    said << judged;
    verdicts[entry.path().filename()] = said.str();
  }
  std::cout << verdicts.size() << " files, the slowest "
            << std::chrono::duration_cast<std::chrono::microseconds>(slowest).count() << " us\n";
  return verdicts;
}

TEST(ImageConformance, PngSuite) {
  const auto folder = conformance_folder("pngsuite");
  if (!folder) GTEST_SKIP() << kNoConformanceData;
  const Verdicts expected = {
      {"xs1n0g01.png", "not-an-image"},   // Signatures with another byte,
      {"xs2n0g01.png", "not-an-image"},   //
      {"xs4n0g01.png", "not-an-image"},   //
      {"xs7n0g01.png", "not-an-image"},   //
      {"xcrn0g04.png", "not-an-image"},   // with added carriage returns,
      {"xlfn0g04.png", "not-an-image"},   // with added line feeds.
      {"xhdn0g08.png", "damaged-image"},  // Checksum of the header,
      {"xcsn0g01.png", "damaged-image"},  // of the pixels.
      {"xc1n0g08.png", "damaged-image"},  // Colour types.
      {"xc9n2c08.png", "damaged-image"},  //
      {"xd0n2c08.png", "damaged-image"},  // Bit depths.
      {"xd3n2c08.png", "damaged-image"},  //
      {"xd9n2c08.png", "damaged-image"},  //
      {"xdtn0g01.png", "damaged-image"},  // No pixels.
  };
  for (const auto& [file, said] : judge_all(*folder, {".png"})) {
    if (file.starts_with('x')) {
      EXPECT_EQ(said, expected.at(file)) << file;
    } else {
      EXPECT_TRUE(said.starts_with("png ")) << file << ": " << said;
    }
    // The names of the size tests say the size: "s07n3p02.png".
    if (file.starts_with("s") && file.size() == 12) {
      EXPECT_EQ(said, fmt::format("png {0}x{0} 1", std::stoi(file.substr(1, 2)))) << file;
    }
  }
}

TEST(ImageConformance, LibpngTestImages) {
  const auto folder = conformance_folder("libpng-testpngs");
  if (!folder) GTEST_SKIP() << kNoConformanceData;
  const Verdicts expected = {
      {"badcrc.png", "damaged-image"},
      {"bad_iCCP.png", "damaged-image"},
      {"badadler.png", "png 1x1 1"},  // The checksum within the compressed data: only inflating it would tell.
  };
  for (const auto& [file, said] : judge_all(*folder, {".png"})) {
    if (const auto known = expected.find(file); known != expected.end()) {
      EXPECT_EQ(said, known->second) << file;
    } else if (file.starts_with("huge_")) {  // Chunks that announce 2 GB, of which nothing comes.
      EXPECT_EQ(said, "incomplete-image") << file;
    } else {
      EXPECT_TRUE(said.starts_with("png ")) << file << ": " << said;
    }
  }
}

TEST(ImageConformance, BadFilesOfImageRs) {
  const auto folder = conformance_folder("image-rs-bad");
  if (!folder) GTEST_SKIP() << kNoConformanceData;
  const Verdicts expected = {
      {"bad__bmp__Bad_badbitcount.bmp", "damaged-image"},
      {"bad__bmp__Bad_clrsUsed.bmp", "damaged-image"},
      {"bad__bmp__Bad_height.bmp", "damaged-image"},
      {"bad__bmp__Bad_reallybig.bmp", "incomplete-image"},
      {"bad__bmp__Bad_shortfile.bmp", "incomplete-image"},
      {"bad__bmp__Bad_unusual_extend_buffer_usage.bmp", "incomplete-image"},
      {"bad__bmp__Bad_width.bmp", "damaged-image"},
      {"regression__gif__zero-loop-count.gif", "damaged-image"},
      {"regression__ico__crash-981fee302fe0fc543ee48292cc3d6ace7e97e633.ico", "damaged-image"},
      {"regression__ico__oom-ff076e7064c13ec1f8e2c5bbbfb7a77a08db2361.ico", "incomplete-image"},
      {"regression__jpg__oss-fuzz-36829.jpeg", "damaged-image"},
      {"regression__image__resize-with-alpha-original.png", "png 129x66 1"},
      {"regression__image__resize-with-alpha-original-half-size.png", "png 65x33 1"},
      {"bad__tiff__TODO_hpredict_cmyk.tiff", "tiff 32x32 1"},  // Good; image-rs could not read it.
      // Wrong within the coded data, which is not decoded, or within what an icon's entry points to.
      {"bad__ico__Bad_smile-incorrect-image-length.ico", "ico 32x32 1"},
      {"regression__ico__oom-0d0085eb7f66ea55d9119206235cd29e089b9140.ico", "ico 32x32 1"},
      {"regression__tiff__clusterfuzz-testcase-minimized-fuzzer_script_tiff-5026894169374720.tif", "tiff 162x150 1"},
      {"regression__webp__panic.webp", "webp 100x30 1"},
  };
  Verdicts said = judge_all(*folder, {".bmp", ".gif", ".ico", ".jpeg", ".png", ".tif", ".tiff", ".webp"});
  EXPECT_EQ(said, expected);
  for (const auto& [file, verdict] : judge_all(*folder, {".tga"})) EXPECT_EQ(verdict, "not-an-image") << file;
}

std::string bytes_of(const std::string& hex) {
  std::string bytes;
  for (std::size_t at = 0; at < hex.size(); at += 3)
    bytes += static_cast<char>(std::stoi(hex.substr(at, 2), nullptr, 16));
  return bytes;
}

/// A file begins like this; what follows is as plausible as the payload alone allows.
std::string type_of(const std::string& payload) {
  std::string head = payload;
  if (payload == "BM") head += "\0\0\0\0\0\0\0\0\x36\0\0\0\x28\0\0\0"s;
  if (payload.size() == 4 && payload.starts_with("\0\0"s)) head += "\1\0\x10\x10\0\0"s;
  head.resize(100);
  return std::string(read_signature(std::as_bytes(std::span(head)), Head::complete).type);
}

TEST(ImageConformance, MimeSniffingOfImages) {
  const auto folder = conformance_folder("wpt-mimesniff", "unknown-mime-types.image-subset.json");
  if (!folder) GTEST_SKIP() << kNoConformanceData;
  const std::map<std::string, std::string> types = {{"image/x-icon", "ico"}, {"image/bmp", "bmp"},
                                                    {"image/gif", "gif"},    {"image/webp", "webp"},
                                                    {"image/png", "png"},    {"image/jpeg", "jpeg"}};
  // The standard is of a time before these, or leaves them to the Content-Type, which nothing is judged by here.
  const std::map<std::string, std::string> ours = {{"TIFF (big-endian)", "tiff"},
                                                   {"TIFF (little-endian)", "tiff"},
                                                   {"JPEG XL codestream", "jxl"},
                                                   {"JPEG XL container", "jxl"},
                                                   {"avif (first brand)", "avif"}};
  for (const auto& test : read_conformance_json(*folder / "unknown-mime-types.image-subset.json")) {
    const std::string description = test["description"];
    const auto image = types.find(test["expected_mime_type"].get<std::string>());
    const auto our = ours.find(description);
    const std::string expected = our != ours.end() ? our->second : image != types.end() ? image->second : "";
    EXPECT_EQ(type_of(bytes_of(test["payload"])), expected) << description;
  }
}

}  // namespace
}  // namespace doutu
