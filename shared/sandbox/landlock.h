// Landlock: a thread gives up, for good and for every thread and process that it starts later, what it may do with
// files by their names (Linux documentation, userspace-api/landlock). What is open stays open. There is no library: the
// three system calls are made here, with all that the running kernel knows, newer than the headers or not.
#pragma once

#include <string>
#include <vector>

#include "shared/base/result.h"

namespace doutu {

/// What may still be done. Files, or folders with all below them; links are followed now, so that a rule holds the file
/// that a name leads to and not the name. What does not exist is left out.
struct FileRules {
  std::vector<std::string> readable;
  std::vector<std::string> writable;  ///< And read. Files in them are made, renamed, linked and deleted; folders made.
};

/// Whatever the rules say, nothing can be executed, no device, socket, pipe or symbolic link made, and, where the
/// kernel can, no TCP port be bound, no signal sent out of this process and no abstract socket met that others made.
/// Preconditions: no other thread runs, and no_new_privs is set; landlock_version() is at least kOldestLandlock.
[[nodiscard]] Status restrict_files(const FileRules& rules);

}  // namespace doutu
