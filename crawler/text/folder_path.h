// The path by which a folder that the command line names is known from then on. status.json, reports and children have
// to find it wherever they are read or run. Any thread.
#pragma once

#include <string>

#include "shared/base/result.h"

namespace doutu {

/// Absolute, without ".", ".." and a slash at its end; symbolic links stay. The folder need not exist. Error: the
/// working folder is gone.
[[nodiscard]] Result<std::string> absolute_folder(const std::string& directory);

}  // namespace doutu
