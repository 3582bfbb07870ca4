#include "crawler/view/screen.h"

#include <fmt/format.h>

#include <utility>

namespace doutu {
namespace {

constexpr std::string_view kToEndOfLine = "\x1b[K";
constexpr std::string_view kToEndOfScreen = "\x1b[J";

std::string up(std::size_t lines) { return lines == 0 ? "" : fmt::format("\x1b[{}A", lines); }
std::string down(std::size_t lines) { return lines == 0 ? "" : fmt::format("\x1b[{}B", lines); }

}  // namespace

std::string Screen::redraw(std::vector<std::string> lines, Repaint repaint) {
  const bool same_size = lines.size() == lines_.size();
  std::swap(lines_, lines);
  if (repaint == Repaint::all || !same_size) return whole();

  std::string frame;
  std::size_t at = 0;  // lines below the cursor's resting place
  for (std::size_t i = 0; i < lines_.size(); ++i) {
    if (lines_[i] == lines[i]) continue;
    frame += fmt::format("\r{}{}{}", down(i + 1 - at), lines_[i], kToEndOfLine);
    at = i + 1;
  }
  return frame.empty() ? frame : frame + "\r" + up(at);
}

std::string Screen::clear() { return std::exchange(lines_, {}).empty() ? "" : fmt::format("\r{}", kToEndOfScreen); }

/// Each line by a line feed, which makes room at the end of the screen.
std::string Screen::whole() const {
  std::string frame = fmt::format("\r{}", kToEndOfLine);
  for (const std::string& line : lines_) frame += fmt::format("\r\n{}{}", line, kToEndOfLine);
  return frame + std::string(kToEndOfScreen) + "\r" + up(lines_.size());
}

}  // namespace doutu
