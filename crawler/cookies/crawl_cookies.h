// CrawlCookies: the cookies of the crawl, as the parent knows them: from the folder's file, from what the user gave,
// and from what the downloader says that the ledger thread has saved. It decides which of them a fetcher is given:
// those of the host that it is about to ask. The parent's thread.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "shared/base/result.h"
#include "shared/cookies/cookie_jar.h"
#include "shared/folder/state_folder.h"
#include "shared/process/messages.h"

namespace doutu {

class CrawlCookies {
 public:
  CrawlCookies() = default;
  explicit CrawlCookies(std::vector<Cookie> given);
  /// What the folder has, and what the user gives. What he gives counts once: the site may have changed it since. A
  /// folder that others may read has nothing, and keeps nothing.
  [[nodiscard]] static Result<CrawlCookies> begin(const StateFolder& folder, std::vector<Cookie> given);

  /// A line (cookie_line.h) of the downloader.
  void know(std::string_view line);

  /// Those that a request before the first page has brought, as far as they are of its site: what the downloader is to
  /// be told.
  [[nodiscard]] std::vector<Message> set_by_login(const std::vector<CookieOf>& set, std::string_view url);

  /// Those that requests to a page's host may have, a line each: what FetchPage carries.
  [[nodiscard]] std::string for_page(std::string_view url) const;
  /// The same of a URL that a page was redirected to; nullopt: they are not that page's business.
  [[nodiscard]] std::optional<std::string> for_redirect(std::string_view url, std::string_view page) const;
  /// Another downloader has begun with what this folder has: so does this one. What a login has brought stays until the
  /// folder has it.
  void begin_again(const StateFolder& folder);
  /// What such a downloader does not know: a line each (cookie_line.h).
  [[nodiscard]] std::vector<std::string> lines_for_downloader(const StateFolder& folder) const;
  [[nodiscard]] std::vector<Cookie> all() const { return jar_.all(); }

 private:
  void put(Cookie cookie);

  CookieJar jar_;
  std::map<std::string, std::string> of_login_;  ///< Lines by cookie_key(), until the downloader says that it has them.
};

}  // namespace doutu
