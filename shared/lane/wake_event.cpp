#include "shared/lane/wake_event.h"

#include <fcntl.h>
#include <poll.h>
#include <sys/eventfd.h>

#include <algorithm>
#include <cstdint>

#include "shared/base/system_limits.h"

namespace doutu {

Result<WakeEvent> WakeEvent::create() {
  UniqueFd fd(eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC));
  if (!fd.valid()) return error_with_limit("eventfd");
  return WakeEvent(std::move(fd));
}

Result<WakeEvent> WakeEvent::adopt(UniqueFd fd) {
  const int flags = fcntl(fd.get(), F_GETFL);
  if (flags < 0) return system_error("eventfd");
  if ((flags & O_NONBLOCK) == 0) return Error{"eventfd: the descriptor would block", 0};
  return WakeEvent(std::move(fd));
}

void WakeEvent::signal() const {
  const std::uint64_t one = 1;
  // Fails only when 2^64 - 2 signals are waiting, and then the other side is called already.
  [[maybe_unused]] const auto written = ::write(fd_.get(), &one, sizeof one);
}

void WakeEvent::clear() const {
  std::uint64_t signals = 0;
  [[maybe_unused]] const auto read = ::read(fd_.get(), &signals, sizeof signals);
}

void WakeEvent::wait(MonoTime deadline) const {
  const auto left = std::chrono::ceil<milliseconds>(deadline - mono_now());
  const auto timeout = std::clamp(left, milliseconds(0), kLongestWait);
  pollfd entry{fd_.get(), POLLIN, 0};
  if (::poll(&entry, 1, static_cast<int>(timeout.count())) > 0) clear();
}

}  // namespace doutu
