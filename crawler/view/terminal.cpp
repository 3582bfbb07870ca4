#include "crawler/view/terminal.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <poll.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>

namespace doutu {
namespace {

constexpr std::size_t kMaxUnsent = 65'536;

UniqueFd open_again(int fd) {
  const std::string path = fmt::format("/proc/self/fd/{}", fd);
  return UniqueFd(::open(path.c_str(), O_WRONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC));
}

}  // namespace

Charset charset_of_environment() {
  return charset_of_locale([](const char* name) -> const char* { return std::getenv(name); });
}

Terminal::Terminal(int fd) : fd_(fd), is_terminal_(::isatty(fd) == 1) {
  if (is_terminal_) own_ = open_again(fd);
}

TerminalSize Terminal::size() const {
  winsize size{};
  if (::ioctl(fd_, TIOCGWINSZ, &size) != 0 || size.ws_col == 0 || size.ws_row == 0) return {};
  return {size.ws_col, size.ws_row};
}

TextLayout Terminal::layout() const {
  return is_terminal_ ? TextLayout(size().columns, charset_of_environment()) : TextLayout();
}

bool Terminal::is_ours() const {
  const pid_t group = ::tcgetpgrp(fd_);
  return group < 0 || group == ::getpgrp();  // an error: not our controlling terminal, so no shell has put us aside
}

void Terminal::write(std::string_view text) {
  if (own_.valid()) {
    if (unsent_.size() + text.size() <= kMaxUnsent) unsent_ += text;
    flush();
    return;
  }
  // Of a terminal POLLOUT promises room for something, not for all of it: a frame would wait there for its reader, a
  // line hardly does.
  pollfd room{fd_, POLLOUT, 0};
  if (::poll(&room, 1, 0) != 1 || (room.revents & POLLOUT) == 0) return;
  [[maybe_unused]] const auto written = ::write(fd_, text.data(), text.size());
}

bool Terminal::flush() {
  while (!unsent_.empty()) {
    const ssize_t written = ::write(own_.get(), unsent_.data(), unsent_.size());
    if (written < 0 && errno == EINTR) continue;
    if (written < 0 && errno != EAGAIN) unsent_.clear();  // it is gone
    if (written <= 0) break;
    unsent_.erase(0, static_cast<std::size_t>(written));
  }
  return unsent_.empty();
}

}  // namespace doutu
