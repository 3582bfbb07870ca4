#include "downloader/ledger/lane_table.h"

namespace doutu {

LaneTable::LaneTable(Preparer& prepare, const CurrentJob& job)
    : job_(job),
      find_(prepare("SELECT taken FROM lane WHERE run = ? AND generation = ?")),
      save_(prepare("INSERT OR REPLACE INTO lane (run, generation, taken) VALUES (?, ?, ?)")),
      forget_other_runs_(prepare("DELETE FROM lane WHERE run <> ?")) {}

Result<std::uint64_t> LaneTable::taken(std::uint64_t generation) {
  const auto found = find_.first(job_.run(), generation);
  if (!found) return found.error();
  const std::uint64_t taken = *found ? find_.as<std::uint64_t>(0) : 0;
  find_.reset();
  return taken;
}

Status LaneTable::save_taken(std::uint64_t generation, std::uint64_t position) {
  return save_.run(job_.run(), generation, position);
}

Status LaneTable::forget_other_runs() { return forget_other_runs_.run(job_.run()); }

}  // namespace doutu
