#include "crawler/low_limits.h"

#include <fmt/format.h>
#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <thread>

#include "shared/base/system_limits.h"

namespace doutu {
namespace {

constexpr std::uint64_t kMiB = std::uint64_t{1} << 20U;

// Measured in crawls of the demo, with some room above: descriptors of each process ...
constexpr std::uint64_t kFilesOfParent = 20;
constexpr std::uint64_t kFilesOfChildInParent = 9;
constexpr std::uint64_t kFilesOfDownloader = 16;
constexpr std::uint64_t kFilesOfLane = 3;
constexpr std::uint64_t kFilesOfThread = 6;
constexpr std::uint64_t kFilesOfImage = 6;  // a resolver's four sockets, and two connections that are kept
// ... and memory: the demo works with 90 MiB and a stack of 128 KiB. Pages are larger elsewhere.
constexpr std::uint64_t kAddressSpace = 256 * kMiB;
constexpr std::uint64_t kData = 128 * kMiB;
constexpr std::uint64_t kOfThread = 8 * kMiB;  // its stack (stacks.h)
constexpr std::uint64_t kStack = kMiB;
// The log has 10 MB (crawl_log.cpp); a ledger of so much has some ten thousand images.
constexpr std::uint64_t kLargestFile = 16 * kMiB;
/// A limit from here on is taken to be enough: nobody's processes come near it, and it takes long to count them.
constexpr std::uint64_t kManyTasks = 4096;

std::uint64_t threads_of(const CrawlSettings& settings) {
  const std::uint64_t asked =
      settings.threads == 0 ? std::max(1U, std::thread::hardware_concurrency()) : settings.threads;
  return std::min<std::uint64_t>(asked, settings.downloaders);
}

std::uint64_t files_of_downloader(const CrawlSettings& settings, std::uint32_t fetchers) {
  return kFilesOfDownloader + kFilesOfLane * fetchers + kFilesOfThread * threads_of(settings) +
         kFilesOfImage * settings.downloaders;
}

std::uint64_t files_of_parent(std::uint32_t fetchers) {
  return kFilesOfParent + kFilesOfChildInParent * (fetchers + 1);
}

/// Threads of one process, as /proc/PID/status says; 0: it is somebody else's, or gone.
std::uint64_t tasks_of(const std::filesystem::path& process) {
  std::ifstream status(process / "status");
  std::uint64_t threads = 0;
  bool is_ours = false;
  for (std::string name; status >> name; status.ignore(4096, '\n')) {
    uid_t user = 0;
    if (name == "Uid:" && status >> user) is_ours = user == ::getuid();
    if (name == "Threads:") status >> threads;
  }
  return is_ours ? threads : 0;
}

/// Of this user; those that /proc does not show are not counted.
std::uint64_t tasks_now() {
  std::uint64_t tasks = 0;
  std::error_code ignored;
  for (std::filesystem::directory_iterator entry("/proc", ignored), end; entry != end; entry.increment(ignored)) {
    if (entry->path().filename().string().find_first_not_of("0123456789") == std::string::npos) {
      tasks += tasks_of(entry->path());
    }
  }
  return tasks;
}

/// Only these: programs that know no more than 1024 are why systems begin with so few (select(2)). Whoever lowers
/// another limit for a while means it.
void raise_open_files(std::uint64_t wanted) {
  rlimit now{};
  if (::getrlimit(RLIMIT_NOFILE, &now) != 0 || now.rlim_cur >= wanted) return;
  now.rlim_cur = std::min<rlim_t>(now.rlim_max, wanted);
  ::setrlimit(RLIMIT_NOFILE, &now);
}

std::string said(SystemLimit limit, std::uint64_t value, const std::string& need) {
  return fmt::format("{}{}", in_words(limit, value).data(), need);
}

std::optional<std::string> problem_with_open_files(std::uint64_t needed) {
  const auto value = value_of(SystemLimit::open_files);
  if (!value || *value >= needed) return std::nullopt;
  return said(SystemLimit::open_files, *value,
              fmt::format(", and this crawl needs {}: raise it, or ask for fewer --downloaders or --fetchers", needed));
}

std::optional<std::string> problem_with_tasks(std::uint64_t needed) {
  const auto value = value_of(SystemLimit::tasks);
  if (!value || *value >= kManyTasks) return std::nullopt;
  const std::uint64_t now = tasks_now();
  if (now + needed <= *value) return std::nullopt;
  return said(SystemLimit::tasks, *value,
              fmt::format("; {} are there, and this crawl needs {} more: raise it, end some, or ask for fewer "
                          "--downloaders or --fetchers",
                          now, needed));
}

std::optional<std::string> problem_with_file_size(const LimitsNeeded& needed, const CrawlSettings& settings) {
  const auto value = value_of(SystemLimit::file_size);
  if (!value || *value >= needed.file_size) return std::nullopt;
  if (*value < kLargestFile) {
    return said(SystemLimit::file_size, *value,
                fmt::format(", and log and ledger need {} MiB: raise it", kLargestFile / kMiB));
  }
  return said(SystemLimit::file_size, *value,
              fmt::format(", and an image may have {} MiB: raise it, or lower --max-image-size",
                          settings.max_image_bytes / kMiB));
}

std::optional<std::string> problem_with_bytes(SystemLimit limit, std::uint64_t needed, const char* or_else) {
  const auto value = value_of(limit);
  if (!value || *value >= needed) return std::nullopt;
  return said(limit, *value, fmt::format(", and this crawl needs {} MiB: raise it{}", needed / kMiB, or_else));
}

}  // namespace

LimitsNeeded limits_needed(const CrawlSettings& settings, std::uint32_t fetchers) {
  const std::uint64_t threads = threads_of(settings) + settings.downloaders;  // the pool's, and those that resolve
  return {.open_files = std::max(files_of_parent(fetchers), files_of_downloader(settings, fetchers)),
          // A downloader, and its thread that syncs; a fetcher has one that beats and one that resolves.
          .tasks = threads + 2 + 3 * std::uint64_t{fetchers},
          .file_size = std::max(settings.max_image_bytes, kLargestFile),
          .address_space = kAddressSpace + kOfThread * threads,
          .data = kData + kOfThread * threads,
          .stack = kStack};
}

std::optional<std::string> problem_with_limits(const CrawlSettings& settings, std::uint32_t fetchers) {
  const LimitsNeeded needed = limits_needed(settings, fetchers);
  raise_open_files(needed.open_files);
  auto problem = problem_with_open_files(needed.open_files);
  if (!problem) problem = problem_with_tasks(needed.tasks);
  if (!problem) problem = problem_with_file_size(needed, settings);
  const char* const or_fewer = ", or ask for fewer --downloaders";
  if (!problem) problem = problem_with_bytes(SystemLimit::address_space, needed.address_space, or_fewer);
  if (!problem) problem = problem_with_bytes(SystemLimit::data, needed.data, or_fewer);
  if (!problem) problem = problem_with_bytes(SystemLimit::stack, needed.stack, "");
  return problem;
}

}  // namespace doutu
