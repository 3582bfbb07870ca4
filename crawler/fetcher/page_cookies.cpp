#include "crawler/fetcher/page_cookies.h"

#include <algorithm>

#include "shared/base/clock.h"
#include "shared/cookies/cookie_line.h"
#include "shared/cookies/cookie_scope.h"
#include "shared/cookies/set_cookie.h"
#include "shared/crawl/records.h"
#include "shared/url/url.h"

namespace doutu {
namespace {

void put_lines(CookieJar& jar, std::string_view lines) {
  while (!lines.empty()) {
    const std::string_view line = lines.substr(0, lines.find('\n'));
    lines.remove_prefix(std::min(lines.size(), line.size() + 1));
    if (auto cookie = read_cookie_line(line)) (void)jar.put(*std::move(cookie), wall_milliseconds());
  }
}

}  // namespace

void PageCookies::begin(std::string_view page, std::string_view cookies) {
  page_ = page;
  jar_ = {};
  own_.clear();
  lasting_.clear();
  known_hosts_ = {url_host(page)};
  put_lines(jar_, cookies);
}

std::string PageCookies::header_for(const std::string& url) {
  if (!is_used_) return {};
  ask_about(url);
  return jar_.empty() ? std::string() : jar_.header_for(url, wall_milliseconds(), CookieJar::From::page);
}

/// What the answers have set since is newer than what the parent knows.
void PageCookies::ask_about(const std::string& url) {
  if (!ask_ || !known_hosts_.insert(url_host(url)).second || !is_in_cookie_scope(url, page_)) return;
  put_lines(jar_, ask_(url));
  for (const Cookie& cookie : own_) (void)jar_.put(cookie, wall_milliseconds());
}

void PageCookies::set(const std::string& url, std::string_view value) {
  if (!is_used_ || value.size() > kMaxSetCookieBytes) return;
  auto cookie = read_set_cookie(value, {url, wall_milliseconds(), false});
  if (!cookie) return;
  own_.push_back(*cookie);
  (void)jar_.put(*std::move(cookie), wall_milliseconds());
  if (lasting_.size() < kMaxCookiesOfPage && is_in_cookie_scope(url, page_))
    lasting_.push_back({url, std::string(value)});
}

}  // namespace doutu
