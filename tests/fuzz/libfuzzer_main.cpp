// What libFuzzer calls: the target whose name this file is compiled with.
#include <cstdint>

#include "tests/fuzz/fuzz.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  return doutu::DOUTU_FUZZ_TARGET(std::as_bytes(std::span(data, size)));
}
