// PageCookies: the cookies of the requests for one page. They begin with what the parent gives; what the answers set
// counts for the hops behind them, and outlives the page where its server is of the page's site (cookie_scope.h). Page
// fetcher, one thread.
#pragma once

#include <cstddef>
#include <functional>
#include <string>
#include <string_view>
#include <unordered_set>
#include <utility>
#include <vector>

#include "shared/cookies/cookie_jar.h"

namespace doutu {

class PageCookies {
 public:
  /// A Set-Cookie header of an answer, as the server wrote it.
  struct Set {
    std::string url;
    std::string value;
  };
  /// Asks the parent for the cookies of this URL's host: a line each (cookie_line.h).
  using Ask = std::function<std::string(const std::string& url)>;

  enum class Use { yes, no };
  PageCookies(Use use, Ask ask) : is_used_(use == Use::yes), ask_(std::move(ask)) {}

  /// A page, with the cookies of its host.
  void begin(std::string_view page, std::string_view cookies);
  /// The value of the Cookie header of the next hop; empty: none.
  [[nodiscard]] std::string header_for(const std::string& url);
  /// An answer of this URL has this Set-Cookie header.
  void set(const std::string& url, std::string_view value);
  /// Those that outlive the page, at most kMaxCookiesOfPage.
  [[nodiscard]] std::vector<Set> take_lasting() { return std::exchange(lasting_, {}); }

 private:
  void ask_about(const std::string& url);

  const bool is_used_;
  const Ask ask_;
  std::string page_;
  CookieJar jar_;
  std::unordered_set<std::string> known_hosts_;
  std::vector<Cookie> own_;  ///< That answers have set.
  std::vector<Set> lasting_;
};

}  // namespace doutu
