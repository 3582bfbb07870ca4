// FrontierHosts: the hosts that the frontier knows: those in memory, by name, by row and by alias; which have answered
// before, and what each has sent, also of those that were forgotten; and whether the ledger has hosts that are not in
// memory. The frontier guards it by its mutex.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <unordered_map>
#include <utility>

#include "downloader/schedule/answered_hosts.h"
#include "downloader/schedule/frontier_host.h"
#include "downloader/schedule/image_task.h"
#include "shared/crawl/crawl_settings.h"
#include "shared/robots/robots_book.h"

namespace doutu {

class FrontierHosts {
 public:
  /// Hosts in memory: half as many more for a moment, since they are met in one go, or because they answer. At some 900
  /// bytes each: 6 MB.
  static constexpr std::size_t kMost = 4096;

  /// settings outlives this.
  explicit FrontierHosts(const CrawlSettings& settings) : settings_(settings) {}

  /// By row or alias; nullptr: it is not in memory.
  [[nodiscard]] FrontierHost* find(std::int64_t number) const;
  [[nodiscard]] FrontierHost* find(const std::string& name);
  /// Precondition: it is in memory.
  [[nodiscard]] FrontierHost& at(std::int64_t number) const { return *by_number_.at(number); }
  /// The host of this row, or (id 0) of this name, from now on in memory.
  FrontierHost& add(const HostRow& row);
  /// A host that answers finds room among many that do not.
  [[nodiscard]] bool has_room_for(const HostRow& row) const;
  /// It is in memory no more. Remembered is whether it is known, and what it has sent.
  void forget(const FrontierHost& host);

  void note_answered(const std::string& name) { answered_.add(name); }
  void note_answered(const HostRow& row) { answered_.add(row); }

  // --- --max-host-bytes.

  void count_bytes(const FrontierHost& host, std::uint64_t bytes);
  [[nodiscard]] bool is_over_limit(const FrontierHost& host) const;

  // --- Their robots.txt, also of hosts that are not in memory.

  void note_robots(const std::string& name, RobotsBook::Rules rules, MonoTime until) {
    robots_.put(name, std::move(rules), until);
  }
  [[nodiscard]] RobotsBook::Rules robots_of(const FrontierHost& host, MonoTime now) const {
    return robots_.find(host.name, now);
  }

  // --- Hosts that only the ledger has.

  /// The ledger has pending rows of hosts that are not in memory: of all those, all rows.
  void expect_more() { more_ = true; }
  [[nodiscard]] bool wants_more() const { return more_ && rows_ < kMost / 2; }
  /// The last row of this round.
  [[nodiscard]] std::int64_t last_met() const { return met_; }
  /// The rows behind last_met() were read; fewer than kMost: there are no more.
  void met(std::span<const HostRow> rows);

 private:
  const CrawlSettings& settings_;
  std::unordered_map<std::string, FrontierHost> by_name_;  ///< Nodes stay where they are.
  std::unordered_map<std::int64_t, FrontierHost*> by_number_;
  std::size_t rows_ = 0;         ///< Hosts with a row: others are bounded by Detours.
  std::int64_t last_alias_ = 0;  ///< They fall from -1.
  AnsweredHosts answered_;
  std::unordered_map<std::string, std::uint64_t> bytes_;  ///< By name.
  RobotsBook robots_;
  std::int64_t met_ = 0;
  bool more_ = false;
};

}  // namespace doutu
