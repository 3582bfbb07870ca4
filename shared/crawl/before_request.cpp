#include "shared/crawl/before_request.h"

#include <algorithm>

#include "shared/url/url.h"

namespace doutu {

std::string login_page(std::string_view url) {
  std::string page = url_without_userinfo(url.substr(0, std::min(url.find('?'), url.size())));
  return page.substr(page.find("://") + 3);
}

}  // namespace doutu
