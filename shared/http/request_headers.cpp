#include "shared/http/request_headers.h"

#include <algorithm>

#include "shared/base/need.h"
#include "shared/http/header_line.h"
#include "shared/http/url.h"

namespace doutu {
namespace {

void append(CurlList& list, const std::string& line) {
  curl_slist* longer = needed(curl_slist_append(list.get(), line.c_str()));
  (void)list.release();
  list.reset(longer);
}

}  // namespace

RequestHeaders::RequestHeaders(const CrawlSettings& settings, const std::vector<std::string>& own)
    : home_server_(settings.home_server), has_credentials_(std::ranges::any_of(settings.headers, is_credential)) {
  if (!settings.user_agent.empty()) {
    append(at_home_, "User-Agent: " + settings.user_agent);
    append(elsewhere_, "User-Agent: " + settings.user_agent);
  }
  for (const std::string& line : own) {
    append(at_home_, line);
    append(elsewhere_, line);
  }
  for (const std::string& line : settings.headers) {
    append(at_home_, line);
    if (!is_credential(line)) append(elsewhere_, line);
  }
}

curl_slist* RequestHeaders::lines_for(std::string_view url) const {
  const bool at_home = has_credentials_ && url_authority(url) == home_server_;
  return at_home ? at_home_.get() : elsewhere_.get();
}

}  // namespace doutu
