// What each of the confined programs may do, as tables (policy.cpp). What a program newly does is added there. Any
// thread.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "shared/sandbox/landlock.h"
#include "shared/sandbox/syscall_filter.h"

namespace doutu {

/// Bounds that the kernel holds (setrlimit(2)); nullopt: as they are.
struct Limits {
  std::optional<std::uint64_t> memory;       ///< Bytes of private writable memory; what is beyond cannot be allocated.
  std::optional<std::uint64_t> descriptors;  ///< Open at a time.
  std::optional<std::uint64_t> file_size;    ///< Bytes; who writes more to a file is ended by SIGXFSZ.
};

struct Policy {
  FileRules files;
  CallRules calls;
  Limits limits;
  std::uint64_t capabilities = 0;  ///< What stays of those that root has: bits, 1 << CAP_... (capabilities(7)).
};

/// Reads what name service, certificates and character sets need and the further files, which the user named; writes
/// nothing. Its processor time is for the parent to bound, page by page (ChildProcess::allow_processor_time).
[[nodiscard]] Policy fetcher_policy(std::vector<std::string> further_files);

/// Reads what a fetcher reads, and reads and writes below the folder. Its memory grows with the images in flight, each
/// of which may have a resolver's thread.
[[nodiscard]] Policy downloader_policy(std::string folder, std::vector<std::string> further_files,
                                       std::uint32_t images_in_flight);

/// Opens, makes and starts nothing, whatever it is: reads the descriptors that come to it, and answers on them.
[[nodiscard]] Policy decoder_policy();

}  // namespace doutu
