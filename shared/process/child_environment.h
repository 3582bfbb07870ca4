// ChildEnvironment: which environment variables of this process its children get. Children read what strangers wrote,
// so they get nothing of the user's session: no token, key, proxy or address. They get what libraries need to be
// loaded, to look names up and to speak TLS. Pure; any thread.
#pragma once

#include <optional>
#include <string>
#include <vector>

namespace doutu {

/// Whether what tests let children fail by, and what watches a build from inside, is passed on: LD_PRELOAD, DOUTU_*,
/// *SAN_OPTIONS, and where counters of lines go.
enum class Injection { dropped, passed };

/// Passed where tests are built (DOUTU_TESTS), dropped in what users run.
[[nodiscard]] Injection injection_of_this_build();

/// "NAME=value" entries. environment: as environ(7), ended by null.
[[nodiscard]] std::vector<std::string> child_environment(const char* const* environment, Injection injection);

/// A line for the user whose LD_PRELOAD sees to where connections go (torsocks, proxychains) and does not reach the
/// processes that connect; nullopt: there is none, or it does.
[[nodiscard]] std::optional<std::string> lost_preload(const char* const* environment, Injection injection);

}  // namespace doutu
