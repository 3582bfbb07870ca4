#include "downloader/ledger/page_table.h"

#include <fmt/format.h>

#include <cerrno>
#include <utility>

#include "downloader/ledger/ledger_values.h"

namespace doutu {
namespace {

constexpr const char* kOldJobs =
    " (SELECT id FROM job WHERE settled IS NOT NULL AND id <> ?1"
    " AND id < (SELECT id FROM job ORDER BY id DESC LIMIT 1 OFFSET ?2))";

}  // namespace

PageTable::PageTable(Preparer& prepare, CurrentJob& job, MetImages& met)
    : job_(job),
      met_(met),
      find_(prepare("SELECT url, final_url, state, attempt, run, run_attempt, cause, http_status, hits, repeated"
                    " FROM page WHERE job = ? AND number = ?")),
      save_(prepare("INSERT OR REPLACE INTO page (job, number, url, final_url, state, attempt, run, run_attempt,"
                    " cause, http_status, hits, repeated, mark) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)")),
      all_(prepare("SELECT number, state, url, mark FROM page WHERE job = ?")),
      forget_old_{prepare("DELETE FROM page WHERE job IN" + std::string(kOldJobs)),
                  prepare("DELETE FROM page_link WHERE job IN" + std::string(kOldJobs))} {}

Status PageTable::forget_old_jobs() {
  constexpr int kKept = 7;  // A week of nights.
  Status forgotten = forget_old_.pages.run(job_.id(), kKept);
  return forgotten ? forget_old_.links.run(job_.id(), kKept) : std::move(forgotten);
}

/// The parent has read the states, and asks for no page that it saw recorded.
Status PageTable::check() {
  auto found = all_.first(job_.id());
  for (; found && *found; found = all_.next()) {
    const auto number = all_.as<std::uint64_t>(0);
    if (has_mark_of(all_, 3, marked(number, all_.as<PageState>(1), all_.text(2)))) continue;
    all_.reset();
    return Error{fmt::format("the record of page {} is not as it was written", number), EBADMSG};
  }
  return found ? Status() : Status(std::move(found).error());
}

std::string PageTable::marked(std::uint64_t number, PageState state, std::string_view url) const {
  return fmt::format("{} {} {} {}", job_.id(), number, static_cast<int>(state), url);
}

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
  if (page.state != PageState::open) met_.page_recorded(page.number);
  return save_.run(job_.id(), page.number, page.url,
                   page.final_url == page.url ? std::nullopt : text_or_null(page.final_url), page.state, page.attempt,
                   page.run, page.run_attempt, text_or_null(page.cause), page.http_status, page.hits, page.repeated,
                   mark_of(marked(page.number, page.state, page.url)));
}

}  // namespace doutu
