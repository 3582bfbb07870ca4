// ICO and CUR: the directory, and as many bytes as its entries ask for. What an entry points to is not looked at. No
// end mark, no checksum.
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

  std::uint32_t entries_left_ = 0;
  std::uint64_t directory_end_ = 0;
  std::uint64_t end_ = 0;  ///< Offset behind the furthest image.
};

}  // namespace doutu
