// Images cut at every byte, and what decoding them takes, for tests of what is called whole.
#pragma once

#include <gtest/gtest.h>

#include <cstdint>
#include <ctime>
#include <ostream>
#include <span>
#include <string>
#include <string_view>

#include "downloader/decoder/decode.h"

namespace doutu {

inline void PrintTo(DecodeResult decoded, std::ostream* out) {
  constexpr const char* kWords[] = {"whole", "not whole", "too large"};
  *out << kWords[static_cast<int>(decoded)];
}

[[nodiscard]] inline DecodeResult decode(std::string_view type, std::string_view image) {
  return decode(type, std::span(reinterpret_cast<const std::uint8_t*>(image.data()), image.size()));
}

/// What this process has used since: others may run beside it.
class ProcessorTime {
 public:
  [[nodiscard]] double seconds() const { return static_cast<double>(std::clock() - begin_) / CLOCKS_PER_SEC; }

 private:
  const std::clock_t begin_ = std::clock();
};

/// Every beginning of the image that holds so many bytes is whole, and none that is shorter.
inline void expect_whole_from(std::string_view type, const std::string& image, std::size_t bytes) {
  ASSERT_LE(bytes, image.size());
  for (std::size_t size = 0; size <= image.size(); ++size) {
    // A copy of its own, so that a sanitizer sees who reads behind it.
    const std::string beginning = image.substr(0, size);
    ASSERT_EQ(decode(type, beginning), size < bytes ? DecodeResult::not_whole : DecodeResult::whole)
        << "the first " << size << " of " << image.size() << " bytes";
  }
}

}  // namespace doutu
