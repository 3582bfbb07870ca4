#include "shared/process/child_environment.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <array>

namespace doutu {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

template <class... Entries>
auto environment(Entries... entries) {
  return std::array<const char*, sizeof...(entries) + 1>{entries..., nullptr};
}

TEST(ChildEnvironment, HasNothingOfTheUsersSession) {
  const auto session = environment(
      "AWS_SECRET_ACCESS_KEY=k", "GITHUB_TOKEN=t", "SSH_AUTH_SOCK=/run/agent", "HOME=/home/me", "USER=me", "PATH=/bin",
      "DBUS_SESSION_BUS_ADDRESS=unix:", "http_proxy=http://me:secret@proxy", "ALL_PROXY=socks5://proxy",
      "SSLKEYLOGFILE=/tmp/keys", "TERM=xterm", "LANG=C.UTF-8", "TZ=UTC", "TMPDIR=/tmp", "CURL_CA_BUNDLE=/tmp/ca");
  EXPECT_THAT(child_environment(session.data(), Injection::passed), IsEmpty());
}

TEST(ChildEnvironment, HasWhatLibrariesAskFor) {
  const auto wanted = environment("LD_LIBRARY_PATH=/opt/lib", "RES_OPTIONS=timeout:1", "LOCALDOMAIN=a.test",
                                  "OPENSSL_CONF=/etc/old.cnf", "MALLOC_ARENA_MAX=1", "GLIBC_TUNABLES=a=b");
  EXPECT_THAT(child_environment(wanted.data(), Injection::dropped),
              ElementsAre("LD_LIBRARY_PATH=/opt/lib", "RES_OPTIONS=timeout:1", "LOCALDOMAIN=a.test",
                          "OPENSSL_CONF=/etc/old.cnf", "MALLOC_ARENA_MAX=1", "GLIBC_TUNABLES=a=b"));
}

TEST(ChildEnvironment, HasWhatTestsInjectOnlyWhereThereAreTests) {
  const auto injected =
      environment("LD_PRELOAD=/fail.so", "DOUTU_FAIL_AT=3", "ASAN_OPTIONS=a", "UBSAN_OPTIONS=u", "TSAN_OPTIONS=t",
                  "LSAN_OPTIONS=l", "LLVM_PROFILE_FILE=p", "GCOV_PREFIX=g", "GCOV_PREFIX_STRIP=1");
  EXPECT_EQ(child_environment(injected.data(), Injection::passed).size(), injected.size() - 1);
  EXPECT_THAT(child_environment(injected.data(), Injection::dropped), IsEmpty());
  EXPECT_EQ(injection_of_this_build(), Injection::passed) << "or every test that injects passes for nothing";
}

TEST(ChildEnvironment, TakesNamesWhole) {
  const auto similar =
      environment("LD_PRELOAD_TOKEN=t", "MY_LD_PRELOAD=t", "RES_OPTIONS_KEY=k", "LD_LIBRARY_PATH", "=LD_PRELOAD", "");
  EXPECT_THAT(child_environment(similar.data(), Injection::passed), ElementsAre("LD_LIBRARY_PATH"));
}

TEST(LostPreload, IsSaidWhereItDoesNotReachTheChildren) {
  const auto wrapped = environment("HOME=/", "LD_PRELOAD=/usr/lib/libtorsocks.so");
  const auto said = lost_preload(wrapped.data(), Injection::dropped);
  ASSERT_TRUE(said);
  EXPECT_THAT(*said, HasSubstr("--proxy"));
  EXPECT_FALSE(lost_preload(wrapped.data(), Injection::passed));
  const auto empty = environment("LD_PRELOAD=", "LD_PRELOAD_=x");
  EXPECT_FALSE(lost_preload(empty.data(), Injection::dropped));
}

}  // namespace
}  // namespace doutu
