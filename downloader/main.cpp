// doutu-downloader: the only process that writes images and the ledger. The parent starts it.
#include "downloader/downloader.h"
#include "shared/process/control.h"

int main() { return doutu::run_downloader(doutu::kControlFd, doutu::kStatsFd); }
