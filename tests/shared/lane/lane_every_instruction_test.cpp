// Kill at every instruction: a child does one operation of a lane under PTRACE_SINGLESTEP and is killed with SIGKILL
// after k instructions, for k = 0, 1, 2 ... until the operation is done. After each of these deaths the other side must
// find everything that was published, whole and in order, and a new consumer everything that was not acknowledged.
//
// The same steps show that no wake-up is lost between two that live: one side stands between two instructions, the
// other does its whole part, the first goes on.
#include <poll.h>
#include <sched.h>
#include <sys/ptrace.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <functional>
#include <iostream>
#include <vector>

#include "tests/shared/lane/raw_lane.h"

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
constexpr bool kSanitized = true;
#else
constexpr bool kSanitized = false;
#endif

namespace doutu::testing {
namespace {

const std::string kUrl(85, 'u');

/// A lane and both its ends. The child that is killed inherits the mapping and one end; the other end lives on.
struct Stage {
  SharedEngine engine;
  RawLane raw{engine.descriptors()};
  std::unique_ptr<ImageProducer> producer = engine.producer();
  std::unique_ptr<ImageConsumer> consumer = engine.consumer();

  void put(std::string_view text) const { EXPECT_EQ(producer->try_put(bytes_of(text)), PutResult::ok); }
  void take() const {
    std::span<const std::byte> record;
    EXPECT_EQ(consumer->try_take(record), TakeResult::ok);
  }
  void put_one_two_three() const {
    for (const auto* text : {"one", "two", "three"}) put(text);
  }
  /// Leaves the lane empty, with the next record's frame crossing the end of the ring in the middle of its bytes.
  void go_to_the_end_of_the_ring() const {
    put(std::string(kMaxRecordBytes, 'x'));
    put(std::string(kMinLaneCapacity - 2 * sizeof(FrameHeader) - kMaxRecordBytes - 24, 'y'));
    take();
    take();
    consumer->acknowledge(consumer->taken());
    EXPECT_EQ(consumer->taken(), kMinLaneCapacity - 24);
  }
  void fill() const {
    while (producer->try_put(bytes_of(kUrl)) == PutResult::ok) {
    }
  }
};

using Records = std::vector<std::string>;

/// What a consumer takes until there is nothing more, and what it says then.
Records take_all(ImageConsumer& consumer) {
  Records records;
  do records.push_back(next(consumer));
  while (!records.back().starts_with('('));
  return records;
}

bool signals(int fd) {
  pollfd entry{fd, POLLIN, 0};
  return ::poll(&entry, 1, 0) == 1;
}

/// Ptrace stops and wakes the child for each step: five times as fast when both share a processor.
class OneProcessor {
 public:
  OneProcessor() {
    ::sched_getaffinity(0, sizeof kept_, &kept_);
    cpu_set_t one;
    CPU_ZERO(&one);
    CPU_SET(static_cast<std::size_t>(::sched_getcpu()), &one);
    ::sched_setaffinity(0, sizeof one, &one);
  }
  OneProcessor(const OneProcessor&) = delete;
  OneProcessor& operator=(const OneProcessor&) = delete;
  ~OneProcessor() { ::sched_setaffinity(0, sizeof kept_, &kept_); }

 private:
  cpu_set_t kept_{};
};

enum class Operation { cut_short, done };

/// A child that stands still just before its work, and again just after it.
class SteppedChild {
 public:
  explicit SteppedChild(const std::function<int()>& work) : pid_(::fork()) {
    DOUTU_CHECK(pid_ >= 0);
    if (pid_ == 0) run(work);
    stopped_ = wait_for_stop(SIGSTOP);
    if (stopped_) ::ptrace(PTRACE_SETOPTIONS, pid_, nullptr, PTRACE_O_EXITKILL);
  }
  SteppedChild(const SteppedChild&) = delete;
  SteppedChild& operator=(const SteppedChild&) = delete;
  ~SteppedChild() {
    ::kill(pid_, SIGKILL);
    ::waitpid(pid_, nullptr, 0);
  }

