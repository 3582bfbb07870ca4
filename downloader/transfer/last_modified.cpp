#include "downloader/transfer/last_modified.h"

#include "shared/base/http_date.h"

namespace doutu {

std::optional<std::chrono::sys_seconds> parse_last_modified(std::string_view value, std::chrono::sys_seconds now) {
  constexpr std::chrono::sys_seconds kFirstWebServer = std::chrono::sys_days(std::chrono::year(1990) / 1 / 1);
  const auto date = parse_http_date(value);
  return date && *date >= kFirstWebServer && *date <= now ? date : std::nullopt;
}

}  // namespace doutu
