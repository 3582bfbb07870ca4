// Which hosts are one site by the list of public suffixes (publicsuffix.org) that libpsl has built in: no file is read.
// Pure; any thread.
//
// is_same_site() in shared/url/same_site.h is another question, about two hosts alone and without a list.
#pragma once

#include <string>
#include <string_view>

namespace doutu {

/// The registrable domain of a host as url_host() says it: "example.co.uk" of "img.example.co.uk". The host itself when
/// it is an address, a single label, or a public suffix.
[[nodiscard]] std::string site_of(std::string_view url_host);

/// "co.uk", "github.io", and any single label. No address is one.
[[nodiscard]] bool is_public_suffix(std::string_view url_host);

/// Whether a host is an IP address.
[[nodiscard]] bool is_address(std::string_view url_host);

/// RFC 6265bis section 5.2: two normalised URLs of one scheme, whose hosts are one site.
[[nodiscard]] bool are_same_site_urls(std::string_view url, std::string_view other);

}  // namespace doutu
