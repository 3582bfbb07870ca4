#include "downloader/ledger/current_job.h"

namespace doutu {

void CurrentJob::add_image(ImageState state, Cause cause) {
  ++count_of(state);
  if (state == ImageState::failed) ++totals_.failures.at(failure_slot(cause, 0));
}

void CurrentJob::settle_failed(Cause cause, int http_status) {
  --totals_.counters.pending;
  ++totals_.counters.failed;
  ++totals_.failures.at(failure_slot(cause, http_status));
}

void CurrentJob::settle_fetched(ImageState state, std::uint64_t bytes, bool lacks_end_mark) {
  --totals_.counters.pending;
  if (lacks_end_mark) ++totals_.without_end_mark;
  ++count_of(state);
  if (state == ImageState::saved) totals_.counters.bytes += bytes;
}

void CurrentJob::unsettle(ImageState was, std::uint64_t bytes, bool lacked_end_mark) {
  if (was != ImageState::pending && lacked_end_mark) --totals_.without_end_mark;
  --(was == ImageState::pending ? totals_.counters.known : count_of(was));
  if (was == ImageState::saved) totals_.counters.bytes -= bytes;
  ++totals_.counters.pending;
}

std::uint64_t& CurrentJob::count_of(ImageState state) {
  switch (state) {
    case ImageState::saved:
      return totals_.counters.saved;
    case ImageState::duplicate:
      return totals_.counters.duplicate;
    case ImageState::failed:
      return totals_.counters.failed;
    case ImageState::skipped:
      return totals_.counters.skipped;
    case ImageState::replaced:  // Not counted: settle_replaced().
    case ImageState::pending:
      break;
  }
  return totals_.counters.pending;
}

}  // namespace doutu
