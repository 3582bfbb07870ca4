// The user's own place for what a folder cannot keep from others: $XDG_STATE_HOME/doutu, with ~/.local/state where that
// is not set (XDG Base Directory Specification). The parent's thread.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "shared/base/result.h"
#include "shared/folder/state_folder.h"

namespace doutu {

/// Made where it is missing. Error: there is no such place that is the user's alone.
[[nodiscard]] Result<StateFolder> user_state_folder();

/// The same for a look: nothing is made.
[[nodiscard]] std::optional<StateFolder> find_user_state_folder();

/// What is kept there of a kind for a folder: "login-0123456789abcdef". Two folders may share a name: what is in the
/// file says for which it is.
[[nodiscard]] std::string user_state_name(std::string_view kind, std::string_view directory);

}  // namespace doutu
