#include "downloader/ledger/link_table.h"

#include <fmt/format.h>

#include <algorithm>
#include <cerrno>
#include <utility>

#include "downloader/ledger/ledger_values.h"

namespace doutu {
namespace {

std::string marked(const Link& link) {
  return fmt::format("{} {} {} {} {}", link.job, link.number, link.whole, link.broken, link.url);
}

}  // namespace

LinkTable::LinkTable(Preparer& prepare, CurrentJob& job)
    : job_(job),
      find_key_(prepare("SELECT link FROM link_key WHERE k = ?")),
      save_key_(prepare("INSERT INTO link_key (k, link) VALUES (?, ?)")),
      find_(prepare("SELECT url, job, number, whole, broken, mark FROM link WHERE id = ?")),
      save_(prepare("INSERT OR REPLACE INTO link (id, url, job, number, whole, broken, mark)"
                    " VALUES (nullif(?, 0), ?, ?, ?, ?, ?, ?) RETURNING id")) {}

Result<Link> LinkTable::row(std::int64_t id) {
  const auto found = find_.first(id);
  if (!found) return found.error();
  if (!*found) return Link();
  Link link{.id = id,
            .url = std::string(find_.text(0)),
            .job = find_.integer(1),
            .number = find_.as<std::uint64_t>(2),
            .whole = find_.integer(3),
            .broken = find_.integer(4)};
  const bool is_whole = has_mark_of(find_, 5, marked(link));
  find_.reset();
  if (!is_whole) return Error{fmt::format("the record of link {} is not as it was written", id), EBADMSG};
  return link;
}

Result<Link> LinkTable::find(std::int64_t id) {
  auto found = row(id);
  if (found && found->id == 0) return Error{fmt::format("the record of link {} is missing", id), EBADMSG};
  return found;
}

/// Two URLs may have one hash: the second stands at the next key that is free.
Result<Link> LinkTable::find(std::string_view url) {
  for (KeyStage::Key key = url_key(secret_, url);; key = (key + 1) & KeyStage::kMask) {
    const auto found = find_key_.first(key);
    if (!found) return found.error();
    if (!*found) return Link{.key = key, .url = std::string(url)};
    const std::int64_t id = find_key_.integer(0);
    find_key_.reset();
    auto link = find(id);
    if (!link) return link;
    link->key = key;
    if (link->url == url) return link;
  }
}

Status LinkTable::meet(Link& link, std::uint64_t number) {
  const bool is_new = link.id == 0;
  link.job = job_.id();
  link.number = number;
  Status saved = save(link);
  return saved && is_new ? save_key_.run(link.key, link.id) : std::move(saved);
}

Status LinkTable::read_whole(Link& link) {
  link.whole = std::max(link.whole, job_.id());
  return save(link);
}

Status LinkTable::lacks_something(Link& link) {
  link.broken = std::max(link.broken, job_.id());
  return save(link);
}

Status LinkTable::save(Link& link) {
  const auto saved =
      save_.first(link.id, link.url, link.job, link.number, link.whole, link.broken, mark_of(marked(link)));
  if (!saved) return saved.error();
  link.id = save_.integer(0);
  save_.reset();
  return {};
}

}  // namespace doutu
