// What doutu-decoder answers about an image whose end mark is missing: one byte on the socket that came with the
// request (ImageDoubted). An end-of-file without a byte means that the decoder died of the image. Any thread.
#pragma once

namespace doutu {

enum class Wholeness : char {
  whole = 'w',      ///< All its pixels are there.
  not_whole = 'n',  ///< Some are missing, or nobody can tell.
};

}  // namespace doutu
