// What runs on this machine, as far as a test started it. This process adopts orphans (PR_SET_CHILD_SUBREAPER), so that
// whatever a killed crawl leaves behind becomes a child of the test and can be found. One thread.
#pragma once

#include <sys/types.h>

#include <chrono>
#include <string>
#include <vector>

namespace doutu {

struct RunningProcess {
  pid_t pid = 0;
  std::string program;  ///< File name of what it runs: "doutu-downloader".
  char state = '?';     ///< As in /proc/PID/stat: 'T' is stopped.
};

void adopt_orphans();

/// Children that live (zombies do not), in the order of their pids.
[[nodiscard]] std::vector<RunningProcess> children_of(pid_t parent);

/// Most memory that a process has had at once (VmHWM), in KiB; 0 when it has ended.
[[nodiscard]] std::size_t peak_kib(pid_t pid);

/// Waits until this process has no child of any name, reaping what ends; what still runs after the limit.
[[nodiscard]] std::vector<RunningProcess> strays_after(std::chrono::milliseconds limit);

/// Kills and reaps every child of this process.
void kill_strays();

/// Calls condition every 2 ms until it holds; false when it did not within the limit.
template <class Condition>
[[nodiscard]] bool eventually(Condition condition, std::chrono::milliseconds limit = std::chrono::seconds(30));

void pause_for_polling();

template <class Condition>
bool eventually(Condition condition, std::chrono::milliseconds limit) {
  const auto end = std::chrono::steady_clock::now() + limit;
  while (!condition()) {
    if (std::chrono::steady_clock::now() > end) return false;
    pause_for_polling();
  }
  return true;
}

}  // namespace doutu
