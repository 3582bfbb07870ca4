#include "shared/cookies/cookie_jar.h"

#include <algorithm>
#include <iterator>
#include <limits>
#include <utility>

#include "shared/cookies/site.h"
#include "shared/url/url_split.h"

namespace doutu {
namespace {

constexpr std::int64_t kNever = std::numeric_limits<std::int64_t>::max();

bool is_same_cookie(const Cookie& a, const Cookie& b) {
  return a.name == b.name && a.domain == b.domain && a.host_only == b.host_only && a.path == b.path;
}

/// RFC section 5.7, the step of "leave secure cookies alone": also a cookie of a domain above or below, for a path
/// above, may be what a request takes `added` for.
bool would_cover(const Cookie& added, const Cookie& secure) {
  return secure.secure && added.name == secure.name && path_matches(added.path, secure.path) &&
         (domain_matches(added.domain, secure.domain) || domain_matches(secure.domain, added.domain));
}

bool may_go_to_other_site(const Cookie& cookie) {
  return cookie.same_site == SameSite::given || (cookie.same_site == SameSite::none && cookie.secure);
}

void append(std::string& header, const Cookie& cookie) {
  if (!header.empty()) header += "; ";
  if (!cookie.name.empty()) header.append(cookie.name).append("=");
  header += cookie.value;
}

}  // namespace

CookieJar::CookieJar() : next_end_(kNever) {}

bool CookieJar::put(Cookie cookie, std::int64_t now_ms) {
  const std::string site = site_of(cookie.domain);
  const Of& others = of_site(cookie.domain);
  if (cookie.set_over_http &&
      std::ranges::any_of(others, [&](const auto& other) { return would_cover(cookie, other->second); })) {
    return false;
  }
  const auto old =
      std::ranges::find_if(others, [&](const auto& other) { return is_same_cookie(cookie, other->second); });
  const bool replaces = old != others.end();
  if (has_expired(cookie, now_ms)) {
    if (replaces) erase(*old);
    return replaces;
  }
  if (!replaces) {
    insert(std::move(cookie));
    make_room(site, now_ms);
    return true;
  }
  cookie.created = (*old)->second.created;
  if (cookie == (*old)->second) return false;
  if (cookie.expires != 0) next_end_ = std::min(next_end_, cookie.expires);
  (*old)->second = std::move(cookie);
  return true;
}

std::string CookieJar::header_for(std::string_view text, std::int64_t now_ms, From from) const {
  const SplitUrl url = split_url(text);
  std::vector<const Cookie*> sent;
  for (const auto& entry : of_site(url.host)) {
    const Cookie& cookie = entry->second;
    if (is_for_host(cookie, url.host) && path_matches(url.path, cookie.path) && !has_expired(cookie, now_ms) &&
        (!cookie.secure || url.scheme == UrlScheme::https) && (from == From::page || may_go_to_other_site(cookie))) {
      sent.push_back(&cookie);
    }
  }
  std::ranges::stable_sort(sent, std::ranges::greater(), [](const Cookie* cookie) { return cookie->path.size(); });
  std::string header;
  for (const Cookie* cookie : sent) append(header, *cookie);
  return header;
}

std::vector<Cookie> CookieJar::for_host(std::string_view url_host, std::int64_t now_ms) const {
  std::vector<Cookie> found;
  for (const auto& entry : of_site(url_host)) {
    const Cookie& cookie = entry->second;
    if (is_for_host(cookie, url_host) && !has_expired(cookie, now_ms)) found.push_back(cookie);
  }
  return found;
}

std::vector<Cookie> CookieJar::all() const {
  std::vector<Cookie> all;
  all.reserve(cookies_.size());
  for (const auto& [created, cookie] : cookies_) all.push_back(cookie);
  return all;
}

void CookieJar::insert(Cookie cookie) {
  if (cookie.expires != 0) next_end_ = std::min(next_end_, cookie.expires);
  Of& of = sites_[site_of(cookie.domain)];
  const std::int64_t created = cookie.created;
  const auto place = std::ranges::upper_bound(of, created, {}, [](const auto& entry) { return entry->first; });
  of.insert(place, cookies_.emplace(created, std::move(cookie)));
}

void CookieJar::erase(Cookies::iterator cookie) {
  const auto site = sites_.find(site_of(cookie->second.domain));
  std::erase(site->second, cookie);
  if (site->second.empty()) sites_.erase(site);
  cookies_.erase(cookie);
}

void CookieJar::make_room(const std::string& site, std::int64_t now_ms) {
  const Of& of = sites_.at(site);  // with the cookie that has just come, so that it stays
  if (of.size() > kMaxCookiesOfSite || cookies_.size() > kMaxCookies) drop_expired(now_ms);
  if (of.size() > kMaxCookiesOfSite) erase(of.front());
  if (cookies_.size() > kMaxCookies) erase(cookies_.begin());
}

void CookieJar::drop_expired(std::int64_t now_ms) {
  if (next_end_ > now_ms / 1000) return;
  next_end_ = kNever;
  for (auto entry = cookies_.begin(); entry != cookies_.end();) {
    const auto next = std::next(entry);
    const Cookie& cookie = entry->second;
    if (has_expired(cookie, now_ms)) {
      erase(entry);
    } else if (cookie.expires != 0) {
      next_end_ = std::min(next_end_, cookie.expires);
    }
    entry = next;
  }
}

const CookieJar::Of& CookieJar::of_site(std::string_view url_host) const {
  static const Of none;
  const auto site = sites_.find(site_of(url_host));
  return site == sites_.end() ? none : site->second;
}

}  // namespace doutu
