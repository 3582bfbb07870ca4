// FoundPages: pages that links lead to, on their way from the ledger to the plan. The ledger numbers them in the order
// in which they were found; the parent asks for those behind the last one that it was told of, a few hundred at a time,
// so that a million of them cost no memory. Pure: others carry the questions and answers. The parent's thread.
#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <map>
#include <optional>

#include "shared/crawl/page_task.h"
#include "shared/ledger/schema.h"

namespace doutu {

class FoundPages {
 public:
  /// The ledger has pages up to this number; 0: none.
  void there_are(std::uint64_t last);
  /// Pages that were found in all, the settled ones included.
  [[nodiscard]] std::uint64_t count() const { return last_ - kNone; }

  /// Behind which number to ask now; nullopt: enough wait here, or it was asked already, or there are none.
  [[nodiscard]] std::optional<std::uint64_t> to_ask();
  /// Whoever was asked is gone.
  void ask_again() { is_asked_ = false; }
  /// The answer: page by page, then the number that it goes up to.
  void told(PageTask task);
  void told_up_to(std::uint64_t number);

  /// Of which step: the deepest that has some, or the least deep one.
  enum class Which { deepest, shallowest };
  /// nullopt: none waits here.
  [[nodiscard]] std::optional<PageTask> take(Which which);
  [[nodiscard]] std::size_t waiting() const { return waiting_; }
  /// Of that step.
  [[nodiscard]] std::size_t waiting_of(std::uint32_t step) const;
  /// Whether the ledger has some that were not told.
  [[nodiscard]] bool has_untold() const { return up_to_ < last_; }

 private:
  using Steps = std::map<std::uint32_t, std::deque<PageTask>>;
  static constexpr std::uint64_t kNone = kFirstFoundPage - 1;
  static constexpr std::size_t kFew = 64;

  Steps by_step_;  ///< No step without pages.
  std::size_t waiting_ = 0;
  std::uint64_t last_ = kNone;   ///< That the ledger has.
  std::uint64_t up_to_ = kNone;  ///< Those up to this number were told.
  bool is_asked_ = false;
};

}  // namespace doutu
