#include <string>

#include "shared/cookies/cookie_jar.h"
#include "shared/cookies/cookie_line.h"
#include "shared/cookies/netscape_file.h"
#include "shared/cookies/set_cookie.h"
#include "shared/url/url.h"
#include "tests/fuzz/input.h"

namespace doutu {
namespace {

constexpr std::int64_t kNow = 1'700'000'000'000;

/// What holds for each cookie, wherever it comes from.
void check(const Cookie& cookie) {
  DOUTU_CHECK(is_well_formed(cookie));
  DOUTU_CHECK(cookie.expires <= kNow / 1000 + kMaxCookieAge);
  DOUTU_CHECK(read_cookie_line(cookie_line(cookie)) == cookie);
}

/// No byte in it may end a header.
bool is_one_line(const std::string& text) {
  return std::ranges::none_of(text, [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7f; });
}

}  // namespace

/// Input: a line with the URL of the answer, then the values of headers, one a line.
int fuzz_set_cookie(FuzzInput input) {
  const auto url = normalise_url(take_text(input, '\n'));
  if (!url) return 0;
  CookieJar jar;
  while (!input.empty()) {
    const bool from_other_site = (take_byte(input) & 1U) != 0;
    const auto cookie =
        read_set_cookie(take_text(input, '\n'), {.url = *url, .now_ms = kNow, .from_other_site = from_other_site});
    if (!cookie) continue;
    check(*cookie);
    DOUTU_CHECK(may_be_set_by(*cookie, url_host(*url)));
    jar.put(*cookie, kNow);
  }
  DOUTU_CHECK(is_one_line(jar.header_for(*url, kNow, CookieJar::From::page)));
  return 0;
}

/// Input: the file.
int fuzz_cookie_file(FuzzInput input) {
  const NetscapeCookies read = read_netscape_cookies(text_of(input), kNow);
  DOUTU_CHECK(read.odd_lines.size() <= read.odd_count);
  for (const Cookie& cookie : read.cookies) {
    check(cookie);
    DOUTU_CHECK(!has_expired(cookie, kNow));
  }
  const NetscapeCookies again = read_netscape_cookies(netscape_cookies_text(read.cookies), kNow);
  DOUTU_CHECK(again.cookies == read.cookies && again.odd_count == 0);
  if (const auto line = read_cookie_line(text_of(input))) DOUTU_CHECK(cookie_line(*line) == text_of(input));
  return 0;
}

}  // namespace doutu
