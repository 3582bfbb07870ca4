// Asks for a password on the terminal, without showing it. The parent's thread, before anything is started.
#pragma once

#include <string>
#include <variant>

namespace doutu {

enum class NoPassword {
  no_terminal,  ///< There is nobody to ask.
  given_up,     ///< The user ended the input (Ctrl-D).
};

/// One line from /dev/tty, wherever standard input comes from. A signal such as that of Ctrl-C ends the process as
/// always, once the terminal shows again what is typed. After one that stops it (Ctrl-Z), it asks anew.
[[nodiscard]] std::variant<std::string, NoPassword> ask_for_password(const std::string& prompt);

}  // namespace doutu
