#include "shared/http/url.h"

#include <algorithm>
#include <charconv>

#include "shared/http/percent_encode.h"
#include "shared/http/url_host.h"
#include "shared/lane/records.h"

// The "URL parsing" of the WHATWG URL standard (section 4.4) for special schemes, without its state machine: text is
// split into views first, and what is new of the result is written once. curl's URL API is not asked: what it makes of
// references is not what browsers make of them (it takes http:/example.com/ to another host).
namespace doutu {
namespace {

enum class Scheme { none, http, https, other };

constexpr std::uint32_t kMaxPort = 65'535;

/// A normal URL, apart: views that, put together, are the URL.
struct Base {
  Scheme scheme = Scheme::none;
  std::string_view origin;  ///< "http://user@example.com:81".
  std::string_view path;    ///< Begins with '/'.
  std::string_view query;   ///< Begins with '?', or is empty.
};

/// A reference, apart, cleaned and without fragment. What is nullopt is not written there.
struct Reference {
  Scheme scheme = Scheme::none;  ///< The base's where none is written.
  std::optional<std::string_view> authority;
  std::string_view path;
  std::optional<std::string_view> query;
};

constexpr bool is_control_or_space(char c) { return static_cast<unsigned char>(c) <= 0x20; }
constexpr bool is_tab_or_newline(char c) { return c == '\t' || c == '\n' || c == '\r'; }
constexpr bool is_slash(char c) { return c == '/' || c == '\\'; }
constexpr char lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }

bool equals(std::string_view text, std::string_view lower_case) {
  return std::ranges::equal(text, lower_case, {}, lower);
}

std::string_view scheme_prefix(Scheme scheme) { return scheme == Scheme::https ? "https://" : "http://"; }

std::string_view trim(std::string_view text) {
  while (!text.empty() && is_control_or_space(text.front())) text.remove_prefix(1);
  while (!text.empty() && is_control_or_space(text.back())) text.remove_suffix(1);
  return text;
}

/// Without C0 controls and spaces at both ends, and without tabs and newlines anywhere; a view of text or of buffer.
std::string_view clean(std::string_view text, std::string& buffer) {
  text = trim(text);
  if (std::ranges::none_of(text, is_tab_or_newline)) return text;
  buffer = text;
  std::erase_if(buffer, is_tab_or_newline);
  return buffer;
}

/// Takes the part behind the first mark off text, the mark itself dropped.
std::optional<std::string_view> take_behind(std::string_view& text, char mark) {
  const std::size_t at = text.find(mark);
  if (at == std::string_view::npos) return std::nullopt;
  const std::string_view behind = text.substr(at + 1);
  text = text.substr(0, at);
  return behind;
}

/// Takes a scheme and its colon off the front of text.
Scheme take_scheme(std::string_view& text) {
  constexpr auto kIsLetter = [](char c) { return lower(c) >= 'a' && lower(c) <= 'z'; };
  if (text.empty() || !kIsLetter(text.front())) return Scheme::none;
  const auto end = std::ranges::find_if_not(
      text, [&](char c) { return kIsLetter(c) || (c >= '0' && c <= '9') || c == '+' || c == '-' || c == '.'; });
  if (end == text.end() || *end != ':') return Scheme::none;
  const auto size = static_cast<std::size_t>(end - text.begin());
  const std::string_view scheme = text.substr(0, size);
  text.remove_prefix(size + 1);
  return equals(scheme, "http") ? Scheme::http : equals(scheme, "https") ? Scheme::https : Scheme::other;
}

std::string_view before_slash(std::string_view text) {
  return {text.begin(), std::ranges::find_if(text, is_slash)};  // find_first_of() is five times as slow
}

/// Takes the authority off the front of text, slashes before it dropped.
std::string_view take_authority(std::string_view& text) {
  text = {std::ranges::find_if_not(text, is_slash), text.end()};
  const std::string_view authority = before_slash(text);
  text.remove_prefix(authority.size());
  return authority;
}

Reference split_reference(std::string_view text, Scheme base) {
  Reference reference;
  const Scheme written = take_scheme(text);
  reference.scheme = written == Scheme::none ? base : written;
  (void)take_behind(text, '#');
  reference.query = take_behind(text, '?');
  // "http:x" below an http base is relative, as is "http:/x"; below another base both name a host.
  const bool names_host = text.size() >= 2 && is_slash(text[0]) && is_slash(text[1]);
  if (reference.scheme != base || names_host) reference.authority = take_authority(text);
  reference.path = text;
  return reference;
}

/// Anything but a normal URL has no scheme.
Base split_base(std::string_view url) {
  Base base;
  std::string_view rest = url;
  base.scheme = take_scheme(rest);
  if (base.scheme == Scheme::other || !rest.starts_with("//")) return {};
  const std::size_t path = std::min(url.find('/', url.size() - rest.size() + 2), url.size());
  const std::size_t query = std::min(url.find('?', path), url.size());
  base.origin = url.substr(0, path);
  base.path = path == url.size() ? std::string_view("/") : url.substr(path, query - path);
  base.query = url.substr(query);
  return base;
}

// --- Writing. Each appends to url.

/// "user:password@" with everything encoded that may not stand there; nothing when both are empty.
void append_userinfo(std::string& url, std::string_view userinfo) {
  const std::string_view password = take_behind(userinfo, ':').value_or("");
  if (userinfo.empty() && password.empty()) return;
  append_percent_encoded(url, userinfo, PercentEncodeSet::userinfo);
  if (!password.empty()) url += ':';
  append_percent_encoded(url, password, PercentEncodeSet::userinfo);
  url += '@';
}

enum class Valid { no, yes };

/// ":81"; nothing for the scheme's own port.
Valid append_port(std::string& url, std::string_view digits, Scheme scheme) {
  if (digits.empty()) return Valid::yes;
  std::uint32_t port = 0;
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), port);
  if (error != std::errc() || end != digits.data() + digits.size() || port > kMaxPort) return Valid::no;
  if (port != (scheme == Scheme::https ? 443U : 80U)) url += ":" + std::to_string(port);
  return Valid::yes;
}

