#include "shared/lane/lane.h"

#include <algorithm>
#include <atomic>
#include <bit>
#include <cstring>
#include <new>

// Every atomic operation here is sequentially consistent. Publishing needs no more than release, but sleeping is
// Dekker's pattern (each side stores its own word, then loads the other's), which needs the one order of all; the
// price is one locked store for each put.

namespace doutu {
namespace {

/// Wakes the other side if it said that it sleeps. Killed between the two steps, the signal is lost: see WakeEvent.
void call(std::atomic<std::uint32_t>& sleeps, const WakeEvent& event) {
  if (sleeps.load() != 0 && sleeps.exchange(0) != 0) event.signal();
}

void pause_processor() {
#if defined(__x86_64__)
  __builtin_ia32_pause();
#endif
}

/// Looks for some ten microseconds whether the consumer is about to have something. Sleeping at once and being woken
/// costs a busy lane a third of its speed (measured: 13 against 18 million records a second).
template <class Condition>
bool comes_soon(Condition condition) {
  for (int look = 0; look < 4; ++look) {
    for (int i = 0; i < 128; ++i) pause_processor();
    if (condition()) return true;
  }
  return false;
}

}  // namespace

bool lane_region_fits(std::size_t bytes) {
  return bytes >= kLaneHeaderBytes + kMinLaneCapacity && std::has_single_bit(bytes - kLaneHeaderBytes);
}

void format_lane(std::span<std::byte> region, LaneIdentity identity) {
  DOUTU_CHECK(lane_region_fits(region.size()));
  auto* header = new (region.data()) LaneHeader;
  header->run_id = identity.run_id;
  header->generation = identity.generation;
  header->capacity = region.size() - kLaneHeaderBytes;
  header->state = LaneState::ready;
}

Result<LaneView> LaneView::over(std::span<std::byte> region, LaneIdentity expected) {
  if (!lane_region_fits(region.size())) return Error{"not the size of a lane", 0};
  auto* header = reinterpret_cast<LaneHeader*>(region.data());
  const auto state = header->state.load();
  if (state != LaneState::ready && state != LaneState::claimed) return Error{"not ready", 0};
  if (header->magic != kLaneMagic) return Error{"not a lane", 0};
  if (header->version != kLaneVersion) return Error{"made by another version of doutu", 0};
  if (header->capacity != region.size() - kLaneHeaderBytes) return Error{"not of the capacity it says", 0};
  if (header->run_id != expected.run_id) return Error{"of another run", 0};
  if (header->generation != expected.generation) return Error{"of another generation", 0};
  return LaneView(header, region.subspan(kLaneHeaderBytes));
}

void LaneView::write_length(std::uint64_t position, std::uint64_t length) const {
  std::memcpy(&ring_[place(position)], &length, sizeof length);
}

/// One load: what is checked is what is used.
std::uint64_t LaneView::read_length(std::uint64_t position) const {
  auto* word = reinterpret_cast<std::uint64_t*>(&ring_[place(position)]);
  return std::atomic_ref(*word).load(std::memory_order_relaxed);
}

void LaneView::write(std::uint64_t position, std::span<const std::byte> bytes) const {
  const auto start = place(position);
  const auto until_end = std::min(bytes.size(), ring_.size() - start);
  std::memcpy(ring_.data() + start, bytes.data(), until_end);
  std::memcpy(ring_.data(), bytes.data() + until_end, bytes.size() - until_end);
}

void LaneView::read(std::uint64_t position, std::span<std::byte> bytes) const {
  const auto start = place(position);
  const auto until_end = std::min(bytes.size(), ring_.size() - start);
  std::memcpy(bytes.data(), ring_.data() + start, until_end);
  std::memcpy(bytes.data() + until_end, ring_.data(), bytes.size() - until_end);
}

Status LaneProducer::claim(const LaneView& lane) {
  auto expected = LaneState::ready;
  if (!lane.header().state.compare_exchange_strong(expected, LaneState::claimed)) {
    return Error{"has had its producer already", 0};
  }
  return {};
}

bool LaneProducer::has_room(std::size_t bytes) {
  const auto fits = [&] {
    const auto used = published_ - acknowledged_;
    return used <= lane_.capacity() && bytes <= lane_.capacity() - used;
  };
  if (fits()) return true;
  acknowledged_ = lane_.header().acknowledged;
  return fits();
}

PutResult LaneProducer::try_put(std::span<const std::byte> record) {
  DOUTU_CHECK(!record.empty());
  if (record.size() > kMaxRecordBytes) return PutResult::too_long;
  if (sealed_) return PutResult::sealed;
  if (!has_room(frame_bytes(record.size()))) return PutResult::full;
  lane_.write_length(published_, record.size());
  lane_.write(published_ + sizeof(FrameHeader), record);
  published_ += frame_bytes(record.size());
  lane_.header().published = published_;
  call(lane_.header().consumer_sleeps, events_.data);
  return PutResult::ok;
}

PutResult LaneProducer::put(std::span<const std::byte> record, MonoTime deadline) {
  for (;;) {
    const auto result = try_put(record);
    if (result != PutResult::full || mono_now() >= deadline) return result;
    lane_.header().producer_sleeps = 1;
    if (!has_room(frame_bytes(record.size()))) events_.space.wait(deadline);
    lane_.header().producer_sleeps = 0;
  }
}

void LaneProducer::seal() {
  sealed_ = true;
  lane_.header().sealed = 1;
  call(lane_.header().consumer_sleeps, events_.data);
}

// The copy is not cleared: pages that no record needs stay untouched.
LaneConsumer::LaneConsumer(LaneView lane, LaneEvents events)
    : lane_(lane),
      events_(std::move(events)),
      acknowledged_(lane.header().acknowledged),
      taken_(acknowledged_),
      published_(acknowledged_),
      damaged_(acknowledged_ % kFrameAlignment != 0),
      copy_(std::make_unique_for_overwrite<std::array<std::byte, kMaxRecordBytes>>()) {}

/// Reads what the producer says, and believes it if invariant 1 holds and nobody but this side moved acknowledged.
/// sealed comes first: if it is set, the counter read after it is the last one.
void LaneConsumer::look() {
  const auto& header = lane_.header();
  const auto sealed = header.sealed.load();
  const auto published = header.published.load();
  const bool possible = sealed <= 1 && published >= published_ && published - acknowledged_ <= lane_.capacity() &&
                        published % kFrameAlignment == 0 && header.acknowledged == acknowledged_;
  damaged_ = damaged_ || !possible;
  if (damaged_) return;
  published_ = published;
  sealed_ = sealed == 1;
}

TakeResult LaneConsumer::copy_next(std::span<const std::byte>& record) {
  const auto length = lane_.read_length(taken_);
  if (length == 0 || length > kMaxRecordBytes || frame_bytes(length) > published_ - taken_) {
    damaged_ = true;
    return TakeResult::damaged;
  }
  const auto copy = std::span(*copy_).first(length);
  lane_.read(taken_ + sizeof(FrameHeader), copy);
  taken_ += frame_bytes(length);
  record = copy;
  return TakeResult::ok;
}

TakeResult LaneConsumer::try_take(std::span<const std::byte>& record) {
  if (taken_ == published_) look();
  if (damaged_) return TakeResult::damaged;
  if (taken_ != published_) return copy_next(record);
  return sealed_ ? TakeResult::ended : TakeResult::empty;
}

TakeResult LaneConsumer::take(std::span<const std::byte>& record, MonoTime deadline) {
  for (;;) {
    const auto result = try_take(record);
    if (result != TakeResult::empty || mono_now() >= deadline) return result;
    if (comes_soon([this] { return !empty(); })) continue;
    if (announce_sleep()) events_.data.wait(deadline);
    lane_.header().consumer_sleeps = 0;
  }
}

void LaneConsumer::acknowledge(std::uint64_t position) {
  if (position > taken_) skip_to(position);
  if (position <= acknowledged_ || position > taken_) return;
  acknowledged_ = position;
  lane_.header().acknowledged = position;
  call(lane_.header().producer_sleeps, events_.space);
}

/// A consumer before this one took what lies below position.
void LaneConsumer::skip_to(std::uint64_t position) {
  look();
  damaged_ = damaged_ || position > published_ || position % kFrameAlignment != 0;
  if (!damaged_) taken_ = position;
}

std::size_t LaneConsumer::size() const {
  return std::min<std::uint64_t>(lane_.header().published - acknowledged_, lane_.capacity());
}

bool LaneConsumer::empty() const { return taken_ == published_ && lane_.header().published == taken_; }

bool LaneConsumer::full() const { return lane_.capacity() - size() < frame_bytes(kMaxRecordBytes); }

bool LaneConsumer::announce_sleep() {
  lane_.header().consumer_sleeps = 1;
  if (!damaged_ && empty() && lane_.header().sealed == 0) return true;
  lane_.header().consumer_sleeps = 0;
  return false;
}

bool LaneConsumer::arm() {
  events_.data.clear();
  return announce_sleep();
}

}  // namespace doutu
