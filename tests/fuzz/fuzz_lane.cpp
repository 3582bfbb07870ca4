#include <sys/mman.h>

#include <vector>

#include "shared/crawl/records.h"
#include "shared/lane/lane.h"
#include "tests/fuzz/input.h"

namespace doutu {
namespace {

constexpr std::size_t kRegionBytes = kLaneHeaderBytes + kMinLaneCapacity;
/// What was acknowledged makes room for a second ring, of which the counter tells; who takes more is led in a circle.
constexpr std::size_t kMostRecords = 2 * kMinLaneCapacity / frame_bytes(1);

/// One for all inputs: a new one each time would be most of the work.
std::span<std::byte> region() {
  static void* const start = ::mmap(nullptr, kRegionBytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  DOUTU_CHECK(start != MAP_FAILED);
  return {static_cast<std::byte*>(start), kRegionBytes};
}

LaneView fresh_lane() {
  std::fill_n(region().begin(), kLaneHeaderBytes, std::byte{});
  format_lane(region(), {1, 2});
  return LaneView::over(region(), {1, 2}).value();
}

/// From where the consumer begins; behind it lies what the inputs before have left, as in any lane.
void fill_ring(FuzzInput bytes) {
  const auto ring = region().subspan(kLaneHeaderBytes);
  std::copy_n(bytes.begin(), std::min(bytes.size(), ring.size()), ring.begin());
}

void take_all(LaneConsumer& consumer, LaneHeader& header, std::uint64_t later) {
  std::uint64_t last = consumer.taken();
  std::span<const std::byte> record;
  for (std::size_t count = 0; consumer.try_take(record) == TakeResult::ok; ++count) {
    DOUTU_CHECK(count <= kMostRecords);
    DOUTU_CHECK(!record.empty() && record.size() <= kMaxRecordBytes);
    DOUTU_CHECK(consumer.taken() > last);
    last = consumer.taken();
    (void)decode(record);
    if (count == 1) header.published = later;  // changes its mind while it is read
    if (count % 3 == 2) consumer.acknowledge(last);
  }
  DOUTU_CHECK(consumer.acknowledged() <= consumer.taken());
  DOUTU_CHECK(consumer.size() <= consumer.capacity());
}

}  // namespace

/// Input: published, published later on, sealed, the ring.
int fuzz_lane(FuzzInput input) {
  const LaneView lane = fresh_lane();
  const std::uint64_t published = take_number(input);
  const std::uint64_t later = take_number(input);
  fill_ring(input);
  lane.header().sealed = take_byte(input) & 1U;
  lane.header().published = published;
  LaneConsumer consumer(lane, {WakeEvent::create().value(), WakeEvent::create().value()});
  take_all(consumer, lane.header(), later == 0 ? published : later);
  consumer.rewind();
  DOUTU_CHECK(consumer.taken() == consumer.acknowledged());
  return 0;
}

int fuzz_record(FuzzInput input) {
  const auto record = decode(input);
  if (!record) return 0;
  std::vector<std::byte> buffer;
  const auto written = encode(*record, buffer);
  DOUTU_CHECK(std::equal(written.begin(), written.end(), input.begin(), input.end()));
  return 0;
}

}  // namespace doutu
