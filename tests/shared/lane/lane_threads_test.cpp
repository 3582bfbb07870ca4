// The lane's algorithm between two threads, where ThreadSanitizer sees both sides. Without a mapping of descriptors:
// the memory is an array.
#include <array>

#include <thread>

#include "tests/shared/lane/engines.h"

namespace doutu::testing {
namespace {

constexpr std::uint64_t kRecords = 1'000'000;

struct alignas(4096) Region {
  std::array<std::byte, kLaneHeaderBytes + kMinLaneCapacity> bytes{};
};

struct Ends {
  LaneProducer producer;
  LaneConsumer consumer;
};

Ends ends_over(Region& region) {
  format_lane(region.bytes, kIdentity);
  const auto lane = LaneView::over(region.bytes, kIdentity).value();
  const auto data = WakeEvent::create().value();
  const auto space = WakeEvent::create().value();
  const auto events = [&] {
    const auto copy = [](const WakeEvent& event) {
      return WakeEvent::adopt(UniqueFd(::fcntl(event.fd(), F_DUPFD_CLOEXEC, 0))).value();
    };
    return LaneEvents{copy(data), copy(space)};
  };
  EXPECT_TRUE(LaneProducer::claim(lane));
  return {LaneProducer(lane, events()), LaneConsumer(lane, events())};
}

void put_all(ImageProducer& producer) {
  for (std::uint64_t number = 0; number < kRecords; ++number) {
    ASSERT_EQ(producer.put(bytes_of(record_of(number)), watchdog()), PutResult::ok);
  }
  producer.seal();
}

TEST(LaneThreads, CarryAMillionRecordsInOrder) {
  const auto region = std::make_unique<Region>();
  auto ends = ends_over(*region);
  std::thread producer([&] { put_all(ends.producer); });
  std::span<const std::byte> record;
  std::uint64_t number = 0;
  auto result = TakeResult::ok;
  while ((result = ends.consumer.take(record, watchdog())) == TakeResult::ok) {
    const auto expected = record_of(number++);
    const auto same = std::equal(record.begin(), record.end(), bytes_of(expected).begin(), bytes_of(expected).end());
    EXPECT_TRUE(same) << number;
    if (!same) break;
    if (number % 16 == 0) ends.consumer.acknowledge(ends.consumer.taken());
  }
  EXPECT_EQ(result, TakeResult::ended);
  EXPECT_EQ(number, kRecords);
  producer.join();
}

TEST(LaneThreads, MayLookAtTheLaneMeanwhile) {
  const auto region = std::make_unique<Region>();
  auto ends = ends_over(*region);
  std::thread producer([&] {
    for (std::uint64_t number = 0; number < 20'000; ++number) {
      ASSERT_EQ(ends.producer.put(bytes_of(record_of(number)), watchdog()), PutResult::ok);
    }
    ends.producer.seal();
  });
  std::span<const std::byte> record;
  for (std::uint64_t number = 0; number < 20'000; ++number) {
    while (ends.consumer.arm()) {
    }
    EXPECT_FALSE(ends.consumer.empty());
    EXPECT_GT(ends.consumer.size(), 0U);
    ASSERT_EQ(ends.consumer.try_take(record), TakeResult::ok);
    ASSERT_EQ(number_of(record), number);
    ends.consumer.acknowledge(ends.consumer.taken());
  }
  producer.join();
}

}  // namespace
}  // namespace doutu::testing
