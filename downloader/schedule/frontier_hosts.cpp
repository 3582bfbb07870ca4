#include "downloader/schedule/frontier_hosts.h"

namespace doutu {
namespace {

std::uint32_t most_in_flight(const CrawlSettings& settings) {
  return settings.politeness.max_per_host == 0 ? settings.pool.downloaders : settings.politeness.max_per_host;
}

}  // namespace

FrontierHost* FrontierHosts::find(std::int64_t number) const {
  const auto found = by_number_.find(number);
  return found == by_number_.end() ? nullptr : found->second;
}

FrontierHost* FrontierHosts::find(const std::string& name) {
  const auto found = by_name_.find(name);
  return found == by_name_.end() ? nullptr : &found->second;
}

FrontierHost& FrontierHosts::add(const HostRow& row) {
  auto found = by_name_.find(row.name);
  if (found == by_name_.end()) {
    const auto past = answered_.contains(row) ? HostSchedule::Past::has_answered : HostSchedule::Past::unknown;
    const HostSchedule schedule(settings_, past, {.most = most_in_flight(settings_)});
    found = by_name_.try_emplace(row.name, row.name, schedule).first;
  }
  FrontierHost& host = found->second;
  // Two rows of one name: the ledger is damaged, and that must not end the crawl.
  if (row.id != 0 && host.id != 0 && host.id != row.id) return add({row.id, row.name + '#' + std::to_string(row.id)});
  if (row.id != 0 && host.id == 0) {
    host.id = row.id;
    ++rows_;
    by_number_[host.id] = &host;
    if (more_) host.window.expect_more();
  } else if (row.id == 0 && host.id == 0 && host.alias == 0) {
    host.alias = --last_alias_;
    by_number_[host.alias] = &host;
  }
  return host;
}

bool FrontierHosts::has_room_for(const HostRow& row) const {
  if (by_name_.contains(row.name)) return true;
  if (answered_.contains(row)) return rows_ < kMost + kMost / 2;
  return !more_ && rows_ < kMost;
}

void FrontierHosts::forget(const FrontierHost& host) {
  if (host.schedule.is_known()) answered_.add({host.id, host.name});
  if (host.id != 0) --rows_;
  by_number_.erase(host.id);
  by_number_.erase(host.alias);
  by_name_.erase(by_name_.find(host.name));
}

void FrontierHosts::count_bytes(const FrontierHost& host, std::uint64_t bytes) {
  if (settings_.limits.max_host_bytes > 0 && bytes > 0) bytes_[host.name] += bytes;
}

bool FrontierHosts::is_over_limit(const FrontierHost& host) const {
  const auto found = bytes_.find(host.name);
  return found != bytes_.end() && found->second >= settings_.limits.max_host_bytes;
}

void FrontierHosts::met(std::span<const HostRow> rows) {
  const bool is_last = rows.size() < kMost;
  more_ = !is_last || met_ > 0;  // Those before may be pending again.
  met_ = is_last ? 0 : rows.back().id;
}

}  // namespace doutu
