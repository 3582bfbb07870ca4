#include "crawler/fetcher/fetcher_process.h"
#include "shared/process/fatal_exit.h"
#include "shared/process/heap.h"
#include "shared/process/standard_descriptors.h"

int main(int argc, char** argv) {
  doutu::open_standard_descriptors();
  doutu::set_fatal_prefix("E ");
  doutu::keep_freed_memory();
  return doutu::run_fetcher({argv, static_cast<std::size_t>(argc)});
}
