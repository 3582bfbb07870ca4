// The kernel's name for the time since the machine was started (proc(5), /proc/sys/kernel/random/boot_id).
#pragma once

#include <fstream>
#include <string>

namespace doutu {

/// Empty where there is none: then every start counts as one after another boot.
[[nodiscard]] inline std::string boot_id() {
  std::ifstream file("/proc/sys/kernel/random/boot_id");
  std::string id;
  std::getline(file, id);
  return id;
}

}  // namespace doutu
