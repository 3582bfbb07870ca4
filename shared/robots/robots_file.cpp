#include "shared/robots/robots_file.h"

#include <algorithm>
#include <array>

#include "shared/base/ascii.h"
#include "shared/base/whitespace.h"

namespace doutu {
namespace {

constexpr std::string_view kByteOrderMark = "\xef\xbb\xbf";
constexpr std::string_view kLineEnds = "\r\n";
constexpr std::string_view kBlanks = " \t\v\f";
/// Of a line: as much as Google's parser reads.
constexpr std::size_t kMaxLineBytes = std::size_t{2083} * 8;

using Kind = RobotsLine::Kind;

struct Name {
  std::string_view text;
  Kind kind;
};
constexpr std::array kNames = std::to_array<Name>({
    {"user-agent", Kind::user_agent},
    {"useragent", Kind::user_agent},
    {"user agent", Kind::user_agent},
    {"allow", Kind::allow},
    {"disallow", Kind::disallow},
    {"dissallow", Kind::disallow},
    {"dissalow", Kind::disallow},
    {"disalow", Kind::disallow},
    {"diasllow", Kind::disallow},
    {"disallaw", Kind::disallow},
    {"crawl-delay", Kind::crawl_delay},
    {"crawldelay", Kind::crawl_delay},
    {"crawl delay", Kind::crawl_delay},
});

Kind kind_of(std::string_view key) {
  const auto* const name =
      std::ranges::find_if(kNames, [key](const Name& known) { return starts_with_ignoring_case(key, known.text); });
  return name == kNames.end() ? Kind::other : name->kind;
}

/// Also a mark of which the end is missing.
std::string_view without_byte_order_mark(std::string_view file) {
  const auto [in_file, in_mark] = std::ranges::mismatch(file, kByteOrderMark);
  return file.substr(static_cast<std::size_t>(in_file - file.begin()));
}

/// Without a colon a blank parts the two, if it is the only one.
RobotsLine read_line(std::string_view line) {
  line = trim(line.substr(0, kMaxLineBytes), kBlanks);
  line = trim(line.substr(0, line.find('#')), kBlanks);
  std::size_t separator = line.find(':');
  if (separator == std::string_view::npos) {
    separator = line.find_first_of(kBlanks);
    if (separator == std::string_view::npos) return {};
    if (trim_front(line.substr(separator), kBlanks).find_first_of(kBlanks) != std::string_view::npos) return {};
  }
  const std::string_view key = trim(line.substr(0, separator), kBlanks);
  if (key.empty()) return {};
  return {kind_of(key), trim(line.substr(separator + 1), kBlanks)};
}

}  // namespace

void for_each_robots_line(std::string_view file, const std::function<void(const RobotsLine&)>& visit) {
  file = without_byte_order_mark(file.substr(0, kMaxRobotsBytes));
  while (!file.empty()) {
    const std::size_t end = std::min(file.find_first_of(kLineEnds), file.size());
    const RobotsLine line = read_line(file.substr(0, end));
    if (line.kind != Kind::other) visit(line);
    file.remove_prefix(std::min(end + 1, file.size()));
  }
}

std::string_view product_token(std::string_view value) {
  if (value == "*" || value.starts_with("* ") || value.starts_with("*\t")) return "*";
  const auto is_of_token = [](char c) { return is_ascii_letter(c) || c == '-' || c == '_'; };
  const auto* const end = std::ranges::find_if_not(value, is_of_token);
  return value.substr(0, static_cast<std::size_t>(end - value.begin()));
}

}  // namespace doutu
