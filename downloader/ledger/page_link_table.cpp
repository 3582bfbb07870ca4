#include "downloader/ledger/page_link_table.h"

#include <fmt/format.h>

#include <algorithm>
#include <cerrno>
#include <string>
#include <utility>

#include "downloader/ledger/ledger_values.h"

namespace doutu {
namespace {

std::string marked(std::int64_t job, const PageLink& page) {
  return fmt::format("{} {} {} {} {} {}", job, page.number, page.link, page.step, page.depth, page.parent);
}

Error damaged(std::uint64_t number) {
  return {fmt::format("the record of page {} is not as it was written", number), EBADMSG};
}

}  // namespace

PageLinkTable::PageLinkTable(Preparer& prepare, CurrentJob& job)
    : job_(job),
      find_(prepare("SELECT link, step, depth, parent, position, barren, seen, deeper, found, off_site, too_deep,"
                    " over_limit, endless, mark FROM page_link WHERE job = ? AND number = ?")),
      save_(prepare("INSERT OR REPLACE INTO page_link (job, number, link, step, depth, parent, position, barren, seen,"
                    " deeper, found, off_site, too_deep, over_limit, endless, mark)"
                    " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)")),
      waiting_(prepare("SELECT p.number, p.link, p.step, p.depth, p.parent, p.mark, l.url FROM page_link p"
                       " LEFT JOIN link l ON l.id = p.link LEFT JOIN page g ON g.job = p.job AND g.number = p.number"
                       " WHERE p.job = ? AND p.number > ? AND coalesce(g.state, 0) = 0 ORDER BY p.number LIMIT ?")),
      count_(prepare("SELECT count(*), coalesce(max(number), 0) FROM page_link WHERE job = ? AND number >= ?")),
      known_(prepare("SELECT known FROM link_count WHERE job = ?")),
      save_known_(prepare("INSERT OR REPLACE INTO link_count (job, known) VALUES (?, ?)")) {}

Status PageLinkTable::begin_job() {
  now_ = {};
  const auto counted = count_.first(job_.id(), kFirstFoundPage);
  if (!counted) return counted.error();
  const auto count = count_.as<std::uint64_t>(0);
  if (count > 0) now_.last = count_.as<std::uint64_t>(1);
  count_.reset();
  if (count != this->count()) return Error{"found pages are missing", EBADMSG};
  const auto known = known_.first(job_.id());
  if (!known) return known.error();
  if (*known) now_.known = known_.as<std::uint64_t>(0);
  known_.reset();
  return {};
}

Result<std::optional<PageLink>> PageLinkTable::find(std::uint64_t number) {
  const auto found = find_.first(job_.id(), number);
  if (!found) return found.error();
  if (!*found) return std::optional<PageLink>();
  PageLink page{.number = number, .link = find_.integer(0), .parent = find_.as<std::uint64_t>(3)};
  int column = 1;
  for (auto* field : {&page.step, &page.depth}) *field = find_.as<std::uint32_t>(column++);
  column = 4;
  for (auto* field : {&page.position, &page.barren, &page.seen, &page.deeper, &page.found, &page.off_site,
                      &page.too_deep, &page.over_limit, &page.endless}) {
    *field = find_.as<std::uint32_t>(column++);
  }
  const bool is_whole = has_mark_of(find_, column, marked(job_.id(), page));
  find_.reset();
  return is_whole ? Result<std::optional<PageLink>>(page) : damaged(number);
}

Status PageLinkTable::save(const PageLink& page) {
  return save_.run(job_.id(), page.number, page.link, page.step, page.depth, page.parent, page.position, page.barren,
                   page.seen, page.deeper, page.found, page.off_site, page.too_deep, page.over_limit, page.endless,
                   mark_of(marked(job_.id(), page)));
}

Result<std::vector<PageTask>> PageLinkTable::waiting(std::uint64_t after, std::size_t limit) {
  std::vector<PageTask> tasks;
  auto row = waiting_.first(job_.id(), std::max(after, kFirstFoundPage - 1), limit);
  for (; row && *row; row = waiting_.next()) {
    const PageLink page{.number = waiting_.as<std::uint64_t>(0),
                        .link = waiting_.integer(1),
                        .step = waiting_.as<std::uint32_t>(2),
                        .depth = waiting_.as<std::uint32_t>(3),
                        .parent = waiting_.as<std::uint64_t>(4)};
    if (!has_mark_of(waiting_, 5, marked(job_.id(), page)) || waiting_.is_null(6)) {
      waiting_.reset();
      return damaged(page.number);
    }
    tasks.push_back({.id = page.number, .attempt = 1, .url = std::string(waiting_.text(6)), .step = page.step});
  }
  if (!row) return std::move(row).error();
  return tasks;
}

Status PageLinkTable::save_counts() {
  return now_.known == before_.known ? Status() : save_known_.run(job_.id(), now_.known);
}

}  // namespace doutu
