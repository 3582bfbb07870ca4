#include "downloader/frontier_feeder.h"

#include <algorithm>
#include <iterator>
#include <utility>

#include "shared/base/clock.h"

namespace doutu {

Status FrontierFeeder::feed(Consequences& consequences) {
  // First: hosts that are known to answer are no strangers when their images come.
  Status status = consequences.account_begun ? tell_who_answered() : Status();
  frontier_.answered(consequences.answered, mono_now());
  for (ImageJob& job : consequences.jobs) frontier_.add(std::move(job));
  frontier_.committed(consequences.outcomes);
  return status ? fill() : status;
}

/// Without that knowledge the hosts of the ledger's pending rows count as strangers.
Status FrontierFeeder::tell_who_answered() {
  auto hosts = ledger_.hosts_that_answered();
  frontier_.expect_hosts(hosts ? *hosts : std::vector<HostRow>());
  return hosts ? Status() : Status(std::move(hosts).error());
}

Status FrontierFeeder::fill() {
  if (frontier_.wants_hosts()) {
    auto hosts = ledger_.hosts_with_pending(frontier_.hosts_after(), Frontier::kMaxHosts);
    if (!hosts) return std::move(hosts).error();
    frontier_.meet(*hosts);
  }
  std::ranges::move(frontier_.wanted_refills(), std::back_inserter(refills_));
  while (!refills_.empty()) {
    const Frontier::Refill& asked = refills_.back();
    auto jobs = ledger_.pending_jobs(asked.host, asked.after_id, asked.room);
    if (!jobs) return std::move(jobs).error();
    frontier_.refill(asked, *std::move(jobs));
    refills_.pop_back();
  }
  return {};
}

void FrontierFeeder::suspect(std::int64_t image) {
  suspects_.push_back(image);
  frontier_.set_suspects(suspects_);
}

}  // namespace doutu
