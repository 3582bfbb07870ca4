#include "crawler/job_choice.h"

#include <string>
#include <string_view>

#include "crawler/report.h"

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

/// All jobs of the folder that are not finished, but the chosen one.
Result<std::vector<AccountRequest>> others_unfinished(LedgerReader& ledger, const JobChoice& choice) {
  auto accounts = ledger.unfinished_accounts();
  if (!accounts) return std::move(accounts).error();
  std::vector<AccountRequest> requests;
  for (Account& account : *accounts) {
    if (account.id != choice.account) requests.push_back(std::move(account.request));
  }
  return requests;
}

}  // namespace

Result<JobChoice> choose_job(LedgerReader* ledger, const WhatToCrawl& what, const StateFolder& folder,
                             const std::optional<AccountRequest>& last_run) {
  const PageRange& pages = what.command.pages ? *what.command.pages : what.pages;
  JobChoice choice{.request = request_of(what.recipe, pages)};
  if (ledger == nullptr) return choice;
  const auto latest = ledger->latest_account();
  if (!latest) return latest.error();
  if (!*latest) return choice;
  choice.account = (*latest)->id + 1;
  const auto ran_last = last_run ? ledger->find_account(*last_run) : latest;
  if (!ran_last) return ran_last.error();
  const auto go_on_with = [&choice](const Account& account) {
    choice.account = account.id;
    choice.continued = true;
    choice.tally = account.tally;
  };
  const std::optional<Account>& last = *ran_last;
  if (what.goes_on() && last && !is_finished(*last, last, folder) && is_of_one_recipe(last->request, choice.request)) {
    const auto all = joined(last->request.pages, pages);
    if (!all) return all.error();
    choice.request.pages = all->text();
    go_on_with(*last);
  } else {
    const auto same = ledger->find_account(choice.request);
    if (!same) return same.error();
    if (*same && !is_finished(**same, last, folder)) go_on_with(**same);
  }
  auto others = others_unfinished(*ledger, choice);
  if (!others) return std::move(others).error();
  choice.left_behind = *std::move(others);
  return choice;
}

}  // namespace doutu
