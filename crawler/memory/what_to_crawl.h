// WhatToCrawl: what a command line asks for, together with what its folder remembers. With a URL a command means
// exactly what it says. With --directory and no URL it is what the folder remembers, changed by what is given now. With
// neither, but with --pages, it is the case study. Nothing is changed here; the folder is only read. The parent's
// thread.
#pragma once

#include <optional>
#include <string>
#include <variant>

#include "crawler/command_line/command_line.h"
#include "crawler/memory/kept_list.h"
#include "crawler/memory/start_problem.h"
#include "crawler/request/recipe.h"

namespace doutu {

struct WhatToCrawl {
  /// Who says so. earlier_ledger: a version that remembered no flags made the folder; recipe and pages are to be read
  /// from its ledger.
  enum class Source { command_line, case_study, memory, earlier_ledger };

  Source source = Source::command_line;
  CrawlCommand command{};  ///< With the flags that were remembered.
  ListOrigin list{};       ///< Given by the command; its pages are known once it is read.
  Recipe recipe{};
  AskedPages pages{};  ///< Of memory: those of the last job. What --pages adds to them depends on how that job ended.

  [[nodiscard]] bool goes_on() const { return source == Source::memory || source == Source::earlier_ledger; }
};

/// A folder whose memory cannot be used is no wrong use.
[[nodiscard]] std::variant<WhatToCrawl, StartProblem> what_to_crawl(CrawlCommand command);

/// Pages and expressions of a job that the command goes on from. Its expressions, if it has any, take their place.
[[nodiscard]] Status go_on_from(const JobSpec& spec, WhatToCrawl& what);

/// " --pages 1-10", with one such flag for each placeholder.
[[nodiscard]] std::string flags_for_pages(const JobSpec& spec);

/// "doutu crawl 'https://...' --pages 1-10 --xpath '//img' --directory img": without further flags. Secrets of the URL
/// are hidden, and the text says so: ", with the user and password in place of ***".
[[nodiscard]] std::string command_for(const JobSpec& spec, const std::string& directory);

}  // namespace doutu
