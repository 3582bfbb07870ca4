// Where Firefox keeps its profiles, and which of them is meant. Reads files; the parent's thread.
#pragma once

#include <string>

#include "shared/base/result.h"

namespace doutu {

/// The folder of a profile with cookies. `home` is the user's home folder; below it are the places of Firefox: its own,
/// that of a snap, that of a flatpak, each with a profiles.ini. Of them the first one counts that has the profile.
/// profile: a name as profiles.ini or about:profiles says it, the name of a folder, or an absolute path; empty: the one
/// that Firefox starts with. The error is a line for the user.
[[nodiscard]] Result<std::string> find_firefox_profile(const std::string& home, const std::string& profile);

}  // namespace doutu
