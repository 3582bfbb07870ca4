#include "crawler/children/supervised_child.h"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <csignal>
#include <limits>

namespace doutu {
namespace {

/// The object, unless it is gone. Nobody else may hold self_ alive, or expired() would not tell.
SupervisedChild* alive(const std::weak_ptr<SupervisedChild*>& self) {
  const auto locked = self.lock();
  return locked ? *locked : nullptr;
}

/// At one turn: a child that floods its channel must not keep the parent here.
constexpr int kMessages = 64;

int copy_of(int fd) { return ::fcntl(fd, F_DUPFD_CLOEXEC, 0); }

}  // namespace

SupervisedChild::SupervisedChild(boost::asio::io_context& io, StartedChild child, ChildEvents events)
    : process_(std::move(child.process)),
      channel_(std::move(child.channel)),
      stats_(std::move(child.stats)),
      events_(std::move(events)),
      control_(io, copy_of(channel_.fd())),
      pidfd_(io, copy_of(process_.pidfd())),
      log_(io, child.log.release()) {
  wait_for_message();
  wait_for_log();
  wait_for_end();
}

SupervisedChild::~SupervisedChild() = default;

void SupervisedChild::send(Message message, std::vector<int> fds) {
  unsent_.emplace_back(std::move(message), std::move(fds));
  if (unsent_.size() == 1) flush();
}

void SupervisedChild::flush() {
  while (!unsent_.empty()) {
    const auto& [message, fds] = unsent_.front();
    if (channel_.send(message, fds) == SendResult::would_block) return wait_for_room();
    unsent_.pop_front();  // sent, or nobody is there to read it: the child's end is on its way
  }
}

void SupervisedChild::close() {
  unsent_.clear();
  boost::system::error_code ignored;
  control_.close(ignored);
  channel_.close();
}

void SupervisedChild::wait_for_message() {
  control_.async_wait(Descriptor::wait_read, [self = std::weak_ptr(self_)](boost::system::error_code error) {
    if (auto* object = alive(self); object != nullptr && !error) object->deliver_messages(kMessages);
  });
}

void SupervisedChild::deliver_messages(int most) {
  Message message;
  const std::weak_ptr self = self_;
  for (int i = 0; i < most; ++i) {
    if (channel_.fd() < 0) return;
    switch (channel_.receive(message)) {
      case ControlChannel::Received::message:
        events_.on_message(message);
        if (self.expired()) return;  // the owner let go of this child
        break;
      case ControlChannel::Received::nothing:
        return wait_for_message();
      case ControlChannel::Received::damaged:
        process_.signal(SIGKILL);
        [[fallthrough]];
      case ControlChannel::Received::closed:
        return;
    }
  }
  wait_for_message();
}

void SupervisedChild::wait_for_room() {
  control_.async_wait(Descriptor::wait_write, [self = std::weak_ptr(self_)](boost::system::error_code error) {
    if (auto* object = alive(self); object != nullptr && !error) object->flush();
  });
}

void SupervisedChild::wait_for_log() {
  log_.async_wait(Descriptor::wait_read, [self = std::weak_ptr(self_)](boost::system::error_code error) {
    if (auto* object = alive(self); object != nullptr && !error) object->deliver_log();
  });
}

void SupervisedChild::deliver_log() {
  std::array<char, 4096> buffer{};
  ssize_t size = 1;
  constexpr int kReads = 16;  // a whole pipe; a child that floods it must not keep the parent here
  for (int i = 0; i < kReads && size > 0; ++i) {
    size = ::read(log_.native_handle(), buffer.data(), buffer.size());
    if (size <= 0) break;
    for (const char byte : std::string_view(buffer.data(), static_cast<std::size_t>(size))) {
      constexpr std::size_t kMaxLine = 8192;  // a child that never ends its line must not fill our memory
      if (byte != '\n' && log_line_.size() < kMaxLine) {
        log_line_ += byte;
        continue;
      }
      events_.on_log(log_line_);
      log_line_.clear();
    }
  }
  if (size > 0 || (size < 0 && errno == EAGAIN)) wait_for_log();
}

void SupervisedChild::wait_for_end() {
  pidfd_.async_wait(Descriptor::wait_read, [self = std::weak_ptr(self_)](boost::system::error_code error) {
    if (auto* object = alive(self); object != nullptr && !error) object->finish();
  });
}

void SupervisedChild::finish() {
  const auto exit = process_.reap();
  if (!exit) return wait_for_end();  // woken for nothing: a wait on a descriptor is a hint, the reaping is the fact
  const std::weak_ptr self = self_;
  deliver_messages(std::numeric_limits<int>::max());
  if (self.expired()) return;
  deliver_log();
  close();
  const auto on_exit = std::move(events_.on_exit);
  on_exit(*exit);  // may destroy this object
}

}  // namespace doutu
