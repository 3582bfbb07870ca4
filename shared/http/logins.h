// Logins: which login a request goes with, and how it is said. The user's goes to the server of the template alone,
// that of a URL ("https://me:sesame@example.com/") with that URL. A login is not sent before the server has asked for
// it, and then with every request, in the way that the server wants. Any thread.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>

#include "shared/base/mutex.h"
#include "shared/crawl/crawl_settings.h"
#include "shared/http/auth_challenge.h"

namespace doutu {

/// The user's.
struct SiteLogin {
  std::string origin;       ///< Scheme, host and port of the template.
  std::string login;        ///< "NAME:PASSWORD"; empty: there is none.
  bool is_unasked = false;  ///< Sent before the server has asked, as Basic: it stood in the template's URL.
  /// The user gave an Authorization header for this server, which counts.
  bool is_replaced = false;
};

/// One request, as far as its login goes.
struct LoginTalk {
  std::string answer;       ///< The value of its Authorization header; empty: none is sent.
  std::uint32_t times = 0;  ///< That it answered a 401.
};

class Logins {
 public:
  explicit Logins(SiteLogin site);
  explicit Logins(const CrawlSettings& settings);

  /// A request for url, as resolve_url() returned it.
  [[nodiscard]] LoginTalk begin(std::string_view url, std::string_view method = "GET");

  /// The request was answered with 401 and these WWW-Authenticate values (header_values()). Whether it is to be
  /// repeated, with the new answer. A wrong password is not: once per request, the server has refused it.
  [[nodiscard]] bool goes_on(LoginTalk& talk, std::string_view challenges, std::string_view url,
                             std::string_view method = "GET");

 private:
  /// What a server wants.
  struct Wanted {
    AuthChallenge challenge;
    std::uint32_t requests = 0;  ///< With this nonce.
  };
  [[nodiscard]] bool is_site(std::string_view url) const;
  [[nodiscard]] std::optional<Login> login_for(std::string_view url) const;

  const SiteLogin site_;
  Mutex mutex_;
  std::unordered_map<std::string, Wanted> wanted_ DOUTU_GUARDED_BY(mutex_);  ///< By url_authority().
};

/// "me:sesame" of "https://me:sesame@example.com/", as it stands there.
[[nodiscard]] std::string_view url_userinfo(std::string_view url);

}  // namespace doutu
