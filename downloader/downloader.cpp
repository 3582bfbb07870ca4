#include "downloader/downloader.h"

#include <fmt/format.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <system_error>
#include <utility>

#include "downloader/crawl_limits.h"
#include "downloader/record/published_counters.h"
#include "shared/base/log.h"
#include "shared/base/overloaded.h"
#include "shared/base/system_limits.h"
#include "shared/ledger/ledger_file.h"

namespace doutu {
namespace {

/// While other images are in flight, a batch waits so long for more to come with it: a tenth of the pages written to
/// the WAL at 1,000 images a second, and far below what anyone waits for.
constexpr milliseconds kLinger{20};
constexpr milliseconds kTick{1000};
constexpr milliseconds kSyncTick{50};
constexpr milliseconds kLastFlush{1000};
/// Between two looks at the names of what may be read: some 30 stat(2).
constexpr seconds kLookEvery{1};

}  // namespace

Downloader::Downloader(ControlChannel& control, ControlChannel& doubts, StatsPage& stats, RateBudget budget,
                       const CrawlSettings& settings, Hold hold, std::unique_ptr<ImageSink> sink,
                       std::unique_ptr<LedgerWriter> ledger)
    : settings_(settings),
      hold_(std::move(hold)),
      stats_(stats),
      parent_(control),
      sink_(std::move(sink)),
      ledger_(std::move(ledger)),
      cookies_(hold_.folder, settings.http.no_cookies ? CookieStore::Use::no : CookieStore::Use::yes),
      batch_writer_(settings_, *sink_, *ledger_, cookies_, *this),
      images_file_(hold_.folder, ledger_->named_images(), ledger_->syncs()),
      disk_(settings.folder.disk_wait),
      checkpointer_(*sink_, *ledger_, batch_writer_.publisher(), disk_, [this] { beat(); }),
      pool_(std::make_unique<TransferPool>(settings_, outcomes_, stats_, doubts, *sink_, cookies_, std::move(budget))),
      feeder_(pool_->frontier(), ledger_->hosts(), ledger_->images(), ledger_->robots()) {
  if (settings_.folder.keep_deleted) return;
  ledger_->hits().look_for_files(
      [this](const std::string& file, std::uint64_t bytes) { return batch_writer_.publisher().has_lost(file, bytes); });
}

// --- The loop.

int Downloader::run() {
  publish_images();
  parent_.say(Ready{});
  while (state_ != DownloaderState::ended) {
    beat();
    wait();
    read_control();
    work();
    parent_.flush();
  }
  parent_.flush_by(mono_now() + kLastFlush);
  return ending_.exit_status;
}

void Downloader::change(DownloaderEvent event) {
  state_ = next_state(state_, event);
  if (pool_ != nullptr) steer_frontier();
}

void Downloader::steer_frontier() { pool_->frontier().set_paused(!may().starts_transfers); }

void Downloader::beat() { stats_.beats[0].store(to_nanoseconds(mono_now()), std::memory_order_relaxed); }

void Downloader::wait() {
  const auto to_parent = static_cast<short>(parent_.has_unsent() ? POLLIN | POLLOUT : POLLIN);
  // Once stopping, the first two would be readable for good.
  std::vector<pollfd> fds{{may().hears_parent ? parent_.fd() : -1, to_parent, 0},
                          {may().hears_parent ? hold_.term_signal.get() : -1, POLLIN, 0},
                          {may().writes ? outcomes_.wake_fd() : -1, POLLIN, 0},
                          {may().writes ? sink_->wake_fd() : -1, POLLIN, 0}};
  const bool at_once = may().writes && wants_batch(fds);
  // Nothing signals when a sync has ended.
  const milliseconds tick = checkpointer_.is_syncing() && may().writes ? kSyncTick : kTick;
  ::poll(fds.data(), fds.size(), at_once ? 0 : static_cast<int>(tick.count()));
  if (fds[1].revents != 0) begin_stop();
  if (fds[2].revents != 0) outcomes_.clear_wake();  // Looked at from here on, whoever signalled.
  linger();
}

void Downloader::linger() {
  if (!may().takes_lanes || has_limits(settings_)) return;  // What is not recorded is not counted.
  std::vector<pollfd> fds;
  if (!wants_batch(fds)) return;
  const Frontier& frontier = pool_->frontier();
  const MonoTime until = mono_now() + kLinger;
  while (frontier.in_flight() > 0 && outcomes_.size() < Frontier::kFullBatch) {
    fds = {{outcomes_.wake_fd(), POLLIN, 0}};
    // URLs wait for more as long as the loops have others. So do messages, of which most say that URLs have come.
    if (frontier.runs_low()) {
      if (batch_writer_.intake().wants_batch(fds)) return;
      fds.push_back({parent_.fd(), POLLIN, 0});
    }
    const auto left = std::chrono::ceil<milliseconds>(until - mono_now()).count();
    if (left <= 0 || ::poll(fds.data(), fds.size(), static_cast<int>(left)) <= 0) return;
    const auto is_ready = [](const pollfd& fd) { return fd.revents != 0; };
    if (std::any_of(fds.begin() + 1, fds.end(), is_ready)) return;
    outcomes_.clear_wake();
  }
}

bool Downloader::wants_batch(std::vector<pollfd>& wake) {
  if (batch_writer_.publisher().is_crowded()) return false;
  if (batch_writer_.wants_batch()) return true;
  if (!batch_writer_.has_job()) return false;
  const bool lanes = may().takes_lanes && batch_writer_.intake().wants_batch(wake);
  return lanes || outcomes_.size() > 0;
}

void Downloader::read_control() {
  // Everything, before anything is taken from a lane: a page is announced here before its records are there.
  while (may().hears_parent) {
    Message message;
    switch (parent_.receive(message)) {
      case ControlChannel::Received::message:
        handle(std::move(message));
        break;
      case ControlChannel::Received::nothing:
        return;
      case ControlChannel::Received::closed:
        return begin_stop();
      case ControlChannel::Received::damaged:
        return fail("the downloader received an unknown message");
    }
  }
}

void Downloader::handle(Message message) {
  std::visit(Overloaded{
                 [this](BeginJob& begin) {
                   batch_writer_.begin_job(begin.job, {begin.url_template, begin.pages, begin.xpaths});
                 },
                 [this](const CookieKnown& known) { cookies_.know(known.cookie); },
                 [this](LaneOpened& opened) { batch_writer_.intake().open(std::move(opened)); },
                 [this](const LaneClosed& closed) { batch_writer_.intake().close(closed.generation); },
                 [this](PageAssigned& assigned) { batch_writer_.intake().request(std::move(assigned)); },
                 [this](PagePut& put) { batch_writer_.intake().request(put); },
                 [this](PageFailed& failed) { batch_writer_.intake().request(std::move(failed)); },
                 [this](const AskPages& asked) { batch_writer_.intake().request(asked); },
                 [this](const ImageSuspected& suspected) { feeder_.suspect(suspected.image); },
                 [this](const ImageGivenUp& given_up) { batch_writer_.give_up(given_up.image); },
                 [this](const NoMorePages&) { ending_.no_more_pages = true; },
                 [this](const auto&) { fail("the downloader received a message that is not for it"); },
             },
             message);
}

void Downloader::work() {
  const MonoTime now = mono_now();
  if (const int code = pool_->take_disk_error()) {
    batch_writer_.add(outcomes_.take_all());
    incoming_refused(code);
  }
  if (may().probes_disk && disk_.probe_is_due(now)) probe_disk(now);
  if (may().hears_parent) give_way_if_files_were_replaced(now);
  if (may().starts_transfers) keep_within_limits();
  write_what_came();
  end_if_over(now);
  if (may().settles && may_settle()) settle();
  if (may().writes && checkpointer_.tick(now)) publish_images();
}

void Downloader::write_what_came() {
  std::vector<pollfd> wake;
  if (may().writes && wants_batch(wake)) batch();
  if (may().writes && !batch_writer_.publisher().idle()) publish_images();
  if (may().writes && feeder_.wants_fill()) deal_with(feeder_.fill());
}

void Downloader::end_if_over(MonoTime now) {
  if (state_ == DownloaderState::ended) return;
  if (state_ == DownloaderState::paused_for_disk && disk_.is_over(now)) {
    ending_.why = StoppedEarly{"the disk could not be written"};
    return finish();
  }
  if (!may().hears_parent && (is_quiet() || now >= ending_.stop_by)) finish();
}

// --- A batch.

void Downloader::batch() {
  batch_writer_.add(outcomes_.take_all());
  if (pool_ != nullptr) batch_writer_.add(pool_->frontier().take_robots_read());
  deal_with(batch_writer_.batch(may().takes_lanes ? BatchWriter::Lanes::read : BatchWriter::Lanes::leave));
}

void Downloader::tell_parent(std::vector<Message> answers) {
  for (Message& answer : answers) parent_.say(std::move(answer));
}

void Downloader::publish_counters() { doutu::publish_counters(ledger_->job(), stats_); }

void Downloader::feed_frontier(BatchEffects& effects) {
  if (may().starts_transfers) keep_within_limits();  // Before more is given out.
  if (state_ != DownloaderState::ended) deal_with(feeder_.feed(effects));
}

void Downloader::publish_images() {
  const Status published = batch_writer_.publisher().publish();
  images_file_.append(batch_writer_.publisher().take_named());
  deal_with(published);
}

/// Without waiting for the sync that would come. What needs another name first is left, and so is what a slow sink has
/// not answered: the loop comes back here, or the next start publishes it.
void Downloader::publish_the_last() {
  if (batch_writer_.publisher().is_published() || batch_writer_.publisher().has_failed()) return;
  if (batch_writer_.publisher().waits_for_sync()) checkpointer_.sync();
  publish_images();
}

void Downloader::mend_images_file() {
  if (batch_writer_.publisher().is_published()) images_file_.mend([this] { beat(); });
}

/// What images have set since the last batch. No row waits for it.
void Downloader::save_cookies() {
  if (Status saved = cookies_.save(CookieStore::When::now); !saved) log_warning("{}", saved.error().message);
  for (const std::string& line : cookies_.saved()) parent_.say(CookieKnown{line});
  cookies_.committed();
}

// --- Disk errors.

void Downloader::keep_within_limits() {
  const JobCounters& counters = ledger_->job().counters();
  if (counters.pending == 0 && batch_writer_.intake().idle()) return;  // Nothing more is to be written but the job.
  if (auto limit = reached_limit(settings_, counters)) return stop_at_limit(*std::move(limit));
  deal_with(sink_->room(settings_.folder.min_free_disk));
}

void Downloader::deal_with(const Status& status) {
  if (!status) on_disk_error(status.error());
}

void Downloader::on_disk_error(const Error& error) {
  if (is_want(error.code)) throw std::system_error(error.code, std::generic_category(), settings_.folder.directory);
  const std::string& directory = settings_.folder.directory;
  if (error.code == EBADMSG) return fail(explain_ledger_error(error, directory).message);
  const std::string what = fmt::format("{}: {}", directory, error.message);
  if (!is_disk_error(error.code)) return fail(what + limit_behind(error.code).data());
  if (disk_.on_disk_error(mono_now()) == DiskWait::Outage::begins) {
    log_warning("{}: waiting until the disk can be written again", what);
  }
  change(DownloaderEvent::disk_refuses);
  stats_.disk_full.store(1, std::memory_order_relaxed);
}

/// A loop could not write a file.
void Downloader::incoming_refused(int code) {
  if (is_disk_error(code)) return on_disk_error({std::strerror(code), code});
  if (Status mended = sink_->mend(); !mended) return on_disk_error(mended.error());
  log_warning("{}: .doutu/incoming could not be written ({}); creating it again", settings_.folder.directory,
              std::strerror(code));
  steer_frontier();  // The loop has paused it.
}

void Downloader::probe_disk(MonoTime now) {
  Status probed = sink_->room(settings_.folder.min_free_disk);
  if (probed) probed = sink_->mend();
  if (probed) probed = sink_->probe();
  if (!probed) {
    if (is_folder_error(probed.error().code)) return on_disk_error(probed.error());
    disk_.on_disk_error(now);
    return;
  }
  disk_.room_again();
  change(DownloaderEvent::disk_writable);
  stats_.disk_full.store(0, std::memory_order_relaxed);
}

void Downloader::fail(const std::string& why) {
  if (state_ == DownloaderState::ended) return log_error("{}", why);
  parent_.say(Fatal{why});
  ending_.exit_status = 1;
  change(DownloaderEvent::end);
}

// --- Ends.

bool Downloader::may_settle() const {
  return ending_.no_more_pages && batch_writer_.has_job() && !batch_writer_.wants_batch() &&
         batch_writer_.intake().idle() && outcomes_.size() == 0 && ledger_->job().counters().pending == 0;
}

void Downloader::settle() {
  // The job is not settled on the disk before its images are there, in incoming at least: a rename may be lost.
  publish_the_last();
  if (!batch_writer_.publisher().is_published()) return;
  if (Status there = sink_->check(); !there) return on_disk_error(there.error());
  const Status done = batch_writer_.batch([this](BatchEffects&) { return ledger_->jobs().settle(); });
  if (!done) return on_disk_error(done.error());
  mend_images_file();
  save_cookies();
  checkpointer_.run();
  change(DownloaderEvent::job_settled);
  parent_.say(Settled{});
}

void Downloader::begin_stop() {
  if (!may().hears_parent) return;
  ending_.stop_by = mono_now() + settings_.run.finish_wait;
  batch_writer_.forget_spec();  // Another parent may have chosen a job since ours was killed.
  change(DownloaderEvent::stop);
}

/// Once another resolv.conf is in place, no name can be looked up here any more (file_identities.h).
void Downloader::give_way_if_files_were_replaced(MonoTime now) {
  if (now < ending_.next_look) return;
  ending_.next_look = now + kLookEvery;
  if (!hold_.readable.have_changed()) return;
  log_info("system files were replaced; a new downloader reads the new ones");
  begin_stop();
}

void Downloader::stop_at_limit(std::string why) {
  ending_.why = LimitReached{std::move(why)};
  begin_stop();
}

bool Downloader::is_quiet() const { return pool_->frontier().in_flight() == 0 && outcomes_.size() == 0; }

void Downloader::finish() {
  const Allowed before = may();
  pool_.reset();
  change(DownloaderEvent::end);
  if (!before.writes) {
    log_warning("{} could not be written until the end; run the same command again to continue",
                settings_.folder.directory);
  }
  batch();
  publish_the_last();
  if (batch_writer_.publisher().has_failed()) {
    batch();
    publish_the_last();
  }
  mend_images_file();
  save_cookies();
  if (before.needs_checkpoint) checkpointer_.run();
  if (ending_.why) parent_.say(*std::exchange(ending_.why, std::nullopt));
}

}  // namespace doutu
