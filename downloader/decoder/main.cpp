// doutu-decoder: tells whether images whose end mark is missing are whole. The parent starts it.
#include "downloader/decoder/decoder_process.h"
#include "shared/process/fatal_exit.h"
#include "shared/process/standard_descriptors.h"

int main() {
  doutu::open_standard_descriptors();
  doutu::set_fatal_prefix("E ");
  return doutu::run_decoder();
}
