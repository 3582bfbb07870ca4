#include "shared/process/rate_budget.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>

#include <algorithm>
#include <cmath>
#include <new>
#include <utility>

#include "shared/base/system_limits.h"

namespace doutu {
namespace {

constexpr std::uint64_t kMinPiece = 1 << 10;   // What libcurl reads at least.
constexpr std::uint64_t kMaxPiece = 64 << 10;  // See image_transfer.cpp.
constexpr double kNanosecondsPerSecond = 1e9;
/// Before a transfer can be paused, libcurl hands out up to a hundred pieces of it. So in the longest honest queue
/// stand those of 200 transfers.
constexpr std::uint64_t kLongestQueue = 20'000;
constexpr seconds kLeastQueue{30};
constexpr std::uint64_t kPiecesPerSecond = 1000;

/// A server gives up on a connection that takes nothing for a minute. It has up to 256 KiB on their way to each.
constexpr std::uint64_t kLeastShare = 8 << 10;
/// One that is slow keeps nobody from the rest.
constexpr std::uint32_t kLeastImages = 2;

constexpr std::uint64_t kMinReceiveBuffer = 8 << 10;
constexpr std::uint64_t kMaxReceiveBuffer = 1 << 20;

}  // namespace

RateBudget::RateBudget(UniqueFd fd, FreeAt* free_at, std::uint64_t rate)
    : fd_(std::move(fd)), free_at_(free_at), rate_(rate) {
  if (rate > 0) longest_queue_ = kLeastQueue + std::chrono::nanoseconds(cost(kLongestQueue * rate_piece(rate)));
}

RateBudget::RateBudget(RateBudget&& other) noexcept { *this = std::move(other); }

RateBudget& RateBudget::operator=(RateBudget&& other) noexcept {
  std::swap(fd_, other.fd_);
  std::swap(free_at_, other.free_at_);
  std::swap(rate_, other.rate_);
  std::swap(longest_queue_, other.longest_queue_);
  return *this;
}

RateBudget::~RateBudget() {
  if (free_at_ != nullptr) ::munmap(free_at_, sizeof(FreeAt));
}

Result<RateBudget> RateBudget::map(UniqueFd fd, std::uint64_t rate) {
  void* const memory = ::mmap(nullptr, sizeof(FreeAt), PROT_READ | PROT_WRITE, MAP_SHARED, fd.get(), 0);
  if (memory == MAP_FAILED) return error_with_limit("cannot map the rate budget");
  return RateBudget(std::move(fd), static_cast<FreeAt*>(memory), rate);
}

Result<RateBudget> RateBudget::create() {
  UniqueFd fd(::memfd_create("doutu-rate", MFD_CLOEXEC | MFD_ALLOW_SEALING));
  // Allocated here, as a stats page is.
  if (!fd.valid() || ::fallocate(fd.get(), 0, 0, sizeof(FreeAt)) != 0 ||
      ::fcntl(fd.get(), F_ADD_SEALS, F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_SEAL) != 0) {
    return error_with_limit("cannot create the rate budget");
  }
  auto budget = map(std::move(fd), 0);
  if (budget) new (budget->free_at_) FreeAt(0);
  return budget;
}

Result<RateBudget> RateBudget::attach(int fd, std::uint64_t bytes_per_second) {
  if (bytes_per_second == 0) return RateBudget();
  UniqueFd owned(fd);
  struct stat about {};
  if (::fstat(fd, &about) != 0) return system_error("no rate budget was handed over");
  if (static_cast<std::size_t>(about.st_size) != sizeof(FreeAt)) return Error{"the rate budget has another size", 0};
  return map(std::move(owned), bytes_per_second);
}

std::int64_t RateBudget::cost(std::uint64_t bytes) const {
  const double time = static_cast<double>(bytes) / static_cast<double>(rate_) * kNanosecondsPerSecond;
  return std::llround(time);
}

MonoTime RateBudget::book(std::uint64_t bytes, MonoTime now) {
  const std::int64_t earliest = to_nanoseconds(now - kBurst);
  const std::int64_t latest = to_nanoseconds(now + longest_queue_);
  const std::int64_t time = cost(bytes);
  std::int64_t free_at = free_at_->load(std::memory_order_relaxed);
  std::int64_t due = 0;
  do {
    due = free_at > latest ? to_nanoseconds(now) : std::max(free_at, earliest);
  } while (!free_at_->compare_exchange_weak(free_at, due + time, std::memory_order_relaxed));
  return from_nanoseconds(due);
}

bool RateBudget::is_spent(MonoTime now) const {
  return free_at_ != nullptr && free_at_->load(std::memory_order_relaxed) > to_nanoseconds(now);
}

std::uint64_t rate_piece(std::uint64_t bytes_per_second) {
  return std::clamp(bytes_per_second / kPiecesPerSecond, kMinPiece, kMaxPiece);
}

int rate_receive_buffer(std::uint64_t bytes_per_second) {
  return static_cast<int>(std::clamp(bytes_per_second / 64, kMinReceiveBuffer, kMaxReceiveBuffer));
}

std::uint32_t images_at_a_time(const CrawlSettings& settings) {
  const std::uint64_t rate = settings.limits.max_rate;
  const std::uint32_t asked = settings.pool.downloaders;
  if (rate == 0 || rate / kLeastShare >= asked) return asked;
  return std::clamp(static_cast<std::uint32_t>(rate / kLeastShare), std::min(kLeastImages, asked), asked);
}

}  // namespace doutu
