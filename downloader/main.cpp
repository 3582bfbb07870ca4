// doutu-downloader: the only process that writes images and the ledger. The parent starts it.
#include "downloader/downloader.h"
#include "shared/process/control.h"
#include "shared/process/fatal_exit.h"
#include "shared/process/heap.h"
#include "shared/process/stacks.h"
#include "shared/process/standard_descriptors.h"

int main() {
  doutu::open_standard_descriptors();
  doutu::set_fatal_prefix("E ");
  doutu::keep_freed_memory();
  doutu::bound_stacks();
  return doutu::run_downloader(doutu::kControlFd, doutu::kStatsFd, doutu::kDoubtsFd, doutu::kRateFd);
}
