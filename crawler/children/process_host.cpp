#include "crawler/children/process_host.h"

#include <fcntl.h>

#include <utility>

#include "crawler/children/supervised_child.h"

namespace doutu {

Result<NewChild> ProcessHost::start(ChildRole role, ChildEvents events) {
  if (role == ChildRole::fetcher) return start_fetcher(std::move(events));
  auto started = role == ChildRole::downloader ? launcher_.downloader() : launcher_.decoder();
  if (!started) return std::move(started).error();
  return NewChild{std::make_unique<SupervisedChild>(io_, *std::move(started), std::move(events))};
}

Result<NewChild> ProcessHost::start_fetcher(ChildEvents events) {
  auto started = launcher_.fetcher();
  if (!started) return std::move(started).error();
  return NewChild{std::make_unique<SupervisedChild>(io_, std::move(started->child), std::move(events)),
                  std::move(started->lane), started->generation};
}

bool ProcessHost::wait_for_doubt(std::function<void()> then) {
  if (!doubts_.is_open()) {
    const int copy = ::fcntl(launcher_.doubts().fd(), F_DUPFD_CLOEXEC, 0);
    if (copy < 0) return false;
    doubts_.assign(copy);
  }
  doubts_.async_wait(boost::asio::posix::stream_descriptor::wait_read,
                     [then = std::move(then)](boost::system::error_code error) {
                       if (!error) then();
                     });
  return true;
}

void ProcessHost::drop_doubts() {
  Message dropped;
  while (launcher_.doubts().receive(dropped) == ControlChannel::Received::message) continue;
}

}  // namespace doutu
