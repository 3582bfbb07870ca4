#include "crawler/crawl_log.h"

#include <fmt/format.h>
#include <poll.h>
#include <spdlog/logger.h>
#include <spdlog/sinks/rotating_file_sink.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <cstdlib>
#include <optional>

#include "shared/base/escape.h"

namespace doutu {
namespace {

constexpr std::size_t kMaxLine = 4096;
constexpr std::size_t kUnknownWidth = 79;
constexpr std::string_view kWipe = "\r\x1b[K";  // ECMA-48 EL: erase to the end of the line

/// What cannot be written at once (a closed terminal, Ctrl-S, a pager that nobody scrolls) is lost to the eye: the
/// crawl does not wait for a reader, and the file has it all.
void write_to_stderr(std::string_view text) {
  pollfd room{STDERR_FILENO, POLLOUT, 0};
  if (::poll(&room, 1, 0) != 1 || (room.revents & POLLOUT) == 0) return;
  [[maybe_unused]] const auto written = ::write(STDERR_FILENO, text.data(), text.size());
}

std::string line_for_people(LogLevel level, std::string_view text) {
  const std::string_view word = level == LogLevel::error ? "error: " : level == LogLevel::warning ? "warning: " : "";
  return fmt::format("doutu: {}{}\n", word, text);
}

spdlog::level::level_enum to_spdlog(LogLevel level) {
  switch (level) {
    case LogLevel::debug:
      return spdlog::level::debug;
    case LogLevel::info:
      return spdlog::level::info;
    case LogLevel::warning:
      return spdlog::level::warn;
    case LogLevel::error:
      return spdlog::level::err;
  }
  return spdlog::level::warn;
}

LogLevel least_shown(Verbosity verbosity) {
  switch (verbosity) {
    case Verbosity::quiet:
      return LogLevel::error;
    case Verbosity::normal:
      return LogLevel::warning;
    case Verbosity::verbose:
      return LogLevel::info;
  }
  return LogLevel::warning;
}

std::optional<LogLevel> level_of(std::string_view line) {
  if (line.size() < 2 || line[1] != ' ') return std::nullopt;
  for (const LogLevel level : {LogLevel::debug, LogLevel::info, LogLevel::warning, LogLevel::error}) {
    if (line[0] == static_cast<char>(level)) return level;
  }
  return std::nullopt;
}

}  // namespace

struct CrawlLog::File {
  explicit File(const std::string& path)
      : logger("doutu", std::make_shared<spdlog::sinks::rotating_file_sink_st>(path, kMaxFileBytes, kOldFiles)) {
    logger.set_pattern("%Y-%m-%d %H:%M:%S.%e %L %v");
    logger.set_level(spdlog::level::debug);
    logger.flush_on(spdlog::level::debug);  // a killed parent must not take its last lines along
    logger.set_error_handler([](const std::string&) {});
  }
  spdlog::logger logger;
};

CrawlLog::View CrawlLog::view_for(ProgressMode mode) {
  if (mode == ProgressMode::none) return View::none;
  const char* term = std::getenv("TERM");
  const bool can_redraw = ::isatty(STDERR_FILENO) == 1 && term != nullptr && std::string_view(term) != "dumb";
  return mode == ProgressMode::automatic && can_redraw ? View::redrawn : View::plain;
}

Result<std::unique_ptr<CrawlLog>> CrawlLog::open(const std::string& file, Verbosity verbosity, View view) {
  try {
    return std::unique_ptr<CrawlLog>(new CrawlLog(std::make_unique<File>(file), verbosity, view));
  } catch (const spdlog::spdlog_ex& failure) {
    return Error{escape_for_terminal(failure.what())}.within("log file");
  }
}

CrawlLog::CrawlLog(std::unique_ptr<File> file, Verbosity verbosity, View view)
    : verbosity_(verbosity), view_(view), file_(std::move(file)) {
  set_log_sink([this](LogLevel level, std::string_view text) { write(level, text); });
}

CrawlLog::~CrawlLog() {
  clear_progress();
  set_log_sink([](LogLevel level, std::string_view text) {
    write_to_stderr(line_for_people(level, escape_for_terminal(text, kMaxLine)));
  });
}

void CrawlLog::write(LogLevel level, std::string_view text) {
  if (level == LogLevel::debug && verbosity_ != Verbosity::verbose) return;
  const std::string safe = escape_for_terminal(text, kMaxLine);
  file_->logger.log(to_spdlog(level), safe);
  show(level, safe);
}

void CrawlLog::write_child_line(std::string_view child, std::string_view line) {
  const std::optional<LogLevel> level = level_of(line);
  if (level) line.remove_prefix(2);
  write(level.value_or(LogLevel::warning), fmt::format("{}: {}", child, line));
}

void CrawlLog::show(LogLevel level, std::string_view text) {
  if (to_spdlog(level) < to_spdlog(least_shown(verbosity_))) return;
  const std::string line = line_for_people(level, text);
  write_to_stderr(drawn_.empty() ? line : fmt::format("{}{}{}", kWipe, line, drawn_));
}

void CrawlLog::show_progress(std::string_view line) {
  if (view_ == View::none || line == drawn_) return;
  const std::string safe = escape_for_terminal(line);
  if (view_ == View::plain) return write_to_stderr(safe + "\n");
  write_to_stderr(fmt::format("{}{}", kWipe, safe));
  drawn_ = safe;
}

void CrawlLog::clear_progress() {
  if (!drawn_.empty()) write_to_stderr(kWipe);
  drawn_.clear();
}

std::size_t CrawlLog::progress_width() const {
  if (view_ != View::redrawn) return 0;
  winsize size{};
  const bool known = ::ioctl(STDERR_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 1;
  return known ? size.ws_col - std::size_t{1} : kUnknownWidth;  // a full last column would wrap
}

}  // namespace doutu
