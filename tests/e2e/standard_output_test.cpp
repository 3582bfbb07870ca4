// What cannot be written is no success: exit status 1 and one line on stderr, whatever the command but a crawl.

#include <gmock/gmock.h>

#include <algorithm>

#include "tests/e2e/crawl_fixture.h"

namespace doutu {
namespace {

class StandardOutput : public CrawlTest {
 protected:
  /// Its stdout is a disk without room.
  static Ended run_into_full_disk(std::vector<std::string> arguments) {
    arguments.insert(arguments.begin(), {"-c", "exec \"$0\" \"$@\" >/dev/full", DOUTU_BUILD_FOLDER "/bin/doutu"});
    return CrawlRun(arguments, "", {}, "/bin/sh").wait();
  }
  static void expect_unwritten(const std::vector<std::string>& arguments) {
    const Ended ended = run_into_full_disk(arguments);
    EXPECT_EQ(ended.status, 1) << arguments.front();
    EXPECT_EQ(ended.err, "doutu: cannot write to standard output: No space left on device\n") << arguments.front();
  }
};

TEST_F(StandardOutput, OfEveryCommandIsMissedWhenItCannotBeWritten) {
  list(1, {"/img/1.png"});
  image("/img/1.png", 1);
  EXPECT_EQ(crawl("1").status, 0);
  expect_unwritten({"--help"});
  expect_unwritten({"crawl", "--help"});  // longer than a buffer of stdio
  expect_unwritten({"--version"});
  expect_unwritten({"completions", "zsh"});
  expect_unwritten({"status", folder_.path()});
  expect_unwritten({"status", folder_.path(), "--json", "--watch"});
  expect_unwritten({"probe", site_.url("/list/1")});
}

TEST_F(StandardOutput, DoesNotHideHowACrawlEnded) {
  list(1, {"/img/1.png"});
  const Ended failed = run_into_full_disk(command("1"));
  EXPECT_EQ(failed.status, 3) << "the image is missing: 404";
  image("/img/1.png", 1);
  const Ended complete = run_into_full_disk(command("1"));
  EXPECT_EQ(complete.status, 0);
  EXPECT_THAT(complete.err, testing::HasSubstr("cannot write to standard output: No space left on device\n"));
}

TEST_F(StandardOutput, IsNotMissedByACommandThatSaysNothing) {
  list(1, {"/img/1.png"});
  image("/img/1.png", 1);
  const Ended ended = run_into_full_disk(command("1", {"--quiet"}));
  EXPECT_EQ(ended.status, 0);
  EXPECT_EQ(ended.err, "");
}

}  // namespace
}  // namespace doutu
