#include "shared/url/url.h"

#include <algorithm>
#include <charconv>

#include "shared/base/ascii.h"
#include "shared/url/max_url_bytes.h"
#include "shared/url/percent_encode.h"
#include "shared/url/url_host.h"
#include "shared/url/url_split.h"

// The "URL parsing" of the WHATWG URL standard (section 4.4) for special schemes, without its state machine: text is
// split into views first, and what is new of the result is written once. curl's URL API is not asked: what it makes of
// references is not what browsers make of them (it takes http:/example.com/ to another host).
namespace doutu {
namespace {

constexpr std::uint32_t kMaxPort = 65'535;

std::string_view scheme_prefix(UrlScheme scheme) { return scheme == UrlScheme::https ? "https://" : "http://"; }

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
Valid append_port(std::string& url, std::string_view digits, UrlScheme scheme) {
  if (digits.empty()) return Valid::yes;
  std::uint32_t port = 0;
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), port);
  if (error != std::errc() || end != digits.data() + digits.size() || port > kMaxPort) return Valid::no;
  if (port != (scheme == UrlScheme::https ? 443U : 80U)) url += ":" + std::to_string(port);
  return Valid::yes;
}

Valid append_origin(std::string& url, UrlScheme scheme, std::string_view authority) {
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
    if (dots == 2 || (!plain && !equals_ignoring_case(segment.substr(0, 3), "%2e"))) return 0;
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

void append_path(std::string& url, const SplitUrl& base, const SplitReference& reference) {
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

void append_query(std::string& url, const SplitUrl& base, const SplitReference& reference, const QueryEncoder& encode) {
  if (reference.query) {
    url += '?';
    append_percent_encoded(url, encode ? encode(*reference.query) : *reference.query, PercentEncodeSet::query);
  } else if (!reference.authority && reference.path.empty()) {
    url += base.query;
  }
}

}  // namespace

ResolvedUrl resolve_url(std::string_view base_url, std::string_view text, const QueryEncoder& encode_query) {
  std::string buffer;
  text = clean_reference(text, buffer);
  const auto failed = [&](Cause cause) { return ResolvedUrl{cause, std::string(text.substr(0, kMaxUrlBytes))}; };

  const SplitUrl base = split_url(base_url);
  const SplitReference reference = split_reference(text, base.scheme);
  if (reference.scheme == UrlScheme::other) return failed(Cause::unsupported_scheme);
  if (reference.scheme == UrlScheme::none) return failed(Cause::bad_url);
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

std::optional<std::string> normalise_url(std::string_view text) {
  ResolvedUrl resolved = resolve_url({}, text);
  if (resolved.cause != Cause::none) return std::nullopt;
  return std::move(resolved.url);
}

std::string url_host(std::string_view url) { return std::string(split_url(url).host); }

std::uint16_t url_port(std::string_view text) {
  const std::string_view digits = port_of(split_url(text)).substr(1);
  std::uint16_t port = 0;
  std::from_chars(digits.data(), digits.data() + digits.size(), port);
  return port;
}

std::string_view url_origin(std::string_view url) { return url.substr(0, url.find('/', url.find("://") + 3)); }

std::string url_authority(std::string_view text) {
  const SplitUrl url = split_url(text);
  return std::string(scheme_prefix(url.scheme)).append(url.host).append(port_of(url));
}

std::string_view url_last_segment(std::string_view url) {
  const std::string_view path = split_url(url).path;
  return path.substr(path.rfind('/') + 1);
}

std::string url_without_userinfo(std::string_view text) {
  const SplitUrl url = split_url(text);
  return std::string(scheme_prefix(url.scheme)).append(url.host).append(url.port).append(url.path).append(url.query);
}

}  // namespace doutu
