#include "shared/cookies/cookie_file.h"

#include <unistd.h>

#include <cstdint>
#include <string_view>

#include "shared/cookies/cookie_line.h"
#include "shared/folder/new_file.h"

namespace doutu {
namespace {

constexpr std::string_view kHeading = "# Netscape HTTP Cookie File";
constexpr std::string_view kImported = "# imported ";
/// 3,000 cookies of the largest size have 18 MB.
constexpr std::uint64_t kMaxBytes = std::uint64_t{32} << 20U;

}  // namespace

CookieFile read_cookie_file(const StateFolder& folder) {
  CookieFile file;
  const std::string text = folder.read(kCookieFileName, kMaxBytes).value_or("");
  for (std::string_view left = text; !left.empty();) {
    const std::string_view line = left.substr(0, left.find('\n'));
    left.remove_prefix(std::min(left.size(), line.size() + 1));
    if (line.starts_with(kImported)) file.imported = line.substr(kImported.size());
    if (auto cookie = read_cookie_line(line)) file.cookies.push_back(*std::move(cookie));
  }
  return file;
}

Status write_cookie_file(const StateFolder& folder, const CookieFile& file) {
  NewFile copy(folder, kCookieFileName);
  copy.add_line(std::string(kHeading));
  if (!file.imported.empty()) copy.add_line(std::string(kImported) + file.imported);
  for (const Cookie& cookie : file.cookies) copy.add_line(cookie_line(cookie));
  return copy.publish_durably();
}

}  // namespace doutu
