#include "shared/robots/path_pattern.h"

#include <cstring>
#include <optional>

#include "shared/base/ascii.h"

namespace doutu {
namespace {

constexpr std::string_view kReserved = ":/?#[]@!$&'()*+,;=";
/// Of these, the ones that part nothing within a query.
constexpr std::string_view kPlainInQuery = ":/?@";

bool is_unreserved(char c) {
  return is_ascii_letter(c) || is_ascii_digit(c) ||
         (c != '\0' && std::string_view("-._~").find(c) != std::string::npos);
}

bool is_one_of(std::string_view set, char c) { return set.find(c) != std::string_view::npos; }

void append_escaped(std::string& out, char c) {
  constexpr std::string_view kDigits = "0123456789ABCDEF";
  const auto byte = static_cast<unsigned char>(c);
  out += '%';
  out += kDigits[byte >> 4U];
  out += kDigits[byte & 15U];
}

int hex_value(char c) {
  if (is_ascii_digit(c)) return c - '0';
  const char lower = ascii_lower(c);
  return lower >= 'a' && lower <= 'f' ? lower - 'a' + 10 : -1;
}

/// The byte of the "%XX" that the text begins with.
std::optional<char> escaped_byte(std::string_view text) {
  if (text.size() < 3 || text[0] != '%') return std::nullopt;
  const int high = hex_value(text[1]);
  const int low = hex_value(text[2]);
  if (high < 0 || low < 0) return std::nullopt;
  return static_cast<char>(high * 16 + low);
}

std::string canonical(std::string_view text, bool is_pattern) {
  std::string out;
  out.reserve(text.size());
  bool in_query = false;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const auto escaped = escaped_byte(text.substr(i));
    const char c = escaped.value_or(text[i]);
    if (escaped) i += 2;
    const bool is_wild = is_pattern && !escaped && (c == '*' || (c == '$' && i + 1 == text.size()));
    const bool is_delimiter = !escaped && is_one_of(kReserved, c) && c != '*' && c != '$';
    const bool is_plain = is_unreserved(c) || (in_query && is_one_of(kPlainInQuery, c));
    if (is_wild || is_delimiter || is_plain) {
      out += c;
    } else {
      append_escaped(out, c);
    }
    if (!escaped && c == '?') in_query = true;
  }
  return out;
}

/// Where the piece stands first, at from or behind it.
std::size_t find(std::string_view text, std::string_view piece, std::size_t from) {
  const std::string_view rest = text.substr(from);
  // Not std::string_view::find(): that takes time by the product of both.
  const void* const at = memmem(rest.data(), rest.size(), piece.data(), piece.size());
  return at == nullptr ? std::string_view::npos : static_cast<std::size_t>(static_cast<const char*>(at) - text.data());
}

}  // namespace

std::string canonical_path(std::string_view path_and_query) { return canonical(path_and_query, false); }
std::string canonical_pattern(std::string_view pattern) { return canonical(pattern, true); }

/// Each piece between two stars where it stands first: that leaves the most to those behind it.
bool matches(std::string_view pattern, std::string_view path) {
  const bool is_anchored = pattern.ends_with('$');
  if (is_anchored) pattern.remove_suffix(1);
  std::size_t star = pattern.find('*');
  if (!path.starts_with(pattern.substr(0, star))) return false;
  if (star == std::string_view::npos) return !is_anchored || path.size() == pattern.size();
  std::size_t at = star;
  while (true) {
    pattern.remove_prefix(star + 1);
    star = pattern.find('*');
    const std::string_view piece = pattern.substr(0, star);
    if (star == std::string_view::npos && is_anchored) {
      return path.size() - at >= piece.size() && path.ends_with(piece);
    }
    const std::size_t found = find(path, piece, at);
    if (found == std::string_view::npos) return false;
    if (star == std::string_view::npos) return true;
    at = found + piece.size();
  }
}

}  // namespace doutu
