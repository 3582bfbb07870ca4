// StartedChild: a child program that runs, and the parent's ends of the descriptors that it was given. Nobody listens
// to it before a SupervisedChild takes it over. Meanwhile it loads its libraries, and waits to be configured.
#pragma once

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "shared/base/result.h"
#include "shared/base/unique_fd.h"
#include "shared/lane/shared_lane.h"
#include "shared/process/child_process.h"
#include "shared/process/control.h"
#include "shared/process/stats_page.h"

namespace doutu {

struct StartedChild {
  ChildProcess process;
  ControlChannel channel;
  SharedStats stats;
  UniqueFd log;  ///< What it prints. Non-blocking.

  /// Starts the sibling program; it gets more_fds beside control, stats, stdout and stderr.
  static Result<StartedChild> start(const std::string& program, const std::vector<std::pair<int, int>>& more_fds = {});
};

/// A fetcher, and the lane that it was given.
struct StartedFetcher {
  StartedChild child;
  LaneDescriptors lane;
  std::uint64_t generation = 0;  ///< Of the lane.

  /// budget: of Spawn::fds.
  static Result<StartedFetcher> start(LaneIdentity lane, std::pair<int, int> budget);
};

}  // namespace doutu
