#include "shared/base/system_limits.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/resource.h>
#include <unistd.h>

#include <cerrno>
#include <string>

namespace doutu {
namespace {

using testing::StrEq;

/// Lowers a limit while it lives.
class Lowered {
 public:
  Lowered(__rlimit_resource resource, rlim_t value) : resource_(resource) {
    EXPECT_EQ(::getrlimit(resource_, &before_), 0);
    const rlimit lower{value, before_.rlim_max};
    EXPECT_EQ(::setrlimit(resource_, &lower), 0);
  }
  Lowered(const Lowered&) = delete;
  Lowered& operator=(const Lowered&) = delete;
  ~Lowered() { ::setrlimit(resource_, &before_); }

 private:
  const __rlimit_resource resource_;
  rlimit before_{};
};

TEST(SystemLimits, AreNamedWithTheirValueAndWhatSetsThem) {
  EXPECT_THAT(to_text(SystemLimit::open_files, 20).data(), StrEq("the limit on open files is 20 (ulimit -n)"));
  EXPECT_THAT(to_text(SystemLimit::file_size, 64 << 20).data(), StrEq("the limit on file size is 64 MiB (ulimit -f)"));
  EXPECT_THAT(to_text(SystemLimit::stack, 512 << 10).data(), StrEq("the limit on stack size is 512 KiB (ulimit -s)"));
  EXPECT_THAT(to_text(SystemLimit::tasks, ~std::uint64_t{0} - 1).data(), testing::EndsWith("(ulimit -u)"));
}

TEST(SystemLimits, StandBehindTheErrorsThatTheyCause) {
  const Lowered files(RLIMIT_NOFILE, 64);
  const Lowered size(RLIMIT_FSIZE, 1 << 20);
  EXPECT_THAT(limit_behind(EMFILE).data(), StrEq("; the limit on open files is 64 (ulimit -n)"));
  EXPECT_THAT(limit_behind(EFBIG).data(), StrEq("; the limit on file size is 1024 KiB (ulimit -f)"));
  EXPECT_EQ(error_with_limit("a pipe", EMFILE).message,
            "a pipe: Too many open files; the limit on open files is 64 (ulimit -n)");
  EXPECT_EQ(error_with_limit("a pipe", EMFILE).code, EMFILE);
}

TEST(SystemLimits, StandBehindNoOtherErrors) {
  for (const int code : {0, ENOENT, ENOSPC, EIO}) EXPECT_THAT(limit_behind(code).data(), StrEq("")) << code;
}

TEST(SystemLimits, AreNotNamedWhereThereAreNone) {
  if (value_of(SystemLimit::address_space)) GTEST_SKIP() << "there is one of memory here";
  EXPECT_THAT(limit_behind(ENOMEM).data(), StrEq(""));
  if (::getuid() != 0) GTEST_SKIP() << "a user other than root may have one of processes";
  EXPECT_THAT(limit_behind(EAGAIN).data(), StrEq(""));
}

}  // namespace
}  // namespace doutu
