// A lane's memory as a process sees it that keeps no rules: tests scribble on it, and look at what is left of it.
#pragma once

#include <sys/mman.h>

#include <span>

#include "tests/shared/lane/engines.h"

namespace doutu::testing {

class RawLane {
 public:
  explicit RawLane(const LaneDescriptors& lane, std::size_t capacity = kMinLaneCapacity)
      : bytes_(kLaneHeaderBytes + capacity),
        start_(::mmap(nullptr, bytes_, PROT_READ | PROT_WRITE, MAP_SHARED, lane.memory.get(), 0)) {
    DOUTU_CHECK(start_ != MAP_FAILED);
  }
  RawLane(const RawLane&) = delete;
  RawLane& operator=(const RawLane&) = delete;
  ~RawLane() { ::munmap(start_, bytes_); }

  [[nodiscard]] LaneHeader& header() const { return *static_cast<LaneHeader*>(start_); }
  [[nodiscard]] std::span<std::byte> all() const { return {static_cast<std::byte*>(start_), bytes_}; }
  [[nodiscard]] std::span<std::byte> signal() const { return all().subspan(kLaneHeaderBytes); }

 private:
  std::size_t bytes_;
  void* start_;
};

}  // namespace doutu::testing
