#include "shared/http/url.h"

#include <curl/curl.h>

#include <algorithm>
#include <array>
#include <memory>

#include "shared/lane/records.h"

// All knowledge of URLs stands here. Text is taken apart and put together as the WHATWG URL standard (section 4.4, "URL
// parsing") says for special schemes; curl's URL API judges the authority alone, because what it makes of the rest is
// not what browsers make of it (it takes http:/example.com/ to another host).
namespace doutu {
namespace {

struct CurlUrlDeleter {
  void operator()(CURLU* url) const { curl_url_cleanup(url); }
};
using CurlUrl = std::unique_ptr<CURLU, CurlUrlDeleter>;

struct CurlTextDeleter {
  void operator()(char* text) const { curl_free(text); }
};

/// An absolute URL, apart. path begins with '/'; query begins with '?' or is empty.
struct Parts {
  std::string scheme, authority, path, query;
};

constexpr bool is_control_or_space(char c) { return static_cast<unsigned char>(c) <= 0x20; }

constexpr char lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }

std::string lower(std::string text) {
  std::ranges::transform(text, text.begin(), [](char c) { return lower(c); });
  return text;
}

/// C0 controls and spaces at both ends gone, tabs and newlines anywhere.
std::string clean(std::string_view text) {
  while (!text.empty() && is_control_or_space(text.front())) text.remove_prefix(1);
  while (!text.empty() && is_control_or_space(text.back())) text.remove_suffix(1);
  std::string cleaned(text);
  std::erase_if(cleaned, [](char c) { return c == '\t' || c == '\n' || c == '\r'; });
  return cleaned;
}

/// The scheme in front of text, lower-cased and without its colon; empty when there is none.
std::string scheme_of(std::string_view text) {
  constexpr auto kIsLetter = [](char c) { return lower(c) >= 'a' && lower(c) <= 'z'; };
  if (text.empty() || !kIsLetter(text.front())) return {};
  const auto end = std::ranges::find_if_not(
      text, [&](char c) { return kIsLetter(c) || (c >= '0' && c <= '9') || c == '+' || c == '-' || c == '.'; });
  if (end == text.end() || *end != ':') return {};
  return lower(std::string(text.begin(), end));
}

bool is_supported(std::string_view scheme) { return scheme == "http" || scheme == "https"; }

std::string percent_encode(std::string_view text, std::string_view encoded_too) {
  constexpr std::string_view kHex = "0123456789ABCDEF";
  std::string out;
  out.reserve(text.size());
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (byte > 0x20 && byte < 0x7f && encoded_too.find(c) == std::string_view::npos) {
      out += c;
    } else {
      out += {'%', kHex[byte >> 4U], kHex[byte & 0xfU]};
    }
  }
  return out;
}

// WHATWG URL section 1.3: the path, the special-query and the userinfo percent-encode sets beyond controls, space and
// non-ASCII.
constexpr std::string_view kPathEncodes = "\"#<>?^`{}";
constexpr std::string_view kQueryEncodes = "\"#<>'";
constexpr std::string_view kUserinfoEncodes = "\"#<>?^`{}/:;=@[\\]|";

/// International names are refused until they are converted (libidn2); the rest is WHATWG's forbidden set.
constexpr bool is_host_character(char c) {
  return c > 0x20 && c < 0x7f && std::string_view("\"#%/<>?@\\^`{|}").find(c) == std::string_view::npos;
}

std::string with_plain_dots(std::string_view segment) {
  std::string plain;
  for (std::size_t i = 0; i < segment.size(); ++i) {
    const bool dot =
        segment.size() - i >= 3 && segment[i] == '%' && segment[i + 1] == '2' && lower(segment[i + 2]) == 'e';
    plain += dot ? '.' : segment[i];
    if (dot) i += 2;
  }
  return plain;
}

