#include "downloader/recorder.h"

#include <iterator>
#include <utility>

namespace doutu {

void Recorder::begin_account(std::int64_t id, AccountRequest request) {
  request_id_ = id;
  request_ = std::move(request);
}

void Recorder::add(std::vector<ImageOutcome> outcomes) { std::ranges::move(outcomes, std::back_inserter(outcomes_)); }

bool Recorder::wants_batch() const {
  if (request_) return true;
  return has_account() && (!outcomes_.empty() || !given_up_.empty() || placer_.has_repairs());
}

Result<Consequences> Recorder::batch(Lanes lanes) {
  Consequences consequences;
  Status status = ledger_.begin();
  if (!status) return std::move(status).error();
  status = record(lanes, consequences);
  if (status) status = ledger_.commit();
  if (!status) {
    ledger_.rollback();
    placer_.rolled_back();
    intake_.rolled_back();
    return std::move(status).error();
  }
  placer_.committed();
  intake_.committed();
  consequences.answered = intake_.take_answered();
  consequences.account_begun = request_.has_value();
  for (const ImageOutcome& outcome : outcomes_) consequences.outcomes.push_back(outcome.settles());
  request_.reset();
  outcomes_.clear();
  given_up_.clear();
  return consequences;
}

Status Recorder::record(Lanes lanes, Consequences& consequences) {
  if (request_) {
    if (Status status = ledger_.begin_account(request_id_, *request_, run_id_); !status) return status;
  }
  for (const std::int64_t id : given_up_) {
    if (Status status = record_given_up(id); !status) return status;
  }
  for (const ImageOutcome& outcome : outcomes_) {
    if (Status status = record_outcome(outcome); !status) return status;
  }
  if (Status status = placer_.repair(consequences.jobs); !status) return status;
  return lanes == Lanes::read ? intake_.take(consequences.jobs, consequences.answers) : Status();
}

Status Recorder::record_outcome(const ImageOutcome& outcome) {
  const auto spot = ledger_.pending_spot(outcome.id);
  if (!spot) return spot.error();
  if (!*spot) {  // Given up meanwhile.
    store_.discard(outcome.id);
    return {};
  }
  switch (outcome.kind) {
    case ImageOutcome::Kind::fetched:
      return placer_.record(outcome, **spot);
    case ImageOutcome::Kind::failed:
      return ledger_.record_failed(outcome);
    case ImageOutcome::Kind::retry:
      break;
  }
  return ledger_.record_retry(outcome);
}

Status Recorder::record_given_up(std::int64_t id) {
  const auto spot = ledger_.pending_spot(id);
  if (!spot) return spot.error();
  if (!*spot) return {};
  const auto image = ledger_.find_image(id);
  if (!image) return image.error();
  ImageOutcome outcome;
  outcome.id = id;
  outcome.attempts = (*image)->attempts;
  outcome.cause = Cause::image_kills_downloader;
  return ledger_.record_failed(outcome);
}

}  // namespace doutu
