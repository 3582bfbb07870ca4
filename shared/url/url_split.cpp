#include "shared/url/url_split.h"

#include <algorithm>

#include "shared/base/ascii.h"
#include "shared/base/whitespace.h"

namespace doutu {
namespace {

/// Takes a scheme and its colon off the front of text.
UrlScheme take_scheme(std::string_view& text) {
  if (text.empty() || !is_ascii_letter(text.front())) return UrlScheme::none;
  const auto end = std::ranges::find_if_not(
      text, [](char c) { return is_ascii_letter(c) || is_ascii_digit(c) || c == '+' || c == '-' || c == '.'; });
  if (end == text.end() || *end != ':') return UrlScheme::none;
  const auto size = static_cast<std::size_t>(end - text.begin());
  const std::string_view scheme = text.substr(0, size);
  text.remove_prefix(size + 1);
  return equals_ignoring_case(scheme, "http")    ? UrlScheme::http
         : equals_ignoring_case(scheme, "https") ? UrlScheme::https
                                                 : UrlScheme::other;
}

/// Takes the authority off the front of text, slashes before it dropped.
std::string_view take_authority(std::string_view& text) {
  text = {std::ranges::find_if_not(text, is_slash), text.end()};
  const std::string_view authority = before_slash(text);
  text.remove_prefix(authority.size());
  return authority;
}

/// Sets host and port from the origin.
void split_origin(SplitUrl& url) {
  const std::string_view authority = url.origin.substr(std::min(url.origin.find("://") + 3, url.origin.size()));
  const std::string_view server = authority.substr(authority.rfind('@') + 1);  // npos + 1 is 0
  const std::size_t host_end = server.find(':', server.starts_with('[') ? server.find(']') : 0);
  url.host = server.substr(0, host_end);
  url.port = server.substr(url.host.size());
}

}  // namespace

std::string_view clean_reference(std::string_view text, std::string& buffer) {
  text = trim_c0_controls_and_space(text);
  if (std::ranges::none_of(text, is_tab_or_newline)) return text;
  buffer = text;
  std::erase_if(buffer, is_tab_or_newline);
  return buffer;
}

std::optional<std::string_view> take_behind(std::string_view& text, char mark) {
  const std::size_t at = text.find(mark);
  if (at == std::string_view::npos) return std::nullopt;
  const std::string_view behind = text.substr(at + 1);
  text = text.substr(0, at);
  return behind;
}

std::string_view before_slash(std::string_view text) {
  return {text.begin(), std::ranges::find_if(text, is_slash)};  // find_first_of() is five times as slow
}

SplitReference split_reference(std::string_view text, UrlScheme base) {
  SplitReference reference;
  const UrlScheme written = take_scheme(text);
  reference.scheme = written == UrlScheme::none ? base : written;
  (void)take_behind(text, '#');
  reference.query = take_behind(text, '?');
  const bool names_host = text.size() >= 2 && is_slash(text[0]) && is_slash(text[1]);
  if (reference.scheme != base || names_host) reference.authority = take_authority(text);
  reference.path = text;
  return reference;
}

SplitUrl split_url(std::string_view url) {
  std::string_view rest = url;
  const UrlScheme scheme = take_scheme(rest);
  if (scheme == UrlScheme::other || !rest.starts_with("//")) return {};
  const std::size_t path = std::min(url.find('/', url.size() - rest.size() + 2), url.size());
  const std::size_t query = std::min(url.find('?', path), url.size());
  SplitUrl split;
  split.scheme = scheme;
  split.origin = url.substr(0, path);
  split.path = path == url.size() ? std::string_view("/") : url.substr(path, query - path);
  split.query = url.substr(query);
  split_origin(split);
  return split;
}

std::string_view port_of(const SplitUrl& url) {
  return !url.port.empty() ? url.port : url.scheme == UrlScheme::https ? ":443" : ":80";
}

bool is_same_origin(const SplitUrl& a, const SplitUrl& b) {
  return a.scheme == b.scheme && a.host == b.host && port_of(a) == port_of(b);
}

}  // namespace doutu
