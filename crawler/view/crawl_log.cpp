#include "crawler/view/crawl_log.h"

#include <fmt/format.h>
#include <spdlog/details/null_mutex.h>
#include <spdlog/logger.h>
#include <spdlog/sinks/base_sink.h>
#include <spdlog/sinks/rotating_file_sink.h>
#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <optional>
#include <utility>

#include "crawler/view/rotating_log.h"
#include "shared/base/escape.h"

namespace doutu {
namespace {

constexpr std::size_t kMaxLine = 4096;

std::string line_for_people(LogLevel level, std::string_view text, Color color) {
  if (level != LogLevel::error && level != LogLevel::warning) return fmt::format("doutu: {}\n", text);
  const std::string_view word = level == LogLevel::error ? "error:" : "warning:";
  if (color == Color::no) return fmt::format("doutu: {} {}\n", word, text);
  return fmt::format("doutu: \x1b[{}m{}\x1b[0m {}\n", level == LogLevel::error ? 31 : 33, word, text);
}

bool is_dumb(const char* term) { return term != nullptr && std::string_view(term) == "dumb"; }

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

class RotatingLogSink : public spdlog::sinks::base_sink<spdlog::details::null_mutex> {
 public:
  explicit RotatingLogSink(RotatingLog log) : log_(std::move(log)) {}

 private:
  void sink_it_(const spdlog::details::log_msg& message) override {
    spdlog::memory_buf_t line;
    formatter_->format(message, line);
    log_.write({line.data(), line.size()});
  }
  void flush_() override {}

  RotatingLog log_;
};

}  // namespace

struct CrawlLog::File {
  explicit File(spdlog::sink_ptr sink) : logger("doutu", std::move(sink)) {
    logger.set_pattern("%Y-%m-%d %H:%M:%S.%e %L %v");
    logger.set_level(spdlog::level::debug);
    logger.flush_on(spdlog::level::debug);  // a killed parent must not take its last lines along
    logger.set_error_handler([](const std::string&) {});
  }
  spdlog::logger logger;
};

CrawlLog::View CrawlLog::view_for(ProgressMode mode, int fd) {
  if (mode == ProgressMode::none) return View::none;
  const char* term = std::getenv("TERM");
  const bool can_redraw = ::isatty(fd) == 1 && !is_dumb(term);
  const bool wanted = mode == ProgressMode::bar || (mode == ProgressMode::automatic && term != nullptr);
  return can_redraw && wanted ? View::redrawn : View::plain;
}

Color CrawlLog::color_for(ColorMode mode, int fd) {
  if (mode != ColorMode::automatic) return mode == ColorMode::always ? Color::yes : Color::no;
  const char* no_color = std::getenv("NO_COLOR");
  const char* term = std::getenv("TERM");
  const bool refused = no_color != nullptr && *no_color != '\0';
  return !refused && term != nullptr && !is_dumb(term) && ::isatty(fd) == 1 ? Color::yes : Color::no;
}

Result<std::unique_ptr<CrawlLog>> CrawlLog::open(const StateFolder& folder, Verbosity verbosity, View view,
                                                 Color color) {
  auto log = RotatingLog::open(folder, kMaxFileBytes, kOldFiles);
  if (!log) return std::move(log).error();
  auto file = std::make_unique<File>(std::make_shared<RotatingLogSink>(*std::move(log)));
  return std::unique_ptr<CrawlLog>(new CrawlLog(std::move(file), verbosity, view, color));
}

Result<std::unique_ptr<CrawlLog>> CrawlLog::open(const std::string& path, Verbosity verbosity, View view, Color color) {
  try {
    auto file =
        std::make_unique<File>(std::make_shared<spdlog::sinks::rotating_file_sink_st>(path, kMaxFileBytes, kOldFiles));
    return std::unique_ptr<CrawlLog>(new CrawlLog(std::move(file), verbosity, view, color));
  } catch (const spdlog::spdlog_ex& failure) {
    return Error{escape_for_terminal(failure.what())}.within("log file");
  }
}

CrawlLog::CrawlLog(std::unique_ptr<File> file, Verbosity verbosity, View view, Color color)
    : verbosity_(verbosity),
      color_(color),
      file_(std::move(file)),
      terminal_(STDERR_FILENO),
      view_(view == View::redrawn && terminal_.may_wait() ? View::plain : view) {
  set_log_sink([this](LogLevel level, std::string_view text) { write(level, text); });
}

CrawlLog::~CrawlLog() {
  clear_view();
  set_log_sink([color = color_](LogLevel level, std::string_view text) {
    Terminal(STDERR_FILENO).write(line_for_people(level, escape_for_terminal(text, kMaxLine), color));
  });
}

void CrawlLog::write(LogLevel level, std::string_view text) {
  if (level == LogLevel::debug && verbosity_ != Verbosity::verbose) return;
  const std::string safe = escape_for_terminal(text, kMaxLine);
  file_->logger.log(to_spdlog(level), safe);
  show(level, safe);
}

void CrawlLog::tell(std::string_view text) {
  keep(text);
  if (verbosity_ != Verbosity::quiet) put(line_for_people(LogLevel::info, escape_for_terminal(text, kMaxLine), color_));
}

void CrawlLog::write_child_line(std::string_view child, std::string_view line) {
  const std::optional<LogLevel> level = level_of(line);
  if (level) line.remove_prefix(2);
  write(level.value_or(LogLevel::warning), fmt::format("{}: {}", child, line));
}

void CrawlLog::keep(std::string_view lines) {
  for (std::size_t from = 0; from < lines.size();) {
    const std::size_t end = std::min(lines.find('\n', from), lines.size());
    file_->logger.log(spdlog::level::info, escape_for_terminal(lines.substr(from, end - from), kMaxLine));
    from = end + 1;
  }
}

void CrawlLog::show(LogLevel level, std::string_view text) {
  if (to_spdlog(level) < to_spdlog(least_shown(verbosity_))) return;
  put(line_for_people(level, text, color_));
}

/// On the terminal, above the view if there is one.
void CrawlLog::put(const std::string& line) {
  if (left_) return;
  if (!screen_.is_drawn()) return terminal_.write(line);
  if (more_held_ > 0 || held_.size() + line.size() > kMaxHeldBytes) {
    ++more_held_;
  } else {
    held_ += line;
  }
}

std::string CrawlLog::take_held() {
  std::string lines = std::exchange(held_, {});
  if (more_held_ > 0)
    lines += fmt::format("doutu: ... and {} more line{}, see crawl.log\n", more_held_, more_held_ == 1 ? "" : "s");
  more_held_ = 0;
  return lines;
}

void CrawlLog::show_progress(std::string_view line) {
  if (view() != View::none) terminal_.write(escape_for_terminal(line) + "\n");
}

void CrawlLog::draw(std::vector<std::string> lines, Screen::Repaint repaint) {
  if (view() != View::redrawn || !terminal_.is_ours() || !terminal_.flush()) return;
  std::string frame;
  if (const std::string above = take_held(); !above.empty()) frame = screen_.clear() + above;
  frame += screen_.redraw(std::move(lines), repaint);
  if (!frame.empty()) terminal_.write(frame);
}

void CrawlLog::clear_view() {
  if (screen_.is_drawn()) terminal_.write(screen_.clear() + take_held());
}

void CrawlLog::leave_terminal() {
  if (!terminal_.is_terminal()) return;
  clear_view();
  left_ = true;
}

}  // namespace doutu
