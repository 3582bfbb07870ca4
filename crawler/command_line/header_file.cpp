#include "crawler/command_line/header_file.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <optional>

#include "shared/base/escape.h"
#include "shared/base/unique_fd.h"
#include "shared/http/header_line.h"

namespace doutu {
namespace {

constexpr std::size_t kMaxBytes = std::size_t{64} << 10U;
constexpr std::string_view kByteOrderMark = "\xef\xbb\xbf";

/// Up to one byte more than is allowed.
Result<std::string> read_all(int fd) {
  std::string text;
  std::array<char, 4096> buffer{};
  while (text.size() <= kMaxBytes) {
    const ssize_t count = ::read(fd, buffer.data(), buffer.size());
    if (count == 0) break;
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) return system_error("cannot be read");
    text.append(buffer.data(), static_cast<std::size_t>(count));
  }
  return text;
}

/// Nothing for standard input.
std::string path_in(const std::string& value) { return names_standard_input(value) ? "" : value.substr(1); }

Result<std::string> read_source(const std::string& path) {
  if (path.empty()) return read_all(STDIN_FILENO);
  const UniqueFd file(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NOCTTY));
  if (!file.valid()) return system_error("cannot be opened");
  return read_all(file.get());
}

/// Takes the first line off text.
std::string_view take_line(std::string_view& text) {
  std::string_view line = text.substr(0, text.find('\n'));
  text.remove_prefix(std::min(line.size() + 1, text.size()));
  if (line.ends_with('\r')) line.remove_suffix(1);
  return line;
}

}  // namespace

bool names_standard_input(std::string_view value) { return value == "-" || value == "@-"; }

bool names_header_file(std::string_view value) { return value == "-" || value.starts_with('@'); }

Result<std::vector<std::string>> read_header_file(const std::string& value) {
  if (value == "@") return Error{"\"@\" has no file name; expected @FILE"};
  const std::string path = path_in(value);
  const std::string shown =
      path.empty() ? "standard input" : fmt::format("\"{}\"", escape_for_terminal(path, kMaxBytes));
  const Result<std::string> read = read_source(path);
  if (!read) return Error{fmt::format("{} {}", shown, read.error().message), read.error().code};
  if (read->size() > kMaxBytes) return Error{fmt::format("{} is longer than {} bytes", shown, kMaxBytes)};

  std::string_view text = *read;
  if (text.starts_with(kByteOrderMark)) text.remove_prefix(kByteOrderMark.size());
  std::vector<std::string> lines;
  for (int number = 1; !text.empty(); ++number) {
    const std::string_view line = take_line(text);
    if (line.find_first_not_of(" \t") == std::string_view::npos) continue;
    if (const auto problem = problem_of_header_line(line)) {
      return Error{fmt::format("line {} of {} {}", number, shown, *problem)};
    }
    lines.emplace_back(line);
  }
  // The crawl would go without what the user wanted to be sent.
  if (lines.empty()) return Error{fmt::format("{} contains no header", shown)};
  return lines;
}

}  // namespace doutu
