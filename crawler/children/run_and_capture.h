// Asks a program one question: starts it, reads what it writes to stdout, and sees how it ends. The parent's thread.
#pragma once

#include <cstddef>
#include <string>
#include <utility>
#include <vector>

#include "shared/base/clock.h"
#include "shared/base/result.h"
#include "shared/process/child_process.h"

namespace doutu {

struct ChildQuestion {
  std::string program;                     ///< Path.
  std::vector<std::string> arguments;      ///< Without the program's own name.
  std::vector<std::pair<int, int>> fds{};  ///< As in Spawn, beside stdout.
  milliseconds patience{10'000};           ///< For the whole answer.
  std::size_t max_bytes = 4096;            ///< What comes behind is not read.
};

struct CapturedRun {
  std::string text;
  Exit exit;
};

/// Waits for the end of the answer and of the program. Errors name the program: it could not be started, or (code
/// ETIMEDOUT) it was killed because the answer did not come in time.
[[nodiscard]] Result<CapturedRun> run_and_capture(const ChildQuestion& question);

}  // namespace doutu
