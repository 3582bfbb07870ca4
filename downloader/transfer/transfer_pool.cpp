#include "downloader/transfer/transfer_pool.h"

#include <algorithm>
#include <thread>
#include <utility>

#include "downloader/transfer/transfer_loop.h"
#include "shared/base/system_limits.h"

namespace doutu {
namespace {

CrawlSettings bounded(CrawlSettings settings) {
  settings.pool.downloaders = std::clamp<std::uint32_t>(settings.pool.downloaders, 1, kMaxInFlight);
  settings.pool.downloaders = images_at_a_time(settings);
  return settings;
}

std::size_t loop_count(const PoolOptions& pool) {
  // Half as many would cost no more CPU time, but a tenth of the rate on two cores (5,084 images of 4 KB).
  const std::size_t cores = std::max(1U, std::thread::hardware_concurrency());
  const std::size_t asked = pool.threads == 0 ? cores : pool.threads;
  return std::clamp<std::size_t>(asked, 1, std::min<std::size_t>(pool.downloaders, kMaxBeats - 1));
}

/// Of one loop: room for the idle connections of as many hosts as it has slots. Where descriptors are few, idle
/// connections get half of those that the rest of the process leaves, or there would be none for others.
long connections_kept(std::size_t slots, std::size_t loops) {
  constexpr std::uint64_t kFilesOfProcess = 23;
  constexpr std::uint64_t kFilesOfLoop = 6;
  const std::uint64_t of_rest = kFilesOfProcess + kFilesOfLoop * loops;
  const std::uint64_t limit = std::max(value_of(SystemLimit::open_files).value_or(std::uint64_t{1} << 32U), of_rest);
  return static_cast<long>(std::clamp<std::uint64_t>((limit - of_rest) / 2 / loops, 1, 2 * slots));
}

}  // namespace

TransferPool::TransferPool(const CrawlSettings& settings, OutcomeQueue& outcomes, StatsPage& stats,
                           ControlChannel& doubts, ImageSink& sink, CookieStore& cookies, RateBudget budget)
    : settings_(bounded(settings)),
      guard_(AddressGuard::of(settings_.http)),
      budget_(std::move(budget)),
      logins_(settings_),
      frontier_(settings_, [this] { wake_loops(); }) {
  const TransferLoop::Shared shared{settings_, guard_, frontier_, outcomes, stats,   disk_error_, told_of_want_,
                                    doubts,    sink,   cookies,   logins_,  budget_, half_images_};
  const std::size_t loops = loop_count(settings_.pool);
  for (std::size_t i = 0; i < loops; ++i) {
    const std::size_t first = settings_.pool.downloaders * i / loops;
    const std::size_t end = settings_.pool.downloaders * (i + 1) / loops;
    auto loop = std::make_unique<TransferLoop>(
        shared, i, TransferLoop::Slots{first, end - first, connections_kept(end - first, loops)});
    const MutexLock lock(mutex_);
    loops_.push_back(std::move(loop));
  }
}

TransferPool::~TransferPool() {
  frontier_.stop();
  std::vector<std::unique_ptr<TransferLoop>> loops;
  {
    const MutexLock lock(mutex_);
    loops.swap(loops_);
  }
}

int TransferPool::take_disk_error() { return disk_error_.exchange(0); }

void TransferPool::wake_loops() {
  const MutexLock lock(mutex_);
  for (const auto& loop : loops_) loop->wake();
}

}  // namespace doutu
