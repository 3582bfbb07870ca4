#include "crawler/run/low_limits.h"

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

constexpr std::uint64_t kKiB = std::uint64_t{1} << 10U;
constexpr std::uint64_t kMiB = std::uint64_t{1} << 20U;

// Measured in crawls of the demo, with some room above: descriptors of each process ...
constexpr std::uint64_t kFilesOfParent = 20;
constexpr std::uint64_t kFilesOfChildInParent = 9;
constexpr std::uint64_t kFilesOfDownloader = 16;
constexpr std::uint64_t kFilesOfLane = 3;
constexpr std::uint64_t kFilesOfThread = 6;
constexpr std::uint64_t kFilesOfImage = 6;  // a resolver's four sockets, and two connections that are kept
// ... and memory: the demo works with 90 MiB and a stack of 128 KiB. Pages are larger elsewhere.
constexpr std::uint64_t kLeastAddressSpace = 96 * kMiB;
constexpr std::uint64_t kAddressSpace = 256 * kMiB;
constexpr std::uint64_t kLeastData = 32 * kMiB;
constexpr std::uint64_t kData = 128 * kMiB;
constexpr std::uint64_t kOfThread = 8 * kMiB;  // its stack (stacks.h)
constexpr std::uint64_t kLeastStack = 256 * kKiB;
constexpr std::uint64_t kStack = kMiB;
// The log has 10 MB (crawl_log.cpp), a lane less, and a ledger of so much some ten thousand images.
constexpr std::uint64_t kLargestFile = 16 * kMiB;
/// A limit from here on is taken to be enough: nobody's processes come near it, and it takes long to count them.
constexpr std::uint64_t kManyTasks = 4096;

std::uint64_t threads_of(const PoolOptions& pool) {
  const std::uint64_t asked = pool.threads == 0 ? std::max(1U, std::thread::hardware_concurrency()) : pool.threads;
  return std::min<std::uint64_t>(asked, pool.downloaders);
}

std::uint64_t files_of_downloader(std::uint64_t threads, std::uint64_t images, std::uint32_t fetchers) {
  return kFilesOfDownloader + kFilesOfLane * fetchers + kFilesOfThread * threads + kFilesOfImage * images;
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

constexpr const char* kFewerProcesses = ", or use fewer --downloaders or --fetchers";
constexpr const char* kFewerImages = ", or use fewer --downloaders";

/// A limit beside what is needed of it.
struct Compared {
  SystemLimit limit;
  std::uint64_t least;
  std::uint64_t most;
  const char* instead;       ///< What else the user can do about the most.
  std::uint64_t others = 0;  ///< What is in use already, and counts against the limit.
};

std::vector<Compared> compared(const CrawlSettings& settings, std::uint32_t fetchers) {
  const LimitsNeeded least = limits_at_least(settings);
  const LimitsNeeded most = limits_at_most(settings, fetchers);
  const std::uint64_t tasks = value_of(SystemLimit::tasks).value_or(kManyTasks) < kManyTasks ? tasks_now() : 0;
  return {{SystemLimit::open_files, least.open_files, most.open_files, kFewerProcesses},
          {SystemLimit::tasks, least.tasks, most.tasks, kFewerProcesses, tasks},
          {SystemLimit::file_size, least.file_size, most.file_size, ", or lower --max-image-size"},
          {SystemLimit::address_space, least.address_space, most.address_space, kFewerImages},
          {SystemLimit::data, least.data, most.data, kFewerImages},
          {SystemLimit::stack, least.stack, most.stack, ""}};
}

bool is_in_bytes(SystemLimit limit) { return limit != SystemLimit::open_files && limit != SystemLimit::tasks; }

/// "160", "36 more", "64 MiB", "256 KiB".
std::string amount(SystemLimit limit, std::uint64_t needed) {
  if (limit == SystemLimit::tasks) return fmt::format("{} more", needed);
  if (!is_in_bytes(limit)) return fmt::format("{}", needed);
  const bool is_small = needed < kMiB;
  return fmt::format("{} {}", is_small ? needed / kKiB : (needed + kMiB - 1) / kMiB, is_small ? "KiB" : "MiB");
}

std::string said(const Compared& compared, std::uint64_t value) {
  std::string words = to_text(compared.limit, value).data();
  if (compared.limit == SystemLimit::tasks) words += fmt::format("; {} are in use", compared.others);
  return words;
}

std::string refusal(const Compared& compared, std::uint64_t value) {
  return fmt::format("{}, and a crawl needs at least {}; raise the limit", said(compared, value),
                     amount(compared.limit, compared.least));
}

std::string warning(const Compared& compared, std::uint64_t value) {
  return fmt::format("{}, and this crawl may need {}; raise the limit{}", said(compared, value),
                     amount(compared.limit, compared.most), compared.instead);
}

}  // namespace

LimitsNeeded limits_at_least(const CrawlSettings& settings) {
  const std::uint64_t threads = threads_of(settings.pool);
  return {.open_files = std::max(files_of_parent(1), files_of_downloader(threads, 1, 1)),
          // A downloader, its thread that syncs, and one that resolves; a fetcher, and its thread that beats.
          .tasks = threads + 3 + 2,
          .file_size = kLargestFile,
          .address_space = kLeastAddressSpace + kOfThread * threads,
          .data = kLeastData + kOfThread * threads,
          .stack = kLeastStack};
}

LimitsNeeded limits_at_most(const CrawlSettings& settings, std::uint32_t fetchers) {
  const std::uint64_t threads =
      threads_of(settings.pool) + settings.pool.downloaders;  // the pool's, and those that resolve
  return {.open_files = std::max(files_of_parent(fetchers),
                                 files_of_downloader(threads_of(settings.pool), settings.pool.downloaders, fetchers)),
          // A downloader, and its thread that syncs; a fetcher has one that beats and one that resolves.
          .tasks = threads + 2 + 3 * std::uint64_t{fetchers},
          .file_size = std::max(settings.image.max_bytes, kLargestFile),
          .address_space = kAddressSpace + kOfThread * threads,
          .data = kData + kOfThread * threads,
          .stack = kStack};
}

LimitsJudged judge_limits(const CrawlSettings& settings, std::uint32_t fetchers) {
  raise_open_files(limits_at_most(settings, fetchers).open_files);
  LimitsJudged judged;
  for (const Compared& one : compared(settings, fetchers)) {
    const auto value = value_of(one.limit);
    if (!value || *value >= one.others + one.most) continue;
    const bool is_enough = *value >= one.others + one.least;
    if (is_enough) judged.warnings.push_back(warning(one, *value));
    if (!is_enough && !judged.problem) judged.problem = refusal(one, *value);
  }
  return judged;
}

}  // namespace doutu
