#include "downloader/ledger/page_table.h"

#include <utility>

#include "downloader/ledger/ledger_values.h"

namespace doutu {

PageTable::PageTable(Preparer& prepare, CurrentJob& job)
    : job_(job),
      find_(prepare("SELECT url, final_url, state, attempt, run, run_attempt, cause, http_status, hits, repeated"
                    " FROM pages WHERE account = ? AND number = ?")),
      save_(prepare("INSERT OR REPLACE INTO pages (account, number, url, final_url, state, attempt, run, run_attempt,"
                    " cause, http_status, hits, repeated) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)")) {}

Result<std::optional<PageRecord>> PageTable::find(std::uint64_t number) {
  const auto found = find_.first(job_.id(), number);
  if (!found) return found.error();
  if (!*found) return std::optional<PageRecord>();
  PageRecord page;
  page.number = number;
  page.url = find_.text(0);
  page.final_url = find_.text(1);
  page.state = find_.as<PageState>(2);
  page.attempt = find_.as<std::uint32_t>(3);
  page.run = find_.as<std::uint64_t>(4);
  page.run_attempt = find_.as<std::uint32_t>(5);
  page.cause = find_.text(6);
  page.http_status = find_.as<std::uint16_t>(7);
  page.hits = find_.as<std::uint32_t>(8);
  page.repeated = find_.as<std::uint32_t>(9);
  find_.reset();
  return std::optional(std::move(page));
}

Result<PageRecord> PageTable::begin_attempt(const std::optional<PageRecord>& before, PageRecord page) {
  page.attempt = before ? before->attempt + 1 : 1;
  page.run = job_.run();
  if (before) job_.take_back_repeated(before->repeated);
  if (Status saved = save(page); !saved) return std::move(saved).error();
  return page;
}

Status PageTable::save(const PageRecord& page) {
  return save_.run(job_.id(), page.number, page.url,
                   page.final_url == page.url ? std::nullopt : text_or_null(page.final_url), page.state, page.attempt,
                   page.run, page.run_attempt, text_or_null(page.cause), page.http_status, page.hits, page.repeated);
}

}  // namespace doutu
