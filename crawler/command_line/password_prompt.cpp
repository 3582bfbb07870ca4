#include "crawler/command_line/password_prompt.h"

#include <fcntl.h>
#include <poll.h>
#include <sys/signalfd.h>
#include <termios.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <csignal>
#include <optional>
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

/// One that is ignored, as below nohup, would come all the same while it is blocked.
bool is_ignored(int number) {
  struct sigaction action {};
  return ::sigaction(number, nullptr, &action) == 0 && action.sa_handler == SIG_IGN;
}

/// While it lives, signals wait that would leave the terminal as it is. Those that came act when it ends.
class HeldSignals {
 public:
  HeldSignals() {
    sigset_t signals;
    sigemptyset(&signals);
    for (const int number : {SIGINT, SIGTERM, SIGHUP, SIGQUIT, SIGTSTP}) {
      if (!is_ignored(number)) sigaddset(&signals, number);
    }
    sigprocmask(SIG_BLOCK, &signals, &before_);
    came_ = UniqueFd(::signalfd(-1, &signals, SFD_CLOEXEC));
  }
  HeldSignals(const HeldSignals&) = delete;
  HeldSignals& operator=(const HeldSignals&) = delete;
  ~HeldSignals() { sigprocmask(SIG_SETMASK, &before_, nullptr); }

  /// Readable once one waits; nobody reads it.
  [[nodiscard]] int fd() const { return came_.get(); }

 private:
  sigset_t before_{};
  UniqueFd came_;
};

/// While it lives, the terminal shows nothing that is typed.
class Unseen {
 public:
  explicit Unseen(int terminal) : terminal_(terminal), is_terminal_(tcgetattr(terminal, &before_) == 0) {
    termios unseen = before_;
    unseen.c_lflag &= ~static_cast<tcflag_t>(ECHO);
    if (is_terminal_) tcsetattr(terminal_, TCSAFLUSH, &unseen);
  }
  Unseen(const Unseen&) = delete;
  Unseen& operator=(const Unseen&) = delete;
  ~Unseen() {
    if (is_terminal_) tcsetattr(terminal_, TCSAFLUSH, &before_);
  }

  [[nodiscard]] bool is_terminal() const { return is_terminal_; }

 private:
  const int terminal_;
  termios before_{};
  const bool is_terminal_;
};

enum class Waited { for_input, for_signal };

Waited wait_for(int terminal, int signals) {
  std::array<pollfd, 2> both{{{terminal, POLLIN, 0}, {signals, POLLIN, 0}}};
  while (::poll(both.data(), both.size(), -1) < 0 && errno == EINTR) {
  }
  return both[1].revents != 0 ? Waited::for_signal : Waited::for_input;
}

using Answer = std::variant<std::string, NoPassword>;

/// nullopt: a signal came.
std::optional<Answer> read_line(int terminal, int signals) {
  std::string line;
  std::array<char, 1> byte{};
  while (line.size() < kMaxBytes) {
    if (wait_for(terminal, signals) == Waited::for_signal) return std::nullopt;
    const ssize_t count = ::read(terminal, byte.data(), 1);
    if (count < 0 && errno == EINTR) continue;
    if (count <= 0) break;
    if (byte[0] == '\n') return line;
    line += byte[0];
  }
  return NoPassword::given_up;
}

/// nullopt: a signal came, and has not ended the process.
std::optional<Answer> ask_once(int terminal, const std::string& prompt) {
  const HeldSignals signals;
  const Unseen unseen(terminal);
  if (!unseen.is_terminal()) return NoPassword::no_terminal;
  write_all(terminal, prompt);
  auto answer = read_line(terminal, signals.fd());
  write_all(terminal, "\n");
  return answer;
}

}  // namespace

Answer ask_for_password(const std::string& prompt) {
  const UniqueFd terminal(::open("/dev/tty", O_RDWR | O_CLOEXEC | O_NOCTTY));
  if (!terminal.valid()) return NoPassword::no_terminal;
  std::optional<Answer> answer;
  while (!answer) answer = ask_once(terminal.get(), prompt);
  return *std::move(answer);
}

}  // namespace doutu
