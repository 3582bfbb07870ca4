#include "downloader/downloader.h"

#include <fmt/format.h>
#include <signal.h>
#include <sys/signalfd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <exception>
#include <iterator>
#include <system_error>
#include <utility>

#include "shared/base/log.h"
#include "shared/base/overloaded.h"
#include "shared/base/system_limits.h"
#include "shared/http/http_client.h"
#include "shared/process/last_words.h"
#include "shared/sandbox/sandbox.h"

namespace doutu {
namespace {

/// While other images are in flight, a batch waits so long for more to come with it: a tenth of the pages written to
/// the WAL at 1,000 images a second, and far below what anyone waits for.
constexpr milliseconds kLinger{20};
constexpr milliseconds kTick{1000};
constexpr milliseconds kSyncTick{50};
/// Well under the time after which a child that says nothing counts as dead.
constexpr seconds kOrphanWait{15};
constexpr milliseconds kFarewell{1000};
/// Between two looks at the names of what may be read: some 30 stat(2).
constexpr seconds kLookEvery{1};

UniqueFd take_over_signals() {
  for (const int number : {SIGINT, SIGHUP, SIGPIPE}) ::signal(number, SIG_IGN);  // The parent decides.
  ::signal(SIGXFSZ, SIG_IGN);  // What is too large for `ulimit -f` is a write that fails.
  sigset_t term;
  ::sigemptyset(&term);
  ::sigaddset(&term, SIGTERM);
  ::pthread_sigmask(SIG_BLOCK, &term, nullptr);
  return UniqueFd(::signalfd(-1, &term, SFD_CLOEXEC | SFD_NONBLOCK));
}

/// Three texts, each ended by NUL.
Policy policy_for(const CrawlSettings& settings) {
  std::vector<std::string> named_by_user;
  if (!settings.ca_file.empty()) named_by_user.push_back(settings.ca_file);
  return downloader_policy(settings.directory, std::move(named_by_user), settings.downloaders);
}

}  // namespace

// --- Start.

int run_downloader(int control_fd, int stats_fd, int doubts_fd) {
  init_http();  // Before it is confined: OPENSSL_CONF may name any file.
  ControlChannel control{UniqueFd(control_fd)};
  ControlChannel doubts{UniqueFd(doubts_fd)};
  const auto fatal = [&](const Error& error) {
    control.send(Fatal{error.message});
    return 1;
  };
  Message message;
  auto stats = SharedStats::attach(stats_fd);
  if (!stats) return fatal(stats.error());
  if (control.wait_receive(message, -1) != ControlChannel::Received::message) return 0;
  const auto* const configure = std::get_if<Configure>(&message);
  if (configure == nullptr) return fatal({"the downloader was not configured"});
  const auto settings = CrawlSettings::decode(configure->settings);
  if (!settings) return fatal({"the downloader was not configured"});
  try {
    using Which = DiskAtStart::Which;
    DiskAtStart disk(configure->attempt > 1 ? Which::replacement : Which::first, control, **stats, *settings);
    auto downloader = Downloader::start(control, doubts, **stats, *settings, disk);
    if (!downloader) {
      if (!disk.waits_for(downloader.error())) return fatal(downloader.error());
      control.send(StoppedEarly{downloader.error().message});
      return 1;
    }
    return (*downloader)->run();
  } catch (const std::exception& error) {
    // A thread, a descriptor or memory was wanting; the parent starts another downloader, which may get it.
    log_error("the downloader cannot go on: {}{}", in_words(error), limit_behind(error).data());
    return 1;
  }
}

Result<std::unique_ptr<Downloader>> Downloader::start(ControlChannel& control, ControlChannel& doubts, StatsPage& stats,
                                                      const CrawlSettings& settings, DiskAtStart& disk) {
  UniqueFd term_signal = take_over_signals();
  auto folder = disk.insist([&] { return StateFolder::make(settings.directory); });
  if (!folder) return std::move(folder).error();
  auto store = disk.insist([&] { return ImageStore::open(*folder); });
  if (!store) return std::move(store).error();
  // The folder is there now, and no other thread.
  const Policy policy = policy_for(settings);
  const bool is_confined = settings.sandbox != SandboxMode::off;
  FileIdentities readable(is_confined ? policy.files.readable : std::vector<std::string>());
  if (Status confined = confine(policy, settings.sandbox); !confined) return std::move(confined).error();
  auto lock = disk.insist([&] { return FolderLock::open(*folder); });
  if (!lock) return std::move(lock).error();
  // Held only by the downloader of a parent that was killed just after it had started it: that one has nothing to do.
  const auto held = lock->take(LockPart::downloader, mono_now() + kOrphanWait);
  if (!held) return held.error();
  if (*held != LockResult::held) return Error{fmt::format("another downloader works in {}", settings.directory)};
  auto ledger = disk.insist([&] { return LedgerWriter::open(*folder); });
  if (!ledger) return std::move(ledger).error();

  std::unique_ptr<Downloader> downloader(new Downloader(control, doubts, stats, settings, std::move(readable),
                                                        *std::move(folder), std::move(*lock), std::move(*store),
                                                        std::move(*ledger), std::move(term_signal)));
  Status redone = disk.insist([&] { return downloader->placer_.redo([&] { downloader->beat(); }); });
  if (!redone) return std::move(redone).error();
  const auto lost = downloader->placer_.has_repairs() ? ImagesFile::Lost::some : ImagesFile::Lost::none;
  downloader->images_file_.check(downloader->placer_.take_named_before(), lost, [&] { downloader->beat(); });
  return downloader;
}

Downloader::Downloader(ControlChannel& control, ControlChannel& doubts, StatsPage& stats, const CrawlSettings& settings,
                       FileIdentities readable, StateFolder folder, FolderLock lock, ImageStore store,
                       std::unique_ptr<LedgerWriter> ledger, UniqueFd term_signal)
    : settings_(settings),
      term_signal_(std::move(term_signal)),
      readable_(std::move(readable)),
      folder_(std::move(folder)),
      lock_(std::move(lock)),
      stats_(stats),
      control_(control),
      store_(std::move(store)),
      ledger_(std::move(ledger)),
      recorder_(settings_, store_, *ledger_, *this),
      images_file_(folder_, *ledger_),
      disk_(settings.disk_wait),
      checkpointer_(store_, *ledger_, placer_, disk_, [this] { beat(); }),
      pool_(std::make_unique<TransferPool>(settings_, outcomes_, stats_, doubts, store_.incoming_dir())) {
  if (settings_.keep_deleted) return;
  ledger_->look_for_files(
      [this](const std::string& file, std::uint64_t bytes) { return placer_.has_lost(file, bytes); });
}

// --- The loop.

int Downloader::run() {
  place_images();
  send(Ready{});
  while (!exit_status_) {
    beat();
    wait();
    read_control();
    work();
    flush();
  }
  const MonoTime farewell = mono_now() + kFarewell;
  while (!outbox_.empty() && mono_now() < farewell) {
    pollfd channel{control_.fd(), POLLOUT, 0};
    ::poll(&channel, 1, static_cast<int>(kFarewell.count()));
    flush();
  }
  return *exit_status_;
}

void Downloader::beat() { stats_.beats[0].store(to_nanoseconds(mono_now()), std::memory_order_relaxed); }

void Downloader::wait() {
  const auto to_parent = static_cast<short>(outbox_.empty() ? POLLIN : POLLIN | POLLOUT);
  // Once stopping, both would be readable for good.
  std::vector<pollfd> fds{{stop_by_ ? -1 : control_.fd(), to_parent, 0},
                          {stop_by_ ? -1 : term_signal_.get(), POLLIN, 0},
                          {disk_.is_paused() ? -1 : outcomes_.wake_fd(), POLLIN, 0}};
  const bool at_once = !disk_.is_paused() && wants_batch(fds);
  // Nobody rings when a sync has ended.
  const milliseconds tick = checkpointer_.is_syncing() && !disk_.is_paused() ? kSyncTick : kTick;
  ::poll(fds.data(), fds.size(), at_once ? 0 : static_cast<int>(tick.count()));
  if (fds[1].revents != 0) begin_stop();
  if (fds[2].revents != 0) outcomes_.silence();  // Looked at from here on, whoever rang.
  linger();
}

void Downloader::linger() {
  if (stop_by_ || disk_.is_paused()) return;
  if (settings_.max_crawl_images > 0 || settings_.max_crawl_bytes > 0) return;  // What is not recorded is not counted.
  std::vector<pollfd> fds;
  if (!wants_batch(fds)) return;
  const Frontier& frontier = pool_->frontier();
  const MonoTime until = mono_now() + kLinger;
  while (frontier.in_flight() > 0 && outcomes_.size() < Frontier::kFullBatch) {
    fds = {{outcomes_.wake_fd(), POLLIN, 0}};
    // URLs wait for more as long as the loops have others. So do messages, of which most say that URLs have come.
    if (frontier.runs_low()) {
      if (intake_.wants_batch(fds)) return;
      fds.push_back({control_.fd(), POLLIN, 0});
    }
    const auto left = std::chrono::ceil<milliseconds>(until - mono_now()).count();
    if (left <= 0 || ::poll(fds.data(), fds.size(), static_cast<int>(left)) <= 0) return;
    const auto is_ready = [](const pollfd& fd) { return fd.revents != 0; };
    if (std::any_of(fds.begin() + 1, fds.end(), is_ready)) return;
    outcomes_.silence();
  }
}

bool Downloader::wants_batch(std::vector<pollfd>& wake) {
  if (placer_.is_crowded()) return false;
  if (recorder_.wants_batch()) return true;
  if (!recorder_.has_account()) return false;
  const bool lanes = !stop_by_ && intake_.wants_batch(wake);
  return lanes || outcomes_.size() > 0;
}

void Downloader::read_control() {
  // Everything, before anything is taken from a lane: a page is announced here before its records are there.
  while (!stop_by_) {
    Message message;
    switch (control_.receive(message)) {
      case ControlChannel::Received::message:
        handle(std::move(message));
        break;
      case ControlChannel::Received::nothing:
        return;
      case ControlChannel::Received::closed:
        return begin_stop();
      case ControlChannel::Received::damaged:
        return fail("the downloader got a message that it does not know");
    }
  }
}

void Downloader::handle(Message message) {
  std::visit(Overloaded{
                 [this](BeginAccount& begin) {
                   recorder_.begin_account(begin.account, {begin.url_template, begin.pages, begin.xpaths});
                 },
                 [this](LaneOpened& opened) { intake_.open(std::move(opened)); },
                 [this](const LaneClosed& closed) { intake_.close(closed.generation); },
                 [this](PageAssigned& assigned) { intake_.request(std::move(assigned)); },
                 [this](PagePut& put) { intake_.request(put); },
                 [this](PageFailed& failed) { intake_.request(std::move(failed)); },
                 [this](const ImageSuspected& suspected) {
                   suspects_.push_back(suspected.image);
                   pool_->frontier().set_suspects(suspects_);
                 },
                 [this](const ImageGivenUp& given_up) { recorder_.give_up(given_up.image); },
                 [this](const NoMorePages&) { no_more_pages_ = true; },
                 [this](const auto&) { fail("the downloader got a message that is not for it"); },
             },
             message);
}

void Downloader::work() {
  if (exit_status_) return;
  const MonoTime now = mono_now();
  if (const int code = pool_->take_disk_error()) {
    recorder_.add(outcomes_.take_all());
    incoming_refused(code);
  }
  if (disk_.probe_is_due(now)) probe_disk(now);
  give_way_if_files_were_replaced(now);
  if (!disk_.is_paused() && !stop_by_) keep_within_limits();
  std::vector<pollfd> wake;
  if (!disk_.is_paused() && wants_batch(wake)) batch(End::open);
  if (!disk_.is_paused() && !placer_.idle()) place_images();
  if (!disk_.is_paused() && (!refills_.empty() || pool_->frontier().wants_hosts())) fill_frontier();
  if (exit_status_) return;

  if (!stop_by_ && disk_.is_over(now)) {
    early_ = StoppedEarly{"the disk could not be written"};
    return finish();
  }
  if (stop_by_ && (is_quiet() || now >= *stop_by_)) return finish();
  if (!disk_.is_paused() && may_settle()) return settle();
  if (checkpointer_.tick(now)) place_images();
}

// --- A batch.

void Downloader::batch(End end) {
  recorder_.add(outcomes_.take_all());
  const bool reads_lanes = !stop_by_ && end == End::open;
  const Status recorded = recorder_.batch(reads_lanes ? Recorder::Lanes::read : Recorder::Lanes::leave);
  if (!recorded) trouble(recorded.error());
}

void Downloader::tell_parent(std::vector<Message> answers) { std::ranges::move(answers, std::back_inserter(outbox_)); }

void Downloader::feed_frontier(Consequences& consequences) {
  if (pool_ == nullptr) return;         // The last batch.
  if (!stop_by_) keep_within_limits();  // Before more is given out.
  Frontier& frontier = pool_->frontier();
  if (consequences.account_begun) {
    const auto hosts = ledger_->hosts_that_answered();
    frontier.expect_hosts(hosts ? *hosts : std::vector<HostRow>());
    if (!hosts) trouble(hosts.error());
  }
  frontier.answered(consequences.answered, mono_now());
  for (ImageJob& job : consequences.jobs) frontier.add(std::move(job));
  frontier.committed(consequences.outcomes);
  fill_frontier();
}

void Downloader::place_images() {
  Status placed = placer_.place();
  images_file_.append(placer_.take_named());
  if (!placed) trouble(placed.error());
}

/// Without waiting for the sync that would come. What needs a repair first is left.
void Downloader::place_the_last() {
  if (placer_.is_placed() || placer_.has_repairs()) return;
  checkpointer_.sync();
  place_images();
}

void Downloader::mend_images_file() {
  if (placer_.is_placed()) images_file_.mend([this] { beat(); });
}

void Downloader::fill_frontier() {
  Frontier& frontier = pool_->frontier();
  if (frontier.wants_hosts()) {
    const auto hosts = ledger_->hosts_with_pending(frontier.hosts_after(), Frontier::kMaxHosts);
    if (!hosts) return trouble(hosts.error());
    frontier.meet(*hosts);
  }
  std::ranges::move(frontier.wanted_refills(), std::back_inserter(refills_));
  while (!refills_.empty()) {
    const Frontier::Refill& asked = refills_.back();
    auto jobs = ledger_->pending_jobs(asked.host, asked.after_id, asked.room);
    if (!jobs) return trouble(jobs.error());
    frontier.refill(asked, *std::move(jobs));
    refills_.pop_back();
  }
}

void Downloader::publish_tally() {
  const AccountTally& tally = ledger_->tally();
  const auto publish = [](auto& to, std::uint64_t value) { to.store(value, std::memory_order_relaxed); };
  publish(stats_.found, tally.found());
  publish(stats_.known, tally.known);
  publish(stats_.repeated, tally.repeated);
  publish(stats_.saved, tally.saved);
  publish(stats_.duplicate, tally.duplicate);
  publish(stats_.skipped, tally.skipped);
  const bool more_failed = stats_.failed.exchange(tally.failed, std::memory_order_relaxed) != tally.failed;
  publish(stats_.pending, tally.pending);
  publish(stats_.bytes, tally.bytes);
  if (!more_failed) return;
  for (std::size_t i = 0; i < kFailureSlots; ++i) {
    stats_.failures.at(i).store(ledger_->failures().at(i), std::memory_order_relaxed);
  }
}

// --- Trouble.

void Downloader::keep_within_limits() {
  const AccountTally& tally = ledger_->tally();
  if (tally.pending == 0 && intake_.idle()) return;  // Nothing more is to be written but the account.
  if (settings_.max_crawl_images > 0 && tally.saved >= settings_.max_crawl_images) {
    return stop_at_limit(fmt::format("{} images are saved, as many as --max-images allows", tally.saved));
  }
  if (settings_.max_crawl_bytes > 0 && tally.bytes >= settings_.max_crawl_bytes) {
    return stop_at_limit(fmt::format("{} bytes are saved, as many as --max-bytes allows", tally.bytes));
  }
  if (Status room = store_.has_room(settings_.min_free_disk); !room) trouble(room.error());
}

void Downloader::trouble(const Error& error) {
  if (is_want(error.code)) throw std::system_error(error.code, std::generic_category(), settings_.directory);
  const std::string what = fmt::format("{}: {}", settings_.directory, error.message);
  if (!is_disk_trouble(error.code)) return fail(what + limit_behind(error.code).data());
  if (disk_.trouble(mono_now()) == DiskWait::Episode::begins) {
    log_warning("{}: waiting until the disk can be written again", what);
  }
  if (pool_ != nullptr) pool_->frontier().set_paused(true);
  stats_.disk_full.store(1, std::memory_order_relaxed);
}

/// A loop could not write a file.
void Downloader::incoming_refused(int code) {
  if (is_disk_trouble(code)) return trouble({std::strerror(code), code});
  if (Status mended = store_.mend_incoming(); !mended) return trouble(mended.error());
  log_warning("{}: .doutu/incoming could not be written ({}) and is made again", settings_.directory,
              std::strerror(code));
  if (!disk_.is_paused()) pool_->frontier().set_paused(false);
}

void Downloader::probe_disk(MonoTime now) {
  Status probed = store_.has_room(settings_.min_free_disk);
  if (probed) probed = store_.mend_incoming();
  if (probed) probed = store_.probe_space();
  if (!probed) {
    if (is_folder_trouble(probed.error().code)) return trouble(probed.error());
    disk_.trouble(now);
    return;
  }
  disk_.room_again();
  pool_->frontier().set_paused(false);
  stats_.disk_full.store(0, std::memory_order_relaxed);
}

void Downloader::fail(const std::string& why) {
  if (exit_status_) return log_error("{}", why);
  send(Fatal{why});
  exit_status_ = 1;
}

// --- Ends.

bool Downloader::may_settle() const {
  return no_more_pages_ && !settled_ && recorder_.has_account() && !recorder_.wants_batch() && intake_.idle() &&
         outcomes_.size() == 0 && ledger_->tally().pending == 0;
}

void Downloader::settle() {
  // The account is not settled on the disk before its images are there, in incoming at least: a rename may be lost.
  place_the_last();
  if (!placer_.is_placed()) return;
  if (Status there = store_.check_account(); !there) return trouble(there.error());
  const Status done = recorder_.batch([this](Consequences&) { return ledger_->settle_account(); });
  if (!done) return trouble(done.error());
  mend_images_file();
  checkpointer_.run();
  settled_ = true;
  send(Settled{});
}

void Downloader::begin_stop() {
  if (stop_by_) return;
  stop_by_ = mono_now() + settings_.finish_wait;
  recorder_.forget_request();  // Another parent may have chosen an account since ours was killed.
  pool_->frontier().stop();
}

/// Once another resolv.conf is in place, no name can be looked up here any more (file_identities.h).
void Downloader::give_way_if_files_were_replaced(MonoTime now) {
  if (stop_by_ || now < next_look_) return;
  next_look_ = now + kLookEvery;
  if (!readable_.have_changed()) return;
  log_info("files of the system were replaced by others, which only the next downloader can read");
  begin_stop();
}

void Downloader::stop_at_limit(std::string why) {
  early_ = LimitReached{std::move(why)};
  begin_stop();
}

bool Downloader::is_quiet() const { return pool_->frontier().in_flight() == 0 && outcomes_.size() == 0; }

void Downloader::finish() {
  pool_.reset();
  exit_status_ = 0;
  if (disk_.is_paused()) {
    log_warning("{} could not be written until the end; the same command continues", settings_.directory);
  }
  batch(End::last);
  place_the_last();
  if (placer_.has_repairs()) {
    batch(End::last);
    place_the_last();
  }
  mend_images_file();
  if (!settled_) checkpointer_.run();
  if (early_) send(*std::exchange(early_, std::nullopt));
}

void Downloader::send(Message message) { outbox_.push_back(std::move(message)); }

void Downloader::flush() {
  while (!outbox_.empty()) {
    const SendResult result = control_.send(outbox_.front());
    if (result == SendResult::would_block) return;
    outbox_.pop_front();
    if (result == SendResult::closed) outbox_.clear();
  }
}

}  // namespace doutu
