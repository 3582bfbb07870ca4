#include "downloader/ledger/host_table.h"

#include <utility>

#include "shared/url/url.h"

namespace doutu {
namespace {

constexpr std::size_t kMaxCached = 4096;

}  // namespace

// States are the numbers of PageState.
HostTable::HostTable(Preparer& prepare, const CurrentJob& job, const PendingIds& pending)
    : job_(job),
      pending_(pending),
      find_(prepare("SELECT id FROM host WHERE name = ?")),
      insert_(prepare("INSERT INTO host (name) VALUES (?) RETURNING id")),
      name_of_(prepare("SELECT name FROM host WHERE id = ?")),
      answered_now_(prepare("UPDATE host SET answered = 1 WHERE id = ? AND answered = 0")),
      answering_hosts_(prepare("SELECT id, name FROM host WHERE answered = 1")),
      answering_pages_(prepare("SELECT coalesce(final_url, url) FROM page WHERE job = ? AND state IN (1, 2)"
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

Result<std::int64_t> HostTable::id_of_url(std::string_view url) {
  const std::string_view origin = url_origin(url);
  if (origin == last_origin_) return last_id_;
  auto id = id_of(url_authority(url));
  if (id) {
    last_origin_ = origin;
    last_id_ = *id;
  }
  return id;
}

Status HostTable::answered(std::int64_t id) {
  if (answered_.contains(id)) return {};
  if (answered_.size() >= kMaxCached) answered_.clear();
  answered_.insert(id);
  return answered_now_.run(id);
}

Result<std::vector<HostRow>> HostTable::with_pending(std::int64_t after_id, std::size_t limit) {
  std::vector<HostRow> hosts;
  for (const std::int64_t id : pending_.hosts_after(after_id, limit)) {
    const auto found = name_of_.first(id);
    if (!found) return found.error();
    hosts.push_back({id, *found ? std::string(name_of_.text(0)) : std::to_string(id)});
    name_of_.reset();
  }
  return hosts;
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
