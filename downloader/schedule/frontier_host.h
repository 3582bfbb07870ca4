// FrontierHost: a host whose images the frontier holds: when it may be asked (its schedule), what waits for that (its
// window), and where it stands in the frontier's lists. The frontier guards it by its mutex.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <utility>

#include "downloader/schedule/host_window.h"
#include "downloader/schedule/slots.h"
#include "shared/base/clock.h"
#include "shared/politeness/host_schedule.h"

namespace doutu {

struct FrontierHost;

/// The hosts for which something happens at a time.
using HostTimers = std::multimap<MonoTime, FrontierHost*>;

struct FrontierHost : Slots::Place {
  FrontierHost(std::string authority, const HostSchedule& first) : name(std::move(authority)), schedule(first) {}

  /// The frontier's number for it: its row, or else its alias.
  [[nodiscard]] std::int64_t number() const { return id != 0 ? id : alias; }

  const std::string name;
  std::int64_t id = 0;     ///< Its row in the ledger; 0: images were redirected here, and no page named it yet.
  std::int64_t alias = 0;  ///< What such images know it by.
  HostSchedule schedule;
  HostWindow window;
  /// Its robots.txt could not be read: images that obey it fail with this cause until then, untried.
  struct {
    NamedCause cause{};
    MonoTime until{};
  } no_robots;
  bool in_low = false;  ///< It is listed for a refill.
  std::optional<HostTimers::iterator> timer;
};

}  // namespace doutu
