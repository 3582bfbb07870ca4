#include "shared/http/request_headers.h"

#include <algorithm>

#include "shared/base/ascii.h"
#include "shared/base/throw_if_no_memory.h"
#include "shared/base/whitespace.h"
#include "shared/http/header_line.h"
#include "shared/url/url.h"

namespace doutu {
namespace {

void append(CurlList& list, const std::string& line) {
  curl_slist* longer = allocated(curl_slist_append(list.get(), line.c_str()));
  (void)list.release();
  list.reset(longer);
}

constexpr std::string_view kCookie = "Cookie: ";

bool is_cookie(std::string_view line) { return equals_ignoring_case(line.substr(0, line.find(':')), "cookie"); }

/// Of "a=1; b=2" the first one, taken off.
std::string_view next_cookie(std::string_view& cookies) {
  const std::string_view cookie = cookies.substr(0, cookies.find(';'));
  cookies.remove_prefix(std::min(cookies.size(), cookie.size() + 1));
  return trim_http_whitespace(cookie);
}

std::string_view name_of(std::string_view cookie) { return cookie.substr(0, cookie.find('=')); }

bool has_name(std::string_view cookies, std::string_view name) {
  while (!cookies.empty()) {
    if (name_of(next_cookie(cookies)) == name) return true;
  }
  return false;
}

void append_cookie(std::string& line, std::string_view cookie) {
  if (cookie.empty()) return;
  if (line.size() > kCookie.size()) line += "; ";
  line += cookie;
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
    if (is_cookie(line)) {
      if (!cookies_.empty()) cookies_ += "; ";
      cookies_ += trim_http_whitespace(std::string_view(line).substr(line.find(':') + 1));
      continue;
    }
    append(to_site_, line);
    if (!is_credential(line)) append(elsewhere_, line);
  }
}

bool RequestHeaders::is_site(std::string_view url) const {
  return has_credentials_ && url_authority(url) == site_origin_;
}

curl_slist* RequestHeaders::lines_for(std::string_view url) const {
  return is_site(url) ? to_site_.get() : elsewhere_.get();
}

std::string_view RequestHeaders::cookies_for(std::string_view url) const {
  return cookies_.empty() || !is_site(url) ? std::string_view() : cookies_;
}

// As lines of their own: CURLOPT_REFERER is formatted twice, character by character, as CURLOPT_USERAGENT is.

void HopHeaders::put(std::string_view name, std::string_view value, Line& line) {
  if (value.empty()) return;
  line.text.assign(name).append(value);
  line.node = {line.text.data(), first_};
  first_ = &line.node;
}

void HopHeaders::put_cookies(std::string_view users, std::string_view cookies) {
  if (users.empty() && cookies.empty()) return;
  cookie_.text.assign(kCookie).append(users);
  while (!cookies.empty()) {
    const std::string_view cookie = next_cookie(cookies);
    if (!has_name(users, name_of(cookie))) append_cookie(cookie_.text, cookie);
  }
  cookie_.node = {cookie_.text.data(), first_};
  first_ = &cookie_.node;
}

curl_slist* HopHeaders::lines(const RequestHeaders& headers, std::string_view url, const HopValues& values) {
  first_ = headers.lines_for(url);
  put("Referer: ", values.referer, referer_);
  put("Authorization: ", values.authorization, authorization_);
  put("Origin: ", values.origin, origin_);
  put("Content-Type: ", values.content_type, content_type_);
  put_cookies(headers.cookies_for(url), values.cookies);
  return first_;
}

}  // namespace doutu
