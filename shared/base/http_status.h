// What an HTTP status asks for. Any thread.
#pragma once

namespace doutu {

/// Whether the status asks for another URL (301, 302, 303, 307, 308).
[[nodiscard]] constexpr bool is_redirect(long http_status) {
  return http_status == 301 || http_status == 302 || http_status == 303 || http_status == 307 || http_status == 308;
}

}  // namespace doutu
