// Standard output: what a command tells whoever asked. When it cannot be written (a full disk, a reader that went
// away), the program says so once, at its end. One thread.
#pragma once

#include <string_view>

#include "shared/base/result.h"

namespace doutu {

/// Writes to stdout at once, as it is. After a failure nothing more is written: what has a gap is worth nothing.
void print(std::string_view text);

/// Whether all that was printed is out; the error of the first failure: "standard output could not be written: ...".
[[nodiscard]] Status printed();

}  // namespace doutu