  /// False where ptrace is not permitted.
  [[nodiscard]] bool stands_still() const { return stopped_; }

  /// One instruction after the other, but none after its work.
  Operation step(int instructions) {
    for (; instructions > 0; --instructions) {
      EXPECT_EQ(::ptrace(PTRACE_SINGLESTEP, pid_, nullptr, nullptr), 0);
      if (wait_for_stop(SIGSTOP)) return Operation::done;
    }
    return Operation::cut_short;
  }

  /// Lets it run; what its work returned.
  int finish() {
    int status = 0;
    do {
      ::ptrace(PTRACE_CONT, pid_, nullptr, nullptr);
      ::waitpid(pid_, &status, 0);
    } while (WIFSTOPPED(status));
    return WEXITSTATUS(status);
  }

 private:
  [[noreturn]] static void run(const std::function<int()>& work) {
    const auto self = ::getpid();
    if (::ptrace(PTRACE_TRACEME, 0, nullptr, nullptr) != 0) ::_exit(1);
    ::kill(self, SIGSTOP);
    const int result = work();
    ::kill(self, SIGSTOP);
    ::_exit(result);
  }
  [[nodiscard]] bool wait_for_stop(int signal) const {
    int status = 0;
    ::waitpid(pid_, &status, 0);
    return WIFSTOPPED(status) && WSTOPSIG(status) == signal;
  }

  pid_t pid_;
  bool stopped_ = false;
};

struct Scenario {
  std::function<void(Stage&)> prepare;
  std::function<void(Stage&)> operation;            ///< In the child.
  std::function<void(Stage&, Operation)> recovery;  ///< After its death.
};

void kill_at_every_instruction(const Scenario& scenario) {
  const OneProcessor one_processor;
  {  // Resolves the functions that the operation calls, so that the dynamic linker is not stepped through.
    Stage rehearsal;
    scenario.prepare(rehearsal);
    scenario.operation(rehearsal);
  }
  for (int killed_after = 0;; ++killed_after) {
    Stage stage;
    scenario.prepare(stage);
    auto state = Operation::cut_short;
    {
      SteppedChild child([&] { return scenario.operation(stage), 0; });
      state = child.step(killed_after);
    }
    SCOPED_TRACE("killed after " + std::to_string(killed_after) + " instructions");
    scenario.recovery(stage, state);
    if (state == Operation::done || ::testing::Test::HasFailure()) return;
  }
}

class LaneAtEveryInstruction : public ::testing::Test {
 protected:
  void SetUp() override {
    if (kSanitized) GTEST_SKIP() << "the sanitizer's own instructions would be stepped, thousands for each of ours";
    const SteppedChild probe([] { return 0; });
    if (!probe.stands_still()) GTEST_SKIP() << "ptrace is not permitted here";
  }

  void run(const Scenario& scenario) {
    kill_at_every_instruction(scenario);
    std::cout << "killed at " << before_ + after_ << " points: " << before_ << " before the operation took effect, "
              << after_ << " after\n";
    RecordProperty("points", before_ + after_);
    EXPECT_GT(before_ + after_, 20);
    EXPECT_GT(before_, 0);
    EXPECT_GT(after_, 0);
  }

  /// The killed producer's lane holds either list, and the second one from some instruction on.
  void expect_before_or_after(const Records& found, const Records& before, const Records& after, Operation operation) {
    if (found == after) {
      ++after_;
      return;
    }
    ++before_;
    EXPECT_EQ(found, before);
    EXPECT_EQ(operation, Operation::cut_short) << "done, but not to be seen";
    EXPECT_EQ(after_, 0) << "it was there already";
  }

