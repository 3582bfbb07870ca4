// What came of decoding an image. In doutu-decoder.
#pragma once

namespace doutu {

enum class DecodeResult {
  whole,      ///< Every pixel came from bytes that are there.
  not_whole,  ///< Some did not, or the library cannot read the image.
  too_large,  ///< By the size that it announces it would take more memory or time than an image gets.
};

}  // namespace doutu
