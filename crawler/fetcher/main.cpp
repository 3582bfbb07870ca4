#include "crawler/fetcher/fetcher_process.h"

int main(int argc, char** argv) { return doutu::run_fetcher({argv, static_cast<std::size_t>(argc)}); }
