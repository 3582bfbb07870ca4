#include "crawler/memory/job_choice.h"

#include <algorithm>
#include <string>
#include <string_view>

#include "crawler/report/report.h"

namespace doutu {
namespace {

bool ends_a_job(std::string_view outcome) {
  return outcome == outcome_name(Outcome::complete) || outcome == outcome_name(Outcome::failures) ||
         outcome == outcome_name(Outcome::no_images);
}

/// Settled, and reported if it ran last: the folder's report is of the job that did.
bool is_finished(const Job& job, const std::optional<Job>& ran_last, const StateFolder& folder) {
  if (!job.settled) return false;
  if (!ran_last || ran_last->id != job.id) return true;
  const auto report = read_report(folder);
  return report && report->job == job.id && ends_a_job(report->outcome);
}

bool is_of_one_recipe(const JobSpec& one, const JobSpec& other) {
  return one.url_template == other.url_template && one.xpaths == other.xpaths;
}

/// nullopt: these are other pages. Ids of pages with several placeholders count from 1, so that none can be added.
Result<std::optional<AskedPages>> joined(const std::string& some, const AskedPages& more) {
  const auto before = AskedPages::parse(some);
  if (!before) return before.error();
  if (before->range() == nullptr || more.range() == nullptr) return std::optional<AskedPages>();
  auto all = PageRange::parse(some + ',' + more.text());
  if (!all) return std::move(all).error();
  return std::optional(AskedPages(*std::move(all)));
}

/// Two lists of equal lines are one list, whatever it is called: what is asked is called as the job calls it that is
/// not finished.
Status call_list_as_before(LedgerReader* ledger, const AskedPages& pages, const std::optional<Job>& last,
                           JobSpec& spec) {
  if (pages.list() == nullptr) return {};
  const auto is_same = [&spec](const JobSpec& other) {
    return other.pages == spec.pages && other.xpaths == spec.xpaths;
  };
  if (last && is_same(last->spec)) return spec.url_template = last->spec.url_template, Status();
  if (ledger == nullptr) return {};
  const auto jobs = ledger->unfinished_jobs();
  if (!jobs) return jobs.error();
  const auto found = std::ranges::find_if(*jobs, is_same, &Job::spec);
  if (found != jobs->end()) spec.url_template = found->spec.url_template;
  return {};
}

/// All jobs that are not finished, but the chosen one. left_last: the job that ran last, if it is another one; the
/// ledger may not have it.
Result<std::vector<JobSpec>> others_unfinished(LedgerReader* ledger, const JobChoice& choice,
                                               const std::optional<JobSpec>& left_last) {
  std::vector<JobSpec> specs;
  if (ledger != nullptr) {
    auto jobs = ledger->unfinished_jobs();
    if (!jobs) return std::move(jobs).error();
    for (Job& job : *jobs) {
      if (job.id != choice.job) specs.push_back(std::move(job.spec));
    }
  }
  const bool is_missing = left_last && std::ranges::find(specs, *left_last) == specs.end();
  if (is_missing) specs.insert(specs.begin(), *left_last);
  return specs;
}

/// Of the ledger, and begun last.
Result<std::optional<Job>> latest_job(LedgerReader* ledger) {
  return ledger == nullptr ? std::optional<Job>() : ledger->latest_job();
}

}  // namespace

Result<std::optional<Job>> job_that_ran_last(LedgerReader* ledger, const std::optional<FolderMemory>& memory) {
  if (!memory) return latest_job(ledger);
  std::optional<Job> job;
  if (ledger != nullptr) {
    auto found = memory->job == 0 ? ledger->find_job(memory->spec) : ledger->find_job(memory->job);
    if (!found) return found;
    job = *std::move(found);
  }
  if (memory->job == 0 || (job && job->spec == memory->spec)) return job;
  // The ledger is not as far; or it is another one, in which that number is another job's.
  if (!job || !is_of_one_recipe(job->spec, memory->spec)) {
    const std::int64_t id = job ? 0 : memory->job;
    job.emplace().id = id;
  }
  job->spec = memory->spec;
  job->settled = false;
  return job;
}

Result<JobChoice> choose_job(LedgerReader* ledger, const WhatToCrawl& what, const StateFolder& folder,
                             const std::optional<FolderMemory>& memory) {
  const AskedPages& pages = what.command.pages ? *what.command.pages : what.pages;
  JobChoice choice{.spec = spec_of(what.recipe, pages)};
  const auto latest = latest_job(ledger);
  if (!latest) return latest.error();
  if (*latest) choice.job = (*latest)->id + 1;
  const auto ran_last = job_that_ran_last(ledger, memory);
  if (!ran_last) return ran_last.error();
  const auto go_on_with = [&choice](const Job& job) {
    if (job.id != 0) choice.job = job.id;
    choice.continued = true;
    choice.counters = job.counters;
  };
  const std::optional<Job>& last = *ran_last;
  if (Status called = call_list_as_before(ledger, pages, last, choice.spec); !called) return std::move(called).error();
  const bool is_last_open = last && !is_finished(*last, last, folder);
  bool is_last = is_last_open && last->spec == choice.spec;
  if (is_last_open && what.goes_on() && is_of_one_recipe(last->spec, choice.spec)) {
    const auto all = joined(last->spec.pages, pages);
    if (!all) return all.error();
    if (*all) choice.spec.pages = (*all)->text();
    is_last = is_last || all->has_value();
  }
  if (is_last) {
    go_on_with(*last);
  } else if (ledger != nullptr) {
    const auto same = ledger->find_job(choice.spec);
    if (!same) return same.error();
    if (*same && !is_finished(**same, last, folder)) go_on_with(**same);
  }
  auto others = others_unfinished(ledger, choice, is_last_open && !is_last ? std::optional(last->spec) : std::nullopt);
  if (!others) return std::move(others).error();
  choice.left_behind = *std::move(others);
  return choice;
}

}  // namespace doutu
