#include "downloader/frontier_feeder.h"

#include <algorithm>
#include <iterator>
#include <utility>

#include "shared/base/clock.h"
#include "shared/robots/robots_book.h"

namespace doutu {

Status FrontierFeeder::feed(BatchEffects& effects) {
  // First: hosts that are known to answer are no strangers when their images come.
  Status status = effects.job_begun ? tell_who_answered() : Status();
  if (status && effects.job_begun) status = tell_robots();
  const MonoTime kept_until = mono_now() + RobotsBook::kKept;
  for (auto& [server, rules] : effects.robots) frontier_.know_robots(server, std::move(rules), kept_until);
  frontier_.answered(effects.answered, mono_now());
  for (ImageTask& task : effects.tasks) frontier_.add(std::move(task));
  frontier_.committed(effects.outcomes);
  return status ? fill() : status;
}

/// Without that knowledge the hosts of the ledger's pending rows count as strangers.
Status FrontierFeeder::tell_who_answered() {
  auto hosts = hosts_.that_answered();
  frontier_.expect_hosts(hosts ? *hosts : std::vector<HostRow>());
  return hosts ? Status() : Status(std::move(hosts).error());
}

/// What was read within a day need not be read again. A damaged row is.
Status FrontierFeeder::tell_robots() {
  const auto kept = std::chrono::duration_cast<milliseconds>(RobotsBook::kKept);
  const std::int64_t since = wall_milliseconds() - kept.count();
  return robots_.for_each_since(since, [&](const std::string& server, std::int64_t read, std::string_view text) {
    auto rules = RobotsRules::from_text(text);
    if (!rules) return;
    const MonoTime until = mono_now() + milliseconds(read - since);
    frontier_.know_robots(server, std::make_shared<RobotsRules>(*std::move(rules)), until);
  });
}

Status FrontierFeeder::fill() {
  if (frontier_.wants_hosts()) {
    auto hosts = hosts_.with_pending(frontier_.hosts_after(), Frontier::kMaxHosts);
    if (!hosts) return std::move(hosts).error();
    frontier_.add_hosts(*hosts);
  }
  std::ranges::move(frontier_.wanted_refills(), std::back_inserter(refills_));
  while (!refills_.empty()) {
    const Frontier::Refill& asked = refills_.back();
    auto tasks = images_.pending_tasks(asked.host, asked.after_id, asked.room);
    if (!tasks) return std::move(tasks).error();
    frontier_.refill(asked, *std::move(tasks));
    refills_.pop_back();
  }
  return {};
}

void FrontierFeeder::suspect(std::int64_t image) {
  suspects_.push_back(image);
  frontier_.set_suspects(suspects_);
}

}  // namespace doutu
