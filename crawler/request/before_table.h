// The table [[before]] of a TOML file: requests before the first page. Of toml++, so that whoever reads a file that has
// more in it reads this as well. The parent's thread.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "crawler/request/toml.h"
#include "shared/base/result.h"
#include "shared/crawl/before_request.h"

namespace doutu {

/// value: what stands behind the key "before". An error says where in the file it is, and no value: they are secrets.
[[nodiscard]] Result<std::vector<BeforeRequest>> read_before_tables(const toml::node& value, std::string_view file);

}  // namespace doutu
