// The help of doutu and of each command, from their declarations; at most 80 columns. Pure functions; any thread.
#pragma once

#include <span>
#include <string>
#include <string_view>

#include "crawler/request/command_spec.h"

namespace doutu {

/// The command's intro, then its flags under their headings.
[[nodiscard]] std::string help_text(const CommandSpec& command);

/// The commands that are shown, a line each.
[[nodiscard]] std::string command_list(std::span<const CommandSpec> commands);

}  // namespace doutu
