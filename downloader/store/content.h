// Content: what bytes must be like to be the same image. A value.
#pragma once

#include <cstdint>

#include "downloader/schedule/image_task.h"

namespace doutu {

struct Content {
  std::uint64_t bytes = 0;
  Sha256 sha256{};
  bool operator==(const Content&) const = default;
};

}  // namespace doutu
