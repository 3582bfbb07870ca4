#include "shared/base/cause.h"

#include <array>
#include <charconv>

#include "shared/base/enum_table.h"

namespace doutu {
namespace {

enum class Retry { never, later };

struct Row {
  Cause key;
  std::string_view name;
  Retry retry;
  std::string_view words;
};

constexpr EnumTable kRows{std::to_array<Row>({
    {Cause::none, "", Retry::never, "it is there"},
    {Cause::http_status, "http", Retry::later, "the server answered"},
    {Cause::dns_failure, "dns-failure", Retry::later, "the host name cannot be resolved"},
    {Cause::connection_refused, "connection-refused", Retry::later, "the server refuses connections"},
    {Cause::unreachable, "unreachable", Retry::later, "the server cannot be reached"},
    {Cause::connect_timeout, "connect-timeout", Retry::later, "the server did not accept the connection in time"},
    {Cause::connection_lost, "connection-lost", Retry::later, "the server closed the connection too early"},
    {Cause::tls_failure, "tls-failure", Retry::never, "a TLS connection failed"},
    {Cause::tls_unknown_issuer, "tls-unknown-issuer", Retry::never,
     "the server's certificate is self-signed, or its issuer is unknown"},
    {Cause::tls_wrong_name, "tls-wrong-name", Retry::never, "the server's certificate is for another name"},
    {Cause::tls_expired, "tls-expired", Retry::never, "the server's certificate has expired, or is not valid yet"},
    {Cause::tls_missing, "tls-missing", Retry::never, "the server does not speak TLS"},
    {Cause::timeout, "timeout", Retry::later, "the transfer took too long"},
    {Cause::stalled, "stalled", Retry::later, "the transfer was too slow for too long"},
    {Cause::truncated, "truncated", Retry::later, "fewer bytes came than announced"},
    {Cause::bad_response, "bad-response", Retry::later, "the answer is not valid HTTP"},
    {Cause::too_many_redirects, "too-many-redirects", Retry::never, "too many redirects"},
    {Cause::bad_redirect, "bad-redirect", Retry::never, "a redirect to something other than an http or https URL"},
    {Cause::insecure_redirect, "insecure-redirect", Retry::never, "a redirect from https to http (see --insecure)"},
    {Cause::private_address, "private-address", Retry::never, "the address is private (see --allow-private)"},
    {Cause::blocked_port, "blocked-port", Retry::never, "browsers never use this port (mail, SSH ...)"},
    {Cause::robots, "robots", Retry::never, "the server's robots.txt forbids it (see --no-robots)"},
    {Cause::proxy_dns_failure, "proxy-dns-failure", Retry::later, "the host name of the proxy cannot be resolved"},
    {Cause::proxy_unreachable, "proxy-unreachable", Retry::later, "the proxy cannot be reached"},
    {Cause::proxy_login, "proxy-login", Retry::never, "the proxy needs a valid user and password (see --proxy)"},
    {Cause::proxy_failure, "proxy-failure", Retry::later, "the proxy did not forward the request"},
    {Cause::empty_body, "empty-body", Retry::later, "the answer is empty"},
    {Cause::too_large, "too-large", Retry::never, "larger than the limit"},
    {Cause::not_an_image, "not-an-image", Retry::never, "the answer is not an image"},
    {Cause::html_not_image, "html-not-image", Retry::never, "the answer is a web page, not an image"},
    {Cause::incomplete_image, "incomplete-image", Retry::later, "the image ends too early"},
    {Cause::damaged_image, "damaged-image", Retry::never, "the image is damaged"},
    {Cause::too_many_pixels, "too-many-pixels", Retry::never, "the image has more pixels than the limit"},
    {Cause::bad_url, "bad-url", Retry::never, "the link is not a URL"},
    {Cause::url_too_long, "url-too-long", Retry::never, "the URL is too long"},
    {Cause::unsupported_scheme, "unsupported-scheme", Retry::never, "the link is neither http nor https"},
    {Cause::page_too_large, "page-too-large", Retry::never, "the page is larger than the limit"},
    {Cause::too_many_hits, "too-many-hits", Retry::never, "the page has more hits, or longer URLs, than the limits"},
    {Cause::page_unreadable, "page-unreadable", Retry::never, "the page cannot be parsed"},
    {Cause::bad_json, "bad-json", Retry::later, "the JSON of the page is cut off or not valid"},
    {Cause::not_a_list, "not-a-list", Retry::never, "the page is neither a sitemap nor a feed"},
    {Cause::page_too_complex, "page-too-complex", Retry::never, "the markup of the page needs too much memory"},
    {Cause::xpath_limit, "xpath-limit", Retry::never, "the XPath needs too many steps on this page"},
    {Cause::page_too_slow, "page-too-slow", Retry::never, "the page exceeded its deadline"},
    {Cause::page_kills_fetcher, "page-kills-fetcher", Retry::never, "the fetcher died several times on this page"},
    {Cause::login_needed, "login-needed", Retry::later, "the page leads to the login (see --before)"},
    {Cause::bad_records, "bad-records", Retry::later, "the fetcher's records do not match their count"},
    {Cause::host_limit, "host-limit", Retry::never, "its host has sent as much as --max-host-bytes allows"},
    {Cause::image_kills_downloader, "image-kills-downloader", Retry::never,
     "the downloader died several times on this image"},
    {Cause::internal_error, "internal-error", Retry::later, "an error inside doutu; see the log"},
})};
static_assert(kRows.size() == kCauseCount);

}  // namespace

std::string cause_name(Cause cause, int http_status) {
  std::string name(kRows[cause].name);
  if (cause == Cause::http_status) name += "-" + std::to_string(http_status);
  return name;
}

std::optional<NamedCause> cause_from_name(std::string_view name) {
  constexpr std::string_view kHttp = "http-";
  if (name.starts_with(kHttp)) {
    const char* const end = name.data() + name.size();
    NamedCause named{Cause::http_status, 0};
    const auto [rest, error] = std::from_chars(name.data() + kHttp.size(), end, named.http_status);
    if (error != std::errc() || rest != end) return std::nullopt;
    return named;
  }
  for (const Row& row : kRows) {
    if (row.key != Cause::none && row.key != Cause::http_status && row.name == name) return NamedCause{row.key, 0};
  }
  return std::nullopt;
}

std::optional<Cause> cause_from_number(std::uint32_t number) {
  if (number >= kCauseCount) return std::nullopt;
  return static_cast<Cause>(number);
}

std::string cause_text(Cause cause, int http_status) {
  std::string words(kRows[cause].words);
  if (cause == Cause::http_status) words += " " + std::to_string(http_status);
  return words;
}

bool is_temporary(Cause cause, int http_status) {
  if (cause != Cause::http_status) return kRows[cause].retry == Retry::later;
  if (http_status == 408 || http_status == 425 || http_status == 429) return true;
  return http_status >= 500 && http_status != 501 && http_status != 505;
}

bool is_out_of_reach(Cause cause) {
  switch (cause) {
    case Cause::dns_failure:
    case Cause::connection_refused:
    case Cause::unreachable:
    case Cause::connect_timeout:
    case Cause::proxy_dns_failure:
    case Cause::proxy_unreachable:
      return true;
    default:
      return false;
  }
}

}  // namespace doutu
