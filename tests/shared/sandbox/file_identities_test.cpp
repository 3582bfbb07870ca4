#include "shared/sandbox/file_identities.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

#include "tests/site/temporary_folder.h"

namespace doutu {
namespace {

namespace fs = std::filesystem;

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
