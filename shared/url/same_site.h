// Whether two hosts belong to one site, as far as their names say it. Pure; any thread.
#pragma once

#include <string_view>

namespace doutu {

/// Equal, or one is a subdomain of the other: "example.com" and "img.example.com", but not "a.example.com" and
/// "b.example.com". Hosts as url_host() returns them. No list of public suffixes is needed: no page is served from one.
[[nodiscard]] bool is_same_site(std::string_view host, std::string_view other);

}  // namespace doutu
