// ChildLauncher: starts a crawl's downloader, fetchers and decoder. It starts the first downloader and the first
// fetcher ahead of time: loading libraries is most of a child's start, and goes on while the parent looks at the folder
// and the ledger. A child touches nothing until it is configured. The parent's thread.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "crawler/children/started_child.h"
#include "shared/base/result.h"
#include "shared/process/rate_budget.h"

namespace doutu {

class ChildLauncher {
 public:
  explicit ChildLauncher(std::uint64_t run_id) : run_id_(run_id) {}

  /// One that the system has no room for now is started when it is wanted.
  void prestart();

  /// One line that says what is wrong with an expression and where; nullopt when all of them compile. A fetcher is
  /// asked, for the parent links no libxml2. Error: none could be asked, or gave an answer.
  Result<std::optional<std::string>> xpath_problem(const std::vector<std::string>& expressions);

  /// The one that was started ahead is not wanted: no page is left.
  void let_fetcher_go() { fetcher_.reset(); }

  /// All of them ask decoders through one channel, so that a question outlives who asked and who died over another.
  Result<StartedChild> downloader();
  Result<StartedChild> decoder();
  /// The decoders' end of that channel: readable while a question waits. Once a downloader was started.
  [[nodiscard]] ControlChannel& doubts() { return doubts_->second; }
  /// Each with a lane of a generation of its own.
  Result<StartedFetcher> fetcher();

  /// Whether --limit-rate holds transfers back now.
  [[nodiscard]] bool is_rate_spent(MonoTime now) const { return budget_ && budget_->is_spent(now); }

 private:
  /// For Spawn::fds of a child that fetches.
  Result<std::pair<int, int>> budget();

  const std::uint64_t run_id_;
  std::uint64_t last_generation_ = 0;
  std::optional<std::pair<ControlChannel, ControlChannel>> doubts_;  ///< Who asks, and who answers.
  std::optional<RateBudget> budget_;                                 ///< Of all of them.
  // Started ahead, and not taken yet.
  std::unique_ptr<StartedChild> downloader_;
  std::unique_ptr<StartedFetcher> fetcher_;
};

}  // namespace doutu
