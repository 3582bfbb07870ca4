#include "crawler/run/crawl_start.h"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <filesystem>
#include <map>
#include <memory>
#include <optional>
#include <random>
#include <string>
#include <utility>

#include "crawler/children/site_address.h"
#include "crawler/memory/folder_memory.h"
#include "crawler/memory/job_choice.h"
#include "crawler/memory/kept_list.h"
#include "crawler/memory/what_to_crawl.h"
#include "crawler/report/report.h"
#include "crawler/report/status_file.h"
#include "crawler/run/expression_check.h"
#include "crawler/run/full_disk.h"
#include "crawler/run/low_limits.h"
#include "crawler/run/site_pages.h"
#include "crawler/run/start_cookies.h"
#include "crawler/run/start_lines.h"
#include "crawler/run/start_login.h"
#include "crawler/text/folder_path.h"
#include "crawler/text/shell_word.h"
#include "shared/base/ascii.h"
#include "shared/base/escape.h"
#include "shared/ledger/ledger_reader.h"
#include "shared/process/child_environment.h"
#include "shared/robots/robots_book.h"
#include "shared/sandbox/kernel_support.h"

namespace doutu {
namespace {

/// An orphan that is gone sooner is not worth a word.
constexpr milliseconds kSilentWait{200};
constexpr milliseconds kForkWait{1'000};
StartProblem wrong_use(std::string message) { return {kExitWrongUse, std::move(message)}; }
StartProblem broken(std::string message) { return {1, std::move(message)}; }
/// A full disk is nothing but early: the same command begins where there is room.
StartProblem unusable(const Error& error) {
  const std::string what = escape_for_terminal(error.message);
  if (is_full_disk(error.code))
    return {exit_status(Outcome::stopped_early), what + "; make room on the disk, then run the same command again"};
  return broken(error.code == EACCES ? what + "; check that you may write to this folder" : what);
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
  // A child that a killed crawl had just forked holds its lock until it runs its program.
  auto crawl = lock.take(LockPart::crawl, mono_now() + kForkWait);
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

/// The case study's folder is that of no other site.
std::optional<StartProblem> problem_with_folder(const WhatToCrawl& what, const std::optional<Job>& last) {
  if (what.source != WhatToCrawl::Source::case_study || !last) return std::nullopt;
  if (last->spec.url_template == what.recipe.url_template) return std::nullopt;
  const std::string& directory = what.command.settings.folder.directory;
  return wrong_use(fmt::format(
      "{} has the images of another site. To continue with that site: doutu crawl --directory {}{}. For the "
      "built-in example: {}",
      escape_for_terminal(directory), shell_word(directory), flags_for_pages(last->spec),
      command_for(spec_of(what.recipe, what.pages), directory + "-doutu")));
}

std::uint64_t random_id() {
  std::random_device source;
  return (std::uint64_t{source()} << 32U | source()) >> 1U;  // positive as a signed number, as SQLite keeps it
}

/// The folder of a crawl, in this process's hands.
struct HeldFolder {
  std::string directory;  ///< Absolute.
  std::unique_ptr<const StateFolder> folder;
  FolderLock lock;
  std::unique_ptr<LedgerReader> ledger;  ///< nullptr: it has none.
};

/// start_crawl() in steps. Each leaves what the later ones need, or the problem that ends the command; after it no
/// other step may follow.
class Start {
 public:
  using Problem = std::optional<StartProblem>;

  explicit Start(WhatToCrawl what) : what_(std::move(what)) {}
  Start(const Start&) = delete;
  Start& operator=(const Start&) = delete;

  Problem check_request();
  Problem take_folder();
  Problem read_folder();
  Problem open_log();
  Problem plan_pages();
  Problem take_cookies();
  CrawlStart finish();

 private:
  [[nodiscard]] CrawlCommand& command() { return what_.command; }
  Problem check_xpaths();
  Problem take_list();
  Problem keep_login_out_of_folder();
  Problem choose();
  void say_what_begins();
  void remove_lists_of_others();
  Problem recall_robots();
  Problem recall_pages();

  WhatToCrawl what_;
  std::optional<std::string> unprotected_;  ///< What the kernel lacks for the sandbox.
  LimitsJudged limits_;
  std::optional<ChildLauncher> children_;
  FullDisk disk_{command().settings.folder.disk_wait, [this](const std::string& line) {
                   if (command().verbosity != Verbosity::quiet)
                     std::fprintf(stderr, "doutu: %s\n", escape_for_terminal(line).c_str());
                 }};
  std::optional<HeldFolder> held_;
  std::optional<FolderMemory> memory_before_;
  std::optional<std::string> login_;  ///< What is to be said about it.
  JobChoice choice_;
  AskedPages pages_;
  std::unique_ptr<CrawlLog> log_;
  std::unique_ptr<PagePlan> plan_;
  std::map<std::string, std::uint64_t> page_failures_;
  std::string pages_host_;
  CrawlCookies cookies_;
};

Start::Problem Start::check_request() {
  unprotected_ = missing_protection(command().settings.run.sandbox);
  if (unprotected_ && command().settings.run.sandbox == SandboxMode::require) return broken(*unprotected_);
  const bool is_new_recipe = !what_.goes_on() || !command().xpaths.empty() || command().pages;
  if (what_.source != WhatToCrawl::Source::earlier_ledger && is_new_recipe) {
    const AskedPages& pages = command().pages ? *command().pages : what_.pages;
    if (auto checked = check_recipe(what_.recipe, pages); !checked) return wrong_use(checked.error().message);
  }
  limits_ = judge_limits(command().settings, command().fetchers);
  if (limits_.problem) return broken(*limits_.problem);
  return check_xpaths();
}

Start::Problem Start::check_xpaths() {
  command().settings.run.run_id = random_id();
  children_.emplace(command().settings.run.run_id);
  children_->prestart();
  if (auto problem = problem_with_expressions(command().before, *children_)) return problem;
  if (!what_.goes_on()) return problem_with_expressions(what_.recipe, *children_);
  const PageOptions& page = command().settings.page;
  return problem_with_expressions({.url_template = "",
                                   .xpaths = command().xpaths,
                                   .follow = page.follow,
                                   .next = page.next,
                                   .alternatives = page.alternatives},
                                  *children_);
}

Start::Problem Start::take_folder() {
  const auto directory =
      disk_.retry_until_writable([&] { return make_directory(command().settings.folder.directory); });
  if (!directory) return unusable(directory.error());
  auto state_folder = disk_.retry_until_writable([&] { return StateFolder::make(*directory); });
  if (!state_folder) return unusable(state_folder.error());
  auto folder = std::make_unique<const StateFolder>(*std::move(state_folder));
  auto lock = disk_.retry_until_writable([&] { return FolderLock::open(*folder); });
  if (!lock) return unusable(lock.error());
  if (auto problem = take(*lock, *folder, command().verbosity)) return problem;
  auto ledger = disk_.retry_until_writable([&] { return LedgerReader::open(*folder); });
  if (!ledger) return unusable(ledger.error());
  held_.emplace(HeldFolder{*directory, std::move(folder), *std::move(lock), *std::move(ledger)});
  return std::nullopt;
}

Start::Problem Start::read_folder() {
  auto recalled = recall(*held_->folder);
  if (recalled) memory_before_ = *std::move(recalled);
  const auto last = job_that_ran_last(held_->ledger.get(), memory_before_);
  if (!last) return broken(last.error().message);
  if (auto problem = problem_with_folder(what_, *last)) return problem;
  if (what_.source == WhatToCrawl::Source::earlier_ledger) {
    if (!*last) {
      return wrong_use(escape_for_terminal(held_->directory) + " has no crawl to continue; give a URL");
    }
    if (Status gone_on = go_on_from((*last)->spec, what_); !gone_on) return broken(gone_on.error().message);
  }
  if (auto problem = take_list()) return problem;
  if (auto problem = keep_login_out_of_folder()) return problem;
  return choose();
}

Start::Problem Start::take_list() {
  if (!what_.list.is_given()) return std::nullopt;
  auto list = keep_list(*held_->folder, what_.list);
  if (!list) return list.error().code == 0 ? wrong_use(list.error().message) : unusable(list.error());
  what_.pages = AskedPages(*std::move(list));
  return std::nullopt;
}

Start::Problem Start::keep_login_out_of_folder() {
  auto seen_to = see_to_login(what_, held_->ledger.get(), *held_->folder, memory_before_);
  if (!seen_to) return broken(seen_to.error().message);
  login_ = *std::move(seen_to);
  return std::nullopt;
}

Start::Problem Start::choose() {
  const bool has_template = what_.pages.list() == nullptr;
  const auto url_template = UrlTemplate::parse(what_.recipe.url_template);
  if (has_template && !url_template) return wrong_use(url_template.error().message);
  auto choice = choose_job(held_->ledger.get(), what_, *held_->folder, memory_before_);
  if (!choice) return broken(choice.error().message);
  auto pages = AskedPages::parse(choice->spec.pages);
  if (!pages) return broken(pages.error().message);
  choice_ = *std::move(choice);
  pages_ = *std::move(pages);
  return std::nullopt;
}

Start::Problem Start::open_log() {
  remove_status(*held_->folder);  // of a run before; this one's is written in a moment

  const auto view = CrawlLog::view_for(command().progress);
  const auto color = CrawlLog::color_for(command().color);
  auto log = disk_.retry_until_writable([&] {
    return command().log_file.empty() ? CrawlLog::open(*held_->folder, command().verbosity, view, color)
                                      : CrawlLog::open(command().log_file, command().verbosity, view, color);
  });
  if (!log) return unusable(log.error());
  log_ = *std::move(log);
  if (unprotected_) log_warning("{}", *unprotected_);
  for (const std::string& warning : limits_.warnings) log_warning("{}", warning);
  if (const auto lost = lost_preload(environ, injection_of_this_build())) log_warning("{}", *lost);
  for (const std::string& warning : command().warnings) log_->tell(warning);
  if (login_) log_->tell(*login_);
  const auto remembered = disk_.retry_until_writable([&] {
    return remember(*held_->folder, {choice_.spec, command().flags, choice_.job});
  });
  if (!remembered) return unusable(remembered.error());
  say_what_begins();
  return std::nullopt;
}

void Start::say_what_begins() {
  log_->tell(headline(what_, choice_) + progress_note(log_->view()));
  if (what_.source == WhatToCrawl::Source::earlier_ledger) {
    log_->tell("the folder does not remember the options of this crawl; give those that it needs again");
  }
  const std::string& directory = command().settings.folder.directory;
  for (const std::string& line : left_behind(choice_, memory_before_, *held_->folder, directory)) log_->tell(line);
}

Start::Problem Start::plan_pages() {
  CrawlSettings& settings = command().settings;
  settings.folder.directory = held_->directory;
  const Recipe& recipe = what_.recipe;
  settings.page.xpaths = recipe.xpaths;
  settings.page.follow = recipe.follow;
  settings.page.next = recipe.next;
  settings.page.alternatives = recipe.alternatives;
  settings.page.rewrites = recipe.rewrites;
  settings.page.direct = recipe.direct;
  settings.page.each_once = !recipe.follow.empty() || !recipe.next.empty() || recipe.lists_pages;
  auto site = open_site_pages(recipe, pages_, *held_->folder);
  if (!site) return broken(site.error().message);
  auto site_host = private_site_host(site->host, settings.http);
  if (!site_host) return broken(site_host.error().message);
  settings.http.site_host = *std::move(site_host);
  settings.http.site_origin = site->server;
  pages_host_ = site->host;
  log_in(command(), recipe.url_template);
  remove_lists_of_others();
  plan_ = std::make_unique<PagePlan>(std::move(site->pages), settings);
  if (held_->ledger == nullptr) return std::nullopt;
  if (auto problem = recall_robots()) return problem;
  return choice_.continued ? recall_pages() : std::nullopt;
}

/// What was read within a day need not be read again. A damaged row is.
Start::Problem Start::recall_robots() {
  if (command().settings.politeness.robots == Robots::nothing) return std::nullopt;
  const MonoTime now = mono_now();
  const std::int64_t since = wall_milliseconds() - std::chrono::milliseconds(RobotsBook::kKept).count();
  const auto read = held_->ledger->for_each_robots(since, [&](const LedgerReader::RobotsRow& row) {
    auto rules = RobotsRules::from_text(row.rules);
    if (!rules) return;
    const MonoTime until = now + milliseconds(row.read_ms - since);
    plan_->note_robots(row.server, std::make_shared<RobotsRules>(*std::move(rules)), until, now);
  });
  return read ? std::nullopt : Problem(broken(read.error().message));
}

/// A list stays while a job is not finished that needs it.
void Start::remove_lists_of_others() {
  auto needed = choice_.left_behind;
  needed.push_back(choice_.spec);
  remove_other_lists(*held_->folder, needed);
}

Start::Problem Start::recall_pages() {
  auto read = held_->ledger->for_each_page(choice_.job, [this](const PageRow& row) { plan_->recall(row); });
  if (read) {
    read = held_->ledger->for_each_failure(choice_.job, [this](const Failure& failure) {
      if (failure.is_page && failure.cause != cause_name(Cause::robots)) ++page_failures_[failure.cause];
    });
  }
  if (!read) return broken(read.error().message);
  const auto found = held_->ledger->found_pages(choice_.job);
  if (!found) return broken(found.error().message);
  plan_->note_links(found->last, found->known);
  if (plan_->waiting() == 0) children_->let_fetcher_go();
  return std::nullopt;
}

Start::Problem Start::take_cookies() {
  auto cookies =
      disk_.retry_until_writable([&] { return start_cookies(command(), pages_host_, *held_->folder, *log_); });
  if (!cookies) return cookies.error().code == 0 ? wrong_use(cookies.error().message) : unusable(cookies.error());
  cookies_ = *std::move(cookies);
  return std::nullopt;
}

CrawlStart Start::finish() {
  return {std::move(command()),
          choice_.spec,
          choice_.job,
          choice_.continued,
          choice_.counters,
          std::move(plan_),
          std::move(page_failures_),
          std::move(held_->folder),
          std::move(held_->lock),
          std::move(log_),
          std::move(cookies_),
          *std::move(children_)};
}

}  // namespace

std::variant<CrawlStart, StartProblem> start_crawl(CrawlCommand said) {
  auto answer = what_to_crawl(std::move(said));
  if (const auto* problem = std::get_if<StartProblem>(&answer)) return *problem;
  Start start(std::move(std::get<WhatToCrawl>(answer)));
  for (const auto step : {&Start::check_request, &Start::take_folder, &Start::read_folder, &Start::open_log,
                          &Start::plan_pages, &Start::take_cookies}) {
    if (auto problem = (start.*step)()) return *std::move(problem);
  }
  return start.finish();
}

}  // namespace doutu
