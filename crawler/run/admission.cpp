#include "crawler/run/admission.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "shared/base/escape.h"
#include "shared/politeness/retry_policy.h"

namespace doutu {
namespace {

constexpr std::size_t kShown = 500;  // Bytes of what a fetcher says.
/// Pages that are shut out at the same time.
constexpr std::size_t kMostExcused = 100'000;

bool is_refusal(Cause cause, int http_status) {
  return cause == Cause::http_status && (http_status == 401 || http_status == 403);
}

}  // namespace

Admission::Admission(std::vector<BeforeRequest> requests, const CrawlSettings& settings)
    : requests_(std::move(requests)), settings_(settings), state_(requests_.empty() ? State::open : State::waiting) {}

const BeforeRequest* Admission::next(MonoTime now, MonoTime& wake_at) {
  wake_at = state_ == State::waiting ? due_ : MonoTime::max();
  if (state_ != State::waiting || now < due_) return nullptr;
  state_ = State::in_hand;
  return &requests_[next_];
}

std::string Admission::place() const {
  return fmt::format("{} (--before, request {} of {})", escape_url(requests_[next_].url), next_ + 1, requests_.size());
}

void Admission::prepared(const Prepared& answer, MonoTime now) {
  if (answer.cause != Cause::none) return try_again_or_fail(answer, now);
  if (!answer.problem.empty()) {
    return fail(fmt::format("{}: {}", place(), escape_for_terminal(answer.problem, kShown)));
  }
  failures_ = 0;
  state_ = State::waiting;
  if (++next_ < requests_.size()) return;
  next_ = 0;
  ++round_;
  state_ = State::open;
}

void Admission::try_again_or_fail(const Prepared& answer, MonoTime now) {
  const PolitenessOptions& politeness = settings_.politeness;
  if (is_temporary(answer.cause, answer.http_status) && failures_++ < politeness.retries) {
    state_ = State::waiting;
    due_ = now + retry_delay(politeness, failures_, kNotSpread);
    return;
  }
  const std::string where = answer.url.empty() || answer.url == requests_[next_].url
                                ? std::string()
                                : " (at " + escape_url(answer.url, kShown) + ")";
  fail(fmt::format("{}: {}{}", place(), cause_text(answer.cause, answer.http_status), where));
}

void Admission::fetcher_died(MonoTime now) { try_again_or_fail({.cause = Cause::internal_error}, now); }

Admission::Verdict Admission::judge(const PageOutcome& outcome, MonoTime now) {
  if (outcome.cause == Cause::none) {
    came_ = true;
    in_vain_ = refusals_ = 0;
    excused_.erase(outcome.page);
    return Verdict::counts;
  }
  if (requests_.empty()) return judge_password(outcome);
  if (!is_shut_out(outcome)) return Verdict::counts;
  if (is_open() && outcome.round == round_) make_again(outcome.cause, now);
  return Verdict::again;
}

/// A page may lead to the login by itself, or be refused by itself: it does so after the requests were made again, too.
bool Admission::is_shut_out(const PageOutcome& outcome) {
  if (outcome.cause != Cause::login_needed) return is_refused_with_others(outcome);
  if (came_ && !excuse(outcome.page, kMostExcuses)) return false;
  refusals_count_ = false;
  return true;
}

/// One page that is still refused says that this site refuses pages although it lets the crawl in.
bool Admission::is_refused_with_others(const PageOutcome& outcome) {
  if (!came_ || !is_refusal(outcome.cause, outcome.http_status)) return false;
  const bool counts = (refusals_count_ && outcome.round == round_) || !excuse(outcome.page, 1);
  refusals_count_ = refusals_count_ || counts;
  return !counts;
}

bool Admission::excuse(std::uint64_t page, std::uint32_t most) {
  if (excused_.size() >= kMostExcused && !excused_.contains(page)) return false;
  return excused_[page]++ < most;
}

/// With a password that is wrong, every page would be refused.
Admission::Verdict Admission::judge_password(const PageOutcome& outcome) {
  const bool is_asked_who = outcome.cause == Cause::http_status && outcome.http_status == 401;
  if (settings_.login.user.empty() || came_ || !is_asked_who) return Verdict::counts;
  if (++refusals_ >= kMostRefusals) {
    fail("the server refuses the user and the password (401); give others with --user, and continue");
  }
  return Verdict::again;
}

void Admission::make_again(Cause why, MonoTime now) {
  const bool leads_to_login = why == Cause::login_needed;  // A refusal says nothing against the login.
  // What did not help at the first page will not help at others.
  if (leads_to_login && in_vain_ >= (came_ ? kMostInVain : 1)) {
    return fail(
        fmt::format("pages still lead to the login after the requests of --before were made{}; is the password "
                    "right? An \"expect\" behind the last request finds out at once",
                    came_ ? " again" : ""));
  }
  if (leads_to_login) ++in_vain_;
  state_ = State::waiting;
  due_ = repeated_ == MonoTime::min() ? now : std::max(now, repeated_ + kPause);
  repeated_ = due_;
}

void Admission::fail(std::string why) {
  state_ = State::failed;
  failure_ = std::move(why);
}

}  // namespace doutu
