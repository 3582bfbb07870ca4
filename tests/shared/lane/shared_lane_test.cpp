#include "shared/lane/shared_lane.h"

#include <sys/eventfd.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "tests/shared/lane/raw_lane.h"

namespace doutu::testing {
namespace {

/// Why neither end can attach; "" when the producer or the consumer can. Only this test's own lane is claimed by it.
std::string refusal(const LaneDescriptors& lane, LaneIdentity expected = kIdentity) {
  const auto consumer = attach_consumer(duplicate(lane), expected);
  if (consumer) return "";
  const auto producer = attach_producer(duplicate(lane), expected);
  if (producer) return "";
  EXPECT_EQ(consumer.error().message, producer.error().message);
  return consumer.error().message;
}

UniqueFd memory_of(std::size_t bytes, unsigned flags = MFD_CLOEXEC | MFD_ALLOW_SEALING) {
  UniqueFd memory(::memfd_create("test", flags));
  EXPECT_EQ(::ftruncate(memory.get(), static_cast<off_t>(bytes)), 0);
  return memory;
}
void seal(const UniqueFd& memory, int seals = F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_SEAL) {
  EXPECT_EQ(::fcntl(memory.get(), F_ADD_SEALS, seals), 0);
}

TEST(SharedLane, IsAllocatedInFull) {
  const auto lane = create_lane(kIdentity).value();
  struct stat status {};
  ASSERT_EQ(::fstat(lane.memory.get(), &status), 0);
  EXPECT_EQ(status.st_size, static_cast<off_t>(kLaneHeaderBytes + kLaneCapacity));
  EXPECT_GE(status.st_blocks * 512, status.st_size) << "a page that is missing is a SIGBUS later";
}

TEST(SharedLane, CannotBeTakenAwayFromUnderTheOthers) {
  const auto lane = create_lane(kIdentity).value();
  const auto size = static_cast<off_t>(kLaneHeaderBytes + kLaneCapacity);
  for (const off_t other : {off_t{0}, size - 1, size + 1}) {
    EXPECT_EQ(::ftruncate(lane.memory.get(), other), -1);
    EXPECT_EQ(errno, EPERM);
  }
  EXPECT_EQ(::fcntl(lane.memory.get(), F_ADD_SEALS, F_SEAL_WRITE), -1) << "nor made read-only";
}

TEST(SharedLane, LeavesNoDescriptorToAProgramThatIsStarted) {
  const auto lane = create_lane(kIdentity).value();
  for (const auto* fd : {&lane.memory, &lane.data, &lane.space}) {
    EXPECT_EQ(::fcntl(fd->get(), F_GETFD) & FD_CLOEXEC, FD_CLOEXEC);
  }
}

TEST(SharedLane, IsAnErrorWhenThereAreNoDescriptorsLeft) {
  rlimit kept{};
  ASSERT_EQ(::getrlimit(RLIMIT_NOFILE, &kept), 0);
  const rlimit none{0, kept.rlim_max};
  ASSERT_EQ(::setrlimit(RLIMIT_NOFILE, &none), 0);
  const auto lane = create_lane(kIdentity);
  ASSERT_EQ(::setrlimit(RLIMIT_NOFILE, &kept), 0);
  ASSERT_FALSE(lane);
  EXPECT_EQ(lane.error().code, EMFILE);
  EXPECT_EQ(lane.error().message, "lane: memfd_create: Too many open files; the limit on open files is 0 (ulimit -n)");
}

TEST(SharedLane, HasOneProducerInItsLife) {
  const auto lane = create_lane(kIdentity).value();
  { const auto first = attach_producer(duplicate(lane), kIdentity).value(); }
  const auto second = attach_producer(duplicate(lane), kIdentity);
  ASSERT_FALSE(second);
  EXPECT_EQ(second.error().message, "lane: has had its producer already");
  EXPECT_TRUE(attach_consumer(duplicate(lane), kIdentity));
}

TEST(SharedLane, RefusesAnotherRunOrGeneration) {
  const auto lane = create_lane(kIdentity).value();
  EXPECT_EQ(refusal(lane, {kIdentity.run_id + 1, kIdentity.generation}), "lane: of another run");
  EXPECT_EQ(refusal(lane, {kIdentity.run_id, kIdentity.generation + 1}), "lane: of another generation");
  EXPECT_EQ(refusal(lane), "");
}

TEST(SharedLane, RefusesAHeaderThatIsNotItsOwn) {
  const auto lane = create_lane(kIdentity, kMinLaneCapacity).value();
  const RawLane raw(lane);
  auto& header = raw.header();
  const auto refused_with = [&](auto& field, auto value) {
    const auto kept = std::exchange(field, value);
    auto message = refusal(lane);
    field = kept;
    return message;
  };
  EXPECT_EQ(refused_with(header.magic, kLaneMagic + 1), "lane: not a lane");
  EXPECT_EQ(refused_with(header.version, kLaneVersion + 1), "lane: made by another version of doutu");
  EXPECT_EQ(refused_with(header.capacity, std::uint64_t{2} * kMinLaneCapacity), "lane: not of the capacity it says");
  EXPECT_EQ(refused_with(header.capacity, std::uint64_t{0}), "lane: not of the capacity it says");
  for (const auto state : {LaneState::raw, static_cast<LaneState>(3)}) {
    header.state = state;
    EXPECT_EQ(refusal(lane), "lane: not ready");
  }
  header.state = LaneState::ready;
  EXPECT_EQ(refusal(lane), "");
}

TEST(SharedLane, RefusesMemoryOfAnotherSize) {
  for (const std::size_t bytes :
       {std::size_t{0}, std::size_t{1}, kLaneHeaderBytes, kLaneHeaderBytes + kLaneCapacity - 1,
        kLaneHeaderBytes + kMinLaneCapacity / 2, kLaneHeaderBytes + 3 * kMinLaneCapacity}) {
    auto lane = create_lane(kIdentity).value();
    lane.memory = memory_of(bytes);
    seal(lane.memory);
    EXPECT_EQ(refusal(lane), "lane: memory is not the size of a lane");
  }
}

TEST(SharedLane, RefusesMemoryThatIsNotSealed) {
  auto lane = create_lane(kIdentity).value();
  lane.memory = memory_of(kLaneHeaderBytes + kLaneCapacity);
  EXPECT_EQ(refusal(lane), "lane: memory is not sealed");
  seal(lane.memory, F_SEAL_GROW);
  EXPECT_EQ(refusal(lane), "lane: memory is not sealed");
  seal(lane.memory, F_SEAL_SHRINK | F_SEAL_SEAL);
  EXPECT_EQ(refusal(lane), "lane: not ready") << "sealed, but nobody made it a lane";
}

TEST(SharedLane, RefusesDescriptorsThatAreSomethingElse) {
  const auto whole = create_lane(kIdentity).value();
  auto lane = duplicate(whole);
  lane.memory = UniqueFd(::fcntl(whole.data.get(), F_DUPFD_CLOEXEC, 0));
  EXPECT_EQ(refusal(lane).substr(0, 17), "lane: not a memfd");

  lane = duplicate(whole);
  lane.memory.reset();
  EXPECT_EQ(refusal(lane).substr(0, 17), "lane: not a memfd");

  lane = duplicate(whole);
  lane.data.reset();
  EXPECT_EQ(refusal(lane).substr(0, 11), "lane: data:");

  lane = duplicate(whole);
  lane.space = UniqueFd(::eventfd(0, EFD_CLOEXEC));
  EXPECT_EQ(refusal(lane), "lane: space: eventfd: the descriptor would block");
}

TEST(SharedLane, OutlivesTheDescriptorsOfItsMaker) {
  auto lane = create_lane(kIdentity).value();
  const auto producer = attach_producer(duplicate(lane), kIdentity).value();
  const auto consumer = attach_consumer(std::move(lane), kIdentity).value();
  EXPECT_EQ(producer->try_put(bytes_of("still here")), PutResult::ok);
  EXPECT_EQ(next(*consumer), "still here");
}

}  // namespace
}  // namespace doutu::testing
