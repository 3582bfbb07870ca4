// HalfImage: what came of a large image before its connection broke. It goes with the image's task from one attempt to
// the next (ImageTask::half), in any slot; the end of the task discards it. A half image has an open file and some
// 100 KB, so there are at most kMostHalfImages; of others nothing is kept. Whoever has the task has it, one at a time.
#pragma once

#include <cstddef>
#include <memory>

#include "downloader/transfer/image_body.h"
#include "downloader/transfer/image_version.h"

namespace doutu {

inline constexpr std::size_t kMostHalfImages = 32;

struct HalfImage {
  std::unique_ptr<ImageBody> body;
  ImageVersion version;
};

}  // namespace doutu
