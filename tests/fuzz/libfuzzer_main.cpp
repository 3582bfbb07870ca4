// What libFuzzer calls: the target whose name this file is compiled with.
#include <cstdint>

#include "tests/fuzz/fuzz.h"

/// operator new here is failing_new.cpp's, by malloc; libFuzzer brings its own.
extern "C" const char* __asan_default_options() { return "alloc_dealloc_mismatch=0"; }  // NOLINT

// NOLINTNEXTLINE(readability-identifier-naming)
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  return doutu::DOUTU_FUZZ_TARGET(std::as_bytes(std::span(data, size)));
}
