// The table of flags: a row for each, in the order of the help. Parser, help, completions, what a folder remembers and
// what probe suggests follow from it. One thread.
#pragma once

#include <vector>

#include "crawler/command_line/parsed_options.h"
#include "crawler/request/command_spec.h"

namespace doutu {

/// The flags that a command takes, bound to `parsed`, which outlives them. What it has now are the defaults. A
/// field of parsed.crawl.settings is one that a child needs; the others are the parent's alone.
[[nodiscard]] std::vector<FlagSpec> flags_of(CommandSet command, ParsedOptions& parsed);

}  // namespace doutu
