// StatsPage: what a child says about itself, in shared memory that the child alone writes and the parent alone reads.
// The parent makes it (a memfd, sealed against resizing) and passes its descriptor. It is a hint for people and for the
// supervisor; no crawl depends on it. Every child gets a new one, so a page never holds what a dead process left. Every
// field is an atomic of its own: readers may see two fields of different moments.
#pragma once

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <string>

#include "shared/base/cause.h"
#include "shared/base/result.h"
#include "shared/base/unique_fd.h"

namespace doutu {

/// Most images in flight in one downloader (--downloaders).
inline constexpr std::size_t kMaxInFlight = 2048;
/// Most threads in the downloader's pool, and one for the ledger.
inline constexpr std::size_t kMaxBeats = 65;

/// Failures are counted in slots: one for each cause, and one for each HTTP status below 600.
inline constexpr std::size_t kFailureSlots = kCauseCount + 600;
using FailureCounts = std::array<std::uint32_t, kFailureSlots>;
/// Statuses from 600 share the slot of Cause::http_status.
[[nodiscard]] std::size_t failure_slot(Cause cause, int http_status);
/// The cause_name() that is counted there.
[[nodiscard]] std::string failure_slot_name(std::size_t slot);

enum class FetcherState : std::uint32_t { starting, idle, fetching, parsing, queueing };
/// Why the downloader does not fetch an image that is pending.
enum class ImageWait : std::uint32_t {
  none,
  gap,        ///< Between two requests to a host (--wait).
  throttled,  ///< A host asked for it (429, Retry-After).
  outage,     ///< A host that answered before is out of reach.
  retry,      ///< The image's own next attempt.
  commit,     ///< Outcomes that the ledger has not taken yet.
};

struct StatsPage {
  static constexpr std::uint64_t kMagic = 0x646f757475737470;  // "doutustp"
  static constexpr std::uint32_t kVersion = 7;

  std::uint64_t magic = kMagic;
  std::uint32_t version = kVersion;
  std::uint32_t reserved = 0;

  /// Nanoseconds of the monotonic clock at each thread's last sign of life; 0: no such thread.
  std::array<std::atomic<std::int64_t>, kMaxBeats> beats{};

  // A fetcher.
  std::atomic<FetcherState> state{FetcherState::starting};
  std::atomic<std::uint64_t> page{0};          ///< Page in hand, meaningless when idle.
  std::atomic<std::int64_t> held_ns{0};        ///< Time that the page waited for the lane or the rate (finished waits).
  std::atomic<std::int64_t> held_since_ns{0};  ///< Start of the wait that goes on; 0 when none.

  // The downloader: the job so far (as committed), for the progress line.
  std::atomic<std::uint64_t> found{0}, known{0}, repeated{0}, saved{0}, duplicate{0}, skipped{0}, failed{0}, pending{0};
  std::atomic<std::uint64_t> bytes{0};
  /// Failed images by failure_slot().
  std::array<std::atomic<std::uint32_t>, kFailureSlots> failures{};
  std::atomic<std::uint32_t> in_flight_count{0};
  std::atomic<std::uint32_t> disk_full{0};  ///< 1 while the crawl waits for space.
  /// Why no other image was taken when one could have been, and until when (as beats; a time past says nothing).
  std::atomic<ImageWait> wait{ImageWait::none};
  std::atomic<std::int64_t> wait_until_ns{0};
  /// Ids of the images in flight; 0 where a slot is free.
  std::array<std::atomic<std::int64_t>, kMaxInFlight> in_flight{};
};
static_assert(sizeof(StatsPage) <= 24576, "keep the page small; raise kVersion when the layout changes");
static_assert(std::atomic<std::uint64_t>::is_always_lock_free, "shared memory needs lock-free atomics");

/// A mapping of one StatsPage. The parent creates it, the child attaches to the descriptor it was given.
class SharedStats {
 public:
  static Result<SharedStats> create();
  static Result<SharedStats> attach(int fd);
  SharedStats(SharedStats&& other) noexcept;
  SharedStats& operator=(SharedStats&& other) noexcept;
  ~SharedStats();

  StatsPage* operator->() const { return page_; }
  StatsPage& operator*() const { return *page_; }
  [[nodiscard]] int fd() const { return fd_.get(); }

 private:
  SharedStats(UniqueFd fd, StatsPage* page);

  UniqueFd fd_;
  StatsPage* page_ = nullptr;
};

}  // namespace doutu
