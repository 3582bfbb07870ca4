#include "crawler/memory/job_choice.h"

#include <algorithm>
#include <string>
#include <string_view>

#include "crawler/report/report.h"

namespace doutu {
namespace {

bool ends_an_account(std::string_view outcome) {
  return outcome == outcome_name(Outcome::complete) || outcome == outcome_name(Outcome::failures) ||
         outcome == outcome_name(Outcome::no_images);
}

/// Settled, and reported if it ran last: the folder's report is of the job that did.
bool is_finished(const Account& account, const std::optional<Account>& ran_last, const StateFolder& folder) {
  if (!account.settled) return false;
  if (!ran_last || ran_last->id != account.id) return true;
  const auto report = read_report(folder);
  return report && report->account == account.id && ends_an_account(report->outcome);
}

bool is_of_one_recipe(const AccountRequest& one, const AccountRequest& other) {
  return one.url_template == other.url_template && one.xpaths == other.xpaths;
}

Result<PageRange> joined(const std::string& some, const PageRange& more) {
  return PageRange::parse(some + ',' + more.text());
}

/// All jobs that are not finished, but the chosen one. left_last: the job that ran last, if it is another one; the
/// ledger may not have it.
Result<std::vector<AccountRequest>> others_unfinished(LedgerReader* ledger, const JobChoice& choice,
                                                      const std::optional<AccountRequest>& left_last) {
  std::vector<AccountRequest> requests;
  if (ledger != nullptr) {
    auto accounts = ledger->unfinished_accounts();
    if (!accounts) return std::move(accounts).error();
    for (Account& account : *accounts) {
      if (account.id != choice.account) requests.push_back(std::move(account.request));
    }
  }
  const bool is_missing = left_last && std::ranges::find(requests, *left_last) == requests.end();
  if (is_missing) requests.insert(requests.begin(), *left_last);
  return requests;
}

/// Of the ledger, and begun last.
Result<std::optional<Account>> latest_account(LedgerReader* ledger) {
  return ledger == nullptr ? std::optional<Account>() : ledger->latest_account();
}

}  // namespace

Result<std::optional<Account>> job_that_ran_last(LedgerReader* ledger, const std::optional<FolderMemory>& memory) {
  if (!memory) return latest_account(ledger);
  std::optional<Account> job;
  if (ledger != nullptr) {
    auto found = memory->account == 0 ? ledger->find_account(memory->request) : ledger->find_account(memory->account);
    if (!found) return found;
    job = *std::move(found);
  }
  if (memory->account == 0 || (job && job->request == memory->request)) return job;
  // The ledger is not as far; or it is another one, in which that number is another job's.
  if (!job || !is_of_one_recipe(job->request, memory->request)) {
    const std::int64_t id = job ? 0 : memory->account;
    job.emplace().id = id;
  }
  job->request = memory->request;
  job->settled = false;
  return job;
}

Result<JobChoice> choose_job(LedgerReader* ledger, const WhatToCrawl& what, const StateFolder& folder,
                             const std::optional<FolderMemory>& memory) {
  const PageRange& pages = what.command.pages ? *what.command.pages : what.pages;
  JobChoice choice{.request = request_of(what.recipe, pages)};
  const auto latest = latest_account(ledger);
  if (!latest) return latest.error();
  if (*latest) choice.account = (*latest)->id + 1;
  const auto ran_last = job_that_ran_last(ledger, memory);
  if (!ran_last) return ran_last.error();
  const auto go_on_with = [&choice](const Account& account) {
    if (account.id != 0) choice.account = account.id;
    choice.continued = true;
    choice.tally = account.tally;
  };
  const std::optional<Account>& last = *ran_last;
  const bool is_last_open = last && !is_finished(*last, last, folder);
  const bool adds_to_last = is_last_open && what.goes_on() && is_of_one_recipe(last->request, choice.request);
  const bool is_last = adds_to_last || (is_last_open && last->request == choice.request);
  if (adds_to_last) {
    const auto all = joined(last->request.pages, pages);
    if (!all) return all.error();
    choice.request.pages = all->text();
  }
  if (is_last) {
    go_on_with(*last);
  } else if (ledger != nullptr) {
    const auto same = ledger->find_account(choice.request);
    if (!same) return same.error();
    if (*same && !is_finished(**same, last, folder)) go_on_with(**same);
  }
  auto others =
      others_unfinished(ledger, choice, is_last_open && !is_last ? std::optional(last->request) : std::nullopt);
  if (!others) return std::move(others).error();
  choice.left_behind = *std::move(others);
  return choice;
}

}  // namespace doutu
