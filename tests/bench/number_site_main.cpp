// Serves a NumberSite: writes its port as one line to stdout, then serves until its stdin, a pipe, ends.
//
//   number_site [IMAGES_PER_PAGE]        default: 100
#include <fmt/core.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <exception>

#include "tests/bench/number_site.h"

int main(int argc, char** argv) {
  try {
    doutu::NumberSite site(argc > 1 ? std::strtoull(argv[1], nullptr, 10) : 100);
    fmt::print("{}\n", site.port());
    std::fflush(stdout);
    site.run(STDIN_FILENO);
    return 0;
  } catch (const std::exception& error) {
    fmt::print(stderr, "number_site: {}\n", error.what());
    return 1;
  }
}
