// RateBudget: the bytes that all processes of a crawl may take from the network together (--limit-rate): one atomic in
// shared memory, the time from which on the next byte may be taken (GCRA). Who takes bytes books them, and waits until
// they are due; so all take turns, in the order in which they booked. The parent makes it (a memfd, sealed against
// resizing) and passes its descriptor to fetchers and downloader. Lock-free: a process that is killed at any moment
// loses what it booked, and nobody else notices. Any thread.
//
// A fetcher that was taken over can write anything here. So it can have the limit ignored, or have everybody wait
// kLongestQueue for each piece: a slow crawl, and no more.
#pragma once

#include <atomic>
#include <cstdint>

#include "shared/base/clock.h"
#include "shared/base/result.h"
#include "shared/base/unique_fd.h"
#include "shared/crawl/crawl_settings.h"

namespace doutu {

class RateBudget {
 public:
  /// What is not used is kept for so long: a burst has no more.
  static constexpr milliseconds kBurst{100};

  /// Of the parent. Nobody has booked anything.
  static Result<RateBudget> create();
  /// Of a child. 0: there is no limit, and fd is left alone.
  static Result<RateBudget> attach(int fd, std::uint64_t bytes_per_second);
  /// There is no limit.
  RateBudget() = default;
  RateBudget(RateBudget&& other) noexcept;
  RateBudget& operator=(RateBudget&& other) noexcept;
  ~RateBudget();

  [[nodiscard]] bool is_limited() const { return rate_ > 0; }
  /// Books bytes; the time at which they may be taken, which may be past. Only where it is limited.
  [[nodiscard]] MonoTime book(std::uint64_t bytes, MonoTime now);
  /// Whether somebody waits for bytes that are not due yet, as far as known. Also the parent.
  [[nodiscard]] bool is_spent(MonoTime now) const;
  [[nodiscard]] int fd() const { return fd_.get(); }

 private:
  using FreeAt = std::atomic<std::int64_t>;  ///< Nanoseconds of the monotonic clock.
  static_assert(FreeAt::is_always_lock_free, "shared memory needs lock-free atomics");

  RateBudget(UniqueFd fd, FreeAt* free_at, std::uint64_t rate);
  static Result<RateBudget> map(UniqueFd fd, std::uint64_t rate);
  [[nodiscard]] std::int64_t cost(std::uint64_t bytes) const;

  UniqueFd fd_;
  FreeAt* free_at_ = nullptr;
  std::uint64_t rate_ = 0;  ///< Bytes per second.
  Duration longest_queue_{};
};

/// So many bytes are read, and booked, at once: a thousandth of a second. At most what curl reads at once anyway.
[[nodiscard]] std::uint64_t rate_piece(std::uint64_t bytes_per_second);
/// What the kernel takes in for a connection before we do (SO_RCVBUF), so that the server sees the rate, too.
[[nodiscard]] int rate_receive_buffer(std::uint64_t bytes_per_second);
/// Images in flight: not so many that each would get too little to keep its server patient.
[[nodiscard]] std::uint32_t images_at_a_time(const CrawlSettings& settings);

}  // namespace doutu