Valid append_origin(std::string& url, Scheme scheme, std::string_view authority) {
  url += scheme_prefix(scheme);
  const std::size_t at = authority.rfind('@');
  if (at != std::string_view::npos) {
    append_userinfo(url, authority.substr(0, at));
    authority.remove_prefix(at + 1);
  }
  // A colon within brackets belongs to the address.
  const std::size_t colon = authority.find(':', authority.starts_with('[') ? authority.find(']') : 0);
  const std::optional<std::string> host = normal_host(authority.substr(0, colon));
  if (!host) return Valid::no;
  url += *host;
  return append_port(url, colon == std::string_view::npos ? "" : authority.substr(colon + 1), scheme);
}

/// "." and "..", also with %2e for a dot: how many dots; 0 for any other segment.
int dots_of(std::string_view segment) {
  int dots = 0;
  for (; !segment.empty(); ++dots) {
    const bool plain = segment[0] == '.';
    if (dots == 2 || (!plain && !equals(segment.substr(0, 3), "%2e"))) return 0;
    segment.remove_prefix(plain ? 1 : 3);
  }
  return dots;
}

/// Appends the segments of path one after another. url ends with '/'; ".." takes the last segment off, down to root.
void append_segments(std::string& url, std::size_t root, std::string_view path) {
  while (true) {
    const std::string_view segment = before_slash(path);
    const int dots = dots_of(segment);
    if (dots == 2 && url.size() > root + 1) url.resize(url.rfind('/', url.size() - 2) + 1);
    if (dots == 0) append_percent_encoded(url, segment, PercentEncodeSet::path);
    if (segment.size() == path.size()) return;
    if (dots == 0) url += '/';
    path.remove_prefix(segment.size() + 1);
  }
}

