#include "downloader/ledger/host_table.h"

#include <utility>

#include "shared/url/url.h"

namespace doutu {
namespace {

constexpr std::size_t kMaxCached = 4096;

}  // namespace

// States are the numbers of ImageState and PageState: literal where a partial index must be recognised.
HostTable::HostTable(Preparer& prepare, const CurrentJob& job)
    : job_(job),
      find_(prepare("SELECT id FROM hosts WHERE name = ?")),
      insert_(prepare("INSERT INTO hosts (name) VALUES (?) RETURNING id")),
      with_pending_(prepare("SELECT p.host, coalesce(h.name, p.host) FROM (SELECT host FROM images WHERE account = ?"
                            " AND state = 0 AND host > ? GROUP BY host ORDER BY host LIMIT ?) p"
                            " LEFT JOIN hosts h ON h.id = p.host ORDER BY p.host")),
      // Two passes over a table, once a run.
      answering_hosts_(
          prepare("SELECT id, name FROM hosts WHERE id IN (SELECT host FROM images WHERE state IN (1, 2))")),
      answering_pages_(prepare("SELECT coalesce(final_url, url) FROM pages WHERE account = ? AND state IN (1, 2)"
                               " ORDER BY number DESC LIMIT ?")) {}

Result<std::int64_t> HostTable::id_of(std::string name) {
  if (const auto cached = ids_.find(name); cached != ids_.end()) return cached->second;
  if (ids_.size() >= kMaxCached) ids_.clear();

  auto* row = &find_;
  auto found = row->first(name);
  if (found.ok() && !*found) {
    row = &insert_;
    found = row->first(name);
  }
  if (!found) return found.error();
  const std::int64_t id = row->integer(0);
  row->reset();
  ids_.emplace(std::move(name), id);
  return id;
}

Result<std::vector<HostRow>> HostTable::with_pending(std::int64_t after_id, std::size_t limit) {
  std::vector<HostRow> hosts;
  for (auto found = with_pending_.first(job_.id(), after_id, limit);; found = with_pending_.next()) {
    if (!found) return found.error();
    if (!*found) return hosts;
    hosts.push_back({with_pending_.integer(0), std::string(with_pending_.text(1))});
  }
}

Result<std::vector<HostRow>> HostTable::that_answered() {
  constexpr int kPages = 1000;  // Most templates name one host.
  std::vector<HostRow> hosts;
  auto found = answering_hosts_.first();
  for (; found && *found; found = answering_hosts_.next()) {
    hosts.push_back({answering_hosts_.integer(0), std::string(answering_hosts_.text(1))});
  }
  if (!found) return found.error();
  for (found = answering_pages_.first(job_.id(), kPages); found && *found; found = answering_pages_.next()) {
    HostRow row{0, url_authority(std::string(answering_pages_.text(0)))};
    if (hosts.empty() || hosts.back() != row) hosts.push_back(std::move(row));
  }
  if (!found) return found.error();
  return hosts;
}

}  // namespace doutu
