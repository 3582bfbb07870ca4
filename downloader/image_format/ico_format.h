// ICO and CUR: the directory, and as many bytes as its entries ask for. What an entry points to is not looked at. No
// end mark, no checksum. Browsers show the largest image: smaller ones whose entries point nowhere are overlooked.
#pragma once

#include "downloader/image_format/step_format.h"

namespace doutu {

class IcoFormat final : public States<IcoFormat> {
 public:
  IcoFormat() : States("ico", 6, &IcoFormat::on_header) {}

 private:
  Step on_header(Bytes read);
  Step on_entry(Bytes read);
  Step on_end(Bytes read);
  Step next_entry();

  std::uint32_t entries_left_ = 0;
  std::uint64_t directory_end_ = 0;
  std::uint64_t end_ = 0;           ///< Offset behind the furthest image.
  std::uint32_t missing_area_ = 0;  ///< The largest of those that are nowhere.
};

}  // namespace doutu
