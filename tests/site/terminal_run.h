// TerminalRun: the real program on a terminal of its own (a pty that is its controlling terminal), and what a person
// sees there. One thread.
#pragma once

#include <sys/types.h>

#include <chrono>
#include <map>
#include <string>
#include <vector>

#include "shared/base/unique_fd.h"
#include "tests/site/screen_model.h"

namespace doutu {

class TerminalRun {
 public:
  struct Size {
    std::size_t columns = 80;
    std::size_t rows = 24;
  };
  /// Starts `doutu arguments...` with TERM=xterm and LC_ALL=C.UTF-8 unless the environment given says otherwise; empty:
  /// not set.
  /// Leader::shell: a shell with job control leads the session, and after doutu was stopped (Ctrl-Z) says "asleep",
  /// waits for Enter and does `fg`.
  enum class Leader { doutu, shell };
  TerminalRun(const std::vector<std::string>& arguments, Size size, std::map<std::string, std::string> environment = {},
              Leader leader = Leader::doutu);
  TerminalRun(const TerminalRun&) = delete;
  TerminalRun& operator=(const TerminalRun&) = delete;
  /// Kills it if it still runs.
  ~TerminalRun();

  [[nodiscard]] pid_t pid() const { return pid_; }
  /// With all that was written so far.
  const ScreenModel& screen();
  /// The visible rows in one string.
  std::string text();
  /// Waits until a visible row has the text.
  [[nodiscard]] bool sees(const std::string& text, std::chrono::seconds limit = std::chrono::seconds(30));
  /// The terminal gets another size, as a window manager would do it.
  void resize(Size size);
  /// What a person types: "\x03" is Ctrl-C, "\x1a" Ctrl-Z.
  void type(const std::string& keys) const;
  /// The terminal goes away, as at the end of an ssh connection.
  void hang_up() { near_.reset(); }
  /// Exit status; 128 + number after a signal.
  int wait(std::chrono::seconds limit = std::chrono::seconds(60));
  /// Every byte so far.
  [[nodiscard]] const std::string& bytes() const { return bytes_; }

 private:
  void read();

  ScreenModel screen_;
  UniqueFd near_;
  std::string bytes_;
  pid_t pid_ = -1;
  bool ended_ = false;
  int status_ = 0;
};

}  // namespace doutu
