#include "crawler/commands/run_status.h"

#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <cstdio>
#include <ctime>
#include <optional>

#include "crawler/commands/folder_status.h"
#include "crawler/report/status_file.h"
#include "crawler/request/recipe.h"
#include "crawler/text/folder_path.h"
#include "crawler/text/shell_word.h"
#include "crawler/text/standard_output.h"
#include "crawler/view/crawl_log.h"
#include "crawler/view/live_view.h"
#include "crawler/view/progress.h"
#include "crawler/view/screen.h"
#include "crawler/view/summary.h"
#include "crawler/view/terminal.h"
#include "shared/base/escape.h"

namespace doutu {
namespace {

constexpr std::size_t kAllRows = 1000;
constexpr std::size_t kFileColumns = 160;
constexpr std::size_t kMessageBytes = 8192;  // with the longest paths

volatile std::sig_atomic_t interrupted = 0;  // NOLINT(cppcoreguidelines-avoid-non-const-global-variables)

int fail(const std::string& message, int status = 1) {
  std::fprintf(stderr, "doutu: %s\n", message.c_str());
  return status;
}

struct Problem {
  int status;
  std::string message;
};

/// nullopt: it is a folder that can be looked at.
std::optional<Problem> problem_with(const std::string& directory) {
  constexpr std::string_view kWhichOne = "give the folder of a crawl";
  struct stat about {};
  const int failed = ::stat(directory.c_str(), &about) != 0 ? errno : 0;
  const std::string shown = escape_for_terminal(directory);
  if (failed == ENOENT) return Problem{kExitWrongUse, fmt::format("no such folder: {}; {}", shown, kWhichOne)};
  if (failed == ENOTDIR || (failed == 0 && !S_ISDIR(about.st_mode))) {
    return Problem{kExitWrongUse, fmt::format("not a folder: {}; {}", shown, kWhichOne)};
  }
  if (failed != 0) return Problem{1, system_error("cannot read the folder " + shown, failed).message};
  return std::nullopt;
}

class StatusPrinter {
 public:
  explicit StatusPrinter(const StatusCommand& command)
      : command_(command),
        terminal_(STDOUT_FILENO),
        charset_(charset_of_environment()),
        color_(CrawlLog::color_for(command.color, STDOUT_FILENO)) {}

  /// The last word, or the only one.
  void print_once(const FolderStatus& status) {
    if (command_.form == StatusCommand::Form::json) return print(status_json(status.snapshot) + "\n");
    if (!is_alive(status.snapshot.state))
      return print(screen_.clear() + summary(status.snapshot, status.failures, terminal_.layout()));
    std::string text = screen_.clear();
    for (const std::string& line : lines(status.snapshot, kAllRows)) text += line + "\n";
    return print(text);
  }

  /// One of many.
  void show(const FolderStatus& status) {
    if (command_.form == StatusCommand::Form::json) return print_once(status);
    if (view_ != CrawlLog::View::redrawn) return print(progress_line(status.snapshot) + "\n");
    return print(screen_.redraw(lines(status.snapshot, terminal_.size().rows), Screen::Repaint::all));
  }

 private:
  [[nodiscard]] std::vector<std::string> lines(const CrawlSnapshot& snapshot, std::size_t rows) const {
    const std::size_t columns = terminal_.is_terminal() ? terminal_.size().columns : kFileColumns;
    std::string head = fmt::format("{}: {}", escape_for_terminal(snapshot.directory), state_name(snapshot.state));
    if (!snapshot.spec.url_template.empty()) {
      head += ", " + job_text(snapshot.spec, {.pages = 100, .url = 200});
    }
    std::vector<std::string> lines = {cut_to_columns(in_charset(head, charset_), columns - 1, charset_)};
    const auto view = live_view(snapshot, {columns, rows - 1, charset_, color_});
    lines.insert(lines.end(), view.begin(), view.end());
    return lines;
  }

  const StatusCommand& command_;
  const Terminal terminal_;
  const CrawlLog::View view_ = CrawlLog::view_for(ProgressMode::automatic, STDOUT_FILENO);
  const Charset charset_;
  const Color color_;
  Screen screen_;
};

/// A second, or until Ctrl-C.
void pause_between_looks() {
  const timespec second{1, 0};
  if (interrupted == 0) ::nanosleep(&second, nullptr);
}

int run(const StatusCommand& command) {
  const auto directory = absolute_folder(command.directory);
  if (!directory) return fail(directory.error().message);
  if (const auto problem = problem_with(*directory)) return fail(problem->message, problem->status);
  StatusPrinter printer(command);
  for (;;) {
    auto status = look_at_folder(*directory);
    if (!status) return fail(escape_for_terminal(status.error().message, kMessageBytes));
    if (!*status) {
      return fail(fmt::format("no crawl in {}; doutu crawl URL-TEMPLATE --directory {} starts one",
                              escape_for_terminal(*directory), escape_for_terminal(shell_word(*directory))));
    }
    const bool last = command.times == StatusCommand::Times::once || !is_alive((*status)->snapshot.state);
    if (last || interrupted != 0) return printer.print_once(**status), 0;
    printer.show(**status);
    if (!printed()) return 1;
    pause_between_looks();
  }
}

}  // namespace

int run_status(const StatusCommand& command) {
  if (command.times == StatusCommand::Times::until_the_end) {
    struct sigaction action {};
    action.sa_handler = [](int) { interrupted = 1; };
    ::sigaction(SIGINT, &action, nullptr);
    ::sigaction(SIGTERM, &action, nullptr);
  }
  return run(command);
}

}  // namespace doutu
