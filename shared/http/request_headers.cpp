#include "shared/http/request_headers.h"

#include <algorithm>

#include "shared/base/need.h"
#include "shared/http/header_line.h"
#include "shared/url/url.h"

namespace doutu {
namespace {

void append(CurlList& list, const std::string& line) {
  curl_slist* longer = needed(curl_slist_append(list.get(), line.c_str()));
  (void)list.release();
  list.reset(longer);
}

}  // namespace

RequestHeaders::RequestHeaders(const HttpOptions& http, const std::vector<std::string>& own)
    : home_server_(http.home_server), has_credentials_(std::ranges::any_of(http.headers, is_credential)) {
  if (!http.user_agent.empty()) {
    append(at_home_, "User-Agent: " + http.user_agent);
    append(elsewhere_, "User-Agent: " + http.user_agent);
  }
  for (const std::string& line : own) {
    append(at_home_, line);
    append(elsewhere_, line);
  }
  for (const std::string& line : http.headers) {
    append(at_home_, line);
    if (!is_credential(line)) append(elsewhere_, line);
  }
}

curl_slist* RequestHeaders::lines_for(std::string_view url) const {
  const bool at_home = has_credentials_ && url_authority(url) == home_server_;
  return at_home ? at_home_.get() : elsewhere_.get();
}

}  // namespace doutu
