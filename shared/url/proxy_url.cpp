#include "shared/url/proxy_url.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "shared/base/ascii.h"
#include "shared/base/escape.h"
#include "shared/url/url.h"

namespace doutu {
namespace {

constexpr auto kSchemes = std::to_array<std::string_view>({"http", "https", "socks4", "socks4a", "socks5", "socks5h"});

}  // namespace

Status check_proxy(const std::string& proxy) {
  const std::size_t end = proxy.find("://");
  const std::string scheme = end == std::string::npos ? "http" : ascii_lower(proxy.substr(0, end));
  if (std::ranges::find(kSchemes, scheme) == kSchemes.end()) {
    return Error{fmt::format("unknown kind of proxy \"{}\"; expected {}", escape_for_terminal(scheme, 60),
                             fmt::join(kSchemes, ", "))};
  }
  if (normalise_url("http://" + (end == std::string::npos ? proxy : proxy.substr(end + 3)))) return {};
  return Error{fmt::format("\"{}\" is not a proxy URL; examples: http://proxy.example:3128 or socks5h://127.0.0.1:9050",
                           escape_url(proxy, 200))};
}

}  // namespace doutu
