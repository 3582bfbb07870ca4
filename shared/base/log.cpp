#include "shared/base/log.h"

#include <unistd.h>

#include <algorithm>

namespace doutu {
namespace {

constexpr std::size_t kMaxLine = 4096;  // PIPE_BUF on Linux: a write up to this size is never interleaved (pipe(7))

void write_to_stderr(LogLevel level, std::string_view text) {
  std::string line;
  line += static_cast<char>(level);
  line += ' ';
  line += text.substr(0, kMaxLine - 3);
  std::replace(line.begin(), line.end(), '\n', ' ');
  line += '\n';
  [[maybe_unused]] const auto written = ::write(STDERR_FILENO, line.data(), line.size());  // nobody left to tell
}

LogSink& sink() {
  static LogSink current = write_to_stderr;
  return current;
}

}  // namespace

void set_log_sink(LogSink new_sink) { sink() = std::move(new_sink); }

void log(LogLevel level, std::string_view text) { sink()(level, text); }

}  // namespace doutu
