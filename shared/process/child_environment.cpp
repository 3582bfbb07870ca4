#include "shared/process/child_environment.h"

#include <algorithm>
#include <array>
#include <string_view>

namespace doutu {
namespace {

constexpr std::string_view kPreload = "LD_PRELOAD";

constexpr auto kOfLibraries = std::to_array<std::string_view>({
    "LD_LIBRARY_PATH",                     // where they are, the parent's own among them
    "GLIBC_TUNABLES", "MALLOC_ARENA_MAX",  // memory
    "RES_OPTIONS", "LOCALDOMAIN",          // name service, resolv.conf(5)
    "OPENSSL_CONF", "OPENSSL_MODULES",     // for servers that speak only what is out of date
});

constexpr auto kOfBuilds = std::to_array<std::string_view>({"LLVM_PROFILE_FILE", "GCOV_PREFIX", "GCOV_PREFIX_STRIP"});

std::string_view name_of(std::string_view entry) { return entry.substr(0, entry.find('=')); }

bool injects(std::string_view name) {
  return name == kPreload || name.starts_with("DOUTU_") || name.ends_with("SAN_OPTIONS") ||
         std::ranges::find(kOfBuilds, name) != kOfBuilds.end();
}

bool is_passed(std::string_view name, Injection injection) {
  const bool of_libraries = std::ranges::find(kOfLibraries, name) != kOfLibraries.end();
  return of_libraries || (injection == Injection::passed && injects(name));
}

}  // namespace

Injection injection_of_this_build() {
#ifdef DOUTU_INJECTION
  return Injection::passed;
#else
  return Injection::dropped;
#endif
}

std::vector<std::string> child_environment(const char* const* environment, Injection injection) {
  std::vector<std::string> passed;
  for (; *environment != nullptr; ++environment) {
    if (is_passed(name_of(*environment), injection)) passed.emplace_back(*environment);
  }
  return passed;
}

std::optional<std::string> lost_preload(const char* const* environment, Injection injection) {
  if (injection == Injection::passed) return std::nullopt;
  for (; *environment != nullptr; ++environment) {
    const std::string_view entry = *environment;
    if (name_of(entry) != kPreload || entry.size() <= kPreload.size() + 1) continue;
    return "LD_PRELOAD has no effect on the connections of doutu, so torsocks, proxychains and the like do nothing; "
           "use "
           "--proxy";
  }
  return std::nullopt;
}

}  // namespace doutu
