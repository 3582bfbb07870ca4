#include "crawler/plan/found_pages.h"

#include <algorithm>
#include <iterator>
#include <utility>

namespace doutu {

void FoundPages::there_are(std::uint64_t last) { last_ = std::max(last_, last); }

std::optional<std::uint64_t> FoundPages::to_ask() {
  if (is_asked_ || up_to_ >= last_ || waiting_ >= kFew) return std::nullopt;
  is_asked_ = true;
  return up_to_;
}

/// A downloader that died may have said a part of it.
void FoundPages::told(PageTask task) {
  if (task.id <= up_to_) return;
  up_to_ = task.id;
  there_are(task.id);
  by_step_[task.step].push_back(std::move(task));
  ++waiting_;
}

void FoundPages::told_up_to(std::uint64_t number) {
  up_to_ = std::max(up_to_, number);
  there_are(number);
  is_asked_ = false;
}

std::optional<PageTask> FoundPages::take(Which which) {
  if (by_step_.empty()) return std::nullopt;
  const auto step = which == Which::deepest ? std::prev(by_step_.end()) : by_step_.begin();
  PageTask task = std::move(step->second.front());
  step->second.pop_front();
  if (step->second.empty()) by_step_.erase(step);
  --waiting_;
  return task;
}

std::size_t FoundPages::waiting_of(std::uint32_t step) const {
  const auto found = by_step_.find(step);
  return found == by_step_.end() ? 0 : found->second.size();
}

}  // namespace doutu
