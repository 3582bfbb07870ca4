// URLs per second from one process to another through a lane: what a list page's images cost between fetcher and
// downloader. The producer encodes and puts one ImageFound of an 85-byte URL after the other; the consumer takes,
// decodes and acknowledges in batches. tests/bench/multiprocessing_queue.py measures the same URL through Python's
// queue.
#include <benchmark/benchmark.h>
#include <fcntl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <string_view>
#include <utility>

#include "shared/crawl/records.h"
#include "shared/lane/shared_lane.h"

namespace doutu {
namespace {

constexpr std::string_view kUrl =
    "https://img.example.com/production/uploads/image/2019/03/04/20190304630000_abcdef.jpg";
static_assert(kUrl.size() == 85);
constexpr std::uint32_t kUrls = 2'000'000;
constexpr LaneIdentity kIdentity{1, 1};
constexpr seconds kLongEnough{60};

LaneDescriptors duplicate(const LaneDescriptors& lane) {
  const auto copy = [](const UniqueFd& fd) { return UniqueFd(::fcntl(fd.get(), F_DUPFD_CLOEXEC, 0)); };
  return {copy(lane.memory), copy(lane.data), copy(lane.space)};
}

int produce(LaneDescriptors lane) {
  const auto producer = attach_producer(std::move(lane), kIdentity).value();
  const auto deadline = mono_now() + kLongEnough;
  std::vector<std::byte> buffer;
  for (std::uint32_t position = 0; position < kUrls; ++position) {
    const auto record = encode(ImageFound{1, 1, position, Cause::none, kUrl}, buffer);
    if (producer->put(record, deadline) != PutResult::ok) return 1;
  }
  producer->seal();
  return 0;
}

/// How many whole records came, in their order.
std::uint32_t consume(ImageConsumer& consumer, int batch) {
  const auto deadline = mono_now() + kLongEnough;
  std::uint32_t count = 0;
  std::span<const std::byte> bytes;
  for (;;) {
    for (int i = 0; i < batch; ++i) {
      const auto result = i == 0 ? consumer.take(bytes, deadline) : consumer.try_take(bytes);
      if (result == TakeResult::empty && i > 0) break;
      if (result != TakeResult::ok) return count;
      const auto record = decode(bytes);
      if (record != Record(ImageFound{1, 1, count, Cause::none, kUrl})) return count;
      ++count;
    }
    consumer.acknowledge(consumer.taken());
  }
}

void BM_UrlsBetweenTwoProcesses(benchmark::State& state) {
  for ([[maybe_unused]] auto iteration : state) {
    const auto lane = create_lane(kIdentity).value();
    const auto child = ::fork();
    if (child == 0) ::_exit(produce(duplicate(lane)));
    const auto consumer = attach_consumer(duplicate(lane), kIdentity).value();
    if (consume(*consumer, static_cast<int>(state.range(0))) != kUrls) state.SkipWithError("not all URLs came");
    ::waitpid(child, nullptr, 0);
  }
  state.SetItemsProcessed(static_cast<std::int64_t>(state.iterations()) * kUrls);
}
BENCHMARK(BM_UrlsBetweenTwoProcesses)
    ->ArgName("batch")
    ->Arg(16)
    ->Arg(256)
    ->UseRealTime()
    ->Unit(benchmark::kMillisecond);

}  // namespace
}  // namespace doutu

BENCHMARK_MAIN();
