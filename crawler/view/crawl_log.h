// CrawlLog: the log lines of the parent and of its children. Every line goes to a rotating file. Warnings and errors
// also go to stderr, above the view if one is being redrawn there. It is the last door before the terminal, so it
// escapes control characters of any origin once more. A full disk or a closed terminal loses lines, never the crawl.
// The parent's thread.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "crawler/command_line/command_line.h"
#include "crawler/view/live_view.h"
#include "crawler/view/screen.h"
#include "crawler/view/terminal.h"
#include "shared/base/log.h"
#include "shared/base/result.h"
#include "shared/folder/state_folder.h"

namespace doutu {

class CrawlLog {
 public:
  /// 10 MB, then .1 and .2 of the same.
  static constexpr std::size_t kMaxFileBytes = 10'000'000;
  static constexpr std::size_t kOldFiles = 2;
  /// Of lines that wait for the next frame of the view; what is beyond is counted, and stands in the file alone.
  static constexpr std::size_t kMaxHeldBytes = 32'768;

  /// How progress is shown: a block of lines that is redrawn, a line now and then, or not.
  enum class View { redrawn, plain, none };
  /// On that fd. automatic: redrawn on a terminal that can do it (TERM is set and not "dumb"), else plain. bar: also on
  /// a terminal without TERM. Otherwise as asked.
  [[nodiscard]] static View view_for(ProgressMode mode, int fd = 2);
  /// Colours on that fd. automatic: on a terminal, unless TERM is "dumb" or NO_COLOR is set and not empty
  /// (no-color.org). Otherwise as asked.
  [[nodiscard]] static Color color_for(ColorMode mode, int fd = 2);

  /// Appends to crawl.log of the folder, which outlives this; from then on it is the log sink of this process. Open it
  /// only when the lock on the folder is held. Error: the file cannot be written.
  static Result<std::unique_ptr<CrawlLog>> open(const StateFolder& folder, Verbosity verbosity, View view,
                                                Color color = Color::no);
  /// To a file of the user's, which may be a link or a device; its folder is made.
  static Result<std::unique_ptr<CrawlLog>> open(const std::string& file, Verbosity verbosity, View view,
                                                Color color = Color::no);
  CrawlLog(const CrawlLog&) = delete;
  CrawlLog& operator=(const CrawlLog&) = delete;
  /// Takes the view off, gives the sink back.
  ~CrawlLog();

  /// A line of this process.
  void write(LogLevel level, std::string_view text);
  /// An answer to what the user did: shown unless quiet.
  void tell(std::string_view text);
  /// A line from a child's stderr: "L text"; any other text (a library's, a sanitizer's) counts as a warning.
  void write_child_line(std::string_view child, std::string_view line);

  /// Lines for the file alone: people are shown them elsewhere.
  void keep(std::string_view lines);

  /// A line of progress; nothing with View::none.
  void show_progress(std::string_view line);
  /// Draws the view in place of the one before, the lines written since then above it, unless this process is in the
  /// background. Only with View::redrawn.
  void draw(std::vector<std::string> lines, Screen::Repaint repaint);
  /// Takes it off, so that others can write.
  void clear_view();
  /// The terminal has hung up: what goes to it is over; a stderr that is no terminal stays.
  void leave_terminal();

  /// As asked, but for a terminal on which a frame may wait: plain there.
  [[nodiscard]] View view() const { return left_ ? View::none : view_; }
  [[nodiscard]] Color color() const { return color_; }
  [[nodiscard]] TerminalSize terminal_size() const { return terminal_.size(); }

 private:
  struct File;
  CrawlLog(std::unique_ptr<File> file, Verbosity verbosity, View view, Color color);
  void show(LogLevel level, std::string_view text);
  void put(const std::string& line);
  [[nodiscard]] std::string take_held();

  const Verbosity verbosity_;
  const Color color_;
  std::unique_ptr<File> file_;
  Terminal terminal_;
  const View view_;
  Screen screen_;
  std::string held_;           ///< Lines for above the view: a frame for each would keep this thread from its work.
  std::size_t more_held_ = 0;  ///< Lines that had no room in it.
  bool left_ = false;          ///< The terminal.
};

}  // namespace doutu
