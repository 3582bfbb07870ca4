// FolderMemory: what a folder was last asked for, with every flag that is needed to go on there: template, pages,
// expressions, headers, proxy, waits, limits. It is kept in DIR/.doutu/command, which its owner alone can read. Where a
// file system keeps nothing from others (exFAT), it is where logins are kept (user_state.h). The parent's thread.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "crawler/request/command_spec.h"
#include "shared/base/result.h"
#include "shared/folder/state_folder.h"
#include "shared/ledger/schema.h"

namespace doutu {

/// It is written before the ledger has the job, or the pages that are added to it: a kill between leaves it ahead.
struct FolderMemory {
  JobSpec spec;
  std::vector<GivenFlag> flags;
  std::int64_t job = 0;  ///< Which job of the ledger that is, or will be; 0: a version before has not said.
  bool operator==(const FolderMemory&) const = default;
};

/// In place of what was remembered before.
[[nodiscard]] Status remember(const StateFolder& folder, const FolderMemory& memory);

/// nullopt: nothing is remembered. Error: the file cannot be read, is damaged, or is of a newer
/// version; a line for the user.
[[nodiscard]] Result<std::optional<FolderMemory>> recall(const StateFolder& folder);

}  // namespace doutu
