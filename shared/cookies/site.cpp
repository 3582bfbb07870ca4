#include "shared/cookies/site.h"

#include <libpsl.h>

#include "shared/url/ip_text.h"
#include "shared/url/url_split.h"

namespace doutu {
namespace {

/// A name with a dot behind it is another host than the one without, of a site of its own; the list has no such dots.
std::string_view final_dot(std::string_view host) { return host.ends_with('.') ? host.substr(host.size() - 1) : ""; }

}  // namespace

bool is_address(std::string_view url_host) { return url_host.starts_with('[') || ends_in_number(url_host); }

std::string site_of(std::string_view url_host) {
  if (is_address(url_host)) return std::string(url_host);
  const std::string_view dot = final_dot(url_host);
  const std::string name(url_host.substr(0, url_host.size() - dot.size()));
  const char* const domain = psl_registrable_domain(psl_builtin(), name.c_str());
  if (domain == nullptr) return std::string(url_host);
  return std::string(domain).append(dot);
}

bool is_public_suffix(std::string_view url_host) {
  if (is_address(url_host)) return false;
  const std::string name(url_host.substr(0, url_host.size() - final_dot(url_host).size()));
  return psl_is_public_suffix(psl_builtin(), name.c_str()) == 1;
}

bool are_same_site_urls(std::string_view url, std::string_view other) {
  const SplitUrl a = split_url(url);
  const SplitUrl b = split_url(other);
  return a.scheme == b.scheme && (a.host == b.host || site_of(a.host) == site_of(b.host));
}

}  // namespace doutu
