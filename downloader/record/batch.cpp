#include "downloader/record/batch.h"

namespace doutu {

Status Batch::run(const std::function<Status(BatchEffects&)>& work) {
  if (Status begun = ledger_.begin(); !begun) return begun;
  BatchEffects effects;
  Status status = work(effects);
  if (status) status = ledger_.commit();
  if (status) {
    for (const auto& step : commit_steps_) step(effects);
  } else {
    ledger_.rollback();
    for (const auto& step : rollback_steps_) step();
  }
  return status;
}

}  // namespace doutu
