#include "crawler/request/user_state.h"

#include <fmt/format.h>

#include <cstdint>
#include <cstdlib>
#include <filesystem>

namespace doutu {
namespace {

/// Empty: the environment names none.
std::string state_home() {
  const auto value_of = [](const char* name) {
    const char* value = std::getenv(name);
    return std::string(value == nullptr || *value != '/' ? "" : value);
  };
  if (std::string home = value_of("XDG_STATE_HOME"); !home.empty()) return home;
  const std::string home = value_of("HOME");
  return home.empty() ? "" : home + "/.local/state";
}

}  // namespace

Result<StateFolder> user_state_folder() {
  const std::string home = state_home();
  if (home.empty()) return Error{"no home folder is known"};
  std::error_code error;
  std::filesystem::create_directories(home, error);
  if (error) return Error{home + ": " + error.message(), error.value()};
  auto folder = StateFolder::make(home, "doutu");
  if (folder && !folder->is_private()) return Error{folder->path_of("") + " is readable by other users, too"};
  return folder;
}

std::optional<StateFolder> find_user_state_folder() {
  const std::string home = state_home();
  std::error_code ignored;
  if (home.empty() || !std::filesystem::is_directory(home + "/doutu", ignored)) return std::nullopt;
  auto folder = user_state_folder();
  return folder ? std::optional(*std::move(folder)) : std::nullopt;
}

/// FNV-1a.
std::string user_state_name(std::string_view kind, std::string_view directory) {
  std::uint64_t hash = 0xcbf29ce484222325U;
  for (const char byte : directory) hash = (hash ^ static_cast<unsigned char>(byte)) * 0x100000001b3U;
  return fmt::format("{}-{:016x}", kind, hash);
}

}  // namespace doutu
