#include "downloader/record/batch_writer.h"

#include <fmt/format.h>

#include <algorithm>
#include <cerrno>
#include <iterator>
#include <utility>

namespace doutu {
namespace {

LinkRules link_rules(const CrawlSettings& settings) {
  return {.is_used = settings.page.each_once,
          .last_step = 1 + static_cast<std::uint32_t>(settings.page.follow.size()),
          .max_pages = settings.limits.max_pages,
          .max_depth = settings.limits.max_depth,
          .refreshes = settings.page.refresh};
}

}  // namespace

BatchWriter::BatchWriter(const CrawlSettings& settings, ImageSink& sink, LedgerWriter& ledger, CookieStore& cookies,
                         BatchFollower& follower)
    : sink_(sink),
      ledger_(ledger),
      cookies_(cookies),
      run_id_(settings.run.run_id),
      publisher_(sink, ledger, settings.folder),
      inline_images_(settings.image, sink, ledger, publisher_),
      intake_(ledger, inline_images_, cookies, settings),
      batch_(ledger) {
  ledger_.links().follow(link_rules(settings));
  if (settings.run.only_lists) ledger_.skip_images();
  list_steps(follower);
}

/// Everything that follows a batch. The order matters: each step says why it stands where it does.
void BatchWriter::list_steps(BatchFollower& follower) {
  // The ledger has the names now. First, as every later step may ask which names are taken.
  batch_.on_commit([this](BatchEffects&) { publisher_.committed(); });
  // The ledger has these files now. Before anything that can fail, so that no later rollback removes them.
  batch_.on_commit([this](BatchEffects&) { inline_images_.committed(); });
  // Gives room back to the fetchers. Behind the commit, as a record is written over from then on.
  batch_.on_commit([this](BatchEffects& effects) {
    intake_.committed();
    effects.answered = intake_.take_answered();
    effects.robots = intake_.take_robots_read();
  });
  // The parent is told of them with this batch.
  batch_.on_commit([this](BatchEffects&) {
    if (std::exchange(tells_cookies_, false)) cookies_.committed();
  });
  // What came is recorded once. Before the frontier, which is told of how many outcomes that is true.
  batch_.on_commit([this](BatchEffects& effects) { forget_recorded(effects); });
  // Behind the intake: who hears that a lane is drained may close it.
  batch_.on_commit([&](BatchEffects& effects) { follower.tell_parent(std::move(effects.answers)); });
  // Before the answers leave (at the end of the loop's turn): who hears one sees counters that include it.
  batch_.on_commit([&](BatchEffects&) { follower.publish_counters(); });
  // Behind the counters, as a limit that is reached now stops the frontier before it gives out more.
  batch_.on_commit([&](BatchEffects& effects) { follower.feed_frontier(effects); });
  // Last: it may take long, and the loops go on meanwhile.
  batch_.on_commit([&](BatchEffects&) { follower.publish_images(); });

  // What came stays, for the next batch.
  batch_.on_rollback([this] { recording_ = tells_cookies_ = false; });
  // Names that the batch reserved are free again.
  batch_.on_rollback([this] { publisher_.rolled_back(); });
  // Files of rows that are none. Before the lanes are read again, which writes them again.
  batch_.on_rollback([this] { inline_images_.rolled_back(); });
  // The next batch reads the same records.
  batch_.on_rollback([this] { intake_.rolled_back(); });
}

void BatchWriter::begin_job(std::int64_t id, JobSpec spec) {
  spec_job_ = id;
  spec_ = std::move(spec);
}

void BatchWriter::add(std::vector<ImageOutcome> outcomes) {
  std::ranges::move(outcomes, std::back_inserter(outcomes_));
}

void BatchWriter::add(std::vector<ServerRobots> robots) { std::ranges::move(robots, std::back_inserter(robots_)); }

bool BatchWriter::wants_batch() const {
  if (spec_) return true;
  return has_job() && (!outcomes_.empty() || !given_up_.empty() || publisher_.has_failed());
}

Status BatchWriter::batch(Lanes lanes) {
  return batch([&](BatchEffects& effects) { return record(lanes, effects); });
}

Status BatchWriter::record(Lanes lanes, BatchEffects& effects) {
  recording_ = true;
  if (spec_) {
    if (Status status = ledger_.begin_job(spec_job_, *spec_, run_id_); !status) return status;
  }
  if (Status status = record_robots(effects); !status) return status;
  for (const std::int64_t id : given_up_) {
    if (Status status = record_given_up(id, effects); !status) return status;
  }
  for (const ImageOutcome& outcome : outcomes_) {
    if (Status status = record_outcome(outcome, effects); !status) return status;
  }
  if (Status status = publisher_.republish(effects.tasks); !status) return status;
  if (lanes == Lanes::leave) return {};
  Status taken = intake_.take(effects.tasks, effects.answers);
  return taken ? save_cookies(effects) : std::move(taken);
}

/// The file before the ledger: a page that is recorded has its cookies, whatever is killed when. The parent hears of
/// them before it hears of the page.
Status BatchWriter::save_cookies(BatchEffects& effects) {
  Status saved = cookies_.save(CookieStore::When::due);
  std::vector<Message> messages;
  for (std::string& line : cookies_.saved()) messages.emplace_back(CookieKnown{std::move(line)});
  effects.answers.insert(effects.answers.begin(), std::make_move_iterator(messages.begin()),
                         std::make_move_iterator(messages.end()));
  tells_cookies_ = true;
  return saved;
}

Status BatchWriter::record_robots(BatchEffects& effects) {
  for (const auto& [server, rules] : robots_) {
    std::string text = rules->to_text();
    if (Status saved = ledger_.robots().save(server, text); !saved) return saved;
    effects.answers.emplace_back(RobotsKnown{server, std::move(text)});
  }
  return {};
}

Status BatchWriter::record_outcome(const ImageOutcome& outcome, BatchEffects& effects) {
  if (!ledger_.images().is_pending(outcome.id)) {  // Given up meanwhile.
    sink_.drop(outcome.id);
    return {};
  }
  switch (outcome.kind) {
    case ImageOutcome::Kind::fetched:
      return publisher_.record(outcome);
    case ImageOutcome::Kind::failed:
      return record_failed(outcome, effects);
    case ImageOutcome::Kind::retry:
      break;
  }
  return ledger_.images().record_retry(outcome);
}

void BatchWriter::forget_recorded(BatchEffects& effects) {
  if (!std::exchange(recording_, false)) return;
  effects.job_begun = spec_.has_value();
  for (const ImageOutcome& outcome : outcomes_) effects.outcomes.push_back(outcome.settles());
  spec_.reset();
  outcomes_.clear();
  robots_.clear();
  given_up_.clear();
}

Status BatchWriter::record_given_up(std::int64_t id, BatchEffects& effects) {
  if (!ledger_.images().is_pending(id)) return {};
  const auto image = ledger_.images().find(id);
  if (!image) return image.error();
  if (!*image) return Error{fmt::format("image {} waits, and its record cannot be found", id), EBADMSG};
  ImageOutcome outcome;
  outcome.id = id;
  outcome.host = (*image)->host;
  outcome.attempts = (*image)->attempts;
  outcome.cause = Cause::image_kills_downloader;
  return record_failed(outcome, effects);
}

/// Another URL of the image takes its place. Where it has none, the next job reads its page again.
Status BatchWriter::record_failed(const ImageOutcome& outcome, BatchEffects& effects) {
  auto replaced = ledger_.alternatives().replace(outcome, effects.tasks);
  if (!replaced) return std::move(replaced).error();
  if (*replaced) return {};
  Status failed = ledger_.images().record_failed(outcome);
  return failed ? ledger_.links().image_failed(outcome.id) : std::move(failed);
}

}  // namespace doutu
