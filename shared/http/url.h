// URLs of http and https, as text that is absolute, normalised and without a fragment. Any thread.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "shared/base/cause.h"

namespace doutu {

/// A reference that a page makes, resolved. On Cause::none, url is the absolute URL; on bad_url, url_too_long and
/// unsupported_scheme it is the reference as the page wrote it, trimmed, at most kMaxUrlBytes of it.
struct ResolvedUrl {
  Cause cause = Cause::none;
  std::string url;
};

/// Resolves reference against base (an absolute http or https URL): trims white space and C0 controls, drops tabs and
/// newlines inside, reads '\' as '/', percent-encodes what may not stand in a URL, lower-cases scheme and host, removes
/// dot segments and default ports, drops the fragment.
[[nodiscard]] ResolvedUrl resolve_url(std::string_view base, std::string_view reference);

/// The same without a base; nullopt when text is no absolute http or https URL.
[[nodiscard]] std::optional<std::string> normalise_url(std::string_view text);

/// Parts of a URL that resolve_url() or normalise_url() returned.
[[nodiscard]] std::string url_host(std::string_view url);       ///< "example.com", "[::1]".
[[nodiscard]] std::string url_authority(std::string_view url);  ///< Scheme, host and port: "https://example.com:443".
[[nodiscard]] std::string_view url_last_segment(std::string_view url);  ///< "a%20b.jpg"; empty for "/x/".
[[nodiscard]] std::string url_without_userinfo(std::string_view url);   ///< For the Referer header.

}  // namespace doutu
