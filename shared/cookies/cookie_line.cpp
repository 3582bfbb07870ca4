#include "shared/cookies/cookie_line.h"

#include <fmt/format.h>

#include <array>
#include <charconv>
#include <cstddef>

#include "shared/base/enum_table.h"
#include "shared/url/url_split.h"

namespace doutu {
namespace {

constexpr std::string_view kHttpOnly = "#HttpOnly_";
constexpr std::size_t kColumns = 10;

struct SameSiteName {
  SameSite key;
  std::string_view name;
};
constexpr EnumTable kSameSiteNames{std::to_array<SameSiteName>({{SameSite::unset, "unset"},
                                                                {SameSite::none, "none"},
                                                                {SameSite::lax, "lax"},
                                                                {SameSite::strict, "strict"},
                                                                {SameSite::given, "given"}})};

std::string_view yes_or_no(bool value) { return value ? "TRUE" : "FALSE"; }

/// Either word, into value.
bool read_yes_or_no(std::string_view word, bool& value) {
  value = word == "TRUE";
  return value || word == "FALSE";
}

bool read_number(std::string_view text, std::int64_t& number) {
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  return error == std::errc() && end == text.data() + text.size();
}

bool read_same_site(std::string_view name, SameSite& value) {
  const auto* const row = kSameSiteNames.find(name, &SameSiteName::name);
  if (row != nullptr) value = row->key;
  return row != nullptr;
}

std::optional<std::array<std::string_view, kColumns>> split_columns(std::string_view line) {
  std::array<std::string_view, kColumns> columns;
  for (std::size_t i = 0; i < kColumns; ++i) {
    const auto rest = take_behind(line, '\t');
    columns.at(i) = line;
    if (rest.has_value() != (i + 1 < kColumns)) return std::nullopt;
    line = rest.value_or("");
  }
  return columns;
}

/// Other programs know an IPv6 address without its brackets.
std::string_view without_brackets(std::string_view domain) {
  return domain.starts_with('[') ? domain.substr(1, domain.size() - 2) : domain;
}

}  // namespace

std::string netscape_line(const Cookie& cookie) {
  return fmt::format("{}{}{}\t{}\t{}\t{}\t{}\t{}\t{}", cookie.http_only ? kHttpOnly : "", cookie.host_only ? "" : ".",
                     without_brackets(cookie.domain), yes_or_no(!cookie.host_only), cookie.path,
                     yes_or_no(cookie.secure), cookie.expires, cookie.name, cookie.value);
}

std::string cookie_line(const Cookie& cookie) {
  return fmt::format("{}\t{}\t{}\t{}", netscape_line(cookie), kSameSiteNames[cookie.same_site].name, cookie.created,
                     cookie.set_over_http ? "http" : "https");
}

std::optional<Cookie> read_cookie_line(std::string_view line) {
  const auto columns = split_columns(line);
  if (!columns) return std::nullopt;
  auto [domain, subdomains, path, secure, expires, name, value, same_site, created, scheme] = *columns;
  Cookie cookie;
  cookie.http_only = domain.starts_with(kHttpOnly);
  if (cookie.http_only) domain.remove_prefix(kHttpOnly.size());
  bool for_subdomains = false;
  if (!read_yes_or_no(subdomains, for_subdomains) || for_subdomains != domain.starts_with('.')) return std::nullopt;
  cookie.host_only = !for_subdomains;
  if (for_subdomains) domain.remove_prefix(1);
  cookie.domain = domain.find(':') == std::string_view::npos ? std::string(domain) : fmt::format("[{}]", domain);
  cookie.path = path;
  cookie.name = name;
  cookie.value = value;
  cookie.set_over_http = scheme == "http";
  if (!cookie.set_over_http && scheme != "https") return std::nullopt;
  if (!read_yes_or_no(secure, cookie.secure) || !read_number(expires, cookie.expires) ||
      !read_number(created, cookie.created) || !read_same_site(same_site, cookie.same_site) ||
      !is_well_formed(cookie) || cookie_line(cookie) != line) {
    return std::nullopt;
  }
  return cookie;
}

}  // namespace doutu
