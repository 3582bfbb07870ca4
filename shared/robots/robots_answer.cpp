#include "shared/robots/robots_answer.h"

#include "shared/url/url.h"

namespace doutu {

std::string robots_url(std::string_view url) { return std::string(url_origin(url)).append("/robots.txt"); }

RobotsAnswer robots_answer(Cause cause, int http_status, bool is_redirected) {
  constexpr int kTooManyRequests = 429;
  switch (cause) {
    case Cause::none:
      return RobotsAnswer::rules;
    case Cause::http_status:
      return http_status < 500 && http_status != kTooManyRequests ? RobotsAnswer::none : RobotsAnswer::unreachable;
    case Cause::too_many_redirects:
    case Cause::bad_redirect:
    case Cause::insecure_redirect:
    case Cause::bad_url:
    case Cause::url_too_long:
      return RobotsAnswer::none;
    // Where the server itself is not to be asked, neither is what it has.
    case Cause::private_address:
    case Cause::blocked_port:
      return is_redirected ? RobotsAnswer::none : RobotsAnswer::unreachable;
    default:
      return RobotsAnswer::unreachable;
  }
}

}  // namespace doutu
