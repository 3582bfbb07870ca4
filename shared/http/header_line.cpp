#include "shared/http/header_line.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "shared/base/ascii.h"
#include "shared/base/escape.h"

namespace doutu {
namespace {

constexpr std::size_t kMaxLine = 8000;
constexpr std::size_t kShown = 60;  // bytes of wrong input in an error
constexpr std::array<std::string_view, 2> kCredentials = {"Authorization", "Cookie"};

struct Reserved {
  std::string_view name;
  std::string_view instead;
};

constexpr std::array kReserved{
    Reserved{"User-Agent", "use --user-agent"},
    Reserved{"Referer", "use --referer"},
    Reserved{"Proxy-Authorization", "put user and password into --proxy"},
    Reserved{"Accept-Encoding", "doutu sets it itself"},
    Reserved{"Connection", "doutu sets it itself"},
    Reserved{"Content-Length", "doutu sets it itself"},
    Reserved{"Expect", "doutu sets it itself"},
    Reserved{"Host", "doutu sets it itself"},
    Reserved{"If-Range", "doutu sets it itself"},
    Reserved{"Keep-Alive", "doutu sets it itself"},
    Reserved{"Proxy-Connection", "doutu sets it itself"},
    Reserved{"Range", "doutu sets it itself"},
    Reserved{"TE", "doutu sets it itself"},
    Reserved{"Trailer", "doutu sets it itself"},
    Reserved{"Transfer-Encoding", "doutu sets it itself"},
    Reserved{"Upgrade", "doutu sets it itself"},
};

std::string_view name_of(std::string_view line) { return line.substr(0, line.find(':')); }

bool is_token_byte(char byte) {
  constexpr std::string_view kMarks = "!#$%&'*+-.^_`|~";
  return is_ascii_letter(byte) || is_ascii_digit(byte) || kMarks.find(byte) != std::string_view::npos;
}

bool is_control(char byte) { return static_cast<unsigned char>(byte) < 0x20 || byte == 0x7F; }

}  // namespace

std::optional<std::string> problem_of_header_line(std::string_view line) {
  if (line.size() > kMaxLine) return fmt::format("is longer than {} bytes", kMaxLine);
  if (std::ranges::any_of(line, is_control)) return "contains a control character";
  const std::string_view name = name_of(line);
  if (name.empty() || name.size() == line.size() || !std::ranges::all_of(name, is_token_byte)) {
    return "is not a header; expected NAME: VALUE, for example 'Accept-Language: zh'";
  }
  if (line.find_first_not_of(' ', name.size() + 1) == std::string_view::npos) return "has no value";
  const auto* reserved =
      std::ranges::find_if(kReserved, [&](const auto& r) { return equals_ignoring_case(r.name, name); });
  if (reserved != kReserved.end()) return fmt::format("cannot be set with --header; {}", reserved->instead);
  return std::nullopt;
}

/// Values may be secrets.
Status check_header_line(std::string_view line) {
  const auto problem = problem_of_header_line(line);
  if (!problem) return {};
  const std::string_view name = name_of(line);
  if (name.size() == line.size()) return Error{"the value " + *problem};
  return Error{fmt::format("\"{}: ...\" {}", escape_for_terminal(name, kShown), *problem)};
}

bool is_credential(std::string_view line) {
  return std::ranges::any_of(kCredentials, [&](auto name) { return equals_ignoring_case(name_of(line), name); });
}

}  // namespace doutu
