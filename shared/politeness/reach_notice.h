// ReachNotice: what people are told when pages or images do not come: at once, with how long they are tried, and not
// again until something has come. Values in, a line out. Its owner guards it.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "shared/base/cause.h"
#include "shared/base/clock.h"
#include "shared/crawl/crawl_settings.h"
#include "shared/politeness/host_schedule.h"

namespace doutu {

/// How long a page or an image is tried again, beside the time that the attempts take. is_outage: its server has
/// answered before, and is waited for as a whole; else it is tried so many times more.
struct Patience {
  bool is_outage = false;
  std::uint32_t retries = 0;
  milliseconds span{0};
};
/// After an attempt that cost so much.
[[nodiscard]] Patience patience_after(const PolitenessOptions& politeness, HostSchedule::Cost cost);

class ReachNotice {
 public:
  /// Of a server that is there now and gone then.
  static constexpr seconds kBetween{60};

  /// After an attempt that will be made again. Until something has come any failure is worth a word, afterwards only
  /// that nothing can be reached. "the host name cannot be resolved; trying again for 15 s (--retries 4)".
  [[nodiscard]] std::optional<std::string> after(const NamedCause& failure, const Patience& patience, MonoTime now);
  /// A page, or an image, came.
  void came() { has_come_ = true, is_said_ = false; }

 private:
  bool has_come_ = false;
  bool is_said_ = false;
  MonoTime not_before_ = MonoTime::min();
};

}  // namespace doutu
