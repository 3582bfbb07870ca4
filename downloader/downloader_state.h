// What the downloader's loop is doing, what it may do meanwhile, and what changes that: two tables, without any I/O.
#pragma once

#include <array>
#include <cstdint>

namespace doutu {

enum class DownloaderState : std::uint8_t {
  working,
  paused_for_disk,        ///< The disk refuses writes: each second a probe asks whether it takes them again.
  settled,                ///< The job is settled, and the parent knows: it will end the channel.
  stopping,               ///< Nothing new begins. What is in flight has until --finish-wait to end.
  stopping_without_disk,  ///< So it is here, but what ends cannot be recorded before the disk takes writes again.
  leaving,                ///< As stopping, with a job that is settled: everything is on the disk already.
  ended,                  ///< Nothing is in flight any more: the last batch, and out.
};

enum class DownloaderEvent : std::uint8_t {
  disk_refuses,
  disk_writable,
  job_settled,
  stop,  ///< The channel has ended, SIGTERM, a limit of the user is reached, or a successor can do what this one
         ///< cannot.
  end,   ///< Nothing is left to wait for, or nothing can be.
};

/// What is not in the list changes nothing.
[[nodiscard]] constexpr DownloaderState next_state(DownloaderState state, DownloaderEvent event) {
  using enum DownloaderState;
  using enum DownloaderEvent;
  struct Change {
    DownloaderState from;
    DownloaderEvent event;
    DownloaderState to;
  };
  constexpr std::array kChanges = {
      Change{working, disk_refuses, paused_for_disk},
      Change{working, job_settled, settled},
      Change{working, stop, stopping},
      Change{paused_for_disk, disk_writable, working},
      Change{paused_for_disk, stop, stopping_without_disk},
      Change{settled, disk_refuses, paused_for_disk},
      Change{settled, stop, leaving},
      Change{stopping, disk_refuses, stopping_without_disk},
      Change{stopping_without_disk, disk_writable, stopping},
      Change{leaving, disk_refuses, stopping_without_disk},
  };
  if (event == end) return ended;
  for (const Change& change : kChanges) {
    if (change.from == state && change.event == event) return change.to;
  }
  return state;
}

/// What the loop does in a state.
struct Allowed {
  bool hears_parent = false;      ///< Its messages, its end, and SIGTERM.
  bool takes_lanes = false;       ///< Records of pages become rows.
  bool starts_transfers = false;  ///< The frontier gives out images.
  bool writes = false;            ///< Batches, names, checkpoints.
  bool probes_disk = false;
  bool settles = false;           ///< The job, once nothing is pending.
  bool needs_checkpoint = false;  ///< At the end: something may not be on the disk yet.
  bool operator==(const Allowed&) const = default;
};

[[nodiscard]] constexpr Allowed allowed_in(DownloaderState state) {
  switch (state) {
    case DownloaderState::working:
      return {.hears_parent = true,
              .takes_lanes = true,
              .starts_transfers = true,
              .writes = true,
              .settles = true,
              .needs_checkpoint = true};
    case DownloaderState::paused_for_disk:
      return {.hears_parent = true, .probes_disk = true, .needs_checkpoint = true};
    case DownloaderState::settled:
      return {.hears_parent = true, .takes_lanes = true, .starts_transfers = true, .writes = true};
    case DownloaderState::stopping:
      return {.writes = true, .needs_checkpoint = true};
    case DownloaderState::stopping_without_disk:
      return {.probes_disk = true, .needs_checkpoint = true};
    case DownloaderState::leaving:
      return {.writes = true};
    case DownloaderState::ended:
      break;
  }
  return {};
}

}  // namespace doutu
