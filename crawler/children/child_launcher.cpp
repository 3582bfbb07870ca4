#include "crawler/children/child_launcher.h"

#include <cerrno>
#include <utility>

#include "crawler/children/xpath_check.h"

namespace doutu {
namespace {

/// Somebody's kill, or want of memory, says nothing about an XPath.
constexpr int kAttempts = 3;

}  // namespace

void ChildLauncher::prestart() {
  // The fetcher first, which is asked about the XPaths.
  if (auto started = fetcher()) fetcher_ = std::make_unique<StartedFetcher>(*std::move(started));
  if (auto started = downloader()) downloader_ = std::make_unique<StartedChild>(*std::move(started));
}

Result<std::optional<std::string>> ChildLauncher::xpath_problem(const std::vector<std::string>& expressions) {
  for (int attempt = 1;; ++attempt) {
    auto asked = fetcher();
    if (!asked) return std::move(asked).error().within("cannot check the XPath");
    auto problem = doutu::xpath_problem(asked->child, expressions);
    if (problem) fetcher_ = std::make_unique<StartedFetcher>(*std::move(asked));
    if (problem || problem.error().code == ETIMEDOUT || attempt == kAttempts) return problem;
  }
}

Result<StartedChild> ChildLauncher::downloader() {
  if (const auto ahead = std::exchange(downloader_, nullptr)) return std::move(*ahead);
  if (!doubts_) {
    auto made = ControlChannel::create();
    if (!made) return std::move(made).error();
    doubts_ = *std::move(made);
  }
  auto budget = this->budget();
  if (!budget) return std::move(budget).error();
  return StartedChild::start("doutu-downloader", {{doubts_->first.fd(), kDoubtsFd}, *budget});
}

Result<StartedChild> ChildLauncher::decoder() {
  return StartedChild::start("doutu-decoder", {{doubts_->second.fd(), kDoubtsFd}});
}

Result<StartedFetcher> ChildLauncher::fetcher() {
  if (const auto ahead = std::exchange(fetcher_, nullptr)) return std::move(*ahead);
  auto budget = this->budget();
  if (!budget) return std::move(budget).error();
  return StartedFetcher::start({.run_id = run_id_, .generation = ++last_generation_}, *budget);
}

/// Also where the rate has no limit: children start before that is known.
Result<std::pair<int, int>> ChildLauncher::budget() {
  if (!budget_) {
    auto made = RateBudget::create();
    if (!made) return std::move(made).error();
    budget_ = *std::move(made);
  }
  return std::pair(budget_->fd(), kRateFd);
}

}  // namespace doutu
