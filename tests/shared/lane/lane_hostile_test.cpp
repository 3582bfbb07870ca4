// A consumer against a producer that keeps no rules. Whatever it writes, the consumer ends, reads nothing outside the
// ring, and is damaged as soon as it has seen a breach.
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <random>
#include <vector>

#include "tests/shared/lane/raw_lane.h"

namespace doutu::testing {
namespace {

/// A ring holds no more records than this, so a consumer that takes more has been led in a circle.
constexpr int kMostRecords = static_cast<int>(kMinLaneCapacity / frame_bytes(1));

class HostileLane : public ::testing::Test {
 protected:
  HostileLane() {
    for (const auto* text : {"one", "two", "three"}) producer_->try_put(bytes_of(text));
  }

  LaneHeader& header() { return raw_.header(); }
  std::string take() { return next(*consumer_); }
  void expect_damaged_for_good() {
    EXPECT_EQ(take(), "(damaged)");
    std::span<const std::byte> record;
    EXPECT_EQ(consumer_->take(record, watchdog()), TakeResult::damaged) << "without waiting";
    EXPECT_FALSE(consumer_->arm());
  }
  /// Takes until the queue says something else than a record; what it says.
  static std::string take_all(ImageConsumer& consumer) {
    std::span<const std::byte> record;
    for (int i = 0; i <= kMostRecords; ++i) {
      if (consumer.try_take(record) != TakeResult::ok) return next(consumer);
      EXPECT_LE(record.size(), kMaxRecordBytes);
      if (i % 3 == 0) consumer.acknowledge(consumer.taken());
    }
    return "(endless)";
  }