  /// A new consumer and the producer that lived on can work together.
  static void expect_life_goes_on(const Stage& stage, ImageConsumer& consumer) {
    consumer.acknowledge(consumer.taken());
    EXPECT_EQ(stage.producer->put(bytes_of("afterwards"), watchdog()), PutResult::ok);
    std::span<const std::byte> record;
    ASSERT_EQ(consumer.take(record, watchdog()), TakeResult::ok);
    EXPECT_EQ(text_of(record), "afterwards");
  }

  /// One side's work is stopped after every number of instructions, meanwhile happens, the work goes on; then the
  /// consumer must know of the record, or its event must be signalled. Each function says whether the consumer sleeps
  /// now.
  static void expect_no_lost_wake_up(const std::function<int(Stage&)>& work,
                                     const std::function<int(Stage&)>& meanwhile) {
    const OneProcessor one_processor;
    {
      Stage rehearsal;
      work(rehearsal);
    }
    int stopped_after = 0;
    for (auto state = Operation::cut_short; state != Operation::done; ++stopped_after) {
      Stage stage;
      SteppedChild child([&] { return work(stage); });
      state = child.step(stopped_after);
      const bool sleeps = (meanwhile(stage) + child.finish()) > 0;
      ASSERT_TRUE(!sleeps || signals(stage.consumer->wake_fd())) << "stopped after " << stopped_after;
    }
    std::cout << "stopped at " << stopped_after << " points\n";
    EXPECT_GT(stopped_after, 20);
  }

  static int arm(Stage& stage) { return stage.consumer->arm() ? 1 : 0; }
  static int put(Stage& stage) { return stage.put("meanwhile"), 0; }

