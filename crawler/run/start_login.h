// Who a crawl logs in as: the user and password of its template, and the pages at which it logs in. In a folder that
// others may read they are kept elsewhere. The parent's thread, before the crawl.
#pragma once

#include <optional>
#include <string>

#include "crawler/command_line/command_line.h"
#include "crawler/memory/folder_memory.h"
#include "crawler/memory/what_to_crawl.h"
#include "shared/base/result.h"
#include "shared/folder/state_folder.h"
#include "shared/ledger/ledger_reader.h"

namespace doutu {

/// In a folder that keeps nothing from others: takes the login out of the template, has it sent, and keeps it
/// elsewhere, or finds it there. A version before has put the login into the ledger: the crawl that it began is
/// continued as it was begun. What is to be said about it; nullopt: nothing. ledger: nullptr: the folder has none.
[[nodiscard]] Result<std::optional<std::string>> see_to_login(WhatToCrawl& what, LedgerReader* ledger,
                                                              const StateFolder& folder,
                                                              const std::optional<FolderMemory>& memory);

/// Has the login of the template sent, unless the user gives another, and knows the pages of --before.
void log_in(CrawlCommand& command, std::string url_template);

}  // namespace doutu
