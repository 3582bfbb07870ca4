// What Tab proposes in a shell after "doutu", from the declarations of the commands. Pure functions; any thread.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "crawler/request/command_spec.h"

namespace doutu {

/// The file that bash, zsh or fish read; nullopt for another shell. Commands, flags and their values: folders, files
/// and what a flag has as choices.
[[nodiscard]] std::optional<std::string> completions_for(std::string_view shell, std::span<const CommandSpec> commands);

}  // namespace doutu