  int before_ = 0;
  int after_ = 0;
};

TEST_F(LaneAtEveryInstruction, ArmMissesNoPutMeanwhile) { expect_no_lost_wake_up(arm, put); }

TEST_F(LaneAtEveryInstruction, PutMissesNoArmMeanwhile) { expect_no_lost_wake_up(put, arm); }

TEST_F(LaneAtEveryInstruction, PutLosesNothing) {
  run({[](Stage& stage) { stage.put_one_two_three(); }, [](Stage& stage) { stage.producer->try_put(bytes_of(kUrl)); },
       [this](Stage& stage, Operation operation) {
         expect_before_or_after(take_all(*stage.consumer), {"one", "two", "three", "(empty)"},
                                {"one", "two", "three", kUrl, "(empty)"}, operation);
       }});
}

TEST_F(LaneAtEveryInstruction, PutAcrossTheEndOfTheRingLosesNothing) {
  run({[](Stage& stage) {
         stage.go_to_the_end_of_the_ring();
         stage.put("s");
       },
       [](Stage& stage) { stage.producer->try_put(bytes_of(kUrl)); },
       [this](Stage& stage, Operation operation) {
         expect_before_or_after(take_all(*stage.consumer), {"s", "(empty)"}, {"s", kUrl, "(empty)"}, operation);
       }});
}

TEST_F(LaneAtEveryInstruction, PutThatWakesTheConsumerLosesNothing) {
  run({[](Stage& stage) { EXPECT_TRUE(stage.consumer->arm()); },
       [](Stage& stage) { stage.producer->try_put(bytes_of(kUrl)); },
       [this](Stage& stage, Operation operation) {
         expect_before_or_after(take_all(*stage.consumer), {"(empty)"}, {kUrl, "(empty)"}, operation);
         EXPECT_TRUE(operation == Operation::cut_short || signals(stage.consumer->wake_fd())) << "nobody woke it";
       }});
}

TEST_F(LaneAtEveryInstruction, PutWithDeadlineLosesNothing) {
  run({[](Stage& stage) { stage.put_one_two_three(); },
       [](Stage& stage) { stage.producer->put(bytes_of(kUrl), MonoTime::max()); },
       [this](Stage& stage, Operation operation) {
         expect_before_or_after(take_all(*stage.consumer), {"one", "two", "three", "(empty)"},
                                {"one", "two", "three", kUrl, "(empty)"}, operation);
       }});
}

TEST_F(LaneAtEveryInstruction, SealIsSeenOrNot) {
  run({[](Stage& stage) {
         stage.put("one");
         stage.take();
         EXPECT_TRUE(stage.consumer->arm());
       },
       [](Stage& stage) { stage.producer->seal(); },
       [this](Stage& stage, Operation operation) {
         stage.consumer->rewind();
         expect_before_or_after(take_all(*stage.consumer), {"one", "(empty)"}, {"one", "(ended)"}, operation);
       }});
}

/// A killed take leaves no trace: the next consumer finds all of it again.
TEST_F(LaneAtEveryInstruction, TakeLeavesEverythingToTheNextConsumer) {
  run({[](Stage& stage) { stage.put_one_two_three(); }, [](Stage& stage) { stage.take(); },
       [this](Stage& stage, Operation operation) {
         const auto consumer = stage.engine.consumer();
         EXPECT_EQ(take_all(*consumer), (Records{"one", "two", "three", "(empty)"}));
         expect_life_goes_on(stage, *consumer);
         ++(operation == Operation::done ? after_ : before_);
       }});
}

TEST_F(LaneAtEveryInstruction, TakeAcrossTheEndOfTheRingLeavesEverythingToTheNextConsumer) {
  run({[](Stage& stage) {
         stage.go_to_the_end_of_the_ring();
         stage.put(kUrl);
       },
       [](Stage& stage) { stage.take(); },
       [this](Stage& stage, Operation operation) {
         const auto consumer = stage.engine.consumer();
         EXPECT_EQ(take_all(*consumer), (Records{kUrl, "(empty)"}));
         expect_life_goes_on(stage, *consumer);
         ++(operation == Operation::done ? after_ : before_);
       }});
}

TEST_F(LaneAtEveryInstruction, ArmingLeavesTheLaneUsable) {
  run({[](Stage&) {}, [](Stage& stage) { static_cast<void>(stage.consumer->arm()); },
       [this](Stage& stage, Operation operation) {
         const auto consumer = stage.engine.consumer();
         expect_life_goes_on(stage, *consumer);
         ++(operation == Operation::done ? after_ : before_);
       }});
}

TEST_F(LaneAtEveryInstruction, AcknowledgeFreesARecordOrRedeliversIt) {
  run({[](Stage& stage) {
         stage.put_one_two_three();
         stage.take();
         stage.take();
       },
       [](Stage& stage) { stage.consumer->acknowledge(stage.consumer->taken()); },
       [this](Stage& stage, Operation operation) {
         const auto consumer = stage.engine.consumer();
         expect_before_or_after(take_all(*consumer), {"one", "two", "three", "(empty)"}, {"three", "(empty)"},
                                operation);
         expect_life_goes_on(stage, *consumer);
       }});
}

TEST_F(LaneAtEveryInstruction, AcknowledgeThatWakesTheProducerLeavesItRoom) {
  run({[](Stage& stage) {
         stage.fill();
         stage.take();
         stage.take();
         stage.raw.header().producer_sleeps = 1;  // As put() says before it sleeps.
       },
       [](Stage& stage) { stage.consumer->acknowledge(stage.consumer->taken()); },
       [this](Stage& stage, Operation operation) {
         const auto consumer = stage.engine.consumer();
         const bool room = stage.producer->try_put(bytes_of(kUrl)) == PutResult::ok;
         EXPECT_EQ(room, consumer->acknowledged() > 0);
         EXPECT_TRUE(operation == Operation::cut_short || signals(stage.engine.descriptors().space.get()))
             << "nobody woke it";
         ++(room ? after_ : before_);
         const auto records = take_all(*consumer);
         EXPECT_EQ(records.size(), kMinLaneCapacity / frame_bytes(kUrl.size()) + (room ? 0 : 1));
         expect_life_goes_on(stage, *consumer);
       }});
}

}  // namespace
}  // namespace doutu::testing