  SharedEngine engine_;
  RawLane raw_{engine_.descriptors()};
  std::unique_ptr<ImageProducer> producer_ = engine_.producer();
  std::unique_ptr<ImageConsumer> consumer_ = engine_.consumer();
};

TEST_F(HostileLane, IsDamagedByACounterTooFarAhead) {
  for (const std::uint64_t ahead : {kMinLaneCapacity + 8, 10 * kMinLaneCapacity, std::size_t{1} << 63U, SIZE_MAX - 7}) {
    consumer_ = engine_.consumer();
    header().published = ahead;
    expect_damaged_for_good();
  }
}

TEST_F(HostileLane, IsDamagedByACounterThatIsNoBorder) {
  header().published = header().published - 4;
  expect_damaged_for_good();
}

TEST_F(HostileLane, IsDamagedByACounterThatGoesBack) {
  EXPECT_EQ(take(), "one");
  header().published = 8;
  EXPECT_EQ(take(), "two") << "what was checked stays checked";
  EXPECT_EQ(take(), "three");
  expect_damaged_for_good();
}

TEST_F(HostileLane, IsDamagedByACounterThatJumpsPastWhatIsAcknowledged) {
  take();
  take();
  take();
  consumer_->acknowledge(consumer_->taken());
  header().published = consumer_->acknowledged() + kMinLaneCapacity + 8;
  expect_damaged_for_good();
}

TEST_F(HostileLane, IsDamagedWhenAnotherWritesItsOwnCounter) {
  EXPECT_EQ(take(), "one");
  header().acknowledged = 16;
  EXPECT_EQ(take(), "two");
  EXPECT_EQ(take(), "three");
  expect_damaged_for_good();
}

TEST_F(HostileLane, IsDamagedByASealThatIsNone) {
  header().sealed = 2;
  expect_damaged_for_good();
}

TEST_F(HostileLane, GivesANewConsumerNoWayOutEither) {
  for (const std::uint64_t acknowledged : {std::uint64_t{4}, header().published + 8, UINT64_MAX, UINT64_MAX - 7}) {
    header().acknowledged = acknowledged;
    consumer_ = engine_.consumer();
    expect_damaged_for_good();
  }
}

TEST_F(HostileLane, IsDamagedByALengthThatCannotBe) {
  for (const std::uint64_t length : {std::uint64_t{0}, std::uint64_t{kMaxRecordBytes} + 1, std::uint64_t{1} << 32U,
                                     UINT64_MAX, UINT64_MAX - 7, std::uint64_t{41}}) {
    consumer_ = engine_.consumer();
    std::memcpy(raw_.signal().data(), &length, sizeof length);
    expect_damaged_for_good();
  }
}

TEST_F(HostileLane, IsDamagedByAFrameLongerThanWhatIsPublished) {
  const std::uint64_t length = 6;
  header().published = 8;
  std::memcpy(raw_.signal().data(), &length, sizeof length);
  expect_damaged_for_good();
}

TEST_F(HostileLane, HandsOutACopyThatCannotChangeAnyMore) {
  std::span<const std::byte> record;
  ASSERT_EQ(consumer_->try_take(record), TakeResult::ok);
  std::fill(raw_.signal().begin(), raw_.signal().end(), std::byte{0xff});
  EXPECT_EQ(text_of(record), "one");
  expect_damaged_for_good();
}

TEST_F(HostileLane, MayStillBeAcknowledgedWhatWasTaken) {
  EXPECT_EQ(take(), "one");
  header().published = 8;
  take();
  take();
  EXPECT_EQ(take(), "(damaged)");
  consumer_->acknowledge(consumer_->taken());
  EXPECT_EQ(consumer_->acknowledged(), consumer_->taken());
}

TEST_F(HostileLane, IsDamagedByAStoredPositionThatItCannotHave) {
  for (const std::uint64_t position : {header().published + 8, header().published - 4, UINT64_MAX}) {
    consumer_ = engine_.consumer();
    consumer_->acknowledge(position);
    EXPECT_EQ(consumer_->acknowledged(), 0U);
    if (position != header().published - 4) expect_damaged_for_good();
  }
}

TEST_F(HostileLane, SurvivesEveryByteOfItsHeader) {
  const std::vector<std::byte> kept(raw_.all().begin(), raw_.all().end());
  for (std::size_t at = 0; at < sizeof(LaneHeader); ++at) {
    for (const int value : {0, 1, 2, 0x55, 0x7f, 0x80, 0xff}) {
      std::copy(kept.begin(), kept.end(), raw_.all().begin());
      const auto old_consumer = engine_.consumer();
      next(*old_consumer);
      raw_.all()[at] = static_cast<std::byte>(value);
      ASSERT_NE(take_all(*old_consumer), "(endless)") << at;
      auto new_consumer = attach_consumer(duplicate(engine_.descriptors()), kIdentity);
      if (new_consumer) {
        ASSERT_NE(take_all(**new_consumer), "(endless)") << at;
      }
    }
  }
}

TEST_F(HostileLane, HarmsNoProducerWhateverTheHeaderSays) {
  for (const std::uint64_t acknowledged : {UINT64_MAX, UINT64_MAX - 7, std::uint64_t{1} << 63U, std::uint64_t{4}}) {
    header().acknowledged = acknowledged;
    const std::string text(1000, 'x');
    for (int i = 0; i < 100; ++i) producer_->try_put(bytes_of(text));
  }
  EXPECT_EQ(producer_->put(bytes_of(std::string(1000, 'x')), within(milliseconds(1))), PutResult::full);
}

TEST_F(HostileLane, SurvivesARingOfNoise) {
  std::mt19937_64 random(1);
  for (int round = 0; round < 300; ++round) {
    for (std::size_t at = 0; at < kMinLaneCapacity; at += 8) {
      // Mostly lengths that could be, so that many frames in a row are followed.
      const std::uint64_t word = random() % 8 == 0 ? random() : random() % 200 + 1;
      std::memcpy(&raw_.signal()[at], &word, sizeof word);
    }
    header().acknowledged = 8 * (random() % 100'000);
    header().published = header().acknowledged + 8 * (random() % (kMinLaneCapacity / 8 + 1));
    const auto consumer = engine_.consumer();
    ASSERT_NE(take_all(*consumer), "(endless)");
    ASSERT_LE(consumer->taken(), header().published);
  }
}

// The scribbler is a process of its own: two threads that race on purpose would say nothing under ThreadSanitizer.
TEST_F(HostileLane, SurvivesAProducerThatScribblesMeanwhile) {
  const auto parent = ::getpid();
  const auto child = ::fork();
  ASSERT_GE(child, 0);
  if (child == 0) {
    std::uint64_t seed = 1;
    while (::getppid() == parent) {
      seed = seed * 6364136223846793005U + 1442695040888963407U;
      const auto where = seed >> 40U;
      header().published = header().acknowledged + (seed >> 20U) % 9 * (seed % 2 == 0 ? 8 : 4096);
      const std::uint64_t length = where % 64;
      std::memcpy(&raw_.signal()[where * 8 % kMinLaneCapacity], &length, sizeof length);
    }
    ::_exit(0);
  }
  // Until it has been caught often enough; "(endless)" is possible here, for it publishes while we take.
  const auto deadline = watchdog();
  int damaged = 0;
  while (damaged < 5'000 && mono_now() < deadline) {
    const auto consumer = engine_.consumer();
    if (take_all(*consumer) == "(damaged)") ++damaged;
  }
  ::kill(child, SIGKILL);
  ::waitpid(child, nullptr, 0);
  EXPECT_EQ(damaged, 5'000) << "the scribbler has not scribbled";
}

}  // namespace
}  // namespace doutu::testing
