// Shell words: for command lines that are shown so that one can paste them. Pure; any thread.
#pragma once

#include <string>
#include <string_view>

namespace doutu {

/// A word as bash, zsh and fish read it back; as it is where nothing in it is special.
[[nodiscard]] std::string shell_word(std::string_view text);

}  // namespace doutu
