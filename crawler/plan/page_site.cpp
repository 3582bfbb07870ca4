#include "crawler/plan/page_site.h"

#include <algorithm>
#include <utility>

#include "shared/url/url.h"

namespace doutu {

std::optional<PageTask> PageSite::take(MonoTime now) {
  auto task = take_due(retries_, now);
  if (!task && turns.is_of_refused()) task = take_due(refused_, now);
  if (task || parked_.empty()) return task;
  task = std::move(parked_.front());
  parked_.pop_front();
  return task;
}

std::optional<PageTask> PageSite::take_due(Retries& retries, MonoTime now) {
  if (retries.empty() || retries.top().due > now) return std::nullopt;
  PageTask task = retries.top().last;
  retries.pop();
  return task;
}

MonoTime PageSite::next_due() const {
  const auto due = [](const Retries& retries) { return retries.empty() ? MonoTime::max() : retries.top().due; };
  return std::min(due(retries_), due(refused_));
}

PageSite& PageSites::of(const PageTask& task, MonoTime now) {
  const std::string server = url_authority(task.url);
  if (last_ != nullptr && server == last_server_) return *last_;
  if (sites_.size() >= forget_at_) forget_idle(now);
  auto& site = sites_[server];
  if (site == nullptr) site = std::make_unique<PageSite>(settings_);
  last_server_ = server;
  last_ = site.get();
  return *site;
}

/// A long list may name very many servers. What is forgotten of one is that it has answered.
void PageSites::forget_idle(MonoTime now) {
  last_ = nullptr;
  std::erase_if(sites_, [now](const auto& entry) {
    const PageSite& site = *entry.second;
    return !site.is_listed && site.schedule.in_flight() == 0 && site.schedule.forget_at() <= now;
  });
  forget_at_ = std::max(kMany, 2 * sites_.size());
}

void PageSites::waits(PageSite& site) {
  if (!std::exchange(site.is_listed, true)) waiting_.push_back(&site);
}

const std::vector<PageSite*>& PageSites::in_turn() {
  std::erase_if(waiting_, [](PageSite* site) {
    site->is_listed = site->has_waiting();
    return !site->is_listed;
  });
  if (waiting_.size() > 1) std::rotate(waiting_.begin(), waiting_.begin() + 1, waiting_.end());
  return waiting_;
}

}  // namespace doutu
