// Where the parts of a URL begin and end. What resolve_url() reads with; nothing else needs it. Pure, over views; any
// thread.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace doutu {

enum class UrlScheme { none, http, https, other };

/// A reference as a page makes it, apart, without fragment. What is nullopt is not written there.
struct SplitReference {
  UrlScheme scheme = UrlScheme::none;  ///< The base's where none is written.
  std::optional<std::string_view> authority;
  std::string_view path;
  std::optional<std::string_view> query;  ///< Without its '?'.
};

/// text is clean. "http:x" below an http base is relative, as is "http:/x"; below another base both name a host.
[[nodiscard]] SplitReference split_reference(std::string_view text, UrlScheme base);

/// A URL that resolve_url() returned, apart: origin, path and query are the URL again. A scheme of none: it is no such.
struct SplitUrl {
  UrlScheme scheme = UrlScheme::none;
  std::string_view origin;  ///< "http://user@example.com:81".
  std::string_view host;    ///< "example.com", "[::1]".
  std::string_view port;    ///< ":81"; empty for the scheme's own.
  std::string_view path;    ///< Begins with '/'.
  std::string_view query;   ///< Begins with '?', or is empty.
};

[[nodiscard]] SplitUrl split_url(std::string_view url);
[[nodiscard]] std::string_view port_of(const SplitUrl& url);  ///< ":443" where none is written.
[[nodiscard]] bool is_same_origin(const SplitUrl& a, const SplitUrl& b);

/// Without C0 controls and spaces at both ends, and without tabs and newlines anywhere; a view of text or of buffer.
[[nodiscard]] std::string_view clean_reference(std::string_view text, std::string& buffer);

/// Takes the part behind the first mark off text, the mark itself dropped.
std::optional<std::string_view> take_behind(std::string_view& text, char mark);

/// Whether c parts the segments of a path.
[[nodiscard]] constexpr bool is_slash(char c) { return c == '/' || c == '\\'; }
/// What text has before its first slash.
[[nodiscard]] std::string_view before_slash(std::string_view text);

}  // namespace doutu
