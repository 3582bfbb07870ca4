#include "downloader/record/batch.h"

namespace doutu {

Status Batch::run(const std::function<Status(Consequences&)>& work) {
  if (Status begun = ledger_.begin(); !begun) return begun;
  Consequences consequences;
  Status status = work(consequences);
  if (status) status = ledger_.commit();
  if (status) {
    for (const auto& step : commit_steps_) step(consequences);
  } else {
    ledger_.rollback();
    for (const auto& step : rollback_steps_) step();
  }
  return status;
}

}  // namespace doutu
