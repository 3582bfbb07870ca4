// What --before is given: a URL, or a file with tables [[before]], which holds secrets. The parent's thread.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "shared/base/result.h"
#include "shared/crawl/before_request.h"

namespace doutu {

inline constexpr std::size_t kMaxBeforeFileBytes = std::size_t{64} << 10U;

/// TOML that has nothing but such tables, at least one. file: what a message calls it.
[[nodiscard]] Result<std::vector<BeforeRequest>> read_before(std::string_view text, std::string_view file);

/// The same as text: what a folder remembers. A URL that is all there is stands for itself.
[[nodiscard]] std::string before_value(const BeforeRequest& request);

/// The value of --before: a URL, "@FILE", or what before_value() returned. warning: that others can read the file.
struct BeforeValue {
  std::vector<BeforeRequest> requests;
  std::optional<std::string> warning;
};
[[nodiscard]] Result<BeforeValue> read_before_value(const std::string& value);

}  // namespace doutu
