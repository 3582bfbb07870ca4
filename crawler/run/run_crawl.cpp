#include "crawler/run/run_crawl.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <array>
#include <cstdio>
#include <exception>

#include "crawler/children/process_host.h"
#include "crawler/demo/demo_site.h"
#include "crawler/report/report.h"
#include "crawler/report/status_file.h"
#include "crawler/run/asio_loop.h"
#include "crawler/run/common_places.h"
#include "crawler/run/crawl.h"
#include "crawler/run/crawl_start.h"
#include "crawler/run/full_disk.h"
#include "crawler/run/low_limits.h"
#include "crawler/text/standard_output.h"
#include "crawler/view/summary.h"
#include "crawler/view/terminal.h"
#include "shared/base/escape.h"
#include "shared/base/system_limits.h"
#include "shared/ledger/ledger_reader.h"
#include "shared/process/child_process.h"
#include "shared/process/fatal_exit.h"

namespace doutu {
namespace {

int fail(const StartProblem& problem) {
  std::fprintf(stderr, "doutu: %s\n", problem.message.c_str());
  return problem.status;
}

Outcome outcome_of(const CrawlEnd& end, const PageCounters& pages, const JobCounters& images, EmptyPages empty,
                   const EmptyPageList& listed) {
  switch (end.why) {
    case CrawlEnd::Why::settled:
      return finished_outcome(pages, images, empty, listed);
    case CrawlEnd::Why::stopped_early:
    case CrawlEnd::Why::limit_reached:
      return Outcome::stopped_early;
    case CrawlEnd::Why::interrupted:
      return Outcome::interrupted;
    case CrawlEnd::Why::broken:
      break;
  }
  return Outcome::broken;
}

/// The flag whose limit ended the run, by the rule of the downloader that said so.
std::string limit_of(const CrawlEnd& end, const CrawlSettings& settings, const JobCounters& images) {
  if (end.why != CrawlEnd::Why::limit_reached) return "";
  const bool is_of_images = settings.limits.max_images > 0 && images.saved >= settings.limits.max_images;
  return is_of_images ? "--max-images" : "--max-bytes";
}

/// Of pages that may be empty: what looks like a login page is worth a line all the same, though it is no failure.
EmptyPageList sent_to_one_place(const EmptyPageList& list) {
  return list.count > 1 && !list.redirected_to.empty() ? list : EmptyPageList();
}

/// The job as the ledger has it, now that nobody writes there.
Result<Report> report_of(const CrawlStart& start, const CrawlEnd& end, double seconds) {
  auto ledger = LedgerReader::open(*start.folder);
  if (!ledger) return std::move(ledger).error();
  if (!*ledger) return Error{"the crawl ended before it created a ledger", 0};
  auto job = (*ledger)->job(start.job);
  if (!job) return std::move(job).error();
  const PageCounters pages = start.plan->counters();
  CommonPlaces common(pages.asked);
  Status added = (*ledger)->for_each_odd_page(start.job, [&](const OddPage& page) {
    if (page.has_images) common.add(page);
  });
  if (!added) return std::move(added).error();
  const bool are_fine = start.command.empty_pages == EmptyPages::are_fine;
  EmptyPageCollector empty_pages;
  const auto failed = [&](const auto& visit) { return (*ledger)->for_each_failure(start.job, visit); };
  const auto empty = [&](const auto& visit) {
    return (*ledger)->for_each_odd_page(start.job, [&](const OddPage& page) {
      if (page.has_images && !common.contains(page)) return;
      if (are_fine && page.final_url.empty()) return;
      empty_pages.add(page);
      if (!are_fine) visit(page);
    });
  };
  auto failures = write_failures(*start.folder, failed, empty);
  if (!failures) return std::move(failures).error();
  const auto without_end_mark = (*ledger)->count_without_end_mark(start.job);
  if (!without_end_mark) return without_end_mark.error();
  const auto not_followed = (*ledger)->links_not_followed(start.job);
  if (!not_followed) return not_followed.error();
  const EmptyPageList listed = are_fine ? sent_to_one_place(empty_pages.list()) : empty_pages.list();
  return Report{.outcome = outcome_of(end, pages, job->counters, start.command.empty_pages, listed),
                .job = start.job,
                .seconds = seconds,
                .pages = pages,
                .images = job->counters,
                .links_not_followed = *not_followed,
                .without_end_mark = *without_end_mark,
                .limit = limit_of(end, start.command.settings, job->counters),
                .empty_pages = listed,
                .failures = *std::move(failures)};
}

/// The images that a crawl with --list found, a line each, and their number.
Result<std::pair<std::string, std::uint64_t>> listed_images(const CrawlStart& start) {
  auto ledger = LedgerReader::open(*start.folder);
  if (!ledger) return std::move(ledger).error();
  std::pair<std::string, std::uint64_t> listed;
  if (!*ledger) return listed;
  Status read = (*ledger)->for_each_image_url(start.job, [&listed](std::string_view url) {
    listed.first.append(url) += '\n';
    ++listed.second;
  });
  if (!read) return std::move(read).error();
  return listed;
}

/// What ended the run before its end says more than the report that a full disk has no room for.
Outcome outcome_without_report(const CrawlEnd& end, const Status& written) {
  if (end.why == CrawlEnd::Why::interrupted) return Outcome::interrupted;
  const bool is_early = end.why == CrawlEnd::Why::stopped_early || end.why == CrawlEnd::Why::limit_reached;
  const bool is_for_now = is_early || (!written && is_full_disk(written.error().code));
  return is_for_now ? Outcome::stopped_early : Outcome::broken;
}

/// Of the whole run, as the counters of the job and what they had at the start tell.
CrawlSnapshot last_snapshot(const CrawlStart& start, const Report& report) {
  CrawlSnapshot snapshot = snapshot_of(report, start.spec, start.command.settings.folder.directory);
  snapshot.probe_flags = flags_of_probe(start.command.flags);
  const auto per_second = [&report](std::uint64_t now, std::uint64_t before) {
    return now <= before || report.seconds <= 0 ? 0 : static_cast<double>(now - before) / report.seconds;
  };
  const JobCounters& before = start.counters_before;
  snapshot.images_per_second =
      per_second(report.images.saved + report.images.duplicate, before.saved + before.duplicate);
  snapshot.bytes_per_second = per_second(report.images.bytes, before.bytes);
  return snapshot;
}

/// What is left to say and to return once the folder is given back.
struct ExitSummary {
  int status = 1;
  std::string text;
  std::string line_for_stderr{};
};

/// A limit that the user has set is no error. A quiet crawl says its one line instead.
void say_why(const CrawlStart& start, const CrawlEnd& end, const Status& written) {
  const bool is_quiet = start.command.verbosity == Verbosity::quiet;
  const auto say_error = [&](const std::string& error) {
    return is_quiet ? start.log->keep(error) : start.log->write(LogLevel::error, error);
  };
  if (end.why == CrawlEnd::Why::limit_reached) {
    start.log->tell(end.message);
  } else if (!end.message.empty()) {
    say_error(end.message);
  }
  if (!written) say_error("cannot write the report: " + written.error().message);
}

/// What the summary does not say by itself. Escaped.
std::string reason_of(const CrawlEnd& end, const Status& written) {
  if (!end.message.empty() || written) return escape_for_terminal(end.message);
  return "cannot write the report: " + escape_for_terminal(written.error().message);
}

ExitSummary finish(const CrawlStart& start, const CrawlEnd& end, double seconds) {
  // An end that the disk itself has brought about is not waited for again.
  const auto patience = end.why == CrawlEnd::Why::settled ? start.command.settings.folder.disk_wait : milliseconds(0);
  FullDisk disk(patience, [&start](const std::string& line) { start.log->write(LogLevel::warning, line); });
  auto report = disk.retry_until_writable([&] { return report_of(start, end, seconds); });
  auto written =
      report ? disk.retry_until_writable([&] { return write_report(*start.folder, *report); }) : Status(report.error());
  say_why(start, end, written);
  CrawlSnapshot snapshot = report ? last_snapshot(start, *report) : CrawlSnapshot{};
  if (!report) snapshot.seconds = seconds, snapshot.directory = start.command.settings.folder.directory;
  const Outcome outcome = written ? report->outcome : outcome_without_report(end, written);
  snapshot.state = state_of(outcome);
  const auto failures = report ? report->failures : std::map<std::string, CauseCounters>();
  const int status = outcome == Outcome::interrupted ? 128 + end.signal : exit_status(outcome);
  const std::string line = fmt::format("doutu: {}\n", summary_line(snapshot, failures, reason_of(end, written)));
  if (!report) return {status, "", line};
  (void)write_status(*start.folder, snapshot);
  start.log->keep(summary(snapshot, failures));  // a terminal that hung up shows it to nobody
  if (start.command.verbosity == Verbosity::quiet) return {status, "", status == 0 ? "" : line};
  return {status, summary(snapshot, failures, Terminal(STDOUT_FILENO).layout()), ""};
}

CrawlEnd run_to_its_end(CrawlStart& start) {
  try {
    AsioLoop loop;
    ProcessHost host(loop.io(), start.children);
    return Crawl(start, loop, host).run();
  } catch (const std::exception& error) {  // Asio's way to say that a descriptor or memory was wanting
    return {.message =
                std::string(to_text(error)) + limit_behind(error).data() + "; run the same command again to continue"};
  }
}

/// What a crawl with --list says at its end: the URLs, and one line if something went wrong.
ExitSummary finish_list(const CrawlStart& start, const CrawlEnd& end, double seconds) {
  auto listed = listed_images(start);
  auto report = report_of(start, end, seconds);
  if (!listed || !report) {
    const Error& error = listed ? report.error() : listed.error();
    return {1, "", fmt::format("doutu: {}\n", escape_for_terminal(error.message))};
  }
  // They were skipped, and that is no reason to say that there are none.
  report->images.saved = listed->second;
  report->images.skipped -= std::min(report->images.skipped, listed->second);
  if (end.why == CrawlEnd::Why::settled) {
    report->outcome = finished_outcome(report->pages, report->images, start.command.empty_pages, report->empty_pages);
  }
  const CrawlSnapshot snapshot = last_snapshot(start, *report);
  const int status = report->outcome == Outcome::interrupted ? 128 + end.signal : exit_status(report->outcome);
  const std::string line = "doutu: " + summary_line(snapshot, report->failures, escape_for_terminal(end.message)) + "\n";
  return {status, std::move(listed->first), status == 0 ? "" : line};
}

/// A folder that is gone with this object.
class PassingFolder {
 public:
  PassingFolder() {
    std::error_code error;
    std::string path = (std::filesystem::temp_directory_path(error) / "doutu-list-XXXXXX").string();
    if (!error && ::mkdtemp(path.data()) != nullptr) path_ = path;
  }
  ~PassingFolder() {
    std::error_code ignored;
    if (!path_.empty()) std::filesystem::remove_all(path_, ignored);
  }
  PassingFolder(const PassingFolder&) = delete;
  PassingFolder& operator=(const PassingFolder&) = delete;
  /// Empty: it could not be made.
  [[nodiscard]] const std::string& path() const { return path_; }

