#include "crawler/child_starter.h"

#include <cerrno>
#include <utility>

#include "crawler/xpath_check.h"

namespace doutu {
namespace {

/// Somebody's kill, or want of memory, says nothing about an XPath.
constexpr int kAttempts = 3;

/// What was started ahead, if it was.
template <class Child>
std::optional<Child> take(std::optional<Child>& ahead) {
  std::optional<Child> taken = std::move(ahead);
  ahead.reset();
  return taken;
}

}  // namespace

void ChildStarter::start_ahead() {
  // The fetcher first, which is asked about the XPaths.
  if (auto started = fetcher()) fetcher_.emplace(*std::move(started));
  if (auto started = downloader()) downloader_.emplace(*std::move(started));
}

Result<std::optional<std::string>> ChildStarter::xpath_problem(const std::vector<std::string>& expressions) {
  for (int attempt = 1;; ++attempt) {
    auto asked = fetcher();
    if (!asked) return std::move(asked).error().within("cannot check the XPath");
    auto problem = doutu::xpath_problem(asked->child, expressions);
    if (problem) fetcher_.emplace(*std::move(asked));
    if (problem || problem.error().code == ETIMEDOUT || attempt == kAttempts) return problem;
  }
}

Result<StartedChild> ChildStarter::downloader() {
  if (auto ahead = take(downloader_)) return *std::move(ahead);
  return StartedChild::start("doutu-downloader");
}

Result<StartedFetcher> ChildStarter::fetcher() {
  if (auto ahead = take(fetcher_)) return *std::move(ahead);
  return StartedFetcher::start({.run_id = run_id_, .generation = ++last_generation_});
}

}  // namespace doutu
