// ICO and CUR: the directory, and as many bytes as its entries ask for. What an entry points to is not looked at. No
// end mark, no checksum. Browsers show the largest image: smaller ones whose entries point nowhere are overlooked.
// Where all came, that is also behind the end of the file, but not across it: a file that was cut looks so.
#pragma once

#include <algorithm>

#include "downloader/check/image_format/step_format.h"

namespace doutu {

class IcoFormat final : public States<IcoFormat> {
 public:
  IcoFormat() : States("ico", 6, &IcoFormat::on_header) {}

 private:
  Step on_header(Bytes read);
  Step on_entry(Bytes read);
  Step on_end(Bytes read);
  Step next_entry();
  Progress at_end(BodyEnd end) override;
  /// The largest of those that are nowhere.
  void miss(std::uint32_t area) { missing_area_ = std::max(missing_area_, area); }

  std::uint32_t entries_left_ = 0;
  std::uint64_t directory_end_ = 0;
  std::uint64_t end_ = 0;  ///< Offset behind the furthest image.
  std::uint32_t missing_area_ = 0;

  struct Image {
    std::uint64_t begin = 0;
    std::uint64_t end = 0;
    std::uint32_t area = 0;
  };
  static constexpr std::size_t kMaxImages = 32;  ///< With more of them none may lie behind the end.
  std::array<Image, kMaxImages> images_{};       ///< As many as there are frames.
};

}  // namespace doutu
