// URLs of http and https, as text that is absolute, normalised and without a fragment. Any thread.
#pragma once

#include <cstdint>
#include <functional>
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

/// Writes a query in the encoding of its page: returns the bytes of utf8 in that encoding, a character that the
/// encoding lacks as "%26%23NNNN%3B" (WHATWG URL 1.3, "percent-encode after encoding"). What may not stand in a query
/// is encoded from those bytes afterwards.
using QueryEncoder = std::function<std::string(std::string_view utf8)>;

/// Resolves reference against base (an absolute http or https URL, normal) as browsers do (WHATWG URL section 4.4):
/// trims white space and C0 controls, drops tabs and newlines inside, reads '\' as '/', percent-encodes what may not
/// stand in a URL, gives the host its one spelling (url_host.h), removes dot segments and default ports, drops the
/// fragment. encode_query is for pages that are not UTF-8; empty means UTF-8.
/// 0.15 to 0.3 us for what pages mostly write, a tenth of what curl's URL API takes (tests/bench/url_bench.cpp).
[[nodiscard]] ResolvedUrl resolve_url(std::string_view base, std::string_view reference,
                                      const QueryEncoder& encode_query = {});

/// The same without a base; nullopt when text is no absolute http or https URL.
[[nodiscard]] std::optional<std::string> normalise_url(std::string_view text);

/// Parts of a URL that resolve_url() or normalise_url() returned.
[[nodiscard]] std::string url_host(std::string_view url);         ///< "example.com", "[::1]".
[[nodiscard]] std::uint16_t url_port(std::string_view url);       ///< 80 or 443 where none is written.
[[nodiscard]] std::string_view url_origin(std::string_view url);  ///< What stands before its path.
[[nodiscard]] std::string url_authority(std::string_view url);    ///< Scheme, host and port: "https://example.com:443".
[[nodiscard]] std::string_view url_last_segment(std::string_view url);  ///< "a%20b.jpg"; empty for "/x/".
[[nodiscard]] std::string url_without_userinfo(std::string_view url);

}  // namespace doutu