/// Removes "." and ".." segments, also those written with %2e. path begins with '/'.
std::string without_dot_segments(std::string_view path) {
  std::string out;
  for (std::size_t at = 0; at < path.size();) {
    const std::size_t end = std::min(path.find('/', at + 1), path.size());
    const std::string_view segment = path.substr(at + 1, end - at - 1);
    const std::string plain = segment.size() <= 6 ? with_plain_dots(segment) : std::string();
    const bool dots = plain == "." || plain == "..";
    if (plain == "..") out.resize(out.rfind('/') == std::string::npos ? 0 : out.rfind('/'));
    if (!dots) out.append("/").append(segment);
    if (dots && end == path.size()) out += '/';
    at = end;
  }
  return out.empty() ? "/" : out;
}

/// Takes text ("//host/path?query", slashes in front counted for nothing) apart below a scheme.
Parts split_authority(std::string scheme, std::string_view rest) {
  while (rest.starts_with('/')) rest.remove_prefix(1);
  const std::size_t authority_end = std::min(rest.find_first_of("/?"), rest.size());
  const std::string_view tail = rest.substr(authority_end);
  const std::size_t query = std::min(tail.find('?'), tail.size());
  return {std::move(scheme), std::string(rest.substr(0, authority_end)), std::string(tail.substr(0, query)),
          std::string(tail.substr(query))};
}

/// Puts a reference without scheme and authority on top of base.
Parts join(Parts base, std::string_view reference) {
  const std::size_t query = std::min(reference.find('?'), reference.size());
  const std::string_view path = reference.substr(0, query);
  if (path.empty()) {
    if (query != reference.size()) base.query = reference.substr(query);
    return base;
  }
  if (path.starts_with('/')) {
    base.path = path;
  } else {
    base.path.resize(base.path.rfind('/') + 1);
    base.path += path;
  }
  base.query = reference.substr(query);
  return base;
}

std::string part(const CurlUrl& url, CURLUPart what, unsigned int flags = 0) {
  char* text = nullptr;
  if (curl_url_get(url.get(), what, &text, flags) != CURLUE_OK) return {};
  const std::unique_ptr<char, CurlTextDeleter> owner(text);
  return text == nullptr ? std::string() : std::string(text);
}

/// "user:password@" with everything encoded that may not stand there; empty when both are.
std::string normal_userinfo(std::string_view userinfo) {
  const std::size_t colon = std::min(userinfo.find(':'), userinfo.size());
  const std::string user = percent_encode(userinfo.substr(0, colon), kUserinfoEncodes);
  const std::string password = percent_encode(userinfo.substr(std::min(colon + 1, userinfo.size())), kUserinfoEncodes);
  if (user.empty() && password.empty()) return {};
  return user + (password.empty() ? "" : ":" + password) + "@";
}

/// Scheme and authority in their normal form ("http://user@example.com:81"); nullopt for a host or port that is none.
std::optional<std::string> normal_origin(const Parts& parts) {
  const std::string_view authority = parts.authority;
  const std::size_t host_at = authority.rfind('@') + 1;  // npos + 1 is 0
  const CurlUrl url(curl_url());
  const std::string text = parts.scheme + "://" + std::string(authority.substr(host_at)) + "/";
  if (!url || curl_url_set(url.get(), CURLUPART_URL, text.c_str(), 0) != CURLUE_OK) return std::nullopt;
  const std::string host = lower(part(url, CURLUPART_HOST));
  if (host.empty() || !std::ranges::all_of(host, is_host_character)) return std::nullopt;
  const std::string port = part(url, CURLUPART_PORT, CURLU_NO_DEFAULT_PORT);
  const std::string userinfo = normal_userinfo(authority.substr(0, host_at == 0 ? 0 : host_at - 1));
  return parts.scheme + "://" + userinfo + host + (port.empty() ? "" : ":" + port);
}

