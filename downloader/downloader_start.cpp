// The downloader's start: settings, folder, sandbox, lock, ledger, and what a dead process left undone.
#include <fmt/format.h>
#include <signal.h>
#include <sys/signalfd.h>

#include <exception>
#include <memory>
#include <utility>

#include "downloader/downloader.h"
#include "downloader/store/disk_at_start.h"
#include "downloader/store/folder_sink.h"
#include "shared/base/log.h"
#include "shared/base/system_limits.h"
#include "shared/http/http_client.h"
#include "shared/process/fatal_exit.h"
#include "shared/sandbox/sandbox.h"

namespace doutu {
namespace {

UniqueFd take_over_signals() {
  for (const int number : {SIGINT, SIGHUP, SIGPIPE}) ::signal(number, SIG_IGN);  // The parent decides.
  ::signal(SIGXFSZ, SIG_IGN);  // What is too large for `ulimit -f` is a write that fails.
  sigset_t term;
  ::sigemptyset(&term);
  ::sigaddset(&term, SIGTERM);
  ::pthread_sigmask(SIG_BLOCK, &term, nullptr);
  return UniqueFd(::signalfd(-1, &term, SFD_CLOEXEC | SFD_NONBLOCK));
}

Policy policy_for(const CrawlSettings& settings) {
  std::vector<std::string> named_by_user;
  if (!settings.http.ca_file.empty()) named_by_user.push_back(settings.http.ca_file);
  return downloader_policy(settings.folder.directory, std::move(named_by_user), settings.pool.downloaders);
}

}  // namespace

int run_downloader(int control_fd, int stats_fd, int doubts_fd, int rate_fd) {
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
  auto budget = RateBudget::attach(rate_fd, settings->limits.max_rate);
  if (!budget) return fatal(budget.error());
  try {
    using Which = DiskAtStart::Which;
    DiskAtStart disk(configure->attempt > 1 ? Which::replacement : Which::first, control, **stats, settings->folder);
    auto downloader = Downloader::start(control, doubts, **stats, *std::move(budget), *settings, disk);
    if (!downloader) {
      if (!disk.waits_for(downloader.error())) return fatal(downloader.error());
      control.send(StoppedEarly{downloader.error().message});
      return 1;
    }
    return (*downloader)->run();
  } catch (const std::exception& error) {
    // A thread, a descriptor or memory was wanting; the parent starts another downloader, which may get it.
    log_error("the downloader cannot continue: {}{}", to_text(error), limit_behind(error).data());
    return 1;
  }
}

Result<std::unique_ptr<Downloader>> Downloader::start(ControlChannel& control, ControlChannel& doubts, StatsPage& stats,
                                                      RateBudget budget, const CrawlSettings& settings,
                                                      DiskAtStart& disk) {
  UniqueFd term_signal = take_over_signals();
  auto folder = disk.retry_until_writable([&] { return StateFolder::make(settings.folder.directory); });
  if (!folder) return std::move(folder).error();
  auto sink = disk.retry_until_writable([&] { return FolderSink::open(*folder); });
  if (!sink) return std::move(sink).error();
  // The folder is there now, and no other thread.
  const Policy policy = policy_for(settings);
  const bool is_confined = settings.run.sandbox != SandboxMode::off;
  FileIdentities readable(is_confined ? policy.files.readable : std::vector<std::string>());
  if (Status confined = confine(policy, settings.run.sandbox); !confined) return std::move(confined).error();
  auto lock = disk.retry_until_writable([&] { return FolderLock::open(*folder); });
  if (!lock) return std::move(lock).error();
  // Held only by the downloader of a parent that was killed just after it had started it: that one has nothing to do.
  const auto held = lock->take(LockPart::downloader, mono_now() + kOrphanWait);
  if (!held) return held.error();
  if (*held != LockResult::held) return Error{fmt::format("another downloader is using {}", settings.folder.directory)};
  const auto beat = [&stats] { stats.beats[0].store(to_nanoseconds(mono_now()), std::memory_order_relaxed); };
  auto ledger = disk.retry_until_writable([&] { return LedgerWriter::open(*folder, {.on_work = beat}); });
  if (!ledger) return std::move(ledger).error();

  Hold hold{std::move(term_signal), std::move(readable), *std::move(folder), std::move(*lock)};
  CrawlSettings own_settings = settings;
  // Images of an older version are told by their SHA-256. While the bytes come it costs least.
  if ((*ledger)->contents().has_old()) own_settings.image.checksum = Checksum::sha256;
  std::unique_ptr<Downloader> downloader(new Downloader(control, doubts, stats, std::move(budget), own_settings,
                                                        std::move(hold), std::make_unique<FolderSink>(*std::move(sink)),
                                                        std::move(*ledger)));
  ImagePublisher& publisher = downloader->batch_writer_.publisher();
  Status redone = disk.retry_until_writable([&] { return publisher.redo(beat); });
  if (!redone) return std::move(redone).error();
  const auto lost = publisher.has_failed() ? ImagesFile::Lost::some : ImagesFile::Lost::none;
  downloader->images_file_.check(publisher.take_named_before(), lost, beat);
  return downloader;
}

}  // namespace doutu
