#include "downloader/decoder/png.h"

#include <png.h>

#include <algorithm>
#include <array>
#include <csetjmp>
#include <cstddef>

#include "downloader/decoder/png_chunks.h"

namespace doutu {
namespace {

/// Uncompressed: a thousand million pixels, the default of --max-pixels, of 4 bytes.
constexpr std::uint64_t kMostBytes = std::uint64_t{4} << 30U;
/// No compressed byte makes more: 4 matches of 258 bytes, of two bits each (RFC 1951).
constexpr std::uint64_t kMostOfAByte = 1032;

/// One picture, handed to libpng as a small PNG of its own: so the frames are decoded as the image is, and a chunk that
/// is torn as any other. What libpng cannot go on with it leaves by a jump back into read(): only frames of C and of
/// functions whose variables need no destructor lie between.
class PictureReader {
 public:
  PictureReader(const PngPictures& file, const PngPicture& picture) : file_(file), picture_(picture) {}
  PictureReader(const PictureReader&) = delete;
  PictureReader& operator=(const PictureReader&) = delete;
  ~PictureReader() { png_destroy_read_struct(&png_, &info_, nullptr); }

  DecodeResult read();

 private:
  static PictureReader& reader_of(png_structp png) { return *static_cast<PictureReader*>(png_get_error_ptr(png)); }
  [[noreturn]] static void give_up(png_structp png, png_const_charp /*message*/) {
    std::longjmp(reader_of(png).start_, 1);
  }
  static void overlook(png_structp /*png*/, png_const_charp /*message*/) {}

  void feed_file();
  void feed_chunk(const char* type, ImageBytes content);
  void feed_start(const char* type, std::size_t length);
  void feed(ImageBytes bytes);
  [[nodiscard]] std::array<std::uint8_t, 13> header() const;
  [[nodiscard]] std::size_t compressed_size() const;
  void begin_rows();
  void expect_rows(int columns, int rows);

  const PngPictures& file_;
  const PngPicture& picture_;
  png_structp png_ = nullptr;
  png_infop info_ = nullptr;
  std::jmp_buf start_{};
  std::uint64_t wanted_rows_ = 0;
  std::uint64_t wanted_bytes_ = 0;
  std::uint64_t rows_ = 0;
};

/// Without a row to decode nothing is whole: libpng did not get as far as that.
DecodeResult PictureReader::read() {
  png_ = png_create_read_struct(PNG_LIBPNG_VER_STRING, this, give_up, overlook);
  if (png_ == nullptr) return DecodeResult::too_large;
  if (setjmp(start_) == 0) feed_file();  // NOLINT(cert-err52-cpp)
  if (wanted_bytes_ > kMostBytes) return DecodeResult::too_large;
  return wanted_rows_ > 0 && rows_ == wanted_rows_ ? DecodeResult::whole : DecodeResult::not_whole;
}

void PictureReader::feed_file() {
  info_ = png_create_info_struct(png_);
  png_set_crc_action(png_, PNG_CRC_QUIET_USE, PNG_CRC_QUIET_USE);  // Those of the file are checked; here are none.
  png_set_progressive_read_fn(
      png_, nullptr, [](png_structp png, png_infop) { reader_of(png).begin_rows(); },
      [](png_structp png, png_bytep, png_uint_32, int) { ++reader_of(png).rows_; }, nullptr);
  feed(kPngSignature);
  feed_chunk("IHDR", header());
  if (!file_.palette.empty()) feed_chunk("PLTE", file_.palette);
  feed_start("IDAT", compressed_size());
  for (const ImageBytes piece : picture_.data) feed(piece);
}

void PictureReader::feed_chunk(const char* type, ImageBytes content) {
  constexpr std::array<std::uint8_t, 4> kNoChecksum{};
  feed_start(type, content.size());
  feed(content);
  feed(kNoChecksum);
}

void PictureReader::feed_start(const char* type, std::size_t length) {
  std::array<std::uint8_t, 8> start{};
  png_save_uint_32(start.data(), static_cast<png_uint_32>(length));
  std::copy_n(type, 4, start.begin() + 4);
  feed(start);
}

/// libpng only reads them.
void PictureReader::feed(ImageBytes bytes) {
  png_process_data(png_, info_, const_cast<png_bytep>(bytes.data()), bytes.size());
}

std::array<std::uint8_t, 13> PictureReader::header() const {
  std::array<std::uint8_t, 13> header{};
  std::ranges::copy(file_.header, header.begin());
  png_save_uint_32(header.data(), picture_.width);
  png_save_uint_32(header.data() + 4, picture_.height);
  return header;
}

std::size_t PictureReader::compressed_size() const {
  std::size_t size = 0;
  for (const ImageBytes piece : picture_.data) size += piece.size();
  return size;
}

/// Passes are left as they come: every row that is decoded is one of the file. libpng takes a million columns at most.
void PictureReader::begin_rows() {
  png_start_read_image(png_);
  const auto width = static_cast<int>(picture_.width);
  const auto height = static_cast<int>(picture_.height);
  if (png_get_interlace_type(png_, info_) == PNG_INTERLACE_NONE) {
    expect_rows(width, height);
  } else {
    for (int pass = 0; pass < PNG_INTERLACE_ADAM7_PASSES; ++pass) {
      expect_rows(PNG_PASS_COLS(width, pass), PNG_PASS_ROWS(height, pass));
    }
  }
  if (wanted_bytes_ > std::min(kMostBytes, kMostOfAByte * compressed_size())) png_error(png_, "never whole");
}

void PictureReader::expect_rows(int columns, int rows) {
  if (columns == 0) return;
  const auto pixel_bits = std::uint64_t{png_get_channels(png_, info_)} * png_get_bit_depth(png_, info_);
  const auto row_bytes = 1 + (pixel_bits * static_cast<std::uint64_t>(columns) + 7) / 8;  // First its filter.
  wanted_rows_ += static_cast<std::uint64_t>(rows);
  wanted_bytes_ += static_cast<std::uint64_t>(rows) * row_bytes;
}

}  // namespace

DecodeResult decode_png(std::span<const std::uint8_t> image) {
  const auto file = find_png_pictures(image);
  if (!file) return DecodeResult::not_whole;
  for (const PngPicture& picture : file->all) {
    const DecodeResult decoded = PictureReader(*file, picture).read();
    if (decoded != DecodeResult::whole) return decoded;
  }
  return DecodeResult::whole;
}

}  // namespace doutu
