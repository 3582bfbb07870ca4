// TIFF (6.0, both byte orders) and BigTIFF: the directories of all pages, what their entries point to, and their last
// strip or tile, must have come. Offsets point anywhere, while bytes come once and in order: what is asked for behind
// the current position is visited, in the order of the file, up to a bound; of what lies before it only the end is
// known. Nearly all writers put a directory's arrays behind it. No end mark, no checksum. Where all came, the offset of
// the next directory may be cut off: it is the last that some writers write, and there is none.
#pragma once

#include "downloader/check/image_format/step_format.h"

namespace doutu {

class TiffFormat final : public States<TiffFormat> {
 public:
  TiffFormat() : States("tiff", 8, &TiffFormat::on_header) {}

 private:
  /// Numbers of one size, somewhere in the file.
  struct Array {
    std::uint64_t offset = 0;
    std::uint64_t count = 0;
    std::size_t size = 0;  ///< Of a number, in bytes.
    bool is_inline = false;
    std::array<std::uint64_t, 4> values{};  ///< The first ones, where the entry itself holds them.
  };
  /// Something to look at when the body has come that far.
  struct Visit {
    enum class What { directory, offsets, last_length };
    What what = What::directory;
    std::uint64_t offset = 0;
    Array array;            ///< Of offsets;
    Array lengths;          ///< those that belong to them.
    std::uint64_t add = 0;  ///< To the last length: where its strip begins.
  };

  Step on_header(Bytes read);
  Step on_first_directory(Bytes read);
  Step on_directory(Bytes read);
  Step on_entry(Bytes read);
  Step on_next_directory(Bytes read);
  Step on_offset(Bytes read);
  Step on_last_length(Bytes read);
  Step on_end(Bytes read);
  Progress at_end(BodyEnd end) override;

  [[nodiscard]] std::uint64_t number(Bytes bytes) const;
  [[nodiscard]] std::size_t word() const { return is_big_ ? 8 : 4; }
  [[nodiscard]] std::size_t entry_bytes() const { return is_big_ ? 20 : 12; }
  void learn(std::uint32_t tag, const Array& array);
  void find_strips();
  void note_offset(std::uint64_t offset);
  void find_last_strip(const Array& lengths);
  void require_bytes_to(std::uint64_t offset, std::uint64_t count, std::uint64_t size);
  void visit(const Visit& visit);
  Step next_visit();

  bool is_little_ = false;
  bool is_big_ = false;
  std::uint64_t entries_ = 0;  ///< Of the directory still to come.
  Array offsets_, lengths_;    ///< The directory's strips or tiles.
  std::uint64_t width_ = 0, height_ = 0;
  std::uint64_t needed_ = 0;  ///< The file must have so many bytes.
  bool has_strips_ = false;   ///< Of any page.

  Visit now_;
  std::uint64_t index_ = 0;        ///< In the offsets being read,
  std::uint64_t last_offset_ = 0;  ///< the highest so far,
  std::uint64_t last_index_ = 0;   ///< and where it stands.

  static constexpr std::size_t kMaxVisits = 16;  ///< Waiting at a time; more than that are not made.
  std::array<Visit, kMaxVisits> visits_{};
  std::size_t visit_count_ = 0;
};

}  // namespace doutu
