#include "shared/cookies/cookie.h"

#include <algorithm>

#include "shared/base/whitespace.h"
#include "shared/cookies/site.h"
#include "shared/url/url_host.h"

namespace doutu {
namespace {

constexpr std::size_t kMaxHostBytes = 255;

/// Such a byte would end a header or a line, or part a cookie from the next one.
bool is_foreign(char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7f || c == ';'; }

bool is_clean(std::string_view text) { return std::ranges::none_of(text, is_foreign) && trim(text, " ") == text; }

/// URLs may have a host with a dot before it. As a domain it would stand for those below.
bool is_host(std::string_view domain) {
  return domain.size() <= kMaxHostBytes && !domain.starts_with('.') && normal_host(domain) == domain;
}

}  // namespace

bool is_well_formed(const Cookie& cookie) {
  return is_clean(cookie.name) && cookie.name.find('=') == std::string::npos && is_clean(cookie.value) &&
         !(cookie.name.empty() && cookie.value.empty()) &&
         cookie.name.size() + cookie.value.size() <= kMaxCookieBytes && is_clean(cookie.path) &&
         cookie.path.starts_with('/') && cookie.path.size() <= kMaxCookieAttributeBytes && is_host(cookie.domain) &&
         cookie.expires >= 0 && cookie.created >= 0;
}

bool has_expired(const Cookie& cookie, std::int64_t now_ms) {
  return cookie.expires != 0 && cookie.expires <= now_ms / 1000;
}

bool domain_matches(std::string_view url_host, std::string_view domain) {
  if (url_host == domain) return true;
  return url_host.size() > domain.size() && url_host.ends_with(domain) &&
         url_host[url_host.size() - domain.size() - 1] == '.' && !domain.empty() && !is_address(url_host);
}

bool path_matches(std::string_view url_path, std::string_view cookie_path) {
  if (!url_path.starts_with(cookie_path)) return false;
  return url_path.size() == cookie_path.size() || cookie_path.ends_with('/') || url_path[cookie_path.size()] == '/';
}

bool is_for_host(const Cookie& cookie, std::string_view url_host) {
  return cookie.host_only ? url_host == cookie.domain : domain_matches(url_host, cookie.domain);
}

bool may_be_set_by(const Cookie& cookie, std::string_view url_host) {
  return is_for_host(cookie, url_host) && (cookie.host_only || !is_public_suffix(cookie.domain));
}

std::string cookie_key(const Cookie& cookie) {
  return cookie.name + '\t' + cookie.domain + (cookie.host_only ? "\t\t" : "\t.\t") + cookie.path;
}

}  // namespace doutu
