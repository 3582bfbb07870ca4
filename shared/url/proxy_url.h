// What may stand behind --proxy. Without libcurl, which the parent does not load. Pure; any thread.
#pragma once

#include <string>

#include "shared/base/result.h"

namespace doutu {

/// [SCHEME://][USER:PASSWORD@]HOST[:PORT], with a scheme that is http, https, socks4, socks4a, socks5 or socks5h. The
/// error is one line.
[[nodiscard]] Status check_proxy(const std::string& proxy);

}  // namespace doutu
