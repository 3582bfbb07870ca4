// The engines behind image_queue.h, for tests that hold for each of them, and small helpers that all lane tests use.
#pragma once

#include <fcntl.h>
#include <gtest/gtest.h>

#include <cstring>
#include <memory>
#include <string>
#include <string_view>

#include "shared/lane/local_queue.h"
#include "shared/lane/shared_lane.h"

namespace doutu::testing {

inline constexpr LaneIdentity kIdentity{0x1234, 7};

inline MonoTime within(Duration time) { return mono_now() + time; }
/// Long enough for any machine: whoever waits that long has found a bug.
inline MonoTime watchdog() { return within(seconds(30)); }

inline std::span<const std::byte> bytes_of(std::string_view text) { return std::as_bytes(std::span(text)); }
inline std::string text_of(std::span<const std::byte> bytes) {
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

/// A record that no other number has, of a length that varies from 8 to 307 bytes.
inline std::string record_of(std::uint64_t number) {
  std::string text(8 + number * 7 % 300, static_cast<char>('a' + number % 26));
  std::memcpy(text.data(), &number, sizeof number);
  return text;
}
inline std::uint64_t number_of(std::span<const std::byte> record) {
  std::uint64_t number = 0;
  if (record.size() >= sizeof number) std::memcpy(&number, record.data(), sizeof number);
  return number;
}

inline LaneDescriptors duplicate(const LaneDescriptors& lane) {
  const auto copy = [](const UniqueFd& fd) { return UniqueFd(::fcntl(fd.get(), F_DUPFD_CLOEXEC, 0)); };
  return {copy(lane.memory), copy(lane.data), copy(lane.space)};
}

/// A lane in shared memory, both ends in this process unless the test forks.
class SharedEngine {
 public:
  explicit SharedEngine(std::size_t capacity = kMinLaneCapacity)
      : descriptors_(create_lane(kIdentity, capacity).value()) {}

  [[nodiscard]] std::unique_ptr<ImageProducer> producer() const {
    return attach_producer(duplicate(descriptors_), kIdentity).value();
  }
  [[nodiscard]] std::unique_ptr<ImageConsumer> consumer() const {
    return attach_consumer(duplicate(descriptors_), kIdentity).value();
  }
  [[nodiscard]] const LaneDescriptors& descriptors() const { return descriptors_; }

 private:
  LaneDescriptors descriptors_;
};

class LocalEngine {
 public:
  explicit LocalEngine(std::size_t capacity = kMinLaneCapacity) : queue_(LocalQueue::create(capacity).value()) {}

  [[nodiscard]] std::unique_ptr<ImageProducer> producer() const { return queue_->producer(); }
  [[nodiscard]] std::unique_ptr<ImageConsumer> consumer() const { return queue_->consumer(); }

 private:
  std::unique_ptr<LocalQueue> queue_;
};

/// What the consumer takes next, or "(empty)", "(ended)", "(damaged)".
inline std::string next(ImageConsumer& consumer) {
  std::span<const std::byte> record;
  switch (consumer.try_take(record)) {
    case TakeResult::ok:
      return text_of(record);
    case TakeResult::empty:
      return "(empty)";
    case TakeResult::ended:
      return "(ended)";
    case TakeResult::damaged:
      return "(damaged)";
  }
  return "(?)";
}

}  // namespace doutu::testing
