// The two ends of the queue between one page fetcher and the downloader. A lane in shared memory is one engine, a queue
// inside one process another. One contract suite (tests/shared/lane) runs over both. Each end belongs to one thread.
//
// At least once: what was put and not acknowledged is delivered again to the next consumer. Positions are byte counts
// since the engine was made, and strictly rise. So a consumer that stores the position with its results counts every
// record once.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

#include "shared/base/clock.h"

namespace doutu {

/// Longest record an engine carries, in bytes.
inline constexpr std::size_t kMaxRecordBytes = std::size_t{128} * 1024;

enum class PutResult { ok, full, sealed, too_long };
enum class TakeResult {
  ok,
  empty,
  ended,    ///< Sealed, and everything was taken.
  damaged,  ///< The other end broke the rules; nothing more can be taken from this engine.
};

class ImageProducer {
 public:
  virtual ~ImageProducer() = default;

  /// Waits for room until the deadline; full when there was none by then. Once it returns ok the record survives the
  /// death of this process. Precondition: the record is not empty.
  virtual PutResult put(std::span<const std::byte> record, MonoTime deadline) = 0;
  virtual PutResult try_put(std::span<const std::byte> record) = 0;

  /// Nothing more will be put. Idempotent.
  virtual void seal() = 0;
};

class ImageConsumer {
 public:
  virtual ~ImageConsumer() = default;

  /// Waits for a record until the deadline; empty when there was none by then. On ok, record is a private copy, valid
  /// until the next call.
  virtual TakeResult take(std::span<const std::byte>& record, MonoTime deadline) = 0;
  virtual TakeResult try_take(std::span<const std::byte>& record) = 0;

  /// Position after the last record taken. Never less than acknowledged().
  [[nodiscard]] virtual std::uint64_t taken() const = 0;
  [[nodiscard]] virtual std::uint64_t acknowledged() const = 0;

  /// Everything up to position is dealt with; its room is free. position is a value that taken() returned, here or at
  /// an earlier consumer of this engine: if it lies ahead, this consumer goes on from there. Idempotent.
  virtual void acknowledge(std::uint64_t position) = 0;

  /// Forgets what was taken after acknowledged(): it is delivered again.
  virtual void rewind() = 0;

  /// Bytes that were published and not yet acknowledged, of at most capacity().
  [[nodiscard]] virtual std::size_t size() const = 0;
  [[nodiscard]] virtual std::size_t capacity() const = 0;
  /// Whether there is nothing to take.
  [[nodiscard]] virtual bool empty() const = 0;
  /// Whether a record of kMaxRecordBytes would not fit at this moment.
  [[nodiscard]] virtual bool full() const = 0;

  /// For a consumer that waits on several engines: becomes readable after arm() returned true and a record was put or
  /// the engine was sealed (a lost wake-up is possible when the producer dies: poll with a timeout).
  [[nodiscard]] virtual int wake_fd() const = 0;
  /// Asks for a wake-up; false when there is something to take (or an end) already. Drains wake_fd().
  virtual bool arm() = 0;
};

}  // namespace doutu
