#include "crawler/cookies/imported_cookies.h"

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <pwd.h>
#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <iterator>
#include <set>
#include <utility>

#include "crawler/cookies/cookies_file.h"
#include "crawler/cookies/firefox_cookies.h"
#include "crawler/cookies/firefox_profile.h"
#include "shared/base/escape.h"
#include "shared/base/human_text.h"
#include "shared/cookies/site.h"

namespace doutu {
namespace {

constexpr std::size_t kMaxDomainsShown = 5;

/// "3 cookies of 2,412".
std::string counts_text(std::size_t taken, std::size_t all) {
  return fmt::format("{} of {}", human_number_of(taken, "cookie"), human_count(all));
}

/// "example.com, cdn.example and 3 more".
std::string domains_text(const std::vector<Cookie>& cookies) {
  std::set<std::string> domains;
  for (const Cookie& cookie : cookies) domains.insert(site_of(cookie.domain));
  std::vector<std::string> shown(domains.begin(), domains.end());
  std::string more;
  if (shown.size() > kMaxDomainsShown) {
    more = fmt::format(" and {} more", shown.size() - kMaxDomainsShown);
    shown.resize(kMaxDomainsShown);
  }
  return fmt::format("{}{}", fmt::join(shown, ", "), more);
}

std::string taken_line(const GivenCookies& given, std::size_t all, const std::vector<Cookie>& taken) {
  const std::string source = escape_for_terminal(given.source);
  const std::string expired = given.expired == 0 ? "" : fmt::format("; {} had expired", human_count(given.expired));
  if (!taken.empty()) {
    return fmt::format("{} in {} taken, for {}{}", counts_text(taken.size(), all), source, domains_text(taken),
                       expired);
  }
  if (all == 0) return fmt::format("no cookie taken: all {} in {} had expired", human_count(given.expired), source);
  return fmt::format(
      "none of {} in {} taken: they are for other domains than the pages; --cookies-domain DOMAIN takes "
      "those of DOMAIN{}",
      human_number_of(all, "cookie"), source, expired);
}

std::string odd_line(const GivenCookies& given) {
  const std::string source = escape_for_terminal(given.source);
  if (given.odd_lines.empty()) {
    return fmt::format("{} in {} skipped: no server could have set them", human_number_of(given.odd_count, "row"),
                       source);
  }
  return fmt::format("{} in {} skipped, which are no cookies: {}{}", human_number_of(given.odd_count, "line"), source,
                     fmt::join(given.odd_lines, ", "), given.odd_count > given.odd_lines.size() ? " ..." : "");
}

void add(ImportedCookies& imported, GivenCookies given, const CookieNeeds& needs) {
  const std::size_t all = given.cookies.size();
  std::vector<Cookie> taken = needed_cookies(std::move(given.cookies), needs);
  if (all + given.expired > 0) imported.lines.push_back(taken_line(given, all, taken));
  if (all + given.expired == 0) {
    imported.lines.push_back(escape_for_terminal(given.source) + " has no cookies");
  }
  if (given.odd_count > 0) imported.lines.push_back(odd_line(given));
  std::ranges::move(taken, std::back_inserter(imported.cookies));
}

Result<GivenCookies> browser_cookies(const std::string& browser, const std::string& home, std::int64_t now_ms) {
  const std::size_t colon = browser.find(':');
  const std::string profile = colon == std::string::npos ? "" : browser.substr(colon + 1);
  const Result<std::string> folder = find_firefox_profile(home, profile);
  if (!folder) return folder.error();
  return read_firefox_cookies(*folder, now_ms);
}

/// Would a request to the domain, or to a host below it, get the cookie?
bool concerns(const Cookie& cookie, const std::string& domain) {
  return domain_matches(cookie.domain, domain) || is_for_host(cookie, domain);
}

}  // namespace

std::vector<Cookie> needed_cookies(std::vector<Cookie> cookies, const CookieNeeds& needs) {
  std::set<std::string> sites;
  for (const std::string& host : needs.hosts) sites.insert(site_of(host));
  const auto is_for_pages = [&sites](const Cookie& cookie) { return sites.contains(site_of(cookie.domain)); };
  const auto is_for_domains = [&needs](const Cookie& cookie) {
    return std::ranges::any_of(needs.domains, [&cookie](const auto& domain) { return concerns(cookie, domain); });
  };
  std::erase_if(cookies, [&](const Cookie& cookie) { return !is_for_pages(cookie) && !is_for_domains(cookie); });
  for (Cookie& cookie : cookies) {
    if (cookie.same_site == SameSite::unset && is_for_domains(cookie)) cookie.same_site = SameSite::given;
  }
  return cookies;
}

Result<ImportedCookies> import_cookies(const CookieSources& sources, const CookieNeeds& needs, const std::string& home,
                                       std::int64_t now_ms) {
  ImportedCookies imported;
  if (!sources.browser.empty()) {
    Result<GivenCookies> given = browser_cookies(sources.browser, home, now_ms);
    if (!given) return std::move(given).error().within("--cookies-from");
    add(imported, *std::move(given), needs);
  }
  for (const std::string& file : sources.files) {
    Result<GivenCookies> given = read_cookies_file(file, now_ms);
    if (!given) return std::move(given).error().within("--cookies");
    add(imported, *std::move(given), needs);
  }
  return imported;
}

std::string home_folder() {
  const char* home = std::getenv("HOME");  // NOLINT(concurrency-mt-unsafe): one thread
  if (home != nullptr && *home != '\0') return home;
  const passwd* const user = ::getpwuid(::getuid());  // NOLINT(concurrency-mt-unsafe): one thread
  return user == nullptr || user->pw_dir == nullptr ? "" : user->pw_dir;
}

}  // namespace doutu
