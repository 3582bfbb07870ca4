// A library for LD_PRELOAD: in one program (DOUTU_FAIL_PROGRAM) the first allocation at one place (DOUTU_FAIL_SITE, a
// number) finds no memory, once; what replaces a process does not fail again. A place is the hash of the nearest return
// addresses, each relative to its module. Every place that is met is written down in the file DOUTU_FAIL_SITES
// (sites.h), which all processes of the program share: with DOUTU_FAIL_SITE=0 nothing fails, and the file is what can.
// The way to the failure goes to the file DOUTU_FAIL_TRACE, for addr2line.
// operator new and libc's own strdup and fopen come by here as well. What is allocated before main() is left alone.

#include <dlfcn.h>
#include <execinfo.h>
#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>
#include <unwind.h>

#include <array>
#include <cerrno>
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "tests/failing_calls/sites.h"

// What glibc's functions of these names are.
// NOLINTBEGIN(bugprone-reserved-identifier,readability-identifier-naming)
extern "C" void* __libc_malloc(size_t size);
extern "C" void* __libc_calloc(size_t count, size_t size);
extern "C" void* __libc_realloc(void* old, size_t size);
extern "C" void* __libc_memalign(size_t align, size_t size);
// NOLINTEND(bugprone-reserved-identifier,readability-identifier-naming)

namespace {

using doutu::Sites;

/// Five beyond the function here: operator new, the container's own, and three that tell who wants it.
constexpr int kFrames = 5;

Sites* sites = nullptr;  ///< None: nothing is counted yet, or in this program.
std::uint64_t wanted = 0;
int trace_fd = -1;  ///< Opened before a sandbox forbids it.

const char* from_environment(const char* name) {
  const char* text = std::getenv(name);
  return text == nullptr ? "" : text;
}

void begin() {
  if (std::string_view(from_environment("DOUTU_FAIL_PROGRAM")) != program_invocation_short_name) return;
  wanted = std::strtoull(from_environment("DOUTU_FAIL_SITE"), nullptr, 10);
  const int fd = ::open(from_environment("DOUTU_FAIL_SITES"), O_RDWR | O_CLOEXEC);
  void* const at = ::mmap(nullptr, sizeof(Sites), PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
  ::close(fd);
  if (at == MAP_FAILED) return;
  trace_fd = ::open(from_environment("DOUTU_FAIL_TRACE"), O_WRONLY | O_APPEND | O_CLOEXEC);
  std::array<void*, 1> unused{};
  ::backtrace(unused.data(), 1);  // The first call loads a library.
  sites = static_cast<Sites*>(at);
}

void tell_the_way() {
  std::array<void*, 40> addresses{};
  const int count = ::backtrace(addresses.data(), static_cast<int>(addresses.size()));
  ::backtrace_symbols_fd(addresses.data(), count, trace_fd);
}

struct Walk {
  int frame = 0;
  std::uint64_t hash = 14695981039346656037U;  // FNV-1a over whole words
};

_Unwind_Reason_Code step(_Unwind_Context* context, void* argument) {
  auto& walk = *static_cast<Walk*>(argument);
  if (walk.frame++ < 2) return _URC_NO_REASON;  // fails() and the function that it is called by
  const std::uint64_t address = _Unwind_GetIP(context);
  dl_find_object module{};
  // NOLINTNEXTLINE(performance-no-int-to-ptr): the unwinder has numbers
  const bool known = ::_dl_find_object(reinterpret_cast<void*>(address), &module) == 0;
  const std::uint64_t start = known ? reinterpret_cast<std::uint64_t>(module.dlfo_map_start) : 0;
  const std::uint64_t size = known ? reinterpret_cast<std::uint64_t>(module.dlfo_map_end) - start : 0;
  for (const std::uint64_t word : {address - start, size}) walk.hash = (walk.hash ^ word) * 1099511628211U;
  return walk.frame < kFrames + 2 ? _URC_NO_REASON : _URC_END_OF_STACK;
}

/// Notes the place; true when it is the one. The unwinder itself takes no memory.
[[gnu::noinline]] bool fails() {
  if (sites == nullptr) return false;
  Walk walk;
  _Unwind_Backtrace(step, &walk);
  sites->note(walk.hash);
  if (walk.hash != wanted || sites->failed.exchange(1) != 0) return false;
  tell_the_way();
  errno = ENOMEM;
  return true;
}

using Main = int(int, char**, char**);
Main* real_main = nullptr;

int counted_main(int count, char** arguments, char** environment) {
  begin();
  const int status = real_main(count, arguments, environment);
  sites = nullptr;
  return status;
}

}  // namespace

extern "C" {

void* malloc(size_t size) { return fails() ? nullptr : __libc_malloc(size); }
void* calloc(size_t count, size_t size) { return fails() ? nullptr : __libc_calloc(count, size); }
void* realloc(void* old, size_t size) { return fails() ? nullptr : __libc_realloc(old, size); }
void* memalign(size_t align, size_t size) { return fails() ? nullptr : __libc_memalign(align, size); }
void* aligned_alloc(size_t align, size_t size) { return fails() ? nullptr : __libc_memalign(align, size); }
int posix_memalign(void** out, size_t align, size_t size) {
  void* const memory = fails() ? nullptr : __libc_memalign(align, size);
  if (memory == nullptr) return ENOMEM;
  *out = memory;
  return 0;
}

/// What calls main(): glibc's, with another main.
// NOLINTNEXTLINE(bugprone-reserved-identifier,readability-identifier-naming)
int __libc_start_main(Main* main, int count, char** arguments, void (*init)(), void (*fini)(), void (*rtld_fini)(),
                      void* stack_end) {
  real_main = main;
  const auto next = reinterpret_cast<decltype(&__libc_start_main)>(::dlsym(RTLD_NEXT, "__libc_start_main"));
  return next(counted_main, count, arguments, init, fini, rtld_fini, stack_end);
}
}
