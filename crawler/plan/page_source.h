// PageSource: where a crawl's pages come from. It knows which pages there are, not how they fare: retries and
// politeness belong to the plan (page_plan.h). One contract suite runs over every source
// (tests/crawler/plan/page_source_test.cpp). The parent's thread.
#pragma once

#include <cstdint>
#include <optional>

#include "shared/crawl/page_task.h"

namespace doutu {

/// A page that a source gives out.
struct SourcedPage {
  PageTask task;
  /// What stands in the place of its URL is none: there is nothing to attempt. The page fails as bad-url.
  bool is_bad = false;
  bool operator==(const SourcedPage&) const = default;
};

class PageSource {
 public:
  virtual ~PageSource() = default;

  /// The first attempt at a page that was neither given out before nor finished; nullopt: there is none. Each page has
  /// an id of its own, which is the same in every run.
  virtual std::optional<SourcedPage> next() = 0;
  /// The page is settled. Called once for each: those of earlier runs before the first next(), which leaves them out.
  virtual void finished(std::uint64_t id) = 0;

  /// Whether it is one of this source, given out or not.
  [[nodiscard]] virtual bool has(std::uint64_t id) const = 0;
  /// Pages in all: those that are finished as well. While it is open, those that it has given out or that are finished.
  [[nodiscard]] virtual std::uint64_t count() const = 0;

  /// Whether all its pages are on one server.
  [[nodiscard]] virtual bool is_on_one_server() const { return true; }
  /// Whether there may be more pages than count() says: nobody has said where they end.
  [[nodiscard]] virtual bool is_open() const { return false; }
  /// Pages from this id on are of the part that has no end.
  [[nodiscard]] virtual std::uint64_t open_from() const { return 0; }
  /// The pages of this id and above do not exist: it ends there, and gives out none of them. Of an open source. Called
  /// again, the lowest counts.
  virtual void end_at(std::uint64_t /*id*/) {}
};

}  // namespace doutu
