#include "shared/url/same_site.h"

namespace doutu {
namespace {

/// "com" and "localhost" are nobody's site; numbers of an address are no domains.
bool is_below(std::string_view host, std::string_view domain) {
  return host.size() > domain.size() + 1 && host.ends_with(domain) && host[host.size() - domain.size() - 1] == '.' &&
         domain.find('.') != std::string_view::npos;
}

}  // namespace

bool is_same_site(std::string_view host, std::string_view other) {
  return host == other || is_below(host, other) || is_below(other, host);
}

}  // namespace doutu
