// A lane: a ring of bytes with one producer and one consumer, over memory that both can see (lane_layout.h). It knows
// no mapping and no process: shared_lane.h puts it between two processes, tests between two threads. Each end belongs
// to one thread. Neither end holds anything that the other waits for, so either may be killed at any instruction.
//
// The consumer trusts nothing that the producer can write. It checks each counter when it reads it, and copies each
// record before it looks at it. After the first breach the consumer is damaged for good. The producer needs no trust:
// whatever the header says, it writes inside the ring.
//
// Each end keeps a copy of the other side's counter. It reads the counter again only when the copy says "nothing to
// do". So a busy lane does not move a cache line for each record.
//
// Measured with tests/bench/lane_bench on two otherwise idle cores, URLs of 85 bytes encoded, put, taken, decoded and
// acknowledged from process to process: 19 to 21 million a second (38 in one run of five); Python's
// multiprocessing.Queue, run in turn with it: 0.20 to 0.26 million, so 74 to 180 times less. On busy cores both fall to
// a fraction.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>

#include "shared/base/result.h"
#include "shared/lane/image_queue.h"
#include "shared/lane/lane_layout.h"
#include "shared/lane/wake_event.h"

namespace doutu {

/// Which lane it is; a process that was handed another one by mistake finds out when it attaches.
struct LaneIdentity {
  std::uint64_t run_id = 0;
  std::uint64_t generation = 0;
};

/// Makes zeroed memory a lane. Precondition: lane_region_fits(region.size()), and page alignment.
void format_lane(std::span<std::byte> region, LaneIdentity identity);
/// Whether a region of that size holds the header and a ring of a possible capacity.
[[nodiscard]] bool lane_region_fits(std::size_t bytes);

/// A region that is a lane: its header, and its ring addressed by position.
class LaneView {
 public:
  /// Refuses what format_lane() did not make, what another version made, and another identity than expected.
  static Result<LaneView> over(std::span<std::byte> region, LaneIdentity expected);

  [[nodiscard]] LaneHeader& header() const { return *header_; }
  [[nodiscard]] std::size_t capacity() const { return ring_.size(); }

  void write_length(std::uint64_t position, std::uint64_t length) const;
  [[nodiscard]] std::uint64_t read_length(std::uint64_t position) const;
  void write(std::uint64_t position, std::span<const std::byte> bytes) const;
  void read(std::uint64_t position, std::span<std::byte> bytes) const;

 private:
  LaneView(LaneHeader* header, std::span<std::byte> ring) : header_(header), ring_(ring) {}
  [[nodiscard]] std::size_t place(std::uint64_t position) const { return position & (ring_.size() - 1); }

  LaneHeader* header_;
  std::span<std::byte> ring_;
};

/// What is signalled when there is something to take, and when there is room again.
struct LaneEvents {
  WakeEvent data;
  WakeEvent space;
};

class LaneProducer : public ImageProducer {
 public:
  /// A lane has one producer in its life: an error when another one has claimed it before.
  static Status claim(const LaneView& lane);
  /// Precondition: claim() succeeded.
  LaneProducer(LaneView lane, LaneEvents events) : lane_(lane), events_(std::move(events)) {}

  PutResult put(std::span<const std::byte> record, MonoTime deadline) override;
  PutResult try_put(std::span<const std::byte> record) override;
  void seal() override;

 private:
  [[nodiscard]] bool has_room(std::size_t bytes);

  const LaneView lane_;
  const LaneEvents events_;

  std::uint64_t published_ = 0;
  std::uint64_t acknowledged_ = 0;  ///< The consumer's counter when it was last read.
  bool sealed_ = false;
};

class LaneConsumer : public ImageConsumer {
 public:
  /// Begins at what the last consumer acknowledged.
  LaneConsumer(LaneView lane, LaneEvents events);

  TakeResult take(std::span<const std::byte>& record, MonoTime deadline) override;
  TakeResult try_take(std::span<const std::byte>& record) override;
  [[nodiscard]] std::uint64_t taken() const override { return taken_; }
  [[nodiscard]] std::uint64_t acknowledged() const override { return acknowledged_; }
  void acknowledge(std::uint64_t position) override;
  void rewind() override { taken_ = acknowledged_; }

  [[nodiscard]] std::size_t size() const override;
  [[nodiscard]] std::size_t capacity() const override { return lane_.capacity(); }
  [[nodiscard]] bool empty() const override;
  [[nodiscard]] bool full() const override;
  [[nodiscard]] int wake_fd() const override { return events_.data.fd(); }
  bool arm() override;

 private:
  void look();
  /// False when there is no reason to sleep. A signal from before costs one more look, clearing it first a system call
  /// each time: take() of a busy lane does without.
  bool announce_sleep();
  void skip_to(std::uint64_t position);
  [[nodiscard]] TakeResult copy_next(std::span<const std::byte>& record);

  const LaneView lane_;
  const LaneEvents events_;

  std::uint64_t acknowledged_;
  std::uint64_t taken_;
  std::uint64_t published_;  ///< The producer's counter when it was last read.
  bool sealed_ = false;
  bool damaged_ = false;
  const std::unique_ptr<std::array<std::byte, kMaxRecordBytes>> copy_;
};

}  // namespace doutu
