#include "shared/cookies/netscape_file.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <limits>
#include <optional>
#include <utility>

#include "shared/base/ascii.h"
#include "shared/base/whitespace.h"
#include "shared/cookies/cookie_line.h"
#include "shared/cookies/foreign_cookie.h"
#include "shared/url/url_split.h"

namespace doutu {
namespace {

constexpr std::string_view kByteOrderMark = "\xef\xbb\xbf";
constexpr std::string_view kHttpOnly = "#HttpOnly_";
constexpr std::string_view kFirstLine = "# Netscape HTTP Cookie File\n";
constexpr std::size_t kMaxOddLines = 10;
constexpr std::size_t kColumns = 7;

using Columns = std::array<std::string_view, kColumns>;

/// An array of objects, or an object. "[::1]" is a domain.
bool is_json(std::string_view start) {
  if (!start.starts_with('[')) return start.starts_with('{');
  const std::string_view behind = trim_front(start.substr(1), kHtmlWhitespace);
  return behind.starts_with('{') || behind.starts_with(']');
}

CookieFileKind kind_of(std::string_view text) {
  if (text.starts_with("\xff\xfe") || text.starts_with("\xfe\xff")) return CookieFileKind::utf16;
  if (text.starts_with("SQLite format 3")) return CookieFileKind::sqlite;
  return is_json(trim_front(text, kHtmlWhitespace)) ? CookieFileKind::json : CookieFileKind::netscape;
}

/// Takes the next column off line. Spaces may stand for the tabs before the value.
std::string_view take_column(std::string_view& line, std::string_view separators) {
  if (separators == "\t") {
    const auto rest = take_behind(line, '\t');
    const std::string_view column = line;
    line = rest.value_or("");
    return column;
  }
  const std::string_view column = line.substr(0, line.find_first_of(separators));
  line = trim_front(line.substr(column.size()), separators);
  return column;
}

/// The value may be missing, and its tab too.
std::optional<Columns> split_columns(std::string_view line) {
  const auto tabs = std::ranges::count(line, '\t');
  if (tabs > 6) return std::nullopt;
  const std::string_view separators = tabs >= 5 ? "\t" : " \t";
  Columns columns;
  for (std::size_t i = 0; i + 1 < kColumns; ++i) {
    if (line.empty()) return std::nullopt;
    columns.at(i) = take_column(line, separators);
  }
  columns.back() = line;
  return columns;
}

std::optional<bool> read_yes_or_no(std::string_view word) {
  if (equals_ignoring_case(word, "TRUE")) return true;
  if (equals_ignoring_case(word, "FALSE")) return false;
  return std::nullopt;
}

/// A number of any size, with or without a fraction.
std::optional<double> read_time(std::string_view text) {
  double time = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), time);
  if (error == std::errc::invalid_argument || end != text.data() + text.size() || std::isnan(time)) return std::nullopt;
  return error == std::errc::result_out_of_range ? std::numeric_limits<double>::infinity() : time;
}

std::optional<Cookie> read_cookie(std::string_view line, std::int64_t now_ms) {
  Cookie cookie;
  cookie.http_only = line.starts_with(kHttpOnly);
  if (cookie.http_only) line.remove_prefix(kHttpOnly.size());
  const auto columns = split_columns(line);
  if (!columns) return std::nullopt;
  const auto [domain, subdomains, path, secure, expiry, name, value] = *columns;
  const auto for_subdomains = read_yes_or_no(subdomains);
  const auto only_secure = read_yes_or_no(secure);
  const auto time = read_time(expiry);
  if (!for_subdomains || !only_secure || !time) return std::nullopt;
  cookie.host_only = !*for_subdomains;
  cookie.path = path.empty() ? "/" : path;
  cookie.secure = *only_secure;
  cookie.name = trim(name, " ");
  cookie.value = trim(value, " ");
  cookie.created = now_ms;
  return as_ours(std::move(cookie), domain, *time, now_ms);
}

/// Takes the first line off text, without its end.
std::string_view take_line(std::string_view& text) {
  std::string_view line = text.substr(0, text.find('\n'));
  text.remove_prefix(std::min(line.size() + 1, text.size()));
  if (line.ends_with('\r')) line.remove_suffix(1);
  return line;
}

bool is_passed_over(std::string_view line) {
  return trim(line, " \t").empty() || (line.starts_with('#') && !line.starts_with(kHttpOnly));
}

}  // namespace

NetscapeCookies read_netscape_cookies(std::string_view text, std::int64_t now_ms) {
  NetscapeCookies read;
  if (text.starts_with(kByteOrderMark)) text.remove_prefix(kByteOrderMark.size());
  read.kind = kind_of(text);
  if (read.kind != CookieFileKind::netscape) return read;
  for (std::size_t number = 1; !text.empty(); ++number) {
    const std::string_view line = take_line(text);
    if (is_passed_over(line)) continue;
    std::optional<Cookie> cookie = read_cookie(line, now_ms);
    if (!cookie) {
      if (read.odd_count++ < kMaxOddLines) read.odd_lines.push_back(number);
    } else if (has_expired(*cookie, now_ms)) {
      ++read.expired;
    } else {
      read.cookies.push_back(std::move(*cookie));
    }
  }
  return read;
}

std::string netscape_cookies_text(const std::vector<Cookie>& cookies) {
  std::string text(kFirstLine);
  for (const Cookie& cookie : cookies) text.append(netscape_line(cookie)).append("\n");
  return text;
}

}  // namespace doutu