 private:
  std::string path_;
};

/// The folder is free again when this returns: a terminal that is frozen (Ctrl-S) may keep what is printed then waiting
/// for ever.
ExitSummary crawl_to_the_end(CrawlCommand command) {
  const MonoTime began = mono_now();
  auto started = start_crawl(std::move(command));
  if (const auto* problem = std::get_if<StartProblem>(&started)) return {fail(*problem), {}};
  auto& start = std::get<CrawlStart>(started);
  const CrawlEnd end = run_to_its_end(start);
  const double took = std::chrono::duration<double>(mono_now() - began).count();
  return start.command.list ? finish_list(start, end, took) : finish(start, end, took);
}

/// Whatever the folder of the crawl has: a list says all that there is.
ExitSummary list_images(CrawlCommand command) {
  const PassingFolder folder;
  if (folder.path().empty()) {
    return {fail({1, fmt::format("cannot create a folder below {}: {}; set TMPDIR to another one",
                                 std::filesystem::temp_directory_path().string(), std::strerror(errno))}),
            ""};
  }
  command.settings.folder.directory = folder.path();
  command.settings.run.only_lists = true;
  command.verbosity = Verbosity::quiet;
  command.progress = ProgressMode::none;
  return crawl_to_the_end(std::move(command));
}

/// The demo's server: this program again, in a process of its own, which ends when our end of its stdin does.
struct DemoServer {
  UniqueFd life_line;
  ChildProcess process;
  std::string address;
};

Result<std::string> read_line(int fd) {
  std::string line;
  char byte = 0;
  while (::read(fd, &byte, 1) == 1) {
    if (byte == '\n') return line;
    line += byte;
  }
  return Error{"the demo site did not start", 0};
}

Result<DemoServer> start_demo_server() {
  std::array<int, 2> in{};
  std::array<int, 2> out{};
  if (::pipe2(in.data(), O_CLOEXEC) != 0) return error_with_limit("cannot create a pipe");
  UniqueFd in_read(in[0]);
  UniqueFd in_write(in[1]);
  if (::pipe2(out.data(), O_CLOEXEC) != 0) return error_with_limit("cannot create a pipe");
  const UniqueFd out_read(out[0]);
  UniqueFd out_write(out[1]);
  auto process = ChildProcess::start(
      {.program = companion_program("doutu"),
       .arguments = {"demo-site"},
       .fds = {{in_read.get(), STDIN_FILENO}, {out_write.get(), STDOUT_FILENO}, {STDERR_FILENO, STDERR_FILENO}}});
  if (!process) return std::move(process).error();
  out_write.reset();
  auto address = read_line(out_read.get());
  if (!address) return std::move(address).error();
  return DemoServer{std::move(in_write), *std::move(process), *std::move(address)};
}

}  // namespace

int run_crawl(CrawlCommand command) {
  const ExitSummary exit_summary =
      command.list ? list_images(std::move(command)) : crawl_to_the_end(std::move(command));
  std::fputs(exit_summary.line_for_stderr.c_str(), stderr);
  print(exit_summary.text);
  return exit_summary.status;
}

int run_demo(DemoCommand command) {
  const LimitsJudged limits = judge_limits(command.crawl.settings, command.crawl.fetchers);
  if (limits.problem) return fail({1, *limits.problem});
  auto server = start_demo_server();
  if (!server) return fail({1, server.error().message});
  const DemoShape shape;
  command.crawl.url_template = server->address + std::string(kDemoPath);
  command.crawl.xpaths = {std::string(kDemoXpath)};
  auto pages = AskedPages::parse("1-" + std::to_string(shape.pages));
  if (!pages) return fail({1, pages.error().message});
  command.crawl.pages = *std::move(pages);
  return run_crawl(std::move(command.crawl));
}

}  // namespace doutu
