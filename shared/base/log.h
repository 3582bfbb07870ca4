// Log lines of one process. A child writes one line at a time (under 4096 bytes, so whole) to its stderr, which is a
// pipe that the parent reads; the parent writes to the terminal and to DIR/.doutu/crawl.log. Text from the network must
// go through escape.h first. Any thread; set_log_sink() once, before the first thread starts.
//
// Form of a line on the pipe: one level letter (D I W E), a blank, the text, a newline.
#pragma once

#include <fmt/core.h>

#include <functional>
#include <string>
#include <string_view>

namespace doutu {

enum class LogLevel : char { debug = 'D', info = 'I', warning = 'W', error = 'E' };

using LogSink = std::function<void(LogLevel, std::string_view)>;

/// Replaces the default sink, which writes to stderr in the form above.
void set_log_sink(LogSink sink);
void log(LogLevel level, std::string_view text);

template <class... Args>
void log_info(fmt::format_string<Args...> format, Args&&... args) {
  log(LogLevel::info, fmt::format(format, std::forward<Args>(args)...));
}
template <class... Args>
void log_warning(fmt::format_string<Args...> format, Args&&... args) {
  log(LogLevel::warning, fmt::format(format, std::forward<Args>(args)...));
}
template <class... Args>
void log_error(fmt::format_string<Args...> format, Args&&... args) {
  log(LogLevel::error, fmt::format(format, std::forward<Args>(args)...));
}
template <class... Args>
void log_debug(fmt::format_string<Args...> format, Args&&... args) {
  log(LogLevel::debug, fmt::format(format, std::forward<Args>(args)...));
}

}  // namespace doutu
