#include "crawler/view/rotating_log.h"

#include <gtest/gtest.h>
#include <sys/stat.h>

#include <filesystem>
#include <fstream>
#include <string>

#include "tests/site/planted.h"
#include "tests/site/state_in.h"
#include "tests/site/temporary_folder.h"

namespace doutu {
namespace {

class RotatingLogTest : public testing::Test {
 protected:
  [[nodiscard]] std::string path(const std::string& name) const { return temporary_ / (".doutu/" + name); }
  [[nodiscard]] std::string content(const std::string& name) const { return folder_.read(name, 1000).value_or("none"); }

  TemporaryFolder temporary_;
  const StateFolder folder_ = state_in(temporary_.path());
};

TEST_F(RotatingLogTest, GoesOnAtTheEndOfTheOneBefore) {
  RotatingLog::open(folder_, 100, 2)->write("one\n");
  RotatingLog::open(folder_, 100, 2)->write("two\n");
  EXPECT_EQ(content("crawl.log"), "one\ntwo\n");
}

TEST_F(RotatingLogTest, KeepsTheLastFullOnes) {
  auto log = RotatingLog::open(folder_, 10, 2);
  for (const char* line : {"line 1\n", "line 2\n", "line 3\n", "line 4\n"}) log->write(line);
  EXPECT_EQ(content("crawl.log"), "line 4\n");
  EXPECT_EQ(content("crawl.1.log"), "line 3\n");
  EXPECT_EQ(content("crawl.2.log"), "line 2\n");
  EXPECT_EQ(content("crawl.3.log"), "none");
  struct stat status {};
  for (const char* name : {"crawl.log", "crawl.1.log", "crawl.2.log"}) {
    ASSERT_EQ(::stat(path(name).c_str(), &status), 0);
    EXPECT_EQ(status.st_mode & 0777U, 0600U) << name;
  }
}

TEST_F(RotatingLogTest, FollowsNothingThatWasPlanted) {
  const std::string victim = temporary_ / "victim";
  for (const char* name : {"crawl.log", "crawl.1.log", "crawl.2.log"}) {
    for (const Planted planted : {Planted::link, Planted::dangling_link, Planted::fifo}) {
      auto log = RotatingLog::open(folder_, 10, 2);
      for (const char* line : {"line 1\n", "line 2\n"}) log->write(line);
      if (!plant(planted, path(name), victim)) continue;
      for (const char* line : {"line 3\n", "line 4\n"}) log->write(line);
      EXPECT_EQ(content("crawl.log"), "line 4\n");
      EXPECT_TRUE(is_untouched(planted, victim)) << name;
      std::filesystem::remove_all(path("crawl.2.log"));
    }
  }
}

TEST_F(RotatingLogTest, LeavesAFileThatHasAnotherNameAsItIs) {
  const std::string other = temporary_ / "other";
  std::ofstream(other) << "mine\n";
  std::filesystem::create_hard_link(other, path("crawl.log"));
  RotatingLog::open(folder_, 100, 2)->write("ours\n");
  EXPECT_EQ(content("crawl.log"), "ours\n");
  EXPECT_EQ(content("crawl.1.log"), "mine\n");
}

}  // namespace
}  // namespace doutu
