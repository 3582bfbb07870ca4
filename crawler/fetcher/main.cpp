#include "crawler/fetcher/fetcher_process.h"
#include "shared/process/heap.h"
#include "shared/process/last_words.h"
#include "shared/process/standard_descriptors.h"

int main(int argc, char** argv) {
  doutu::open_standard_descriptors();
  doutu::set_last_words("E ");
  doutu::keep_freed_memory();
  return doutu::run_fetcher({argv, static_cast<std::size_t>(argc)});
}
