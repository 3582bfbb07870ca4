#include "crawler/commands/probe/run_probe.h"

#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <utility>

#include "crawler/children/child_launcher.h"
#include "crawler/children/run_and_capture.h"
#include "crawler/children/site_address.h"
#include "crawler/commands/probe/probe_report.h"
#include "crawler/cookies/crawl_cookies.h"
#include "crawler/cookies/imported_cookies.h"
#include "crawler/request/recipe.h"
#include "crawler/text/standard_output.h"
#include "shared/base/cause.h"
#include "shared/base/clock.h"
#include "shared/process/child_environment.h"
#include "shared/process/control.h"
#include "shared/sandbox/kernel_support.h"
#include "shared/url/url.h"

namespace doutu {
namespace {

constexpr seconds kLookPatience{30};  // beside the page's own time
constexpr int kAttempts = 3;          // at a page that the fetcher dies of
constexpr std::size_t kMaxAnswer = std::size_t{4} << 20U;

int fail(int status, const std::string& message) {
  std::fprintf(stderr, "doutu: %s\n", message.c_str());
  return status;
}

void warn(const std::string& message) { std::fprintf(stderr, "doutu: warning: %s\n", message.c_str()); }

struct Problem {
  int status;
  std::string message;
};

/// Says what is missing where that is no problem.
std::optional<Problem> problem_with_sandbox(SandboxMode mode) {
  const auto unprotected = missing_protection(mode);
  if (unprotected && mode == SandboxMode::require) return Problem{1, *unprotected};
  if (unprotected) warn(*unprotected);
  return std::nullopt;
}

std::optional<Problem> problem_with(const std::vector<std::string>& xpaths, const std::string& url) {
  if (xpaths.empty()) return std::nullopt;
  const Status checked =
      check_recipe({.url_template = as_template(url), .xpaths = xpaths}, AskedPages(PageRange::parse("1").value()));
  if (!checked) return Problem{kExitWrongUse, checked.error().message};
  const auto problem = ChildLauncher(0).xpath_problem(xpaths);
  if (!problem) return Problem{1, problem.error().message};
  if (*problem) return Problem{kExitWrongUse, "--xpath: " + **problem};
  return std::nullopt;
}

/// The page did not come, for a reason that the fetcher could not tell any more.
ProbeReport failed_report(const std::string& url, Cause cause) {
  ProbeReport report;
  report.url = url;
  report.final_url = url;
  report.cause = cause_name(cause);
  report.cause_text = cause_text(cause);
  return report;
}

/// Those of the user's that the page's host gets, a line each.
Result<std::string> cookies_for(const ProbeCommand& command) {
  const HttpOptions& http = command.settings.http;
  if (command.cookies.empty() || http.no_cookies) return std::string();
  const CookieNeeds needs{.hosts = {url_host(command.url)}, .domains = http.cookie_domains};
  auto imported = import_cookies(command.cookies, needs, home_folder(), wall_milliseconds());
  if (!imported) return std::move(imported).error();
  return CrawlCookies(std::move(imported->cookies)).for_page(command.url);
}

Status send(ControlChannel& channel, const Message& message) {
  if (encode(message).size() > kMaxPacket) return Error{"the options together are too long"};
  if (channel.send(message) != SendResult::ok) return Error{"cannot send to the fetcher"};
  return {};
}

/// The question waits in the channel when the fetcher starts: nothing of it is in its arguments, which all users see.
Result<CapturedRun> ask_fetcher(const std::string& url, const std::string& cookies, const CrawlSettings& settings) {
  auto channel = ControlChannel::create();
  if (!channel) return std::move(channel).error();
  auto& [ours, theirs] = *channel;
  if (auto sent = send(ours, Configure{.settings = settings.encode()}); !sent) return std::move(sent).error();
  FetchPage page{.task = {.url = url}};
  page.cookies = cookies;
  if (auto sent = send(ours, std::move(page)); !sent) return std::move(sent).error();
  return run_and_capture({.program = companion_program("doutu-fetcher"),
                          .arguments = {"--probe"},
                          .fds = {{theirs.fd(), kControlFd}, {STDERR_FILENO, STDERR_FILENO}},
                          .patience = settings.page.timeout + kLookPatience,
                          .max_bytes = kMaxAnswer});
}

Result<ProbeReport> probe(const std::string& url, const std::string& cookies, const CrawlSettings& settings) {
  for (int attempt = 1;; ++attempt) {
    auto answer = ask_fetcher(url, cookies, settings);
    if (!answer && answer.error().code == ETIMEDOUT) return failed_report(url, Cause::page_too_slow);
    if (!answer) return std::move(answer).error();
    if (answer->exit.status == 0 && answer->exit.signal == 0) return parse_probe_answer(answer->text);
    if (!answer->exit.is_crash()) return Error{"the page fetcher ended with " + answer->exit.to_text()};
    if (attempt == kAttempts) return failed_report(url, Cause::page_kills_fetcher);
  }
}

}  // namespace

int run_probe(ProbeCommand command) {
  if (const auto lost = lost_preload(environ, injection_of_this_build())) warn(*lost);
  for (const std::string& warning : command.warnings) warn(warning);
  if (const auto problem = problem_with(command.settings.page.xpaths, command.url)) {
    return fail(problem->status, problem->message);
  }
  if (const auto problem = problem_with_sandbox(command.settings.run.sandbox)) {
    return fail(problem->status, problem->message);
  }
  auto site_host = private_site_host(url_host(command.url), command.settings.http);
  if (!site_host) return fail(1, site_host.error().message);
  command.settings.http.site_host = *std::move(site_host);
  const auto cookies = cookies_for(command);
  if (!cookies) return fail(kExitWrongUse, cookies.error().message);
  Result<ProbeReport> report = probe(command.url, *cookies, command.settings);
  if (!report) return fail(1, std::move(report).error().within("cannot probe the page").message);
  CrawlSettings written = command.settings;
  written.http.headers = command.header_flags;
  written.login.user = command.user_flag;
  suggest_commands(*report, written, command.cookies);
  print(command.output == ProbeCommand::Output::json ? probe_json(*report) : probe_text(*report));
  return exit_status(*report);
}

}  // namespace doutu
