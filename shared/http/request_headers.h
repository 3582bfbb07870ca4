// RequestHeaders: the header lines of requests: the user agent, --header's and the program's own. Credentials
// (Authorization, Cookie) go to the server of the template alone: a page names images anywhere, and a redirect leads
// anywhere. Constant after construction; any thread. HopHeaders: those of one hop, with Referer and Cookie.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "shared/crawl/crawl_settings.h"
#include "shared/http/http_client.h"

namespace doutu {

class RequestHeaders {
 public:
  /// http.headers have been checked. own: lines of the program that asks.
  explicit RequestHeaders(const HttpOptions& http, const std::vector<std::string>& own = {});

  /// Of a request to url, as resolve_url() returned it, but for Cookie; they live as long as this.
  [[nodiscard]] curl_slist* lines_for(std::string_view url) const;
  /// The user's cookies for it: the values of --header's Cookie lines.
  [[nodiscard]] std::string_view cookies_for(std::string_view url) const;

 private:
  [[nodiscard]] bool is_site(std::string_view url) const;

  const std::string site_origin_;
  const bool has_credentials_;
  CurlList to_site_;
  CurlList elsewhere_;
  std::string cookies_;
};

/// What a hop says beside what all do; values, of which empty ones are not sent.
struct HopValues {
  std::string_view referer;
  std::string_view cookies;
  std::string_view authorization{};
  // Of a form that is posted.
  std::string_view origin{};
  std::string_view content_type{};
};

class HopHeaders {
 public:
  HopHeaders() = default;
  HopHeaders(const HopHeaders&) = delete;
  HopHeaders& operator=(const HopHeaders&) = delete;

  /// For CURLOPT_HTTPHEADER of a request to url; lives until the next call, and no longer than headers. A cookie of the
  /// user's own counts before another of its name.
  [[nodiscard]] curl_slist* lines(const RequestHeaders& headers, std::string_view url, const HopValues& values);

 private:
  struct Line {
    std::string text;
    curl_slist node{};
  };
  void put(std::string_view name, std::string_view value, Line& line);
  void put_cookies(std::string_view users, std::string_view cookies);

  curl_slist* first_ = nullptr;
  Line referer_, cookie_, authorization_, origin_, content_type_;
};

}  // namespace doutu
