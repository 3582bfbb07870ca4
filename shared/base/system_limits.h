// SystemLimits: the limits that the system sets a process (getrlimit(2), a shell's `ulimit`), in words for people. An
// error that a limit causes tells little without them. Takes no memory, so that a fatal exit can use it. Any thread.
#pragma once

#include <array>
#include <cstdint>
#include <optional>

#include "shared/base/result.h"

namespace doutu {

enum class SystemLimit {
  open_files,     ///< At a time.
  tasks,          ///< Processes and threads of the user. Root has no such limit.
  file_size,      ///< Bytes of each file that is written, of memory that is shared as well.
  address_space,  ///< Bytes that a process may map.
  data,           ///< Bytes of them that it may write and shares with nobody. The sandbox bounds its own (policy.h).
  stack,          ///< Bytes of the first thread's, and of others that ask for none.
};

/// The one that holds now; nullopt: none does.
[[nodiscard]] std::optional<std::uint64_t> value_of(SystemLimit limit);

/// A text that ends by NUL.
using LimitWords = std::array<char, 96>;

/// "the limit on open files is 20 (ulimit -n)", "the limit on file size is 8 MiB (ulimit -f)".
[[nodiscard]] LimitWords to_text(SystemLimit limit, std::uint64_t value);

/// What goes behind an error that a limit may have caused: "; the limit on open files is 20 (ulimit -n)". Empty for
/// other errors, and where there is no limit. EAGAIN is taken for want of a process or thread, which may also be want
/// of room for its stack.
[[nodiscard]] LimitWords limit_behind(int code);

/// Whether the system had no descriptor, process, thread or memory for a call that failed with this errno. Others may
/// give some back, so this says nothing about what it was wanted for.
[[nodiscard]] bool is_want(int code);

/// system_error() of a call that makes a descriptor, a mapping, a process or a thread.
[[nodiscard]] Error error_with_limit(std::string_view what, int code = errno);

}  // namespace doutu
