// The contract of image_queue.h, over every engine.
#include "shared/lane/image_queue.h"

#include <poll.h>

#include <thread>
#include <vector>

#include "tests/shared/lane/engines.h"

namespace doutu::testing {
namespace {

bool readable(int fd) {
  pollfd entry{fd, POLLIN, 0};
  return ::poll(&entry, 1, 0) == 1;
}

template <class Engine>
class ImageQueue : public ::testing::Test {
 protected:
  PutResult put(std::string_view text) { return producer_->try_put(bytes_of(text)); }
  std::string take() { return next(*consumer_); }
  /// Puts records of size bytes until one does not fit; how many did.
  int fill(std::size_t size) {
    const std::string text(size, 'x');
    int count = 0;
    while (put(text) == PutResult::ok) ++count;
    return count;
  }
  void start_another_consumer() { consumer_ = engine_.consumer(); }

  Engine engine_;
  std::unique_ptr<ImageProducer> producer_ = engine_.producer();
  std::unique_ptr<ImageConsumer> consumer_ = engine_.consumer();
};

using Engines = ::testing::Types<SharedEngine, LocalEngine>;
TYPED_TEST_SUITE(ImageQueue, Engines);

TYPED_TEST(ImageQueue, IsEmptyWhenNew) {
  EXPECT_TRUE(this->consumer_->empty());
  EXPECT_FALSE(this->consumer_->full());
  EXPECT_EQ(this->consumer_->size(), 0U);
  EXPECT_EQ(this->consumer_->capacity(), kMinLaneCapacity);
  EXPECT_EQ(this->consumer_->taken(), 0U);
  EXPECT_EQ(this->take(), "(empty)");
}

TYPED_TEST(ImageQueue, DeliversInOrder) {
  for (const auto* text : {"one", "two", "three"}) EXPECT_EQ(this->put(text), PutResult::ok);
  EXPECT_FALSE(this->consumer_->empty());
  for (const auto* text : {"one", "two", "three"}) EXPECT_EQ(this->take(), text);
  EXPECT_EQ(this->take(), "(empty)");
}

TYPED_TEST(ImageQueue, KeepsOrderAndBytesOverManyRoundsOfTheRing) {
  std::uint64_t put = 0;
  for (std::uint64_t taken = 0; taken < 60'000; ++taken) {
    while (put < taken + 90 && this->put(record_of(put)) == PutResult::ok) ++put;
    ASSERT_EQ(this->take(), record_of(taken));
    this->consumer_->acknowledge(this->consumer_->taken());
  }
  EXPECT_GT(this->consumer_->taken(), 20 * this->consumer_->capacity());
}

TYPED_TEST(ImageQueue, CarriesEveryLengthUpToTheLongest) {
  for (std::size_t length = 1; length <= kMaxRecordBytes; length += length < 40 ? 1 : 577) {
    const std::string text(length, static_cast<char>('a' + length % 26));
    ASSERT_EQ(this->put(text), PutResult::ok);
    ASSERT_EQ(this->take(), text);
    this->consumer_->acknowledge(this->consumer_->taken());
  }
  const std::string longest(kMaxRecordBytes, 'z');
  EXPECT_EQ(this->put(longest), PutResult::ok);
  EXPECT_EQ(this->take(), longest);
}

TYPED_TEST(ImageQueue, RefusesARecordThatIsTooLong) {
  EXPECT_EQ(this->put(std::string(kMaxRecordBytes + 1, 'x')), PutResult::too_long);
  EXPECT_EQ(this->take(), "(empty)");
  EXPECT_EQ(this->put("short"), PutResult::ok);
  EXPECT_EQ(this->take(), "short");
}

TYPED_TEST(ImageQueue, IsFullUntilSomethingIsAcknowledged) {
  const auto count = this->fill(1000);
  EXPECT_EQ(count, static_cast<int>(kMinLaneCapacity / frame_bytes(1000)));
  EXPECT_TRUE(this->consumer_->full());
  EXPECT_LE(this->consumer_->size(), this->consumer_->capacity());

  this->take();
  EXPECT_EQ(this->put(std::string(1000, 'y')), PutResult::full) << "taken is not yet acknowledged";
  this->consumer_->acknowledge(this->consumer_->taken());
  EXPECT_EQ(this->put(std::string(1000, 'y')), PutResult::ok);
}

TYPED_TEST(ImageQueue, CanBeFilledToTheLastByte) {
  const std::string half(kMinLaneCapacity / 2 - sizeof(FrameHeader), 'h');
  EXPECT_EQ(this->put(half), PutResult::ok);
  EXPECT_EQ(this->put(half), PutResult::ok);
  EXPECT_EQ(this->consumer_->size(), this->consumer_->capacity());
  EXPECT_EQ(this->put("x"), PutResult::full);
  EXPECT_EQ(this->take(), half);
  EXPECT_EQ(this->take(), half);
  EXPECT_EQ(this->take(), "(empty)");
}

TYPED_TEST(ImageQueue, CountsPositionsUpwards) {
  this->put("one");
  this->put("two");
  this->take();
  const auto first = this->consumer_->taken();
  this->take();
  const auto second = this->consumer_->taken();
  EXPECT_GT(first, 0U);
  EXPECT_GT(second, first);
  EXPECT_EQ(this->consumer_->acknowledged(), 0U);
  this->consumer_->acknowledge(first);
  EXPECT_EQ(this->consumer_->acknowledged(), first);
  EXPECT_EQ(this->consumer_->size(), second - first);
  EXPECT_EQ(this->consumer_->taken(), second);
}

TYPED_TEST(ImageQueue, TakesNoPositionTwice) {
  this->put("one");
  this->put("two");
  this->take();
  const auto first = this->consumer_->taken();
  this->take();
  this->consumer_->acknowledge(this->consumer_->taken());
  this->consumer_->acknowledge(first);
  EXPECT_EQ(this->consumer_->acknowledged(), this->consumer_->taken()) << "an older position changes nothing";
}

TYPED_TEST(ImageQueue, DeliversAgainAfterRewind) {
  for (const auto* text : {"one", "two", "three"}) this->put(text);
  this->take();
  this->consumer_->acknowledge(this->consumer_->taken());
  EXPECT_EQ(this->take(), "two");
  EXPECT_EQ(this->take(), "three");
  this->consumer_->rewind();
  EXPECT_EQ(this->take(), "two");
  EXPECT_EQ(this->take(), "three");
  EXPECT_EQ(this->take(), "(empty)");
}

TYPED_TEST(ImageQueue, DeliversToANewConsumerWhatWasNotAcknowledged) {
  for (const auto* text : {"one", "two", "three"}) this->put(text);
  this->take();
  this->consumer_->acknowledge(this->consumer_->taken());
  EXPECT_EQ(this->take(), "two");

  this->start_another_consumer();
  EXPECT_GT(this->consumer_->acknowledged(), 0U);
  EXPECT_EQ(this->consumer_->taken(), this->consumer_->acknowledged());
  EXPECT_EQ(this->take(), "two");
  EXPECT_EQ(this->take(), "three");
}

TYPED_TEST(ImageQueue, LetsANewConsumerGoOnFromAPositionThatWasStored) {
  for (const auto* text : {"one", "two", "three"}) this->put(text);
  this->take();
  this->take();
  const auto stored = this->consumer_->taken();

  this->start_another_consumer();
  this->consumer_->acknowledge(stored);
  EXPECT_EQ(this->consumer_->taken(), stored);
  EXPECT_EQ(this->consumer_->acknowledged(), stored);
  EXPECT_EQ(this->take(), "three");
}

TYPED_TEST(ImageQueue, EndsAfterTheLastRecordOfASealedQueue) {
  this->put("last");
  this->producer_->seal();
  this->producer_->seal();
  EXPECT_EQ(this->put("too late"), PutResult::sealed);
  EXPECT_EQ(this->producer_->put(bytes_of("too late"), watchdog()), PutResult::sealed);
  EXPECT_EQ(this->take(), "last");
  EXPECT_EQ(this->take(), "(ended)");
  this->consumer_->rewind();
  EXPECT_EQ(this->take(), "last") << "an end is no acknowledgement";
  EXPECT_EQ(this->take(), "(ended)");
}

TYPED_TEST(ImageQueue, TellsANewConsumerOfTheEnd) {
  this->producer_->seal();
  EXPECT_EQ(this->take(), "(ended)");
  this->start_another_consumer();
  EXPECT_EQ(this->take(), "(ended)");
}

TYPED_TEST(ImageQueue, WaitsForARecordUntilTheDeadline) {
  std::span<const std::byte> record;
  const auto deadline = within(milliseconds(20));
  EXPECT_EQ(this->consumer_->take(record, deadline), TakeResult::empty);
  EXPECT_GE(mono_now(), deadline);
}

TYPED_TEST(ImageQueue, WaitsForRoomUntilTheDeadline) {
  this->fill(1000);
  const auto deadline = within(milliseconds(20));
  EXPECT_EQ(this->producer_->put(bytes_of(std::string(1000, 'y')), deadline), PutResult::full);
  EXPECT_GE(mono_now(), deadline);
}

TYPED_TEST(ImageQueue, DoesNotWaitWhenTheDeadlineHasPassed) {
  this->put("here");
  std::span<const std::byte> record;
  EXPECT_EQ(this->consumer_->take(record, MonoTime::min()), TakeResult::ok);
  EXPECT_EQ(this->consumer_->take(record, MonoTime::min()), TakeResult::empty);
  EXPECT_EQ(this->producer_->put(bytes_of("more"), MonoTime::min()), PutResult::ok);
}

TYPED_TEST(ImageQueue, WakesAConsumerThatWaits) {
  std::thread consumer([this] {
    std::span<const std::byte> record;
    EXPECT_EQ(this->consumer_->take(record, watchdog()), TakeResult::ok);
    EXPECT_EQ(text_of(record), "one");
    EXPECT_EQ(this->consumer_->take(record, watchdog()), TakeResult::ended);
  });
  this->put("one");
  this->producer_->seal();
  consumer.join();
}

TYPED_TEST(ImageQueue, WakesAProducerThatWaits) {
  this->fill(1000);
  std::thread producer([this] {
    for (int i = 0; i < 100; ++i) {
      EXPECT_EQ(this->producer_->put(bytes_of(std::string(1000, 'y')), watchdog()), PutResult::ok);
    }
    this->producer_->seal();
  });
  std::span<const std::byte> record;
  while (this->consumer_->take(record, watchdog()) == TakeResult::ok) {
    this->consumer_->acknowledge(this->consumer_->taken());
  }
  producer.join();
  EXPECT_EQ(this->take(), "(ended)");
}

// Each of 2,000 rounds needs two wake-ups; if they got lost now and then, the waits alone would take minutes.
TYPED_TEST(ImageQueue, LosesNoWakeUpBetweenTwoThatLive) {
  TypeParam answers;
  const auto answer_producer = answers.producer();
  const auto answer_consumer = answers.consumer();
  constexpr int kRounds = 2000;
  const auto started = mono_now();
  std::thread other([&] {
    std::span<const std::byte> record;
    for (int i = 0; i < kRounds; ++i) {
      ASSERT_EQ(this->consumer_->take(record, watchdog()), TakeResult::ok);
      this->consumer_->acknowledge(this->consumer_->taken());
      ASSERT_EQ(answer_producer->put(bytes_of("pong"), watchdog()), PutResult::ok);
    }
  });
  std::span<const std::byte> record;
  for (int i = 0; i < kRounds; ++i) {
    ASSERT_EQ(this->producer_->put(bytes_of("ping"), watchdog()), PutResult::ok);
    ASSERT_EQ(answer_consumer->take(record, watchdog()), TakeResult::ok);
    answer_consumer->acknowledge(answer_consumer->taken());
  }
  other.join();
  EXPECT_LT(mono_now() - started, seconds(20));
}

TYPED_TEST(ImageQueue, SignalsItsDescriptorOnceItIsArmed) {
  EXPECT_TRUE(this->consumer_->arm());
  EXPECT_FALSE(readable(this->consumer_->wake_fd()));
  this->put("one");
  EXPECT_TRUE(readable(this->consumer_->wake_fd()));
  EXPECT_FALSE(this->consumer_->arm()) << "there is something to take";
  EXPECT_FALSE(readable(this->consumer_->wake_fd())) << "arming clears earlier signals";

  EXPECT_EQ(this->take(), "one");
  EXPECT_TRUE(this->consumer_->arm());
  this->producer_->seal();
  EXPECT_TRUE(readable(this->consumer_->wake_fd()));
  EXPECT_FALSE(this->consumer_->arm()) << "there is an end";
}

TYPED_TEST(ImageQueue, DoesNotRingUnlessItIsArmed) {
  this->put("one");
  this->put("two");
  EXPECT_FALSE(readable(this->consumer_->wake_fd()));
}

}  // namespace
}  // namespace doutu::testing
