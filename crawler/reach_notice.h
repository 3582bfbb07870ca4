// ReachNotice: what people are told when pages do not come: at once, with how long they are tried, and not again until
// something has come. Values in, a line out. The parent's thread.
#pragma once

#include <optional>
#include <string>

#include "crawler/page_plan.h"
#include "shared/base/clock.h"

namespace doutu {

class ReachNotice {
 public:
  /// Of a server that is there now and gone then.
  static constexpr seconds kBetween{60};

  /// After an attempt at a page that will be made again. Until a page has come any trouble is worth a word, afterwards
  /// only that nothing can be reached. "the server's name does not resolve; trying again for 15 s (--retries 4)".
  [[nodiscard]] std::optional<std::string> after(const PageResult& result, const PagePlan::Patience& patience,
                                                 MonoTime now);
  /// A page came.
  void page_came() { has_come_ = true, is_said_ = false; }

 private:
  bool has_come_ = false;
  bool is_said_ = false;
  MonoTime not_before_ = MonoTime::min();
};

/// Whether this machine has an address beside those of its loopback. True where that cannot be told.
[[nodiscard]] bool has_network();

}  // namespace doutu
