// The bounds that the kernel holds for a confined process.

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <unistd.h>

#include <cerrno>

#include "shared/sandbox/instrumented.h"
#include "tests/shared/sandbox/confined_child.h"

namespace doutu {
namespace {

constexpr std::size_t kMiB = std::size_t{1} << 20U;

long map(std::size_t bytes) {
  void* mapped = ::mmap(nullptr, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  return mapped == MAP_FAILED ? -1 : 0;
}

class SandboxLimits : public testing::Test {
 protected:
  void SetUp() override {
    if (kCounting) GTEST_SKIP() << "this build confines nobody";
  }
};

TEST_F(SandboxLimits, BoundMemory) {
  if (kSanitized) GTEST_SKIP() << "a sanitizer's own memory has no bound";
  const Policy policy = fetcher_policy({});
  EXPECT_EQ(fate_of(policy, [] { return map(1024 * kMiB); }), kDone) << "a page's tree may take so much";
  EXPECT_EQ(fate_of(policy, [] { return map(std::size_t{5} * 1024 * kMiB); }), refused(ENOMEM));
}

TEST_F(SandboxLimits, BoundTheDownloadersMemoryByItsImages) {
  if (kSanitized) GTEST_SKIP() << "a sanitizer's own memory has no bound";
  const auto take = [](std::size_t gib) { return [gib] { return map(gib * 1024 * kMiB); }; };
  EXPECT_EQ(fate_of(downloader_policy("/tmp", {}, 20), take(4)), kDone);
  EXPECT_EQ(fate_of(downloader_policy("/tmp", {}, 20), take(5)), refused(ENOMEM));
  EXPECT_EQ(fate_of(downloader_policy("/tmp", {}, 2048), take(32)), kDone) << "stacks of resolvers";
}

TEST_F(SandboxLimits, BoundDescriptors) {
  Policy policy = fetcher_policy({});
  policy.limits.descriptors = 16;
  EXPECT_EQ(fate_of(policy,
                    [] {
                      for (int i = 0; i < 16; ++i) {
                        if (::dup(STDERR_FILENO) < 0) return -1;
                      }
                      return 0;
                    }),
            refused(EMFILE));
}

TEST_F(SandboxLimits, CannotBeRaised) {
  const Policy policy = fetcher_policy({});
  EXPECT_EQ(fate_of(policy,
                    [] {
                      const rlimit more{RLIM_INFINITY, RLIM_INFINITY};
                      return ::setrlimit(RLIMIT_FSIZE, &more);
                    }),
            refused(ENOSYS));
}

TEST_F(SandboxLimits, LeaveTheDownloaderWhatItHad) {
  rlimit before{};
  ASSERT_EQ(::getrlimit(RLIMIT_NOFILE, &before), 0);
  EXPECT_EQ(fate_of(downloader_policy("/tmp", {}, 20),
                    [&before] {
                      rlimit now{};
                      return ::getrlimit(RLIMIT_NOFILE, &now) == 0 && now.rlim_cur == before.rlim_cur ? 0 : -1;
                    }),
            kDone);
}

}  // namespace
}  // namespace doutu
