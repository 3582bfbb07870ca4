// Why a crawl may not begin: one line for the user, and the exit status. Values; any thread.
#pragma once

#include <string>

namespace doutu {

inline constexpr int kExitFolderHeld = 75;

struct StartProblem {
  int status = 1;  ///< 1: something cannot be used or does not work. 2: wrong use. 9: a full disk. kExitFolderHeld.
  std::string message;
};

}  // namespace doutu
