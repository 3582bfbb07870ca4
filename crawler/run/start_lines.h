// What is said when a crawl begins: what is crawled, and which crawls of the folder are not finished. Reads
// of the folder only whether a login is kept elsewhere. The parent's thread.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "crawler/memory/folder_memory.h"
#include "crawler/memory/job_choice.h"
#include "crawler/memory/what_to_crawl.h"
#include "crawler/view/crawl_log.h"
#include "shared/folder/state_folder.h"

namespace doutu {

/// "continuing pages 1-10 of https://... into img with --proxy http://p:1"
[[nodiscard]] std::string headline(const WhatToCrawl& what, const JobChoice& choice);
/// Without a terminal nothing more is seen for a while.
[[nodiscard]] std::string progress_note(CrawlLog::View view);
/// How to go on with the jobs that are not finished: a line for each of the last, and how many there are beside these.
[[nodiscard]] std::vector<std::string> left_behind(const JobChoice& choice, const std::optional<FolderMemory>& memory,
                                                   const StateFolder& folder, const std::string& directory);

}  // namespace doutu
