#include "crawler/run/run_crawl.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstdio>
#include <exception>

#include "crawler/children/process_host.h"
#include "crawler/cookies/cookies_file.h"
#include "crawler/demo/demo_site.h"
#include "crawler/report/report.h"
#include "crawler/report/status_file.h"
#include "crawler/run/asio_loop.h"
#include "crawler/run/crawl.h"
#include "crawler/run/crawl_report.h"
#include "crawler/run/crawl_start.h"
#include "crawler/run/full_disk.h"
#include "crawler/run/listed_images.h"
#include "crawler/run/low_limits.h"
#include "crawler/text/standard_output.h"
#include "crawler/view/summary.h"
#include "crawler/view/terminal.h"
#include "shared/base/escape.h"
#include "shared/base/human_text.h"
#include "shared/base/system_limits.h"
#include "shared/cookies/cookie_file.h"
#include "shared/ledger/ledger_reader.h"
#include "shared/process/child_process.h"
#include "shared/process/fatal_exit.h"

namespace doutu {
namespace {

int fail(const StartProblem& problem) {
  std::fprintf(stderr, "doutu: %s\n", problem.message.c_str());
  return problem.status;
}

/// What ended the run before its end says more than the report that a full disk has no room for.
Outcome outcome_without_report(const CrawlEnd& end, const Status& written) {
  if (end.why == CrawlEnd::Why::interrupted) return Outcome::interrupted;
  const bool is_early = end.why == CrawlEnd::Why::stopped_early || end.why == CrawlEnd::Why::limit_reached;
  const bool is_for_now = is_early || (!written && is_full_disk(written.error().code));
  return is_for_now ? Outcome::stopped_early : Outcome::broken;
}

/// A slip in an expression that finds nothing looks like a site with one page.
void say_if_next_found_nothing(const CrawlStart& start, const CrawlEnd& end) {
  if (end.why != CrawlEnd::Why::settled || start.command.settings.page.next.empty()) return;
  auto ledger = LedgerReader::open(*start.folder);
  const auto links = ledger && *ledger ? (*ledger)->count_next_links(start.job) : Result<std::uint64_t>(1);
  if (links && *links == 0) start.log->tell("--next found no link on any page; check its expression");
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
  say_if_next_found_nothing(start, end);
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

/// "2 of 10 pages failed (http-404), 1 had no images". Nothing is kept that could be looked at.
std::string why_list_is_short(const Report& report, const CrawlEnd& end) {
  if (!end.message.empty()) return escape_for_terminal(end.message);
  if (report.outcome == Outcome::interrupted) return "interrupted; the list has what was found so far";
  std::string causes;
  for (const auto& [cause, counters] : report.failures) {
    if (counters.pages > 0) causes += (causes.empty() ? " (" : ", ") + cause;
  }
  if (!causes.empty()) causes += ')';
  const std::string robots =
      report.pages.robots == 0 ? ""
                               : fmt::format("; robots.txt forbids {} (--no-robots)", human_count(report.pages.robots));
  return fmt::format("of {}, {} failed{} and {} had no images{}", human_number_of(report.pages.asked, "page"),
                     human_count(report.pages.failed), causes, human_count(report.pages.empty), robots);
}

/// What a crawl with --list says at its end: the URLs, and one line if something went wrong.
ExitSummary finish_list(const CrawlStart& start, const CrawlEnd& end, double seconds) {
  auto listed = listed_images(*start.folder, start.job);
  auto report = report_of(start, end, seconds);
  if (!listed || !report) return {fail({1, listed ? report.error().message : listed.error().message}), ""};
  // They were skipped, and that is no reason to say that there are none.
  report->images.saved = listed->count;
  report->images.skipped -= std::min(report->images.skipped, listed->count);
  if (end.why == CrawlEnd::Why::settled) {
    report->outcome = finished_outcome(report->pages, report->images, start.command.empty_pages, report->empty_pages);
  }
  const int status = report->outcome == Outcome::interrupted ? 128 + end.signal : exit_status(report->outcome);
  const std::string line = status == 0 ? "" : fmt::format("doutu: {}\n", why_list_is_short(*report, end));
  return {status, std::move(listed->urls), line};
}

/// Whatever became of the crawl.
void save_cookies(const CrawlStart& start) {
  const std::string& path = start.command.save_cookies;
  if (path.empty()) return;
  if (Status saved = save_cookies_file(path, start.cookies.all()); !saved) {
    start.log->write(LogLevel::error, fmt::format("--save-cookies: {}; the cookies are in {}", saved.error().message,
                                                  start.folder->path_of(kCookieFileName)));
  }
}

/// The folder is free again when this returns: a terminal that is frozen (Ctrl-S) may keep what is printed then waiting
/// for ever.
ExitSummary crawl_to_the_end(CrawlCommand command) {
  const MonoTime began = mono_now();
  auto started = start_crawl(std::move(command));
  if (const auto* problem = std::get_if<StartProblem>(&started)) return {fail(*problem), {}};
  auto& start = std::get<CrawlStart>(started);
  const CrawlEnd end = run_to_its_end(start);
  save_cookies(start);
  const double took = std::chrono::duration<double>(mono_now() - began).count();
  return start.command.list ? finish_list(start, end, took) : finish(start, end, took);
}

ExitSummary list_images(CrawlCommand command) {
  const auto folder = PassingFolder::make();
  if (!folder) return {fail({1, folder.error().message}), ""};
  command.settings.folder.directory = folder->path();
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
