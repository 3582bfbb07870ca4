// A bare JPEG XL codestream: known by its signature alone. It has neither sizes of its parts nor an end mark; whether
// it is whole only a decoder can tell. So it is believed where all came.
#pragma once

#include "downloader/check/image_format/image_format.h"

namespace doutu {

class JxlCodestream final : public ImageFormat {
 public:
  JxlCodestream() : ImageFormat("jxl") { facts_.frames = 1; }
  Progress feed(Bytes /*bytes*/) override { return Progress::going; }
  Progress finish(BodyEnd end) override { return end == BodyEnd::announced ? Progress::complete : Progress::going; }
};

}  // namespace doutu
