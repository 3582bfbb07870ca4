// The bytes of a lane, as two processes see them: one page of header, then the ring. Read by every process that has a
// lane mapped; whoever changes this file raises kLaneVersion.
//
// Who writes what:
//   magic ... capacity   the creator, before state says ready; constant from then on
//   state                the creator (ready), then the one producer that claims the lane (claimed)
//   published, sealed    the producer
//   acknowledged         the consumer
//   consumer_sleeps      set by the consumer before it sleeps, cleared by whoever wakes it (or by itself)
//   producer_sleeps      the other way round
//   the ring             the producer
//
// Invariants, of a lane whose two sides keep the rules:
//   1. acknowledged <= published <= acknowledged + capacity; both only rise, both are multiples of kFrameAlignment.
//   2. Every byte below published and not below acknowledged belongs to a complete frame and does not change.
//   3. Bytes outside belong to the producer, whatever they hold.
//   4. A position is a count of bytes since the lane was made, so it never comes again; its place in the ring is
//      position modulo capacity. A frame that reaches the end of the ring goes on at its start.
//   5. Whoever dies at any instruction leaves 1 to 4 true: each counter is changed by one store, after the bytes that
//      it tells of.
#pragma once

#include <atomic>
#include <bit>
#include <cstddef>
#include <cstdint>

#include "shared/lane/image_queue.h"

namespace doutu {

inline constexpr std::uint64_t kLaneMagic = 0x656e616c75747564;  // "dutulane"
inline constexpr std::uint32_t kLaneVersion = 2;

/// Two lines of 64 bytes: processors fetch them in pairs.
inline constexpr std::size_t kLineBytes = 128;
inline constexpr std::size_t kLaneHeaderBytes = 4096;
inline constexpr std::size_t kLaneCapacity = std::size_t{512} * 1024;
inline constexpr std::size_t kMinLaneCapacity = 2 * kMaxRecordBytes;

enum class LaneState : std::uint32_t { raw = 0, ready = 1, claimed = 2 };

// The padding is the point: what different sides write lies on different lines.
struct LaneHeader {  // NOLINT(clang-analyzer-optin.performance.Padding)
  // Constant once state is not raw.
  std::uint64_t magic = kLaneMagic;
  std::uint32_t version = kLaneVersion;
  std::uint32_t reserved = 0;
  std::uint64_t run_id = 0;      ///< Of the parent that made the lane.
  std::uint64_t generation = 0;  ///< Of the lane; never used twice in a run.
  std::uint64_t capacity = 0;    ///< Of the ring, in bytes; a power of two.
  std::atomic<LaneState> state{LaneState::raw};

  alignas(kLineBytes) std::atomic<std::uint64_t> published{0};
  std::atomic<std::uint32_t> sealed{0};  ///< 1: nothing more will be published.

  alignas(kLineBytes) std::atomic<std::uint64_t> acknowledged{0};

  alignas(kLineBytes) std::atomic<std::uint32_t> consumer_sleeps{0};
  alignas(kLineBytes) std::atomic<std::uint32_t> producer_sleeps{0};
};

/// In front of each record in the ring: its length. The frame is padded so that no FrameHeader crosses the ring's end.
struct FrameHeader {
  std::uint64_t length = 0;  ///< Of the record, 1 to kMaxRecordBytes; the padding is not counted.
};
inline constexpr std::size_t kFrameAlignment = sizeof(FrameHeader);

/// Room that a record of this length takes in the ring.
[[nodiscard]] constexpr std::size_t frame_bytes(std::size_t length) {
  return sizeof(FrameHeader) + (length + kFrameAlignment - 1) / kFrameAlignment * kFrameAlignment;
}

static_assert(std::endian::native == std::endian::little, "the layout is native: give it a byte order first");
static_assert(sizeof(LaneHeader) == 5 * kLineBytes && offsetof(LaneHeader, state) == 40 &&
                  offsetof(LaneHeader, published) == 128 && offsetof(LaneHeader, sealed) == 136 &&
                  offsetof(LaneHeader, acknowledged) == 256 && offsetof(LaneHeader, consumer_sleeps) == 384 &&
                  offsetof(LaneHeader, producer_sleeps) == 512,
              "the layout changed: raise kLaneVersion, then write the new offsets here");
static_assert(sizeof(LaneHeader) <= kLaneHeaderBytes, "the header outgrew its page: raise kLaneHeaderBytes");
static_assert(std::atomic<std::uint64_t>::is_always_lock_free && std::atomic<std::uint32_t>::is_always_lock_free,
              "a lock in shared memory would outlive its owner: this processor needs another lane");
static_assert(std::has_single_bit(kLaneCapacity) && kLaneCapacity >= kMinLaneCapacity,
              "choose a power of two of at least kMinLaneCapacity");
static_assert(frame_bytes(kMaxRecordBytes) <= kMinLaneCapacity, "raise kMinLaneCapacity: the longest record must fit");

}  // namespace doutu
