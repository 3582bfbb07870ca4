#include "crawler/plan/page_plan.h"

#include <algorithm>
#include <utility>

#include "shared/politeness/retry_policy.h"

namespace doutu {

PagePlan::PagePlan(std::unique_ptr<PageSource> source, const CrawlSettings& settings)
    : source_(std::move(source)),
      settings_(settings),
      site_(settings_, HostSchedule::Past::unknown, {.at_first = HostSchedule::kNoLimit, .fails_untried = false}) {
  counters_.asked = source_->count();
}

void PagePlan::recall(const PageRow& row) {
  if (!source_->has(row.number)) return;
  switch (row.state) {
    case PageState::open:
      failed_[row.number].attempt = row.attempt;
      return;
    case PageState::done:
      ++counters_.done;
      break;
    case PageState::empty:
      ++counters_.empty;
      break;
    case PageState::failed:
      ++counters_.failed;
      break;
  }
  source_->finished(row.number);
}

std::optional<PageTask> PagePlan::next(MonoTime now, MonoTime& wake_at) {
  wake_at = MonoTime::max();
  if (waiting() == 0) return std::nullopt;
  wake_at = site_.may_start_at(now);
  if (now < wake_at) return std::nullopt;
  auto task = next_task(now);
  if (!task) {
    const auto due = [](const Retries& retries) { return retries.empty() ? MonoTime::max() : retries.top().due; };
    wake_at = std::min(due(retries_), due(refused_));
    return std::nullopt;
  }
  tickets_[task->id] = site_.started(now);
  ++in_hand_;
  const auto failed_page = failed_.find(task->id);
  if (failed_page != failed_.end()) task->attempt = ++failed_page->second.attempt;
  return task;
}

std::optional<PageTask> PagePlan::next_task(MonoTime now) {
  auto task = take_due(retries_, now);
  if (!task && turns_.is_of_refused()) task = take_due(refused_, now);
  if (!task) {
    if (auto page = source_->next()) task = std::move(page->task);
  }
  return task ? task : take_due(refused_, now);
}

std::optional<PageTask> PagePlan::take_due(Retries& retries, MonoTime now) {
  if (retries.empty() || retries.top().due > now) return std::nullopt;
  PageTask task = retries.top().last;
  retries.pop();
  return task;
}

PagePlan::Decision PagePlan::recorded(const PageTask& task, const PageResult& result, MonoTime now) {
  const HostSchedule::Cost cost = tell_site(task, result, now);
  if (result.cause == Cause::none) {
    settle(task, result.images > 0 ? &PageCounters::done : &PageCounters::empty);
    return Decision::settled;
  }
  FailedPage& failed_page = failed_page_of(task);
  last_cost_ = cost;
  if (cost == HostSchedule::Cost::attempt) {
    ++failed_page.failures;
    if (!is_temporary(result.cause, result.http_status) || failed_page.failures > settings_.politeness.retries) {
      return Decision::give_up;
    }
  }
  queue(failed_page.refused.times > 0 ? refused_ : retries_, task, now + wait_after(failed_page, result, cost));
  return Decision::retry;
}

/// How the attempt ended; and what that cost the page.
HostSchedule::Cost PagePlan::tell_site(const PageTask& task, const PageResult& result, MonoTime now) {
  const bool is_about_site = result.cause != Cause::bad_records && !is_astray(result);
  if (!is_about_site) return break_off(task), HostSchedule::Cost::attempt;
  const AttemptResult attempt{result.cause, result.http_status, result.retry_after};
  if (result.http_status != 0 && !is_throttling(attempt) && !is_out_of_reach(result.cause)) {
    (result.elsewhere ? is_elsewhere_ : is_here_) = true;
  }
  const auto failed_page = failed_.find(task.id);
  Refusals::Past past = failed_page == failed_.end() ? Refusals::Past{} : failed_page->second.refused;
  const HostSchedule::Ticket ticket = tickets_.extract(task.id).mapped();
  const HostSchedule::Cost cost = site_.finished(attempt, ticket, now, past, MonoTime{});
  if (!is_throttling(attempt)) return cost;
  failed_page_of(task).refused = past;
  if (cost != HostSchedule::Cost::alone) turns_.throttled();
  return cost;
}

/// Whether it is not the site that throttles, but a host that this page alone leads to. Before any page came, one that
/// is refused elsewhere tells nothing of the others; a second one does.
bool PagePlan::is_astray(const PageResult& result) {
  if (!is_throttling({result.cause, result.http_status, result.retry_after}) || !result.elsewhere) return false;
  if (!is_here_ && std::exchange(was_astray_, true)) is_elsewhere_ = true;
  return is_here_ || !is_elsewhere_;
}

/// Not spread, unlike those of images: no more pages come back together than there are fetchers.
Duration PagePlan::wait_after(const FailedPage& failed_page, const PageResult& result, HostSchedule::Cost cost) const {
  const milliseconds told = believed_of_one(settings_.politeness, result.retry_after);
  switch (cost) {
    case HostSchedule::Cost::attempt:
      return std::max(retry_delay(settings_.politeness, failed_page.failures, kNotSpread), told);
    case HostSchedule::Cost::alone:
      return std::max(retry_delay(settings_.politeness, failed_page.refused.times, kNotSpread), told);
    case HostSchedule::Cost::nothing:
      break;
  }
  return told;
}

Patience PagePlan::patience() const { return patience_after(settings_.politeness, last_cost_); }

PagePlan::Decision PagePlan::fetcher_died(const PageTask& task, Strikes::Death death) {
  if (failed_page_of(task).strikes.add(death)) return Decision::give_up;
  repeat(task);
  return Decision::retry;
}

void PagePlan::repeat(const PageTask& task) {
  (void)failed_page_of(task);
  break_off(task);
  queue(retries_, task, MonoTime::min());
}

/// The attempt tells nothing of the site.
void PagePlan::break_off(const PageTask& task) {
  const auto ticket = tickets_.extract(task.id);
  if (ticket) site_.put_back(ticket.mapped());
}

void PagePlan::confirm_failure(const PageTask& task) { settle(task, &PageCounters::failed); }

void PagePlan::settle(const PageTask& task, std::uint64_t PageCounters::*as) {
  ++(counters_.*as);
  --in_hand_;
  break_off(task);
  failed_.erase(task.id);
  source_->finished(task.id);
}

/// With the attempt that it was given out for first.
PagePlan::FailedPage& PagePlan::failed_page_of(const PageTask& task) {
  return failed_.try_emplace(task.id, FailedPage{.attempt = 1}).first->second;
}

void PagePlan::queue(Retries& retries, const PageTask& task, MonoTime due) {
  --in_hand_;
  retries.push({due, task});
}

}  // namespace doutu
