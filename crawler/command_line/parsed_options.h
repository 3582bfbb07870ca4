// ParsedOptions: the fields that flags are read into, for one command while it is parsed. One thread.
#pragma once

#include <string>
#include <vector>

#include "crawler/command_line/command_line.h"

namespace doutu {

struct ParsedOptions {
  CrawlCommand crawl;                     ///< What other commands have in common with it is in it as well.
  std::vector<std::string> header_flags;  ///< As they were written.
  bool quiet = false;
  bool verbose = false;
  bool json = false;
  bool watch = false;
  bool allow_empty = false;
};

}  // namespace doutu
