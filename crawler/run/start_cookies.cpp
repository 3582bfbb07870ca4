#include "crawler/run/start_cookies.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>
#include <vector>

#include "crawler/cookies/imported_cookies.h"
#include "shared/base/clock.h"
#include "shared/url/url.h"

namespace doutu {
namespace {

/// Of a list that is a file, its first page counts, as it does for credentials.
std::vector<std::string> hosts_of(const CrawlCommand& command, const std::string& host) {
  std::vector<std::string> hosts{host};
  for (const std::string& url : command.urls) hosts.push_back(url_host(normalise_url(url).value_or("")));
  return hosts;
}

/// A file that served its purpose may be gone, and who continues the crawl has not named it.
Error within_memory(Error error, const CrawlCommand& command) {
  const auto is_named = [&error](const std::string& name) { return error.message.starts_with(name + ": "); };
  const auto name = std::ranges::find_if(command.recalled, is_named);
  if (name == command.recalled.end()) return error;
  error.message += fmt::format("; the folder remembers this option: --forget {} continues without it", name->substr(2));
  return error;
}

}  // namespace

Result<CrawlCookies> start_cookies(const CrawlCommand& command, const std::string& host, const StateFolder& folder,
                                   CrawlLog& log) {
  if (command.settings.http.no_cookies) return CrawlCookies();
  std::vector<Cookie> given;
  if (!command.cookies.empty()) {
    const CookieNeeds needs{.hosts = hosts_of(command, host), .domains = command.settings.http.cookie_domains};
    auto imported = import_cookies(command.cookies, needs, home_folder(), wall_milliseconds());
    if (!imported) return within_memory({imported.error().message}, command);
    for (const std::string& line : imported->lines) log.tell(line);
    given = std::move(imported->cookies);
  }
  if (!folder.is_private()) {
    log.tell(
        fmt::format("other users may read {}, so cookies are not stored there; after a restart the site sets them "
                    "again",
                    folder.directory()));
  }
  return CrawlCookies::begin(folder, std::move(given));
}

}  // namespace doutu
