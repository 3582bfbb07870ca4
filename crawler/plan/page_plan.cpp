#include "crawler/plan/page_plan.h"

#include <algorithm>
#include <utility>

#include "shared/politeness/retry_after.h"

namespace doutu {
namespace {

/// Doubling from retry_wait to retry_wait_max; what the server asks for, if that is later.
Duration delay_before_retry(const PolitenessOptions& politeness, std::uint32_t failures, milliseconds asked) {
  milliseconds backoff = politeness.retry_wait;
  for (std::uint32_t i = 1; i < failures && backoff < politeness.retry_wait_max; ++i) backoff *= 2;
  return std::max(std::min(backoff, politeness.retry_wait_max), std::min(asked, politeness.retry_after_max));
}

/// With so many answers to others between two refusals it is the page that is refused.
constexpr std::uint64_t kManyAnswers = 5;

bool is_throttled(const PageResult& result) {
  return result.http_status == 429 || (result.http_status == 503 && result.retry_after > seconds(0));
}

}  // namespace

PagePlan::PagePlan(std::unique_ptr<PageSource> source, const PolitenessOptions& politeness)
    : source_(std::move(source)), politeness_(politeness) {
  tally_.asked = source_->count();
}

void PagePlan::recall(const PageRow& row) {
  if (!source_->has(row.number)) return;
  switch (row.state) {
    case PageState::open:
      troubled_[row.number].attempt = row.attempt;
      return;
    case PageState::done:
      ++tally_.done;
      break;
    case PageState::empty:
      ++tally_.empty;
      break;
    case PageState::failed:
      ++tally_.failed;
      break;
  }
  source_->finished(row.number);
}

std::optional<PageTask> PagePlan::next(MonoTime now, MonoTime& wake_at) {
  wake_at = MonoTime::max();
  if (waiting() == 0) return std::nullopt;
  wake_at = std::max(hold_until_, next_start_);
  if (now < wake_at) return std::nullopt;
  wake_at = retries_.empty() ? MonoTime::max() : retries_.top().due;
  const bool is_new_ones_turn = wake_at > now || was_retry_;
  auto task = is_new_ones_turn ? source_->next() : std::nullopt;
  was_retry_ = false;
  if (!task) task = next_retry(now);
  if (!task) return std::nullopt;
  next_start_ = now + politeness_.host_gap;
  ++in_hand_;
  const auto troubled = troubled_.find(task->id);
  if (troubled != troubled_.end()) task->attempt = ++troubled->second.attempt;
  return task;
}

std::optional<PageTask> PagePlan::next_retry(MonoTime now) {
  if (retries_.empty() || retries_.top().due > now) return std::nullopt;
  PageTask task = retries_.top().last;
  retries_.pop();
  was_retry_ = troubled_of(task).throttled > 0;
  return task;
}

PagePlan::Decision PagePlan::recorded(const PageTask& task, const PageResult& result, MonoTime now) {
  const bool alone = is_astray(result) || is_throttled_alone(task, result);
  if (is_throttled(result) && !alone && !last_answer_) last_answer_ = now;  // It is there: its wait's clock runs.
  waits_out_ = !alone && is_outage(result, now);
  if (waits_out_) return wait_out(task, result, now);
  if (result.http_status != 0 && !is_throttled(result)) {
    last_answer_ = now;
    ++answers_;
    probes_ = 0;
    if (!is_out_of_reach(result.cause)) (result.elsewhere ? is_elsewhere_ : is_here_) = true;
  }
  if (result.cause == Cause::none) {
    const auto troubled = troubled_.find(task.id);
    if (troubled != troubled_.end() && troubled->second.throttled > 0) ++relented_;
    settle(task, result.images > 0 ? &PageTally::done : &PageTally::empty);
    return Decision::settled;
  }
  auto& troubled = troubled_of(task);
  ++troubled.failures;
  if (!is_temporary(result.cause, result.http_status) || troubled.failures > politeness_.retries) {
    return Decision::give_up;
  }
  queue_retry(task, now + delay_before_retry(politeness_, troubled.failures, believed(result)));
  return Decision::retry;
}

bool PagePlan::is_outage(const PageResult& result, MonoTime now) const {
  // With a status it was another server than the site's own that could not be reached.
  return ((is_out_of_reach(result.cause) && result.http_status == 0) || is_throttled(result)) && last_answer_ &&
         now - *last_answer_ < politeness_.outage_wait;
}

Patience PagePlan::patience() const {
  if (waits_out_) return {.is_outage = true, .retries = politeness_.retries, .span = politeness_.outage_wait};
  Patience patience{.retries = politeness_.retries};
  for (std::uint32_t failures = 1; failures <= politeness_.retries; ++failures) {
    patience.span +=
        std::chrono::duration_cast<milliseconds>(delay_before_retry(politeness_, failures, milliseconds(0)));
  }
  return patience;
}

/// Whether it is not the site that throttles, but a host that this page alone leads to. Before any page came, one that
/// is refused elsewhere tells nothing of the others; a second one does.
bool PagePlan::is_astray(const PageResult& result) {
  if (!is_throttled(result) || !result.elsewhere) return false;
  if (!is_here_ && std::exchange(was_astray_, true)) is_elsewhere_ = true;
  return is_here_ || !is_elsewhere_;
}

/// What it waits for, beyond what all wait for: one page that is told nonsense would hold up the end of the crawl.
milliseconds PagePlan::believed(const PageResult& result) const {
  return std::min<milliseconds>(result.retry_after, politeness_.retry_wait_max);
}

/// The server has answered many others since it refused this page last, or the last others that are to be fetched, and
/// refused none that it had not before: where many are in hand, a limit of rates lets many pass and refuses many.
bool PagePlan::is_throttled_alone(const PageTask& task, const PageResult& result) {
  if (!is_throttled(result)) return false;
  Troubled& troubled = troubled_of(task);
  const bool again = troubled.throttled++ > 0;
  if (!again) ++refused_;
  const std::uint64_t answered = answers_ - std::exchange(troubled.answers, answers_);
  const std::uint64_t others_refused = refused_ - std::exchange(troubled.refused, refused_);
  const bool is_limit_of_rates = relented_ != std::exchange(troubled.relented, relented_) || others_refused > 0;
  const bool is_last = answered > 0 && tally_.pending() <= refused_;
  troubled.alone = again && !is_limit_of_rates && (answered >= kManyAnswers || is_last || troubled.alone);
  return troubled.alone;
}

PagePlan::Decision PagePlan::wait_out(const PageTask& task, const PageResult& result, MonoTime now) {
  if (now >= hold_until_) {  // several pages may meet the same outage: one step of the clock for all of them
    ++probes_;
    const seconds agreed = probes_ == 1 ? result.retry_after : std::min(result.retry_after, asked_);
    hold_until_ = now + delay_before_retry(politeness_, probes_, believed_of_host(agreed, probes_));
  }
  asked_ = result.retry_after;
  // A probe tells whether the server is there again. What throttles may be about this page: behind others it stops
  // none.
  const MonoTime behind = std::max(hold_until_ + politeness_.retry_wait, now + believed(result));
  queue_retry(task, is_throttled(result) ? behind : MonoTime::min());
  return Decision::retry;
}

PagePlan::Decision PagePlan::fetcher_died(const PageTask& task, Strikes::Death death) {
  if (troubled_of(task).strikes.add(death)) return Decision::give_up;
  repeat(task);
  return Decision::retry;
}

void PagePlan::repeat(const PageTask& task) {
  (void)troubled_of(task);
  queue_retry(task, MonoTime::min());
}

void PagePlan::confirm_failure(const PageTask& task) { settle(task, &PageTally::failed); }

void PagePlan::settle(const PageTask& task, std::uint64_t PageTally::*as) {
  ++(tally_.*as);
  --in_hand_;
  troubled_.erase(task.id);
  source_->finished(task.id);
}

/// With the attempt that it was given out for first.
PagePlan::Troubled& PagePlan::troubled_of(const PageTask& task) {
  return troubled_.try_emplace(task.id, Troubled{.attempt = 1}).first->second;
}

void PagePlan::queue_retry(const PageTask& task, MonoTime due) {
  --in_hand_;
  retries_.push({due, task});
}

}  // namespace doutu
