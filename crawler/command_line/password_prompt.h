// Asks for a password on the terminal, without showing it. The parent's thread, before anything is started.
#pragma once

#include <optional>
#include <string>

namespace doutu {

/// One line from /dev/tty, wherever standard input comes from; nullopt: there is no terminal, or it was left by Ctrl-D.
[[nodiscard]] std::optional<std::string> ask_for_password(const std::string& prompt);

}  // namespace doutu
