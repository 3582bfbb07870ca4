// Systems that lack what nearly all have, as chroots and containers made by hand do: what is missing is named.

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>

#include "tests/e2e/crawl_fixture.h"

namespace doutu {
namespace {

using testing::HasSubstr;

class BareSystem : public CrawlTest {
 protected:
  void SetUp() override {
    if (::geteuid() != 0 || CrawlRun({"-m", "true"}, "", {}, kUnshare).wait().status != 0) {
      GTEST_SKIP() << "only root can mount";
    }
  }
  /// A crawl for which this folder is empty.
  [[nodiscard]] Ended crawl_without(const std::string& folder) const {
    std::vector<std::string> arguments = {"-m", "/bin/sh", "-c",
                                          "mount -t tmpfs none " + folder + R"( && exec "$0" "$@")", DOUTU_PROGRAM};
    for (const std::string& word : command("1")) arguments.push_back(word);
    return CrawlRun(arguments, "", {}, kUnshare).wait();
  }

  static constexpr const char* kUnshare = "/usr/bin/unshare";
};

TEST_F(BareSystem, WithoutProcNamesIt) {
  const Ended ended = crawl_without("/proc");
  EXPECT_EQ(ended.status, 1);
  EXPECT_THAT(ended.err, HasSubstr("/proc/self/exe: No such file or directory"));
}

TEST_F(BareSystem, WithoutDevNullNamesIt) {
  const Ended ended = crawl_without("/dev");
  EXPECT_EQ(ended.status, 1);
  EXPECT_THAT(ended.err, HasSubstr("/dev/null: No such file or directory"));
}

}  // namespace
}  // namespace doutu
