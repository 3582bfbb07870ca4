// state_in(): the state folder of a folder of a test's own. Any thread.
#pragma once

#include <filesystem>
#include <string>

#include "shared/folder/state_folder.h"

namespace doutu {

/// Both are made where they are missing.
inline StateFolder state_in(const std::string& directory) {
  std::filesystem::create_directories(directory);
  return StateFolder::make(directory).value();
}

}  // namespace doutu
