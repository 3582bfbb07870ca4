#include "crawler/command_line/password_prompt.h"

#include <fcntl.h>
#include <termios.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <csignal>
#include <string_view>

#include "shared/base/unique_fd.h"

namespace doutu {
namespace {

constexpr std::size_t kMaxBytes = 4096;

void write_all(int fd, std::string_view text) {
  while (!text.empty()) {
    const ssize_t count = ::write(fd, text.data(), text.size());
    if (count <= 0 && errno != EINTR) return;
    if (count > 0) text.remove_prefix(static_cast<std::size_t>(count));
  }
}

/// While it lives, the terminal shows nothing that is typed. Signals that would leave it so wait until then.
class Unseen {
 public:
  explicit Unseen(int terminal) : terminal_(terminal) {
    sigset_t signals;
    sigemptyset(&signals);
    for (const int number : {SIGINT, SIGTERM, SIGHUP, SIGQUIT, SIGTSTP}) sigaddset(&signals, number);
    sigprocmask(SIG_BLOCK, &signals, &signals_before_);
    is_terminal_ = tcgetattr(terminal_, &before_) == 0;
    termios unseen = before_;
    unseen.c_lflag &= ~static_cast<tcflag_t>(ECHO | ISIG);
    if (is_terminal_) tcsetattr(terminal_, TCSAFLUSH, &unseen);
  }
  Unseen(const Unseen&) = delete;
  Unseen& operator=(const Unseen&) = delete;
  ~Unseen() {
    if (is_terminal_) tcsetattr(terminal_, TCSAFLUSH, &before_);
    sigprocmask(SIG_SETMASK, &signals_before_, nullptr);
  }

  [[nodiscard]] bool is_terminal() const { return is_terminal_; }
  /// Ctrl-C is a byte meanwhile.
  [[nodiscard]] bool is_interrupt(char byte) const { return byte == static_cast<char>(before_.c_cc[VINTR]); }

 private:
  const int terminal_;
  termios before_{};
  sigset_t signals_before_{};
  bool is_terminal_ = false;
};

}  // namespace

std::optional<std::string> ask_for_password(const std::string& prompt) {
  const UniqueFd terminal(::open("/dev/tty", O_RDWR | O_CLOEXEC | O_NOCTTY));
  if (!terminal.valid()) return std::nullopt;
  const Unseen unseen(terminal.get());
  if (!unseen.is_terminal()) return std::nullopt;
  write_all(terminal.get(), prompt);
  std::string line;
  std::array<char, 1> byte{};
  while (line.size() < kMaxBytes) {
    const ssize_t count = ::read(terminal.get(), byte.data(), 1);
    if (count < 0 && errno == EINTR) continue;
    const bool is_over = count <= 0 || unseen.is_interrupt(byte[0]);
    if (is_over || byte[0] == '\n') {
      write_all(terminal.get(), "\n");
      return is_over ? std::nullopt : std::optional(line);
    }
    line += byte[0];
  }
  return std::nullopt;
}

}  // namespace doutu
