#include "downloader/decoder/jpeg.h"

#include <algorithm>
#include <array>
#include <csetjmp>
#include <cstddef>
#include <cstdio>  // jpeglib.h wants FILE.

#include <jerror.h>
#include <jpeglib.h>

namespace doutu {
namespace {

/// Of coefficients: 2 bytes each, 3 to 6 bytes a pixel. The sandbox leaves room for it beside the file.
constexpr std::size_t kMostMemory = std::size_t{640} << 20U;

/// Of libjpeg, which reads as much as it needs and takes this for the end.
constexpr std::array<JOCTET, 2> kEndMarker = {0xFF, JPEG_EOI};

/// Warnings that speak of no data: of the numbers in a sequential scan's header, which decoders overlook.
bool is_harmless(int warning) { return warning == JWRN_NOT_SEQUENTIAL; }

/// One image. What libjpeg cannot go on with it leaves by a jump back into read(): only frames of C and of functions
/// whose variables need no destructor lie between.
class JpegReader {
 public:
  explicit JpegReader(std::span<const std::uint8_t> image);
  JpegReader(const JpegReader&) = delete;
  JpegReader& operator=(const JpegReader&) = delete;
  ~JpegReader() { jpeg_destroy_decompress(&info_); }

  DecodeResult read();

 private:
  static JpegReader& reader_of(j_common_ptr info) { return *static_cast<JpegReader*>(info->client_data); }
  [[noreturn]] static void give_up(j_common_ptr info);
  static void take_note(j_common_ptr info, int level);
  static void pretend_end(j_decompress_ptr info);
  static void skip(j_decompress_ptr info, long count);

  DecodeResult read_scans();
  [[nodiscard]] std::size_t size_of_coefficients() const;
  void note_scan();
  [[nodiscard]] bool has_all_components() const;
  [[nodiscard]] bool has_all_bits() const;

  jpeg_decompress_struct info_{};
  jpeg_error_mgr errors_{};
  jpeg_source_mgr source_{};
  std::jmp_buf start_{};
  std::array<bool, MAX_COMPONENTS> has_scan_{};  ///< By a component's place in the frame.
  bool lacks_data_ = false;
};

JpegReader::JpegReader(std::span<const std::uint8_t> image) {
  info_.err = jpeg_std_error(&errors_);
  info_.client_data = this;
  errors_.error_exit = give_up;
  errors_.emit_message = take_note;
  source_.next_input_byte = image.data();
  source_.bytes_in_buffer = image.size();
  source_.init_source = [](j_decompress_ptr) {};
  source_.fill_input_buffer = [](j_decompress_ptr info) -> boolean { return pretend_end(info), TRUE; };
  source_.skip_input_data = skip;
  source_.resync_to_restart = jpeg_resync_to_restart;
  source_.term_source = [](j_decompress_ptr) {};
}

void JpegReader::give_up(j_common_ptr info) { std::longjmp(reader_of(info).start_, info->err->msg_code); }

void JpegReader::take_note(j_common_ptr info, int level) {
  const bool is_warning = level < 0;
  if (is_warning && !is_harmless(info->err->msg_code)) reader_of(info).lacks_data_ = true;
}

void JpegReader::pretend_end(j_decompress_ptr info) {
  info->src->next_input_byte = kEndMarker.data();
  info->src->bytes_in_buffer = kEndMarker.size();
}

void JpegReader::skip(j_decompress_ptr info, long count) {
  const auto wanted = static_cast<std::size_t>(std::max(count, 0L));
  if (wanted >= info->src->bytes_in_buffer) return pretend_end(info);
  info->src->next_input_byte += wanted;
  info->src->bytes_in_buffer -= wanted;
}

DecodeResult JpegReader::read() {
  const int error = setjmp(start_);  // NOLINT(cert-err52-cpp)
  if (error == JERR_OUT_OF_MEMORY || error == JERR_NO_BACKING_STORE) return DecodeResult::too_large;
  if (error != 0) return DecodeResult::not_whole;
  jpeg_create_decompress(&info_);
  info_.mem->max_memory_to_use = kMostMemory;
  info_.src = &source_;
  jpeg_read_header(&info_, TRUE);
  if (info_.arith_code) return DecodeResult::not_whole;
  if (size_of_coefficients() > kMostMemory) return DecodeResult::too_large;
  lacks_data_ = false;  // What was warned of until here is the header's.
  info_.buffered_image = TRUE;
  info_.raw_data_out = TRUE;  // No output is asked for: the coefficients tell all.
  jpeg_start_decompress(&info_);
  return read_scans();
}

DecodeResult JpegReader::read_scans() {
  for (;;) {
    const int event = jpeg_consume_input(&info_);
    if (lacks_data_ || event == JPEG_REACHED_EOI) return DecodeResult::not_whole;
    if (event != JPEG_SCAN_COMPLETED) continue;
    note_scan();
    if (has_all_components() && has_all_bits()) return DecodeResult::whole;
  }
}

std::size_t JpegReader::size_of_coefficients() const {
  std::size_t size = 0;
  for (int i = 0; i < info_.num_components; ++i) {
    const jpeg_component_info& component = info_.comp_info[i];
    size += std::size_t{component.width_in_blocks} * component.height_in_blocks * sizeof(JBLOCK);
  }
  return size;
}

void JpegReader::note_scan() {
  for (int i = 0; i < info_.comps_in_scan; ++i) {
    has_scan_.at(static_cast<std::size_t>(info_.cur_comp_info[i]->component_index)) = true;
  }
}

bool JpegReader::has_all_components() const {
  const auto components = std::span(has_scan_).first(static_cast<std::size_t>(info_.num_components));
  return std::ranges::find(components, false) == components.end();
}

/// Of a progressive image each scan says of some coefficients which bits it has; the last is bit 0.
bool JpegReader::has_all_bits() const {
  if (!info_.progressive_mode) return true;
  for (int i = 0; i < info_.num_components; ++i) {
    if (std::ranges::any_of(std::span(info_.coef_bits[i]), [](int bit) { return bit != 0; })) return false;
  }
  return true;
}

}  // namespace

DecodeResult decode_jpeg(std::span<const std::uint8_t> image) { return JpegReader(image).read(); }

}  // namespace doutu
