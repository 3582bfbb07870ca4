// CookieJar: the cookies of a crawl, and which of them a request gets: RFC 6265bis sections 5.7 (what a new cookie does
// to those that are there) and 5.8.3. The caller says what time it is. One thread.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "shared/cookies/cookie.h"

namespace doutu {

/// As browsers do, of a site (site_of()) and of all. A site cannot push out the cookies of another one unless it has
/// many names.
inline constexpr std::size_t kMaxCookiesOfSite = 180;
inline constexpr std::size_t kMaxCookies = 3000;

class CookieJar {
 public:
  CookieJar();

  enum class From : std::uint8_t {
    page,        ///< A page, or an image of its own site: everything that matches.
    other_site,  ///< An image of another site than its page: SameSite=None with Secure, and what the user gave for it.
  };

  /// Takes a well-formed cookie; false: nothing changed. One that has expired removes its like; one of the same name,
  /// domain and path replaces it, and keeps its `created`. Set over http, it does not come over a Secure one. When
  /// there are too many then, expired ones go first, then those that were created first.
  bool put(Cookie cookie, std::int64_t now_ms);

  /// The value of the header Cookie, "a=b; c=d"; empty: none. Longer paths come first, then what was created first.
  [[nodiscard]] std::string header_for(std::string_view url, std::int64_t now_ms, From from) const;

  /// All that a request to that host (url_host()) can get, whatever its path, scheme and site; as all() orders them.
  [[nodiscard]] std::vector<Cookie> for_host(std::string_view url_host, std::int64_t now_ms) const;

  /// In the order of `created`; put() of them one after another makes the same jar.
  [[nodiscard]] std::vector<Cookie> all() const;

  [[nodiscard]] bool empty() const { return cookies_.empty(); }
  [[nodiscard]] std::size_t size() const { return cookies_.size(); }

 private:
  using Cookies = std::multimap<std::int64_t, Cookie>;  ///< By `created`; of one millisecond in the order of put().
  using Of = std::vector<Cookies::iterator>;            ///< Those of a site, in the same order.

  void insert(Cookie cookie);
  /// The site's entry goes with its last cookie.
  void erase(Cookies::iterator cookie);
  void make_room(const std::string& site, std::int64_t now_ms);
  void drop_expired(std::int64_t now_ms);
  [[nodiscard]] const Of& of_site(std::string_view url_host) const;

  Cookies cookies_;
  std::unordered_map<std::string, Of> sites_;  ///< By site_of() their domain.
  std::int64_t next_end_;                      ///< No cookie expires before: seconds since 1970.
};

}  // namespace doutu
