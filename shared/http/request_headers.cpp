#include "shared/http/request_headers.h"

#include <algorithm>

#include "shared/base/throw_if_no_memory.h"
#include "shared/http/header_line.h"
#include "shared/url/url.h"

namespace doutu {
namespace {

void append(CurlList& list, const std::string& line) {
  curl_slist* longer = allocated(curl_slist_append(list.get(), line.c_str()));
  (void)list.release();
  list.reset(longer);
}

}  // namespace

RequestHeaders::RequestHeaders(const HttpOptions& http, const std::vector<std::string>& own)
    : site_origin_(http.site_origin), has_credentials_(std::ranges::any_of(http.headers, is_credential)) {
  if (!http.user_agent.empty()) {
    append(to_site_, "User-Agent: " + http.user_agent);
    append(elsewhere_, "User-Agent: " + http.user_agent);
  }
  for (const std::string& line : own) {
    append(to_site_, line);
    append(elsewhere_, line);
  }
  for (const std::string& line : http.headers) {
    append(to_site_, line);
    if (!is_credential(line)) append(elsewhere_, line);
  }
}

curl_slist* RequestHeaders::lines_for(std::string_view url) const {
  const bool is_site = has_credentials_ && url_authority(url) == site_origin_;
  return is_site ? to_site_.get() : elsewhere_.get();
}

}  // namespace doutu
