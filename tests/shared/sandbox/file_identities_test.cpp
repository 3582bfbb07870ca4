#include "shared/sandbox/file_identities.h"

#include <gtest/gtest.h>

#include <cstdint>
#include <ctime>
#include <filesystem>
#include <fstream>
#include <thread>

#include "tests/site/temporary_folder.h"

namespace doutu {
namespace {

namespace fs = std::filesystem;

std::int64_t nanoseconds_of(clockid_t clock) {
  timespec now{};
  ::clock_gettime(clock, &now);
  return std::int64_t{now.tv_sec} * 1'000'000'000 + now.tv_nsec;
}

/// Until what is made is younger than what was, by the clock by which files are born.
void wait_for_a_tick() {
  const std::int64_t before = nanoseconds_of(CLOCK_REALTIME);
  while (nanoseconds_of(CLOCK_REALTIME_COARSE) <= before) std::this_thread::yield();
}

class FileIdentitiesTest : public testing::Test {
 protected:
  void write(const std::string& name) { std::ofstream(folder_ / name) << name; }

  TemporaryFolder folder_;
};

TEST_F(FileIdentitiesTest, StayTheSameWhenAFileIsWrittenInPlace) {
  write("resolv.conf");
  const FileIdentities files({folder_ / "resolv.conf", folder_ / "absent"});
  write("resolv.conf");
  EXPECT_FALSE(files.have_changed());
}

TEST_F(FileIdentitiesTest, ChangeWhenAnotherFileTakesTheName) {
  write("resolv.conf");
  const FileIdentities files({folder_ / "resolv.conf"});
  write("new");
  fs::rename(folder_ / "new", folder_ / "resolv.conf");
  EXPECT_TRUE(files.have_changed());
}

TEST_F(FileIdentitiesTest, ChangeWhenAFileIsDeletedAndMadeAnew) {
  for (int i = 0; i < 20; ++i) {  // The file system may give the next one the number of the one before.
    write("resolv.conf");
    const FileIdentities files({folder_ / "resolv.conf"});
    fs::remove(folder_ / "resolv.conf");
    wait_for_a_tick();
    write("resolv.conf");
    EXPECT_TRUE(files.have_changed());
  }
}

TEST_F(FileIdentitiesTest, ChangeWhenALinkLeadsElsewhere) {
  write("one");
  write("two");
  fs::create_symlink("one", folder_ / "resolv.conf");
  const FileIdentities files({folder_ / "resolv.conf"});
  fs::remove(folder_ / "resolv.conf");
  fs::create_symlink("two", folder_ / "resolv.conf");
  EXPECT_TRUE(files.have_changed());
}

TEST_F(FileIdentitiesTest, ChangeWhenAFileComesOrGoes) {
  const FileIdentities none({folder_ / "resolv.conf"});
  write("resolv.conf");
  EXPECT_TRUE(none.have_changed());
  const FileIdentities one({folder_ / "resolv.conf"});
  fs::remove(folder_ / "resolv.conf");
  EXPECT_TRUE(one.have_changed());
}

}  // namespace
}  // namespace doutu
