// Fatal exit: how a program ends that cannot go on, without memory, a thread or a descriptor: by a line that says
// why, with status 1, and at once. Wherever the exception was thrown, in main(), in a thread or in a handler: what is
// made for kills at any instant needs no other way out. A bug still crashes. Once, before the first thread starts.
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
