#include "downloader/ledger/robots_table.h"

#include "shared/base/clock.h"
#include "shared/robots/robots_book.h"

namespace doutu {

RobotsTable::RobotsTable(Preparer& prepare)
    : save_(prepare("INSERT OR REPLACE INTO robots (server, read, rules) VALUES (?, ?, ?)")),
      since_(prepare("SELECT server, read, rules FROM robots WHERE read > ? AND read <= ? ORDER BY read")),
      forget_(prepare("DELETE FROM robots WHERE read < ?")) {}

Status RobotsTable::save(const std::string& server, std::string_view rules) {
  return save_.run(server, wall_milliseconds(), rules);
}

Status RobotsTable::forget_old() {
  return forget_.run(wall_milliseconds() - std::chrono::milliseconds(RobotsBook::kKept).count());
}

Status RobotsTable::for_each_since(
    std::int64_t since_ms,
    const std::function<void(const std::string& server, std::int64_t read_ms, std::string_view rules)>& visit) {
  for (auto found = since_.first(since_ms, wall_milliseconds());; found = since_.next()) {
    if (!found) return found.error();
    if (!*found) break;
    visit(std::string(since_.text(0)), since_.integer(1), since_.text(2));
  }
  since_.reset();
  return {};
}

}  // namespace doutu
