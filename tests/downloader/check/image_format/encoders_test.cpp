// Images as the encoders of the world make them, made while the test runs. Everything that holds for every type.
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <memory>
#include <ostream>
#include <random>
#include <string>
#include <vector>

#include "tests/downloader/check/image_format/judge.h"
#include "tests/downloader/check/image_format/png_bytes.h"
#include "tests/site/temporary_folder.h"

namespace doutu {
namespace {

struct Sample {
  std::string file;
  std::string tool;     ///< Whose program makes it.
  std::string command;  ///< In a folder with src.png, alpha.png and a.png, b.png, c.png.
  Judged expected;
  /// What `identify` of ImageMagick says of its size, where it reads the type and means the same.
  enum class Identify { agrees, reads_it_not } identify = Identify::agrees;
};

void PrintTo(const Sample& sample, std::ostream* out) { *out << sample.file; }

Judged still(const std::string& type) { return {.type = type, .width = 160, .height = 120, .frames = 1}; }
Judged moving(const std::string& type, std::uint32_t frames) {
  return {.type = type, .width = 80, .height = 60, .frames = frames};
}

constexpr auto kNotRead = Sample::Identify::reads_it_not;
const std::vector<Sample> kSamples = {
    {"baseline.jpg", "convert", "convert src.png -interlace none baseline.jpg", still("jpeg")},
    {"progressive.jpg", "convert", "convert src.png -interlace JPEG progressive.jpg", still("jpeg")},
    {"restart.jpg", "cjpeg", "convert src.png ppm:- | cjpeg -restart 1 -outfile restart.jpg", still("jpeg")},
    {"arithmetic.jpg", "cjpeg", "convert src.png ppm:- | cjpeg -arithmetic -outfile arithmetic.jpg", still("jpeg")},
    {"gray.jpg", "convert", "convert src.png -colorspace Gray gray.jpg", still("jpeg")},
    {"cmyk.jpg", "convert", "convert src.png -colorspace CMYK cmyk.jpg", still("jpeg")},
    {"8.png", "convert", "convert src.png -depth 8 8.png", still("png")},
    {"16.png", "convert", "convert src.png -depth 16 png48:16.png", still("png")},
    {"palette.png", "convert", "convert src.png -colors 16 png8:palette.png", still("png")},
    {"interlaced.png", "convert", "convert src.png -colors 16 -interlace PNG interlaced.png", still("png")},
    {"animated.png", "apngasm", "cp a.png f1.png; cp b.png f2.png; cp c.png f3.png; apngasm animated.png f1.png",
     moving("png", 3)},
    {"still.gif", "convert", "convert src.png still.gif", still("gif")},
    {"animated.gif", "gifsicle",
     "for i in a b c; do convert $i.png $i.gif; done; gifsicle --loop -d 10 a.gif b.gif c.gif -o animated.gif",
     moving("gif", 3)},
    {"lossy.webp", "cwebp", "cwebp -quiet src.png -o lossy.webp", still("webp")},
    {"lossless.webp", "cwebp", "cwebp -quiet -lossless src.png -o lossless.webp", still("webp")},
    {"alpha.webp", "cwebp", "cwebp -quiet alpha.png -o alpha.webp", still("webp")},
    {"lossy-animated.webp", "img2webp", "img2webp -lossy a.png b.png c.png -o lossy-animated.webp", moving("webp", 3),
     kNotRead},
    {"animated.webp", "gif2webp",
     "for i in a b c; do convert $i.png $i.gif; done; gifsicle a.gif b.gif c.gif -o x.gif;"
     " gif2webp -quiet x.gif -o animated.webp",
     moving("webp", 3), kNotRead},
    {"still.avif", "avifenc", "avifenc -s 10 src.png still.avif", still("avif"), kNotRead},
    {"alpha.avif", "avifenc", "avifenc -s 10 alpha.png alpha.avif", still("avif"), kNotRead},
    {"grid.avif", "avifenc", "avifenc -s 10 --grid 2x1 src.png grid.avif", still("avif"), kNotRead},
    {"sequence.avif", "avifenc", "avifenc -s 10 a.png b.png c.png sequence.avif", moving("avif", 3), kNotRead},
    {"still.heic", "heif-enc", "heif-enc src.png -o still.heic", still("heic"), kNotRead},
    {"thumbnail.heic", "heif-enc", "heif-enc -t 64 src.png -o thumbnail.heic", still("heic"), kNotRead},
    {"24.bmp", "convert", "convert src.png -type truecolor BMP3:24.bmp", still("bmp")},
    {"v4.bmp", "convert", "convert alpha.png v4.bmp", still("bmp")},
    {"os2.bmp", "convert", "convert src.png BMP2:os2.bmp", still("bmp")},
    {"runs.bmp", "convert", "convert src.png -colors 16 -compress RLE runs.bmp", still("bmp")},
    {"several.ico",
     "convert",
     "convert src.png -define icon:auto-resize=64,32,16 several.ico",
     {.type = "ico", .width = 64, .height = 64, .frames = 3}},
    {"little.tiff", "convert", "convert src.png -endian LSB little.tiff", still("tiff")},
    {"big.tiff", "convert", "convert src.png -endian MSB big.tiff", still("tiff")},
    {"strips.tiff", "convert", "convert src.png -define tiff:rows-per-strip=8 -compress lzw strips.tiff",
     still("tiff")},
    {"tiles.tiff", "convert", "convert src.png -define tiff:tile-geometry=64x64 tiles.tiff", still("tiff")},
    {"pages.tiff", "convert", "convert a.png b.png c.png pages.tiff", moving("tiff", 3)},
    {"bigtiff.tiff", "convert", "convert a.png b.png tiff64:bigtiff.tiff", moving("tiff", 2)},
    // Without the line's end, which is no part of the image.
    {"drawing.svg",
     "qrencode",
     "printf %s \"$(qrencode -t SVG -s 3 -o - doutu)\" > drawing.svg",
     {.type = "svg", .width = 29, .height = 29, .frames = 1},
     kNotRead},
};

std::string content(const std::filesystem::path& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

class Encoders : public testing::TestWithParam<Sample> {
 protected:
  static void SetUpTestSuite() {
    folder = std::make_unique<TemporaryFolder>();
    // Of few colours and soft edges, so that every file is small: each is read at thousands of lengths.
    has_sources = run("convert -seed 1 -size 160x120 gradient:red-blue -swirl 180 -colors 40 src.png") &&
                  run("convert src.png -alpha set -channel A -evaluate set 50% alpha.png") &&
                  run("convert src.png -crop 80x60+0+0 +repage a.png") &&
                  run("convert src.png -crop 80x60+40+30 +repage b.png") &&
                  run("convert src.png -crop 80x60+80+60 +repage c.png");
  }
  static void TearDownTestSuite() { folder.reset(); }

  static bool run(const std::string& command) {
    const std::string line = "cd '" + folder->path().string() + "' && { " + command + "; } > log 2>&1";
    return std::system(line.c_str()) == 0;  // NOLINT(cert-env33-c): the test's own line.
  }

  void SetUp() override {
    if (!has_sources) GTEST_SKIP() << "needs convert (package imagemagick)";
    if (!run("command -v " + sample().tool)) GTEST_SKIP() << "needs " << sample().tool;
    const std::filesystem::path path = *folder / sample().file;
    const bool is_made = std::filesystem::exists(path) || run(sample().command);
    body_ = content(path);
    ASSERT_TRUE(is_made && !body_.empty()) << sample().command << '\n' << content(*folder / "log");
  }

  [[nodiscard]] static const Sample& sample() { return GetParam(); }

  void expect_the_size_that_image_magick_sees() const;
  void expect_no_beginning_to_be_whole() const;
  void expect_beginnings_that_are_whole_where_all_came_to_show_everything() const;
  [[nodiscard]] std::string pixels_of(const std::string& bytes) const;
  void expect_no_harm_from_wounds() const;
  void expect_every_flipped_bit_that_matters_to_be_found() const;

  static inline std::unique_ptr<TemporaryFolder> folder;
  static inline bool has_sources = false;
  std::string body_;
};

void Encoders::expect_the_size_that_image_magick_sees() const {
  ASSERT_TRUE(run("identify -format '%w %h\\n' " + sample().file + " | sort -n | tail -n 1"));
  EXPECT_EQ(content(*folder / "log"),
            std::to_string(sample().expected.width) + ' ' + std::to_string(sample().expected.height) + '\n');
}

/// Of about 2,000 beginnings, the first and last 500 among them. Shorter than 256 bytes the signature may be missing.
void Encoders::expect_no_beginning_to_be_whole() const {
  const std::size_t step = std::max<std::size_t>(body_.size() / 1000, 1);
  for (std::size_t size = 1; size < body_.size();) {
    const Judged cut = judge(std::string_view(body_).substr(0, size));
    const bool is_short = size < 256 && cut.cause != Cause::none;
    ASSERT_TRUE(is_short || cut.cause == Cause::incomplete_image) << cut << " at " << size << " of " << body_.size();
    size += size < 500 || size + 500 + step > body_.size() ? 1 : step;
  }
}

/// As ImageMagick decodes them, whatever it complains of; empty: it will not.
std::string Encoders::pixels_of(const std::string& bytes) const {
  const std::string file = "cut-" + sample().file;
  std::ofstream(*folder / file, std::ios::binary) << bytes;
  std::filesystem::remove(*folder / "pixels");
  run("convert " + file + " -depth 8 rgba:pixels");
  return content(*folder / "pixels");
}

/// An animation may lack frames. Of each run of such beginnings the shortest is decoded.
void Encoders::expect_beginnings_that_are_whole_where_all_came_to_show_everything() const {
  const std::string whole = pixels_of(body_);
  const std::size_t step = std::max<std::size_t>(body_.size() / 1000, 1);
  bool was_whole = false;
  for (std::size_t size = 1; size < body_.size();) {
    const std::string beginning = body_.substr(0, size);
    const Judged cut = judge(beginning, std::string_view::npos, BodyEnd::announced);
    const bool is_whole = cut.cause == Cause::none;
    if (is_whole && !was_whole) {
      ASSERT_TRUE(whole.starts_with(pixels_of(beginning))) << cut << " at " << size << " of " << body_.size();
    }
    was_whole = is_whole;
    size += size < 500 || size + 500 + step > body_.size() ? 1 : step;
  }
}

/// Bytes changed, lost and added: any verdict will do, but it must not depend on the pieces.
void Encoders::expect_no_harm_from_wounds() const {
  std::mt19937 random(1);  // NOLINT(cert-msc51-cpp): the same every time.
  const auto below = [&random](std::size_t limit) {
    return std::uniform_int_distribution<std::size_t>(0, limit - 1)(random);
  };
  for (int round = 0; round < 300; ++round) {
    std::string hurt = body_;
    for (std::size_t wounds = 1 + below(5); wounds > 0; --wounds) {
      const std::size_t at = below(round % 2 == 0 ? hurt.size() : std::min<std::size_t>(hurt.size(), 300));
      hurt[at] = static_cast<char>(below(256));
      if (below(3) == 0) hurt.erase(at, below(16));
      if (below(3) == 0) hurt.insert(at, below(8), static_cast<char>(below(2) * 255));
    }
    ASSERT_EQ(judge(hurt, 1 + below(40)), judge(hurt)) << "round " << round;
  }
}

/// Of a PNG.
void Encoders::expect_every_flipped_bit_that_matters_to_be_found() const {
  for (const std::size_t at : bytes_that_matter(body_)) {
    for (unsigned bit = 0; bit < 8; ++bit) {
      std::string flipped = body_;
      flipped[at] = static_cast<char>(static_cast<unsigned char>(flipped[at]) ^ 1U << bit);
      ASSERT_NE(judge(flipped).cause, Cause::none) << "bit " << bit << " of byte " << at;
    }
  }
}

TEST_P(Encoders, MakeImagesThatAreWholeAtTheirEndOnly) {
  expect(sample().expected, body_);
  if (sample().identify != kNotRead) expect_the_size_that_image_magick_sees();
  expect_no_beginning_to_be_whole();
  if (sample().identify != kNotRead) expect_beginnings_that_are_whole_where_all_came_to_show_everything();
  expect_no_harm_from_wounds();
  if (sample().expected.type == "png") expect_every_flipped_bit_that_matters_to_be_found();
}

INSTANTIATE_TEST_SUITE_P(OfTheWorld, Encoders, testing::ValuesIn(kSamples), [](const auto& sample) {
  std::string name = sample.param.file;
  std::ranges::replace_if(
      name, [](char letter) { return letter == '.' || letter == '-'; }, '_');
  return name;
});

}  // namespace
}  // namespace doutu
