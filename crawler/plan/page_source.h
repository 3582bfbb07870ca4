// PageSource: where a crawl's pages come from. It knows which pages there are, not how they fare: retries and
// politeness belong to the plan (page_plan.h). One contract suite runs over every source
// (tests/crawler/plan/page_source_test.cpp). The parent's thread.
#pragma once

#include <cstdint>
#include <optional>

#include "shared/crawl/page_task.h"

namespace doutu {

class PageSource {
 public:
  virtual ~PageSource() = default;

  /// The first attempt at a page that was neither given out before nor finished; nullopt: there is none. Each page has
  /// an id of its own, which is the same in every run.
  virtual std::optional<PageTask> next() = 0;
  /// The page is settled. Called once for each: those of earlier runs before the first next(), which leaves them out.
  virtual void finished(std::uint64_t id) = 0;

  /// Whether it is one of this source, given out or not.
  [[nodiscard]] virtual bool has(std::uint64_t id) const = 0;
  /// Pages in all, as far as they are known: those that are finished as well.
  [[nodiscard]] virtual std::uint64_t count() const = 0;
};

}  // namespace doutu
