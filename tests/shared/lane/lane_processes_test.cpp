// A lane between two processes, one of which is killed with SIGKILL at moments that nobody chose.
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include <atomic>
#include <csignal>
#include <functional>
#include <random>

#include "tests/shared/lane/engines.h"

namespace doutu::testing {
namespace {

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
constexpr int kKills = 40;  // A fork copies the page tables of the shadow memory: 50 ms each.
#else
constexpr int kKills = 150;
#endif

/// A T that this process and its children share.
template <class T>
class SharedValue {
 public:
  SharedValue()
      : value_(new (::mmap(nullptr, sizeof(T), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0)) T) {}
  SharedValue(const SharedValue&) = delete;
  SharedValue& operator=(const SharedValue&) = delete;
  ~SharedValue() { ::munmap(value_, sizeof(T)); }
  T* operator->() const { return value_; }
  T& operator*() const { return *value_; }

 private:
  T* value_;
};

/// A child that runs work and then ends with the status that it returned; killed at the end if it has not.
class Child {
 public:
  explicit Child(const std::function<int()>& work) : pid_(::fork()) {
    DOUTU_CHECK(pid_ >= 0);
    if (pid_ == 0) ::_exit(work());
  }
  Child(const Child&) = delete;
  Child& operator=(const Child&) = delete;
  ~Child() { kill(); }

  /// How it ended, as waitpid() tells it.
  int kill() {
    if (!reaped_) ::kill(pid_, SIGKILL);
    return wait();
  }
  int wait() {
    if (!reaped_) ::waitpid(pid_, &status_, 0);
    reaped_ = true;
    return status_;
  }

 private:
  pid_t pid_;
  bool reaped_ = false;
  int status_ = 0;
};

void spin(std::chrono::microseconds time) {
  for (const auto end = mono_now() + time; mono_now() < end;) {
  }
}

TEST(LaneProcesses, LoseNothingThatWasPublishedWhenTheProducerIsKilled) {
  std::mt19937 random(1);
  std::uint64_t lost = 0;
  for (int round = 0; round < kKills; ++round) {
    const SharedEngine engine;
    const SharedValue<std::atomic<std::uint64_t>> promised;  // How many puts have returned ok.
    const auto consumer = engine.consumer();
    Child producer([&] {
      const auto end = engine.producer();
      for (std::uint64_t number = 0; end->put(bytes_of(record_of(number)), watchdog()) == PutResult::ok; ++number) {
        *promised = number + 1;
      }
      return 1;
    });

    std::span<const std::byte> record;
    const auto taken_before = random() % 1000;
    std::uint64_t number = 0;
    while (number < taken_before && consumer->take(record, watchdog()) == TakeResult::ok) {
      ASSERT_EQ(text_of(record), record_of(number));
      if (++number % 16 == 0) consumer->acknowledge(consumer->taken());
    }
    spin(std::chrono::microseconds(random() % 300));
    ASSERT_TRUE(WIFSIGNALED(producer.kill())) << "it ended by itself";

    while (consumer->try_take(record) == TakeResult::ok) ASSERT_EQ(text_of(record), record_of(number++));
    EXPECT_EQ(next(*consumer), "(empty)");
    ASSERT_GE(number, *promised);
    ASSERT_LE(number, *promised + 1);
    lost += *promised + 1 - number;
  }
  RecordProperty("unpublished", static_cast<int>(lost));
}

/// What a consumer remembers elsewhere, as the downloader does in its ledger: changed in one step, by flipping current.
struct Ledger {
  struct Row {
    std::uint64_t position = 0;
    std::uint64_t next_number = 0;
  };
  std::array<Row, 2> rows{};
  std::atomic<std::size_t> current{0};
  std::atomic<std::uint64_t> repeats{0};

  [[nodiscard]] Row row() const { return rows.at(current); }
  void commit(Row row) {
    const auto other = 1 - current;
    rows.at(other) = row;
    current = other;
  }
};

enum ConsumerExit { all_taken = 0, wrong_record = 1, damaged = 2, hung = 3 };

/// Takes in batches, each committed before it is acknowledged; what is redelivered below the position stored is
/// skipped.
int consume(const SharedEngine& engine, Ledger& ledger) {
  const auto consumer = engine.consumer();
  std::span<const std::byte> record;
  for (;;) {
    auto row = ledger.row();
    for (int i = 0; i < 20; ++i) {
      const auto result = consumer->take(record, i == 0 ? watchdog() : MonoTime::min());
      if (result == TakeResult::damaged) return damaged;
      if (result == TakeResult::ended && i == 0) return all_taken;
      if (result == TakeResult::empty && i == 0) return hung;
      if (result != TakeResult::ok) break;
      if (consumer->taken() <= row.position) {
        ++ledger.repeats;
        continue;
      }
      if (text_of(record) != record_of(row.next_number++)) return wrong_record;
      row.position = consumer->taken();
    }
    ledger.commit(row);
    consumer->acknowledge(consumer->taken());
  }
}

TEST(LaneProcesses, CountEveryRecordOnceThroughManyKilledConsumers) {
  constexpr std::uint64_t kRecords = 200'000;
  const SharedEngine engine;
  const SharedValue<Ledger> ledger;
  const Child producer([&] {
    const auto end = engine.producer();
    for (std::uint64_t number = 0; number < kRecords; ++number) {
      if (end->put(bytes_of(record_of(number)), watchdog()) != PutResult::ok) return 1;
    }
    end->seal();
    return 0;
  });
  std::mt19937 random(2);
  int kills = 0;
  for (int status = -1; status != 0;) {
    Child consumer([&] { return consume(engine, *ledger); });
    spin(std::chrono::microseconds(random() % 2000));
    status = kills < kKills ? consumer.kill() : consumer.wait();
    ASSERT_TRUE(WIFSIGNALED(status) || WEXITSTATUS(status) == all_taken) << WEXITSTATUS(status);
    ++kills;
  }
  EXPECT_EQ(ledger->row().next_number, kRecords);
  EXPECT_GT(kills, 5) << "all was taken before anybody was killed";
  RecordProperty("kills", kills);
  RecordProperty("repeats", static_cast<int>(ledger->repeats));
}

}  // namespace
}  // namespace doutu::testing
