#include "crawler/crawl_start.h"

#include <unistd.h>

#include <cstdio>
#include <filesystem>
#include <random>
#include <utility>

#include "crawler/folder_path.h"
#include "crawler/home_address.h"
#include "crawler/low_limits.h"
#include "crawler/report.h"
#include "crawler/status/status_file.h"
#include "shared/base/escape.h"
#include "shared/ledger/ledger_reader.h"
#include "shared/process/child_environment.h"
#include "shared/sandbox/kernel_support.h"

namespace doutu {
namespace {

/// An orphan that is gone sooner is not worth a word.
constexpr milliseconds kSilentWait{200};
constexpr const char* kDefaultXpath = "//img";  // for a template of the user's own: every image that the page shows

struct Asked {
  Recipe recipe;
  PageRange pages;
};

StartProblem wrong_use(std::string message) { return {kExitWrongUse, std::move(message)}; }
StartProblem broken(std::string message) { return {1, std::move(message)}; }

bool names_nothing(const CrawlCommand& command) {
  return !command.url_template && !command.pages && command.xpaths.empty();
}

Result<Asked> asked_by(const CrawlCommand& command) {
  Recipe recipe = builtin_recipe();
  if (command.url_template) recipe = {*command.url_template, {kDefaultXpath}};
  if (!command.xpaths.empty()) recipe.xpaths = command.xpaths;
  auto pages = command.pages ? Result<PageRange>(*command.pages) : PageRange::parse(kDefaultPages);
  if (!pages) return std::move(pages).error();
  return Asked{std::move(recipe), *std::move(pages)};
}

Result<Asked> asked_before(const AccountRequest& request) {
  auto pages = PageRange::parse(request.pages);
  if (!pages) return std::move(pages).error().within("the ledger's last crawl");
  return Asked{recipe_of(request), *std::move(pages)};
}

std::optional<StartProblem> problem_with_xpaths(const Asked& asked, ChildStarter& children) {
  const auto problem = children.xpath_problem(asked.recipe.xpaths);
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
  return Error{"cannot make the folder " + escape_for_terminal(directory) + ": " + error.message() +
                   "; choose another with --directory",
               error.value()};
}

/// Byte 1, which an orphan holds until it has finished what it had in hand.
Result<LockResult> wait_for_orphan(FolderLock& lock, const std::string& directory, Verbosity verbosity) {
  const MonoTime now = mono_now();
  auto taken = lock.take(LockPart::downloader, now + kSilentWait);
  if (!taken || *taken == LockResult::held) return taken;
  remove_status(directory);  // of the crawl that was killed
  if (verbosity != Verbosity::quiet) {
    std::fprintf(stderr,
                 "doutu: the downloader of a crawl that was killed finishes what it has in hand; waiting for it\n");
  }
  return lock.take(LockPart::downloader, now + kOrphanWait);
}

/// Byte 0 for this crawl; byte 1 must be free, or become so.
std::variant<FolderLock, StartProblem> lock_folder(const std::string& directory, Verbosity verbosity) {
  auto lock = FolderLock::open(directory);
  if (!lock) return broken(lock.error().message + "; is the folder yours to write?");
  auto crawl = lock->try_take(LockPart::crawl);
  if (!crawl) return broken(crawl.error().message);
  auto downloader = *crawl == LockResult::held ? wait_for_orphan(*lock, directory, verbosity) : crawl;
  if (!downloader) return broken(downloader.error().message);
  if (*downloader != LockResult::held) {
    return StartProblem{kExitFolderHeld, "another crawl holds " + escape_for_terminal(directory) +
                                             "; wait for its end, or choose another folder with --directory"};
  }
  lock->release(LockPart::downloader);
  return *std::move(lock);
}

bool ends_an_account(std::string_view outcome) {
  return outcome == outcome_name(Outcome::complete) || outcome == outcome_name(Outcome::failures) ||
         outcome == outcome_name(Outcome::no_images);
}

/// Settled and reported. Only the folder's last account has its report in the folder.
bool is_finished(const Account& account, std::int64_t latest, const std::string& directory) {
  if (!account.settled || account.id != latest) return account.settled;
  const auto report = read_report(directory);
  return report && report->account == account.id && ends_an_account(report->outcome);
}

struct Choice {
  std::int64_t account = 1;
  bool continued = false;
  AccountTally tally{};
};

Result<Choice> choose_account(LedgerReader* ledger, const AccountRequest& request, const std::string& directory) {
  if (ledger == nullptr) return Choice{};
  auto latest = ledger->latest_account();
  if (!latest) return std::move(latest).error();
  if (!*latest) return Choice{};
  auto same = ledger->find_account(request);
  if (!same) return std::move(same).error();
  if (*same && !is_finished(**same, (*latest)->id, directory)) return Choice{(*same)->id, true, (*same)->tally};
  return Choice{(*latest)->id + 1};
}

std::uint64_t random_id() {
  std::random_device source;
  return (std::uint64_t{source()} << 32U | source()) >> 1U;  // positive as a signed number, as SQLite keeps it
}

}  // namespace

std::variant<CrawlStart, StartProblem> start_crawl(CrawlCommand command) {
  auto asked = asked_by(command);
  if (!asked) return wrong_use(asked.error().message);
  const auto unprotected = missing_protection(command.settings.sandbox);
  if (unprotected && command.settings.sandbox == SandboxMode::require) return broken(*unprotected);
  const bool is_new_recipe = !names_nothing(command);
  if (is_new_recipe) {
    if (auto checked = check_recipe(asked->recipe, asked->pages); !checked) return wrong_use(checked.error().message);
  }
  if (const auto too_low = problem_with_limits(command.settings, command.fetchers)) return broken(*too_low);
  command.settings.run_id = random_id();
  ChildStarter children(command.settings.run_id);
  children.start_ahead();
  if (is_new_recipe) {
    if (auto problem = problem_with_xpaths(*asked, children)) return *problem;
  }

  auto directory = make_directory(command.settings.directory);
  if (!directory) return broken(directory.error().message);
  auto lock = lock_folder(*directory, command.verbosity);
  if (auto* problem = std::get_if<StartProblem>(&lock)) return *problem;
  auto ledger = LedgerReader::open(*directory);
  if (!ledger) return broken(ledger.error().message);

  if (!is_new_recipe && *ledger) {
    auto latest = (*ledger)->latest_account();
    if (!latest) return broken(latest.error().message);
    if (*latest) asked = asked_before((*latest)->request);
    if (!asked) return broken(asked.error().message);
  }
  auto url_template = UrlTemplate::parse(asked->recipe.url_template);
  if (!url_template) return wrong_use(url_template.error().message);
  const AccountRequest request = request_of(asked->recipe, asked->pages);
  auto choice = choose_account(ledger->get(), request, *directory);
  if (!choice) return broken(choice.error().message);

  remove_status(*directory);  // of a run before; this one's is written in a moment

  const bool default_log = command.log_file.empty();
  auto log = CrawlLog::open(default_log ? state_folder(*directory) + "/crawl.log" : command.log_file, command.verbosity,
                            CrawlLog::view_for(command.progress), CrawlLog::color_for(command.color));
  if (!log) return broken(log.error().message);
  if (unprotected) log_warning("{}", *unprotected);
  if (const auto lost = lost_preload(environ, injection_of_this_build())) log_warning("{}", *lost);

  command.settings.directory = *directory;
  command.settings.xpaths = asked->recipe.xpaths;
  auto home_host = private_home(url_template->host(), command.settings);
  if (!home_host) return broken(home_host.error().message);
  command.settings.home_host = *std::move(home_host);
  command.settings.home_server = url_template->server();
  auto plan = std::make_unique<PagePlan>(asked->pages, command.settings);
  std::map<std::string, std::uint64_t> page_failures;
  if (choice->continued) {
    auto read = (*ledger)->for_each_page(choice->account, [&](const PageRow& row) { plan->recall(row); });
    if (read) {
      read = (*ledger)->for_each_failure(choice->account, [&page_failures](const Failure& failure) {
        if (failure.is_page) ++page_failures[failure.cause];
      });
    }
    if (!read) return broken(read.error().message);
    if (plan->waiting() == 0) children.let_fetcher_go();
  }
  return CrawlStart{std::move(command),
                    request,
                    choice->account,
                    choice->continued,
                    *std::move(url_template),
                    choice->tally,
                    std::move(plan),
                    std::move(page_failures),
                    std::get<FolderLock>(std::move(lock)),
                    *std::move(log),
                    std::move(children)};
}

}  // namespace doutu
