#include "crawler/cookies/crawl_cookies.h"

#include <xxhash.h>

#include <algorithm>
#include <span>
#include <utility>

#include "shared/base/clock.h"
#include "shared/base/hex.h"
#include "shared/cookies/cookie_file.h"
#include "shared/cookies/cookie_line.h"
#include "shared/cookies/cookie_scope.h"
#include "shared/cookies/set_cookie.h"
#include "shared/url/url.h"

namespace doutu {
namespace {

/// Of a host, in a message. Servers take 8 to 16 KiB of them.
constexpr std::size_t kMaxBytes = std::size_t{32} * 1024;

std::string lines_of(const std::vector<Cookie>& cookies) {
  std::string lines;
  for (const Cookie& cookie : cookies) {
    const std::string line = cookie_line(cookie);
    if (lines.size() + line.size() >= kMaxBytes) break;
    lines.append(line).push_back('\n');
  }
  return lines;
}

/// Stands for these cookies, and tells nothing of them.
std::string mark_of(std::vector<Cookie> given) {
  std::string lines;
  std::ranges::sort(given, {}, [](const Cookie& cookie) { return cookie_line(cookie); });
  for (Cookie& cookie : given) {
    cookie.created = 0;
    lines.append(cookie_line(cookie)).push_back('\n');
  }
  XXH128_canonical_t digest;
  XXH128_canonicalFromHash(&digest, XXH3_128bits(lines.data(), lines.size()));
  return hex(std::as_bytes(std::span(digest.digest)));
}

}  // namespace

CrawlCookies::CrawlCookies(std::vector<Cookie> given) {
  for (Cookie& cookie : given) put(std::move(cookie));
}

Result<CrawlCookies> CrawlCookies::begin(const StateFolder& folder, std::vector<Cookie> given) {
  CookieFile file = folder.is_private() ? read_cookie_file(folder) : CookieFile();
  CrawlCookies cookies(std::move(file.cookies));
  if (given.empty()) return cookies;
  std::string mark = mark_of(given);
  if (mark == file.imported) return cookies;
  for (Cookie& cookie : given) cookies.put(std::move(cookie));
  if (!folder.is_private()) return cookies;
  if (Status written = write_cookie_file(folder, {cookies.jar_.all(), std::move(mark)}); !written) {
    return std::move(written).error();
  }
  return cookies;
}

std::vector<Message> CrawlCookies::set_by_login(const std::vector<CookieOf>& set, std::string_view url) {
  std::vector<Message> known;
  for (const CookieOf& one : set) {
    const auto of = normalise_url(one.url);
    if (!of || !is_in_cookie_scope(*of, url)) continue;
    auto cookie = read_set_cookie(one.value, {*of, wall_milliseconds(), false});
    if (!cookie) continue;
    known.emplace_back(CookieKnown{cookie_line(*cookie)});
    of_login_.insert_or_assign(cookie_key(*cookie), cookie_line(*cookie));
    put(*std::move(cookie));
  }
  return known;
}

void CrawlCookies::put(Cookie cookie) { (void)jar_.put(std::move(cookie), wall_milliseconds()); }

void CrawlCookies::know(std::string_view line) {
  auto cookie = read_cookie_line(line);
  if (!cookie) return;
  of_login_.erase(cookie_key(*cookie));
  put(*std::move(cookie));
}

std::string CrawlCookies::for_page(std::string_view url) const {
  return jar_.empty() ? std::string() : lines_of(jar_.for_host(url_host(url), wall_milliseconds()));
}

std::optional<std::string> CrawlCookies::for_redirect(std::string_view url, std::string_view page) const {
  const auto target = normalise_url(url);
  if (!target || !is_in_cookie_scope(*target, page)) return std::nullopt;
  return for_page(*target);
}

void CrawlCookies::begin_again(const StateFolder& folder) {
  if (!folder.is_private()) return;
  jar_ = {};
  for (Cookie& cookie : read_cookie_file(folder).cookies) put(std::move(cookie));
  for (const auto& [key, line] : of_login_) {
    if (auto cookie = read_cookie_line(line)) put(*std::move(cookie));
  }
}

std::vector<std::string> CrawlCookies::lines_for_downloader(const StateFolder& folder) const {
  std::vector<std::string> lines;
  if (folder.is_private()) {
    for (const auto& [key, line] : of_login_) lines.push_back(line);
  } else {
    for (const Cookie& cookie : jar_.all()) lines.push_back(cookie_line(cookie));
  }
  return lines;
}

}  // namespace doutu
