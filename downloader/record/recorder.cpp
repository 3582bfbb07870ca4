#include "downloader/record/recorder.h"

#include <iterator>
#include <utility>

namespace doutu {

Recorder::Recorder(const CrawlSettings& settings, ImageSink& sink, LedgerWriter& ledger, BatchFollower& follower)
    : sink_(sink),
      ledger_(ledger),
      run_id_(settings.run.run_id),
      placer_(sink, ledger, settings.folder.keep_extension ? WrongExtension::kept : WrongExtension::corrected),
      inline_images_(settings.image, sink, ledger, placer_),
      intake_(ledger, inline_images_, settings.run.run_id, settings.page.max_hits),
      batch_(ledger) {
  list_steps(follower);
}

/// Everything that follows a batch. The order matters: each step says why it stands where it does.
void Recorder::list_steps(BatchFollower& follower) {
  // The ledger has the names now. First, as every later step may ask which names are taken.
  batch_.on_commit([this](Consequences&) { placer_.committed(); });
  // The ledger has these files now. Before anything that can fail, so that no later rollback removes them.
  batch_.on_commit([this](Consequences&) { inline_images_.committed(); });
  // Gives room back to the fetchers. Behind the commit, as a record is written over from then on.
  batch_.on_commit([this](Consequences& consequences) {
    intake_.committed();
    consequences.answered = intake_.take_answered();
  });
  // What came is recorded once. Before the frontier, which is told of how many outcomes that is true.
  batch_.on_commit([this](Consequences& consequences) { forget_recorded(consequences); });
  // Behind the intake: who hears that a lane is drained may close it.
  batch_.on_commit([&](Consequences& consequences) { follower.tell_parent(std::move(consequences.answers)); });
  // Before the answers leave (at the end of the loop's turn): who hears one sees counters that include it.
  batch_.on_commit([&](Consequences&) { follower.publish_tally(); });
  // Behind the counters, as a limit that is reached now stops the frontier before it gives out more.
  batch_.on_commit([&](Consequences& consequences) { follower.feed_frontier(consequences); });
  // Last: it may take long, and the loops go on meanwhile.
  batch_.on_commit([&](Consequences&) { follower.place_images(); });

  // What came stays, for the next batch.
  batch_.on_rollback([this] { recording_ = false; });
  // Names that the batch promised are free again.
  batch_.on_rollback([this] { placer_.rolled_back(); });
  // Files of rows that are none. Before the lanes are read again, which writes them again.
  batch_.on_rollback([this] { inline_images_.rolled_back(); });
  // The next batch reads the same records.
  batch_.on_rollback([this] { intake_.rolled_back(); });
}

void Recorder::begin_account(std::int64_t id, AccountRequest request) {
  request_id_ = id;
  request_ = std::move(request);
}

void Recorder::add(std::vector<ImageOutcome> outcomes) { std::ranges::move(outcomes, std::back_inserter(outcomes_)); }

bool Recorder::wants_batch() const {
  if (request_) return true;
  return has_account() && (!outcomes_.empty() || !given_up_.empty() || placer_.has_repairs());
}

Status Recorder::batch(Lanes lanes) {
  return batch([&](Consequences& consequences) { return record(lanes, consequences); });
}

Status Recorder::record(Lanes lanes, Consequences& consequences) {
  recording_ = true;
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
    sink_.drop(outcome.id);
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

void Recorder::forget_recorded(Consequences& consequences) {
  if (!std::exchange(recording_, false)) return;
  consequences.account_begun = request_.has_value();
  for (const ImageOutcome& outcome : outcomes_) consequences.outcomes.push_back(outcome.settles());
  request_.reset();
  outcomes_.clear();
  given_up_.clear();
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
