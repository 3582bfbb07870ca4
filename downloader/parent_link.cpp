#include "downloader/parent_link.h"

#include <poll.h>

namespace doutu {

void ParentLink::flush() {
  while (!unsent_.empty()) {
    const SendResult result = channel_.send(unsent_.front());
    if (result == SendResult::would_block) return;
    unsent_.pop_front();
    if (result == SendResult::closed) unsent_.clear();
  }
}

void ParentLink::flush_by(MonoTime deadline) {
  flush();
  while (!unsent_.empty()) {
    const auto left = std::chrono::ceil<milliseconds>(deadline - mono_now()).count();
    if (left <= 0) return;
    pollfd channel{channel_.fd(), POLLOUT, 0};
    ::poll(&channel, 1, static_cast<int>(left));
    flush();
  }
}

}  // namespace doutu
