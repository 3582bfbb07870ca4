// ImageSuspects: which images were in flight when a downloader crashed, and which were so too often. The parent's
// thread.
#pragma once

#include <cstdint>
#include <map>
#include <set>
#include <vector>

#include "shared/process/messages.h"
#include "shared/process/restart_policy.h"
#include "shared/process/stats_page.h"

namespace doutu {

/// Those that a downloader says it has in flight.
[[nodiscard]] std::vector<std::int64_t> images_in_flight(const StatsPage& stats);

class ImageSuspects {
 public:
  /// A downloader ended with these in flight.
  void add(const std::vector<std::int64_t>& images, Strikes::Death death);
  /// ImageGivenUp or ImageSuspected of each, for the next downloader.
  [[nodiscard]] std::vector<Message> messages() const;

 private:
  std::map<std::int64_t, Strikes> strikes_;
  std::set<std::int64_t> given_up_;
};

}  // namespace doutu
