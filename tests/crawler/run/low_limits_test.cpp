#include "crawler/run/low_limits.h"

#include <gtest/gtest.h>
#include <sys/resource.h>

#include <thread>

namespace doutu {
namespace {

CrawlSettings settings(std::uint32_t downloaders, std::uint32_t threads = 1) {
  CrawlSettings settings;
  settings.pool.downloaders = downloaders;
  settings.pool.threads = threads;
  return settings;
}

TEST(LowLimits, GrowWithWhatIsAskedFor) {
  const LimitsNeeded small = limits_at_most(settings(1), 1);
  EXPECT_GE(limits_at_most(settings(1000), 1).open_files, small.open_files + 5000);
  EXPECT_GE(limits_at_most(settings(1), 64).open_files, small.open_files + 500) << "of the parent";
  EXPECT_GT(limits_at_most(settings(20, 8), 4).tasks, limits_at_most(settings(20, 4), 4).tasks);
  EXPECT_GT(limits_at_most(settings(20, 4), 4).tasks, limits_at_most(settings(20, 4), 2).tasks);
  EXPECT_EQ(limits_at_most(settings(2, 64), 1).tasks, limits_at_most(settings(2, 2), 1).tasks) << "no idle threads";
  CrawlSettings large = settings(1);
  large.image.max_bytes = std::uint64_t{1} << 30U;
  EXPECT_EQ(limits_at_most(large, 1).file_size, large.image.max_bytes);
}

/// What every system that we know gives a process, in its first limit or in the one behind it.
TEST(LowLimits, AreNoneForTheDefaults) {
  EXPECT_LE(limits_at_most(CrawlSettings(), 4).open_files, 256U);
  rlimit before{};
  ASSERT_EQ(::getrlimit(RLIMIT_NOFILE, &before), 0);
  const LimitsJudged judged = judge_limits(CrawlSettings(), 4);
  ::setrlimit(RLIMIT_NOFILE, &before);
  EXPECT_EQ(judged.problem, std::nullopt);
  EXPECT_TRUE(judged.warnings.empty());
}

/// What was asked for may be much: a crawl does it with less at a time.
TEST(LowLimits, DoNotRefuseWhatIsMuch) {
  EXPECT_EQ(limits_at_least(settings(2048)).open_files, limits_at_least(settings(1)).open_files);
  EXPECT_EQ(limits_at_least(settings(2048)).tasks, limits_at_least(settings(1)).tasks);
  EXPECT_LE(limits_at_least(CrawlSettings()).open_files, 32U + 6U * std::thread::hardware_concurrency());
}

/// Refused below what a crawl cannot do without, told of below what it may come to need.
TEST(LowLimits, RefuseOnlyBelowTheLeast) {
  rlimit before{};
  ASSERT_EQ(::getrlimit(RLIMIT_STACK, &before), 0);
  const auto judged_with = [&](std::uint64_t stack) {
    const rlimit low{stack, before.rlim_max};
    ::setrlimit(RLIMIT_STACK, &low);
    return judge_limits(settings(1), 1);
  };
  const LimitsNeeded least = limits_at_least(settings(1));
  const LimitsNeeded most = limits_at_most(settings(1), 1);
  const LimitsJudged refused = judged_with(least.stack - 1);
  const LimitsJudged told = judged_with(least.stack);
  const LimitsJudged enough = judged_with(most.stack);
  ::setrlimit(RLIMIT_STACK, &before);
  EXPECT_EQ(refused.problem,
            "the limit on stack size is 255 KiB (ulimit -s), and a crawl needs at least 256 KiB; raise the limit");
  EXPECT_EQ(told.problem, std::nullopt);
  EXPECT_EQ(told.warnings,
            std::vector<std::string>{
                "the limit on stack size is 256 KiB (ulimit -s), and this crawl may need 1 MiB; raise the limit"});
  EXPECT_TRUE(enough.warnings.empty());
}

}  // namespace
}  // namespace doutu
