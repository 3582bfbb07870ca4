#include "crawler/view/cpu_meter.h"

#include <sched.h>

#include <algorithm>
#include <ctime>
#include <optional>

namespace doutu {
namespace {

constexpr seconds kGap{1};

std::optional<double> processor_time(pid_t process) {
  clockid_t clock{};
  timespec time{};
  if (::clock_getcpuclockid(process, &clock) != 0 || ::clock_gettime(clock, &time) != 0) return std::nullopt;
  return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_nsec) / 1e9;
}

double cores() {
  cpu_set_t set;
  return ::sched_getaffinity(0, sizeof set, &set) == 0 ? std::max(1, CPU_COUNT(&set)) : 1;
}

}  // namespace

double CpuMeter::share(const std::vector<pid_t>& processes, MonoTime now) {
  if (now - last_ < kGap) return share_;
  std::map<pid_t, double> used;
  double taken = 0;
  for (const pid_t process : processes) {
    const auto time = processor_time(process);
    if (!time) continue;
    used[process] = *time;
    if (const auto before = used_.find(process); before != used_.end()) taken += *time - before->second;
  }
  const double elapsed = std::chrono::duration<double>(now - last_).count();
  share_ = std::clamp(taken / elapsed / cores(), 0.0, 1.0);
  used_ = std::move(used);
  last_ = now;
  return share_;
}

}  // namespace doutu
