// CpuMeter: how busy some processes keep the cores that this process may use. The parent's thread.
#pragma once

#include <sys/types.h>

#include <map>
#include <vector>

#include "shared/base/clock.h"

namespace doutu {

class CpuMeter {
 public:
  /// The share of all cores that these processes took since the call before, 0 to 1; one that was not there then does
  /// not count yet, nor does one that is gone. Looks again after a second; in between, what it said last.
  double share(const std::vector<pid_t>& processes, MonoTime now);

 private:
  MonoTime last_{};
  double share_ = 0;
  std::map<pid_t, double> used_;  ///< Seconds of processor time, then.
};

}  // namespace doutu