ResolvedUrl finish(const Parts& parts, std::string_view reference) {
  const auto failed = [&](Cause cause) { return ResolvedUrl{cause, std::string(reference.substr(0, kMaxUrlBytes))}; };
  if (parts.authority.empty() || parts.authority.find('\0') != std::string::npos) return failed(Cause::bad_url);
  if (reference.size() > kMaxUrlBytes) return failed(Cause::url_too_long);
  std::optional<std::string> url = normal_origin(parts);
  if (!url) return failed(Cause::bad_url);
  *url += percent_encode(without_dot_segments(parts.path), kPathEncodes);
  if (!parts.query.empty()) *url += percent_encode(parts.query, kQueryEncodes);
  if (url->size() > kMaxUrlBytes) return failed(Cause::url_too_long);
  return {Cause::none, *std::move(url)};
}

/// base is nullopt where there is none.
ResolvedUrl resolve(const std::optional<Parts>& base, std::string_view reference, const QueryEncoder& encode_query) {
  const std::string cleaned = clean(reference);
  const std::string scheme = scheme_of(cleaned);
  if (!scheme.empty() && !is_supported(scheme)) return {Cause::unsupported_scheme, cleaned.substr(0, kMaxUrlBytes)};

  std::string rest = cleaned.substr(scheme.empty() ? 0 : scheme.size() + 1);
  rest.resize(std::min(rest.find('#'), rest.size()));
  const std::size_t query = rest.find('?');
  if (encode_query && query != std::string::npos)
    rest.replace(query, std::string::npos, encode_query(rest.substr(query)));
  std::replace(rest.begin(), rest.begin() + static_cast<std::ptrdiff_t>(std::min(rest.find('?'), rest.size())), '\\',
               '/');

  // "http:x" below an http base is relative, as is "http:/x"; below another base both name a host.
  const bool has_base = base.has_value() && (scheme.empty() || scheme == base->scheme);
  if (has_base && !rest.starts_with("//")) return finish(join(*base, rest), cleaned);
  if (scheme.empty() && !has_base) return {Cause::bad_url, cleaned.substr(0, kMaxUrlBytes)};
  return finish(split_authority(scheme.empty() ? base->scheme : scheme, rest), cleaned);
}

/// A URL in its normal form, apart.
Parts split_normal(std::string_view url) {
  const std::size_t colon = std::min(url.find(':'), url.size());
  return split_authority(std::string(url.substr(0, colon)), url.substr(std::min(colon + 1, url.size())));
}

std::string_view without_userinfo(std::string_view authority) {
  const std::size_t at = authority.rfind('@');
  return at == std::string_view::npos ? authority : authority.substr(at + 1);
}

}  // namespace

ResolvedUrl resolve_url(std::string_view base, std::string_view reference, const QueryEncoder& encode_query) {
  return resolve(split_normal(base), reference, encode_query);
}

std::optional<std::string> normalise_url(std::string_view text) {
  ResolvedUrl resolved = resolve(std::nullopt, text, {});
  if (resolved.cause != Cause::none) return std::nullopt;
  return std::move(resolved.url);
}

std::string url_host(std::string_view url) {
  const std::string authority = split_normal(url).authority;
  const std::string_view host = without_userinfo(authority);
  const std::size_t end = host.starts_with('[') ? host.find(']') + 1 : host.find(':');
  return std::string(host.substr(0, end));
}

std::string url_authority(std::string_view url) {
  const Parts parts = split_normal(url);
  const std::string host = url_host(url);
  std::string_view port = without_userinfo(parts.authority).substr(host.size());
  if (port.empty()) port = parts.scheme == "https" ? ":443" : ":80";
  return parts.scheme + "://" + host + std::string(port);
}

std::string_view url_last_segment(std::string_view url) {
  url = url.substr(0, url.find_first_of("?#"));
  const std::size_t scheme_end = url.find("://");
  if (scheme_end != std::string_view::npos) url.remove_prefix(scheme_end + 3);
  const std::size_t slash = url.rfind('/');
  return slash == std::string_view::npos ? std::string_view() : url.substr(slash + 1);
}

std::string url_without_userinfo(std::string_view url) {
  const Parts parts = split_normal(url);
  return parts.scheme + "://" + std::string(without_userinfo(parts.authority)) + parts.path + parts.query;
}

}  // namespace doutu
