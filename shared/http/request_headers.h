// RequestHeaders: the header lines of a request: the user agent, --header's and the program's own. Credentials
// (Authorization, Cookie) go to the server of the template alone: a page names images anywhere, and a redirect leads
// anywhere. Constant after construction; any thread.
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

  /// For CURLOPT_HTTPHEADER of a request to url, as resolve_url() returned it; lives as long as this.
  [[nodiscard]] curl_slist* lines_for(std::string_view url) const;

 private:
  const std::string site_origin_;
  const bool has_credentials_;
  CurlList to_site_;
  CurlList elsewhere_;
};

}  // namespace doutu
