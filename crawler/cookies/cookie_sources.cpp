#include "crawler/cookies/cookie_sources.h"

#include <fmt/format.h>

#include <optional>
#include <string_view>

#include "shared/base/escape.h"
#include "shared/cookies/site.h"
#include "shared/url/url_host.h"

namespace doutu {
namespace {

constexpr std::string_view kFirefox = "firefox";
constexpr std::size_t kShown = 60;  // bytes of wrong input in an error

Error about(const std::string& text, std::string_view story) {
  return {fmt::format("\"{}\" {}", escape_for_terminal(text, kShown), story)};
}

}  // namespace

Status check_browser(const std::string& text) {
  const std::size_t colon = text.find(':');
  if (text.substr(0, colon) != kFirefox) {
    return about(text.substr(0, colon),
                 "is no browser whose cookies doutu can read; expected firefox. Other browsers have extensions that "
                 "export cookies.txt, for --cookies FILE");
  }
  if (colon == std::string::npos) return {};
  const std::string profile = text.substr(colon + 1);
  if (profile.empty()) return Error{"the name of the profile is empty; leave out the colon for the usual profile"};
  if (profile.find('/') != std::string::npos && !profile.starts_with('/')) {
    return about(profile, "is not an absolute path, nor the name of a profile");
  }
  return {};
}

Result<std::string> read_cookie_domain(const std::string& text) {
  std::optional<std::string> host = normal_host(std::string_view(text).substr(text.starts_with('.') ? 1 : 0));
  if (!host || text.find_first_of("/%") != std::string::npos) {
    return about(text, "is not a domain; expected one such as example.com");
  }
  if (is_public_suffix(*host)) return about(text, "is not one site: many have domains below it; name one of them");
  return *std::move(host);
}

}  // namespace doutu
