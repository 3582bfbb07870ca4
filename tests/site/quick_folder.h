// quick_folder(): where files are in memory, if the system has such a folder: for tests to which the syncs of a disk
// would take most of the time, and prove nothing.
#pragma once

#include <filesystem>

namespace doutu {

inline std::filesystem::path quick_folder() {
  return std::filesystem::exists("/dev/shm") ? std::filesystem::path("/dev/shm")
                                             : std::filesystem::temp_directory_path();
}

}  // namespace doutu
