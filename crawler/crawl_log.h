// CrawlLog: what the parent shows and keeps. Every line of it and of its children goes to a rotating file; warnings and
// errors also to stderr, in front of the progress line if one is being redrawn there. The last door before the
// terminal: control characters of any origin are escaped here once more. A full disk or a closed terminal loses lines,
// never the crawl. The parent's thread.
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "crawler/command_line.h"
#include "shared/base/log.h"
#include "shared/base/result.h"

namespace doutu {

class CrawlLog {
 public:
  /// 10 MB, then .1 and .2 of the same.
  static constexpr std::size_t kMaxFileBytes = 10'000'000;
  static constexpr std::size_t kOldFiles = 2;

  /// How the progress line is shown on fd 2.
  enum class View { redrawn, plain, none };
  /// redrawn on a terminal that can do it (TERM is set and not "dumb"), else plain; as asked otherwise.
  [[nodiscard]] static View view_for(ProgressMode mode);

  /// Appends to file, making its folder; from then on it is the log sink of this process. Open it only when the lock on
  /// the folder is held. Error: the file cannot be written.
  static Result<std::unique_ptr<CrawlLog>> open(const std::string& file, Verbosity verbosity, View view);
  CrawlLog(const CrawlLog&) = delete;
  CrawlLog& operator=(const CrawlLog&) = delete;
  /// Ends the redrawn line, gives the sink back.
  ~CrawlLog();

  /// A line of this process.
  void write(LogLevel level, std::string_view text);
  /// A line from a child's stderr: "L text"; any other text (a library's, a sanitizer's) counts as a warning.
  void write_child_line(std::string_view child, std::string_view line);

  /// Shows the progress line: in place of the one before, on a line of its own, or not at all.
  void show_progress(std::string_view line);
  /// Columns of the terminal for a redrawn line; 0 when the line need not be cut.
  [[nodiscard]] std::size_t progress_width() const;
  /// Wipes a redrawn line, so that others can write.
  void clear_progress();
  [[nodiscard]] View view() const { return view_; }

 private:
  struct File;
  CrawlLog(std::unique_ptr<File> file, Verbosity verbosity, View view);
  void show(LogLevel level, std::string_view text);

  const Verbosity verbosity_;
  const View view_;
  std::unique_ptr<File> file_;
  std::string drawn_;  ///< The redrawn line that is on the terminal now.
};

}  // namespace doutu
