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

class HopHeaders {
 public:
  HopHeaders() = default;
  HopHeaders(const HopHeaders&) = delete;
  HopHeaders& operator=(const HopHeaders&) = delete;

  /// For CURLOPT_HTTPHEADER of a request to url; lives until the next call, and no longer than headers. referer and
  /// cookies are values; empty: none is sent. A cookie of the user's own counts before another of its name.
  [[nodiscard]] curl_slist* lines(const RequestHeaders& headers, std::string_view url, std::string_view referer,
                                  std::string_view cookies);

 private:
  struct Line {
    std::string text;
    curl_slist node{};
  };
  curl_slist* put_before(curl_slist* others, Line& line);

  Line referer_;
  Line cookie_;
};

}  // namespace doutu
