// FailingNew: lets one operator new fail, as many allocations from now as the input says. For targets whose code has to
// survive std::bad_alloc: it must arrive, and nothing else may have changed. Replaces operator new of the program.
#pragma once

#include <new>

namespace doutu {

class FailingNew {
 public:
  /// 0: none fails. The first is 1.
  explicit FailingNew(unsigned nth);
  FailingNew(const FailingNew&) = delete;
  FailingNew& operator=(const FailingNew&) = delete;
  ~FailingNew();
};

/// Calls body with a failure in it, then without one, which is what counts.
template <class Body>
auto with_and_without_memory(unsigned nth, Body body) {
  try {
    const FailingNew failing(nth);
    (void)body();
  } catch (const std::bad_alloc&) {  // as it should be
  }
  return body();
}

}  // namespace doutu
