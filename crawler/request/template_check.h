// Whether a URL template and the values of its placeholders fit together. A pure function; any thread.
#pragma once

#include <string>

#include "crawler/request/asked_pages.h"
#include "shared/base/result.h"

namespace doutu {

/// Each placeholder has values, which its marks can write; each of several pages has an address of its own; and all are
/// on one host. Errors are one line that says what to write instead.
[[nodiscard]] Status check_template(const std::string& url_template, const AskedPages& pages);

}  // namespace doutu
