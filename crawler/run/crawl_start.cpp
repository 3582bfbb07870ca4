#include "crawler/run/crawl_start.h"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <filesystem>
#include <random>
#include <utility>

#include "crawler/children/site_address.h"
#include "crawler/memory/folder_memory.h"
#include "crawler/memory/job_choice.h"
#include "crawler/memory/what_to_crawl.h"
#include "crawler/plan/range_pages.h"
#include "crawler/report/report.h"
#include "crawler/report/status_file.h"
#include "crawler/request/kept_login.h"
#include "crawler/run/full_disk.h"
#include "crawler/run/low_limits.h"
#include "crawler/text/folder_path.h"
#include "crawler/text/shell_word.h"
#include "crawler/view/crawl_view.h"
#include "shared/base/ascii.h"
#include "shared/base/escape.h"
#include "shared/base/human_text.h"
#include "shared/ledger/ledger_reader.h"
#include "shared/process/child_environment.h"
#include "shared/sandbox/kernel_support.h"

namespace doutu {
namespace {

/// An orphan that is gone sooner is not worth a word.
constexpr milliseconds kSilentWait{200};
StartProblem wrong_use(std::string message) { return {kExitWrongUse, std::move(message)}; }
StartProblem broken(std::string message) { return {1, std::move(message)}; }
/// A full disk is nothing but early: the same command begins where there is room.
StartProblem unusable(const Error& error) {
  const std::string what = escape_for_terminal(error.message);
  if (is_full_disk(error.code))
    return {exit_status(Outcome::stopped_early), what + "; make room on the disk, then run the same command again"};
  return broken(error.code == EACCES ? what + "; check that you may write to this folder" : what);
}

std::optional<StartProblem> problem_with_xpaths(const std::vector<std::string>& xpaths, ChildLauncher& children) {
  const auto problem = children.xpath_problem(xpaths);
  if (!problem) return broken(problem.error().message);
  if (*problem) return wrong_use("--xpath: " + **problem);
  return std::nullopt;
}

Result<std::string> make_directory(const std::string& directory) {
  auto path = absolute_folder(directory);
  if (!path) return path;
  std::error_code error;
  std::filesystem::create_directories(*path, error);
  if (!error) return path;
  const std::string what = "cannot create the folder " + escape_for_terminal(directory) + ": " + error.message();
  return Error{is_full_disk(error.value()) ? what : what + "; choose another with --directory", error.value()};
}

/// Byte 1, which an orphan holds until it has finished what it had in hand.
Result<LockResult> wait_for_orphan(FolderLock& lock, const StateFolder& folder, Verbosity verbosity) {
  const MonoTime now = mono_now();
  auto taken = lock.take(LockPart::downloader, now + kSilentWait);
  if (!taken || *taken == LockResult::held) return taken;
  remove_status(folder);  // of the crawl that was killed
  if (verbosity != Verbosity::quiet) {
    std::fprintf(stderr, "doutu: waiting for the downloader of a killed crawl, which still finishes its images\n");
  }
  return lock.take(LockPart::downloader, now + kOrphanWait);
}

/// Byte 0 for this crawl; byte 1 must be free, or become so.
std::optional<StartProblem> take(FolderLock& lock, const StateFolder& folder, Verbosity verbosity) {
  auto crawl = lock.try_take(LockPart::crawl);
  if (!crawl) return broken(crawl.error().message);
  auto downloader = *crawl == LockResult::held ? wait_for_orphan(lock, folder, verbosity) : crawl;
  if (!downloader) return broken(downloader.error().message);
  if (*downloader != LockResult::held) {
    return StartProblem{kExitFolderHeld, "another crawl is using " + escape_for_terminal(folder.directory()) +
                                             "; wait until it ends, or choose another folder with --directory"};
  }
  lock.release(LockPart::downloader);
  return std::nullopt;
}

/// Unless the user gave one: libcurl as well sends that one in place of a URL's.
void add_authorization(std::vector<std::string>& headers, const std::string& login) {
  const auto is_one = [](const std::string& line) {
    return equals_ignoring_case(line.substr(0, line.find(':')), "authorization");
  };
  if (std::ranges::none_of(headers, is_one)) headers.push_back(authorization_line(login));
}

/// The case study's folder is that of no other site.
std::optional<StartProblem> problem_with_folder(const WhatToCrawl& what, const std::optional<Job>& last) {
  if (what.source != WhatToCrawl::Source::case_study || !last) return std::nullopt;
  if (last->spec.url_template == what.recipe.url_template) return std::nullopt;
  const std::string& directory = what.command.settings.folder.directory;
  return wrong_use(
      fmt::format("{} has the images of another site. To continue with that site: doutu crawl --directory {} --pages "
                  "{}. For the built-in example: {}",
                  escape_for_terminal(directory), shell_word(directory), last->spec.pages,
                  command_for(spec_of(what.recipe, what.pages), directory + "-doutu")));
}

/// What a reader may not expect of a folder that remembers it.
std::string remembered_risks(const CrawlCommand& command) {
  std::string risks;
  for (const GivenFlag& flag : command.flags) {
    const bool is_risk = flag.name == "--insecure" || flag.name == "--allow-private" || flag.name == "--proxy" ||
                         (flag.name == "--sandbox" && flag.value == "off");
    if (!is_risk) continue;
    risks += risks.empty() ? " with " : ", ";
    risks += flag.name;
    if (!flag.value.empty()) risks += ' ' + escape_url(without_secrets(flag.value), 200);
  }
  return risks;
}

/// Only names: values may be secrets. Of a job that did not run last they are forgotten.
std::string flags_to_give_again(const std::optional<FolderMemory>& memory, const JobSpec& spec) {
  if (!memory || memory->spec != spec) {
    return ", and with the options that you gave it then (headers, cookies, proxy, waits); the folder remembers only "
           "the options of its last command";
  }
  if (memory->flags.empty()) return "";
  std::string names;
  for (const GivenFlag& flag : memory->flags) {
    if (names.ends_with(flag.name)) continue;
    names += names.empty() ? "" : " ";
    names += flag.name;
  }
  return fmt::format(", and with your values of {}", names);
}

/// How to go on with the jobs that are not finished: a line for each of the last, and how many there are beside these.
std::vector<std::string> left_behind(const JobChoice& choice, const std::optional<FolderMemory>& memory,
                                     const StateFolder& folder, const std::string& directory) {
  constexpr std::size_t kNamed = 3;
  std::vector<std::string> lines;
  for (const JobSpec& spec : choice.left_behind) {
    if (lines.size() == kNamed) break;
    const bool has_login = login_is_elsewhere(folder, spec.url_template);
    lines.push_back(fmt::format("another crawl in this folder is unfinished; to continue it: {}{}{}",
                                command_for(spec, directory), has_login ? ", with its login in the URL" : "",
                                flags_to_give_again(memory, spec)));
  }
  if (const std::size_t more = choice.left_behind.size() - lines.size(); more > 0) {
    lines.push_back(fmt::format("{} in this folder {} also unfinished", human_number_of(more, "older crawl"),
                                more == 1 ? "is" : "are"));
  }
  return lines;
}

/// "continuing pages 1-10 of https://... into img with --proxy http://p:1"
std::string headline(const WhatToCrawl& what, const JobChoice& choice) {
  return fmt::format("{} {} into {}{}", choice.continued ? "continuing" : "crawling", job_text(choice.spec),
                     escape_for_terminal(what.command.settings.folder.directory), remembered_risks(what.command));
}

/// Without a terminal nothing more is seen for a while.
std::string progress_note(CrawlLog::View view) {
  return view == CrawlLog::View::plain ? fmt::format("; progress every {} s", CrawlView::kPlainLine.count()) : "";
}

/// Takes user and password out of the template, has them sent as a header, and keeps them elsewhere, or finds them
/// there when the template comes from the folder. What is to be said about it; nullopt: there are none.
std::optional<std::string> keep_login_out(WhatToCrawl& what, const StateFolder& folder) {
  const std::string& directory = folder.directory();
  std::string& url_template = what.recipe.url_template;
  const std::string said = take_login(url_template);
  const bool is_from_folder = said.empty() && what.goes_on();
  const std::string login = is_from_folder ? kept_login(directory, url_template) : said;
  if (login.empty() && is_from_folder && login_is_elsewhere(folder, url_template)) {
    return fmt::format(
        "cannot find the login of this crawl (it is stored per user, for the path of the folder, now {}); continuing "
        "without it; to send it, give the URL with user and password",
        directory);
  }
  if (login.empty()) return std::nullopt;
  add_authorization(what.command.settings.http.headers, login);
  const auto kept = keep_login(directory, url_template, login);
  note_login_is_elsewhere(folder, url_template);
  const std::string where = kept ? "it is stored in " + *kept : "it is not stored (" + kept.error().message + ")";
  return fmt::format("other users may read {}, so the password of the URL is not stored there; {}", directory, where);
}

/// For a folder that keeps nothing from others. A version before has put the login into the ledger: the crawl that it
/// began is continued as it was begun.
Result<std::optional<std::string>> see_to_login(WhatToCrawl& what, LedgerReader* ledger, const StateFolder& folder,
                                                const std::optional<FolderMemory>& memory) {
  std::string without = what.recipe.url_template;
  const std::string login = take_login(without);
  if (login.empty() || ledger == nullptr) return keep_login_out(what, folder);
  const auto choice = choose_job(ledger, what, folder, memory);
  if (!choice) return choice.error();
  const auto stands_there = ledger->has_login(login);
  if (!stands_there) return stands_there.error();
  auto word = choice->continued ? std::nullopt : keep_login_out(what, folder);
  if (!*stands_there) return word;
  return std::optional(
      fmt::format("other users may read {}, and an earlier version of doutu stored the password of the URL in {}; "
                  "change the password, or delete that folder after the crawl",
                  folder.directory(), folder.path_of("")));
}

std::uint64_t random_id() {
  std::random_device source;
  return (std::uint64_t{source()} << 32U | source()) >> 1U;  // positive as a signed number, as SQLite keeps it
}

}  // namespace

std::variant<CrawlStart, StartProblem> start_crawl(CrawlCommand said) {
  auto answer = what_to_crawl(std::move(said));
  if (const auto* problem = std::get_if<StartProblem>(&answer)) return *problem;
  auto& what = std::get<WhatToCrawl>(answer);
  CrawlCommand& command = what.command;
  const auto unprotected = missing_protection(command.settings.run.sandbox);
  if (unprotected && command.settings.run.sandbox == SandboxMode::require) return broken(*unprotected);
  const bool is_new_recipe = !what.goes_on() || !command.xpaths.empty() || command.pages;
  if (what.source != WhatToCrawl::Source::earlier_ledger && is_new_recipe) {
    const PageRange& pages = command.pages ? *command.pages : what.pages;
    if (auto checked = check_recipe(what.recipe, pages); !checked) return wrong_use(checked.error().message);
  }
  const LimitsJudged limits = judge_limits(command.settings, command.fetchers);
  if (limits.problem) return broken(*limits.problem);
  command.settings.run.run_id = random_id();
  ChildLauncher children(command.settings.run.run_id);
  children.prestart();
  if (!what.goes_on() || !command.xpaths.empty()) {
    const auto& xpaths = what.goes_on() ? command.xpaths : what.recipe.xpaths;
    if (auto problem = problem_with_xpaths(xpaths, children)) return *problem;
  }

  FullDisk disk(command.settings.folder.disk_wait, [&command](const std::string& line) {
    if (command.verbosity != Verbosity::quiet) std::fprintf(stderr, "doutu: %s\n", escape_for_terminal(line).c_str());
  });
  const auto directory = disk.retry_until_writable([&] { return make_directory(command.settings.folder.directory); });
  if (!directory) return unusable(directory.error());
  auto state_folder = disk.retry_until_writable([&] { return StateFolder::make(*directory); });
  if (!state_folder) return unusable(state_folder.error());
  auto folder = std::make_unique<const StateFolder>(*std::move(state_folder));
  auto lock = disk.retry_until_writable([&] { return FolderLock::open(*folder); });
  if (!lock) return unusable(lock.error());
  if (auto problem = take(*lock, *folder, command.verbosity)) return *problem;
  auto ledger = disk.retry_until_writable([&] { return LedgerReader::open(*folder); });
  if (!ledger) return unusable(ledger.error());

  auto recalled = recall(*folder);
  const std::optional<FolderMemory> memory_before = recalled ? *std::move(recalled) : std::nullopt;
  const auto last = job_that_ran_last(ledger->get(), memory_before);
  if (!last) return broken(last.error().message);
  if (auto problem = problem_with_folder(what, *last)) return *problem;
  if (what.source == WhatToCrawl::Source::earlier_ledger) {
    if (!*last) return wrong_use(escape_for_terminal(*directory) + " has no crawl to continue; give a URL");
    if (Status gone_on = go_on_from((*last)->spec, what); !gone_on) return broken(gone_on.error().message);
  }
  std::optional<std::string> login;
  if (!folder->is_private()) {
    auto seen_to = see_to_login(what, ledger->get(), *folder, memory_before);
    if (!seen_to) return broken(seen_to.error().message);
    login = *std::move(seen_to);
  }
  auto url_template = UrlTemplate::parse(what.recipe.url_template);
  if (!url_template) return wrong_use(url_template.error().message);
  auto choice = choose_job(ledger->get(), what, *folder, memory_before);
  if (!choice) return broken(choice.error().message);
  auto pages = PageRange::parse(choice->spec.pages);
  if (!pages) return broken(pages.error().message);

  remove_status(*folder);  // of a run before; this one's is written in a moment

  const auto view = CrawlLog::view_for(command.progress);
  const auto color = CrawlLog::color_for(command.color);
  auto log = disk.retry_until_writable([&] {
    return command.log_file.empty() ? CrawlLog::open(*folder, command.verbosity, view, color)
                                    : CrawlLog::open(command.log_file, command.verbosity, view, color);
  });
  if (!log) return unusable(log.error());
  if (unprotected) log_warning("{}", *unprotected);
  for (const std::string& warning : limits.warnings) log_warning("{}", warning);
  if (const auto lost = lost_preload(environ, injection_of_this_build())) log_warning("{}", *lost);
  if (login) (*log)->tell(*login);
  const auto remembered = disk.retry_until_writable([&] {
    return remember(*folder, {choice->spec, command.flags, choice->job});
  });
  if (!remembered) return unusable(remembered.error());
  (*log)->tell(headline(what, *choice) + progress_note((*log)->view()));
  if (what.source == WhatToCrawl::Source::earlier_ledger) {
    (*log)->tell("the folder does not remember the options of this crawl; give those that it needs again");
  }
  for (const std::string& line : left_behind(*choice, memory_before, *folder, command.settings.folder.directory))
    (*log)->tell(line);

  command.settings.folder.directory = *directory;
  command.settings.page.xpaths = what.recipe.xpaths;
  auto site_host = private_site_host(url_template->host(), command.settings.http);
  if (!site_host) return broken(site_host.error().message);
  command.settings.http.site_host = *std::move(site_host);
  command.settings.http.site_origin = url_template->server();
  auto source = std::make_unique<RangePages>(*std::move(pages), *std::move(url_template));
  auto plan = std::make_unique<PagePlan>(std::move(source), command.settings);
  std::map<std::string, std::uint64_t> page_failures;
  if (choice->continued && *ledger) {
    auto read = (*ledger)->for_each_page(choice->job, [&](const PageRow& row) { plan->recall(row); });
    if (read) {
      read = (*ledger)->for_each_failure(choice->job, [&page_failures](const Failure& failure) {
        if (failure.is_page) ++page_failures[failure.cause];
      });
    }
    if (!read) return broken(read.error().message);
    if (plan->waiting() == 0) children.let_fetcher_go();
  }
  return CrawlStart{std::move(command),       choice->spec,       choice->job,
                    choice->continued,        choice->counters,   std::move(plan),
                    std::move(page_failures), std::move(folder),  *std::move(lock),
                    *std::move(log),          std::move(children)};
}

}  // namespace doutu
