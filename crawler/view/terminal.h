// Terminal: stderr as the view and the log lines see it. Writing never waits for a reader: a terminal whose reader
// sleeps (Ctrl-S, an ssh connection that hangs) must not stop a crawl. The parent's thread.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "crawler/view/columns.h"
#include "crawler/view/text_layout.h"
#include "shared/base/unique_fd.h"

namespace doutu {

struct TerminalSize {
  std::size_t columns = 80;
  std::size_t rows = 24;
  bool operator==(const TerminalSize&) const = default;
};

/// What the locale of the environment can show.
[[nodiscard]] Charset charset_of_environment();

class Terminal {
 public:
  /// fd stays the caller's. A terminal is opened once more, since O_NONBLOCK on fd would be shared with everyone else
  /// who has it.
  explicit Terminal(int fd);

  [[nodiscard]] bool is_terminal() const { return is_terminal_; }
  /// A terminal that could not be opened again (it belongs to another user: su, setpriv): writing may wait, so at most
  /// a line at a time should go there.
  [[nodiscard]] bool may_wait() const { return is_terminal_ && !own_.valid(); }
  /// As it is now; 80x24 when it cannot be told.
  [[nodiscard]] TerminalSize size() const;
  /// For what stays there: as it is now. A file's when it is no terminal.
  [[nodiscard]] TextLayout layout() const;
  /// Whether we are in its foreground: a job in the background has no business drawing.
  [[nodiscard]] bool is_ours() const;

  /// To a terminal: what it does not take now is kept, up to 64 KiB, and goes first at the next call, so that no
  /// sequence is torn; beyond that the text is lost. To anything else: now or never.
  void write(std::string_view text);
  /// Tries to write what was kept; whether all is out.
  bool flush();

 private:
  const int fd_;
  const bool is_terminal_;
  UniqueFd own_;  ///< The terminal, non-blocking.
  std::string unsent_;
};

}  // namespace doutu
