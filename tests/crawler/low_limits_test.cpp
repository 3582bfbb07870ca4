#include "crawler/low_limits.h"

#include <gtest/gtest.h>
#include <sys/resource.h>

namespace doutu {
namespace {

CrawlSettings settings(std::uint32_t downloaders, std::uint32_t threads = 1) {
  CrawlSettings settings;
  settings.downloaders = downloaders;
  settings.threads = threads;
  return settings;
}

TEST(LowLimits, GrowWithWhatIsAskedFor) {
  const LimitsNeeded small = limits_needed(settings(1), 1);
  EXPECT_GE(limits_needed(settings(1000), 1).open_files, small.open_files + 5000);
  EXPECT_GE(limits_needed(settings(1), 64).open_files, small.open_files + 500) << "of the parent";
  EXPECT_GT(limits_needed(settings(20, 8), 4).tasks, limits_needed(settings(20, 4), 4).tasks);
  EXPECT_GT(limits_needed(settings(20, 4), 4).tasks, limits_needed(settings(20, 4), 2).tasks);
  EXPECT_EQ(limits_needed(settings(2, 64), 1).tasks, limits_needed(settings(2, 2), 1).tasks) << "no idle threads";
  CrawlSettings large = settings(1);
  large.max_image_bytes = std::uint64_t{1} << 30U;
  EXPECT_EQ(limits_needed(large, 1).file_size, large.max_image_bytes);
}

/// What every system that we know gives a process, in its first limit or in the one behind it.
TEST(LowLimits, AreNoneForTheDefaults) {
  EXPECT_LE(limits_needed(CrawlSettings(), 4).open_files, 256U);
  rlimit before{};
  ASSERT_EQ(::getrlimit(RLIMIT_NOFILE, &before), 0);
  EXPECT_EQ(problem_with_limits(CrawlSettings(), 4), std::nullopt);
  ::setrlimit(RLIMIT_NOFILE, &before);
}

}  // namespace
}  // namespace doutu
