// Header lines that do not stand on the command line, which other users of the machine can read: of a file, or of
// standard input. The parent's thread.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "shared/base/result.h"

namespace doutu {

/// Whether a value of --header says where lines are, and is none itself: "@FILE", or "-" for standard input ("@-", as
/// curl calls it, too). No header begins so.
[[nodiscard]] bool names_header_file(std::string_view value);

/// Whether it is "-" or "@-": that can be read once.
[[nodiscard]] bool names_standard_input(std::string_view value);

/// The lines there, checked (header_line.h), at least one; blank ones are skipped, lines may end in CR LF. At most 64
/// KiB. An error names the file and the line, never what stands in it.
[[nodiscard]] Result<std::vector<std::string>> read_header_file(const std::string& value);

}  // namespace doutu
