#include "crawler/supervisor.h"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <csignal>
#include <limits>

namespace doutu {
namespace {

Result<std::pair<UniqueFd, UniqueFd>> make_log_pipe() {
  std::array<int, 2> fds{};
  if (::pipe2(fds.data(), O_CLOEXEC) != 0) return system_error("cannot make a pipe");
  // Only our end: a child that writes to a full pipe waits, it does not lose lines.
  ::fcntl(fds[0], F_SETFL, O_NONBLOCK);
  return std::pair(UniqueFd(fds[0]), UniqueFd(fds[1]));
}

/// The object, unless it is gone. Nobody else may hold self_ alive, or expired() would not tell.
Supervised* alive(const std::weak_ptr<Supervised*>& self) {
  const auto locked = self.lock();
  return locked ? *locked : nullptr;
}

/// At one turn: a child that floods its channel must not keep the parent here.
constexpr int kMessages = 64;

int copy_of(int fd) { return ::fcntl(fd, F_DUPFD_CLOEXEC, 0); }

}  // namespace

Result<std::unique_ptr<Supervised>> Supervised::start(boost::asio::io_context& io, const std::string& program,
                                                      const std::vector<std::pair<int, int>>& more_fds, Events events) {
  auto channel = ControlChannel::create();
  if (!channel) return std::move(channel).error();
  auto stats = SharedStats::create();
  if (!stats) return std::move(stats).error();
  auto pipe = make_log_pipe();
  if (!pipe) return std::move(pipe).error();

  Spawn spawn{companion_program(program), {}, more_fds};
  spawn.fds.insert(spawn.fds.end(), {{channel->second.fd(), kControlFd},
                                     {stats->fd(), kStatsFd},
                                     {pipe->second.get(), STDOUT_FILENO},
                                     {pipe->second.get(), STDERR_FILENO}});
  auto process = ChildProcess::start(spawn);
  if (!process) return std::move(process).error();
  return std::unique_ptr<Supervised>(new Supervised(io, *std::move(process), std::move(channel->first),
                                                    *std::move(stats), std::move(pipe->first), std::move(events)));
}

Supervised::Supervised(boost::asio::io_context& io, ChildProcess process, ControlChannel channel, SharedStats stats,
                       UniqueFd log_pipe, Events events)
    : process_(std::move(process)),
      channel_(std::move(channel)),
      stats_(std::move(stats)),
      events_(std::move(events)),
      control_(io, copy_of(channel_.fd())),
      pidfd_(io, copy_of(process_.pidfd())),
      log_(io, log_pipe.release()) {
  wait_for_message();
  wait_for_log();
  wait_for_end();
}

Supervised::~Supervised() = default;

MonoTime Supervised::last_beat() const {
  MonoTime oldest = MonoTime::max();
  for (const auto& beat : stats_->beats) {
    const auto at = beat.load(std::memory_order_relaxed);
    if (at != 0) oldest = std::min(oldest, from_nanoseconds(at));
  }
  return oldest == MonoTime::max() ? started_ : oldest;
}

void Supervised::send(Message message, std::vector<int> fds) {
  unsent_.emplace_back(std::move(message), std::move(fds));
  if (unsent_.size() == 1) flush();
}

void Supervised::flush() {
  while (!unsent_.empty()) {
    const auto& [message, fds] = unsent_.front();
    if (channel_.send(message, fds) == SendResult::would_block) return wait_for_room();
    unsent_.pop_front();  // sent, or nobody is there to read it: the child's end is on its way
  }
}

void Supervised::close_channel() {
  unsent_.clear();
  boost::system::error_code ignored;
  control_.close(ignored);
  channel_.close();
}

void Supervised::wait_for_message() {
  control_.async_wait(Descriptor::wait_read, [self = std::weak_ptr(self_)](boost::system::error_code error) {
    if (auto* object = alive(self); object != nullptr && !error) object->deliver_messages(kMessages);
  });
}

void Supervised::deliver_messages(int most) {
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

void Supervised::wait_for_room() {
  control_.async_wait(Descriptor::wait_write, [self = std::weak_ptr(self_)](boost::system::error_code error) {
    if (auto* object = alive(self); object != nullptr && !error) object->flush();
  });
}

void Supervised::wait_for_log() {
  log_.async_wait(Descriptor::wait_read, [self = std::weak_ptr(self_)](boost::system::error_code error) {
    if (auto* object = alive(self); object != nullptr && !error) object->deliver_log();
  });
}

void Supervised::deliver_log() {
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

void Supervised::wait_for_end() {
  pidfd_.async_wait(Descriptor::wait_read, [self = std::weak_ptr(self_)](boost::system::error_code error) {
    if (auto* object = alive(self); object != nullptr && !error) object->finish();
  });
}

void Supervised::finish() {
  const auto exit = process_.reap();
  if (!exit) return wait_for_end();  // woken for nothing: a wait on a descriptor is a hint, the reaping is the fact
  const std::weak_ptr self = self_;
  deliver_messages(std::numeric_limits<int>::max());
  if (self.expired()) return;
  deliver_log();
  close_channel();
  const auto on_exit = std::move(events_.on_exit);
  on_exit(*exit);  // may destroy this object
}

}  // namespace doutu
