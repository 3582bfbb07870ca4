// Everything before the first child is configured: the recipe is checked, the folder made and locked, the ledger read,
// the job chosen. The parent's thread.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <variant>

#include "crawler/children/child_launcher.h"
#include "crawler/command_line/command_line.h"
#include "crawler/cookies/crawl_cookies.h"
#include "crawler/memory/start_problem.h"
#include "crawler/plan/page_plan.h"
#include "crawler/view/crawl_log.h"
#include "shared/folder/state_folder.h"
#include "shared/ledger/schema.h"
#include "shared/process/folder_lock.h"

namespace doutu {

/// A crawl that may begin. Its folder is this process's as long as this object lives.
struct CrawlStart {
  CrawlCommand command;  ///< Settings filled in: absolute directory, XPaths, site host, run id.
  JobSpec spec;
  std::int64_t job = 0;  ///< The unfinished one that is continued, or the next free number.
  bool continued = false;
  JobCounters counters_before;  ///< Of the job that is continued.
  std::unique_ptr<PagePlan> plan;
  std::map<std::string, std::uint64_t> page_failures;  ///< Of the job so far, by cause name.
  std::unique_ptr<const StateFolder> folder;
  FolderLock lock;
  std::unique_ptr<CrawlLog> log;
  CrawlCookies cookies;
  ChildLauncher children;
};

[[nodiscard]] std::variant<CrawlStart, StartProblem> start_crawl(CrawlCommand command);

}  // namespace doutu
