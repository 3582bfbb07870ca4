#include "crawler/view/final_url_text.h"

#include <fmt/format.h>

#include "shared/base/escape.h"
#include "shared/url/url.h"

namespace doutu {
namespace {

constexpr std::size_t kMaxAddress = 16'000;  // bytes: a longer one comes from no crawl
constexpr const char* kRobotsPath = "/robots.txt";

}  // namespace

bool ended_at_robots(const std::string& url, const std::string& final_url) {
  return final_url != url && final_url == std::string(url_origin(final_url)).append(kRobotsPath);
}

std::string final_url_text(const std::string& url, const std::string& final_url) {
  const std::string place = escape_url(final_url, kMaxAddress);
  if (!ended_at_robots(url, final_url)) return "redirected to " + place;
  return fmt::format("for which {} could not be read (--no-robots does not ask for it)", place);
}

}  // namespace doutu
