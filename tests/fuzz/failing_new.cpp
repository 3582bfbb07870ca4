#include "tests/fuzz/failing_new.h"

#include <cstdlib>

namespace {

thread_local unsigned left = 0;

}  // namespace

doutu::FailingNew::FailingNew(unsigned nth) { left = nth; }
doutu::FailingNew::~FailingNew() { left = 0; }

// NOLINTBEGIN(cppcoreguidelines-no-malloc): this is what malloc is for
void* operator new(std::size_t size) {
  if (left > 0 && --left == 0) throw std::bad_alloc();
  void* const memory = std::malloc(size);
  if (memory == nullptr) throw std::bad_alloc();
  return memory;
}
/// A sanitizer has one of its own, and would miss it here.
void* operator new(std::size_t size, const std::nothrow_t&) noexcept {
  return left > 0 && --left == 0 ? nullptr : std::malloc(size);
}
void operator delete(void* memory) noexcept { std::free(memory); }
void operator delete(void* memory, std::size_t) noexcept { std::free(memory); }
// NOLINTEND(cppcoreguidelines-no-malloc)
