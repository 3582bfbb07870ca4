// Fatal exit: how a program ends that is out of memory, threads or descriptors. It says why in one line, and exits with
// status 1 at once, wherever the exception was thrown. It need not clean up: every program survives a kill at any
// instant. A bug still crashes. Set up once, before the first thread starts.
#pragma once

#include <exception>

#include "shared/base/system_limits.h"

namespace doutu {

/// What the line of an exception that nobody catches begins with: "doutu: error: ". A literal.
void set_fatal_prefix(const char* prefix);

/// What was wanting, in the system's words where it was memory. Takes no memory itself; lives as long as the exception.
[[nodiscard]] const char* to_text(const std::exception& error);
/// What goes behind it: the limit that it may come of (system_limits.h), or nothing.
[[nodiscard]] LimitWords limit_behind(const std::exception& error);

}  // namespace doutu