void append_path(std::string& url, const Base& base, const Reference& reference) {
  const std::size_t root = url.size();
  std::string_view path = reference.path;
  if (reference.authority || (!path.empty() && is_slash(path[0]))) {
    url += '/';
    if (!path.empty()) path.remove_prefix(1);
    append_segments(url, root, path);
  } else if (path.empty()) {
    url += base.path;
  } else {
    url += base.path.substr(0, base.path.rfind('/') + 1);
    append_segments(url, root, path);
  }
}

void append_query(std::string& url, const Base& base, const Reference& reference, const QueryEncoder& encode) {
  if (reference.query) {
    url += '?';
    append_percent_encoded(url, encode ? encode(*reference.query) : *reference.query, PercentEncodeSet::query);
  } else if (!reference.authority && reference.path.empty()) {
    url += base.query;
  }
}

/// An empty base is none.
ResolvedUrl resolve(std::string_view base_url, std::string_view text, const QueryEncoder& encode_query) {
  std::string buffer;
  text = clean(text, buffer);
  const auto failed = [&](Cause cause) { return ResolvedUrl{cause, std::string(text.substr(0, kMaxUrlBytes))}; };

  const Base base = split_base(base_url);
  const Reference reference = split_reference(text, base.scheme);
  if (reference.scheme == Scheme::other) return failed(Cause::unsupported_scheme);
  if (reference.scheme == Scheme::none) return failed(Cause::bad_url);
  if (text.size() > kMaxUrlBytes) return failed(Cause::url_too_long);

  ResolvedUrl resolved;
  resolved.url.reserve(base.origin.size() + base.path.size() + text.size() + 8);
  if (!reference.authority) {
    resolved.url = base.origin;
  } else if (append_origin(resolved.url, reference.scheme, *reference.authority) == Valid::no) {
    return failed(Cause::bad_url);
  }
  append_path(resolved.url, base, reference);
  append_query(resolved.url, base, reference, encode_query);
  if (resolved.url.size() > kMaxUrlBytes) return failed(Cause::url_too_long);
  return resolved;
}

/// What an origin has behind scheme and userinfo, in its two halves.
struct Server {
  std::string_view host;  ///< "example.com", "[::1]".
  std::string_view port;  ///< ":81"; empty for the scheme's own.
};

Server server_of(std::string_view origin) {
  origin.remove_prefix(std::min(origin.find("://") + 3, origin.size()));
  const std::string_view server = origin.substr(origin.rfind('@') + 1);  // npos + 1 is 0
  const std::size_t host_end = server.find(':', server.starts_with('[') ? server.find(']') : 0);
  return {server.substr(0, host_end), server.substr(std::min(host_end, server.size()))};
}

}  // namespace

ResolvedUrl resolve_url(std::string_view base, std::string_view reference, const QueryEncoder& encode_query) {
  return resolve(base, reference, encode_query);
}

std::optional<std::string> normalise_url(std::string_view text) {
  ResolvedUrl resolved = resolve({}, text, {});
  if (resolved.cause != Cause::none) return std::nullopt;
  return std::move(resolved.url);
}

std::string url_host(std::string_view url) { return std::string(server_of(split_base(url).origin).host); }

std::string url_authority(std::string_view url) {
  const Base base = split_base(url);
  const auto [host, port] = server_of(base.origin);
  const std::string_view shown_port = !port.empty() ? port : base.scheme == Scheme::https ? ":443" : ":80";
  return std::string(scheme_prefix(base.scheme)).append(host).append(shown_port);
}

std::string_view url_last_segment(std::string_view url) {
  const std::string_view path = split_base(url).path;
  return path.substr(path.rfind('/') + 1);
}

std::string url_without_userinfo(std::string_view url) {
  const Base base = split_base(url);
  const auto [host, port] = server_of(base.origin);
  return std::string(scheme_prefix(base.scheme)).append(host).append(port).append(base.path).append(base.query);
}

}  // namespace doutu
