#include "shared/folder/state_folder.h"

#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <filesystem>
#include <fstream>
#include <string>

#include "tests/site/loop_mount.h"
#include "tests/site/planted.h"
#include "tests/site/state_in.h"
#include "tests/site/temporary_folder.h"

namespace doutu {
namespace {

namespace fs = std::filesystem;
using testing::HasSubstr;

void write(const std::string& path, const std::string& text) { std::ofstream(path) << text; }

unsigned mode_of(const std::string& path) {
  struct stat status {};
  return ::stat(path.c_str(), &status) == 0 ? status.st_mode & 07777U : 0;
}

class WithUmask {
 public:
  explicit WithUmask(mode_t mask) : before_(::umask(mask)) {}
  WithUmask(const WithUmask&) = delete;
  WithUmask& operator=(const WithUmask&) = delete;
  ~WithUmask() { ::umask(before_); }

 private:
  const mode_t before_;
};

class StateFolderTest : public testing::Test {
 protected:
  [[nodiscard]] std::string state(const std::string& name) const { return directory_ + "/.doutu/" + name; }
  [[nodiscard]] StateFolder make() const { return state_in(directory_); }
  [[nodiscard]] std::string victim() const { return temporary_ / "victim"; }

  TemporaryFolder temporary_;
  const std::string directory_ = temporary_ / "img";
};

TEST_F(StateFolderTest, IsTheUsersAloneWhateverTheUmask) {
  for (const mode_t mask : {0U, 022U, 077U}) {
    const WithUmask now(mask);
    fs::remove_all(directory_);
    const StateFolder folder = make();
    EXPECT_TRUE(folder.is_private());
    ASSERT_TRUE(folder.open_or_make("lock"));
    ASSERT_TRUE(folder.make_afresh("report.json.new"));
    ASSERT_TRUE(folder.open_or_make_folder("incoming"));
    EXPECT_EQ(mode_of(directory_ + "/.doutu"), 0700U);
    EXPECT_EQ(mode_of(state("lock")), 0600U);
    EXPECT_EQ(mode_of(state("report.json.new")), 0600U);
    EXPECT_EQ(mode_of(state("incoming")), 0700U);
  }
}

TEST_F(StateFolderTest, ShutsOthersOutOfWhatAVersionBeforeLeft) {
  fs::create_directories(directory_ + "/.doutu");
  for (const char* name : {"ledger.sqlite", "crawl.log", "crawl.1.log", "report.json"}) {
    write(state(name), "x");
    ::chmod(state(name).c_str(), 0644);
  }
  fs::create_directory(state("incoming"));
  ::chmod((directory_ + "/.doutu").c_str(), 0755);
  const StateFolder folder = make();
  EXPECT_TRUE(folder.is_private());
  EXPECT_TRUE(folder.open_or_make_folder("incoming"));
  EXPECT_EQ(mode_of(directory_ + "/.doutu"), 0700U);
  EXPECT_EQ(mode_of(state("incoming")), 0700U);
  for (const char* name : {"ledger.sqlite", "crawl.log", "crawl.1.log", "report.json"}) {
    EXPECT_EQ(mode_of(state(name)), 0600U) << name;
  }
}

TEST_F(StateFolderTest, ShutsOthersOutOfAFileThatWasOpenedToThem) {
  (void)make();
  write(state("images.jsonl"), "x");
  ::chmod(state("images.jsonl").c_str(), 0644);
  (void)make();
  EXPECT_EQ(mode_of(state("images.jsonl")), 0600U) << "the downloader is confined when it opens it";
}

TEST_F(StateFolderTest, IsFoundWithoutBeingMadeOrChanged) {
  fs::create_directory(directory_);
  EXPECT_FALSE(StateFolder::find(directory_)->has_value());
  EXPECT_TRUE(fs::is_empty(directory_));
  fs::create_directory(directory_ + "/.doutu");
  ::chmod((directory_ + "/.doutu").c_str(), 0755);
  EXPECT_TRUE(StateFolder::find(directory_)->has_value());
  EXPECT_EQ(mode_of(directory_ + "/.doutu"), 0755U);
}

TEST_F(StateFolderTest, LiesInAFolderThatMayBeALink) {
  fs::create_directory(temporary_ / "big-disk");
  fs::create_symlink(temporary_ / "big-disk", directory_);
  ASSERT_TRUE(make().open_or_make("lock"));
  EXPECT_TRUE(fs::exists(temporary_ / "big-disk/.doutu/lock"));
}

TEST_F(StateFolderTest, IsNoLinkAndNothingElse) {
  fs::create_directory(directory_);
  fs::create_directory(victim());
  fs::create_symlink(victim(), directory_ + "/.doutu");
  const auto made = StateFolder::make(directory_);
  ASSERT_FALSE(made);
  EXPECT_THAT(made.error().message, HasSubstr(".doutu is a symbolic link"));
  EXPECT_FALSE(StateFolder::find(directory_));
  EXPECT_TRUE(fs::is_empty(victim()));
  fs::remove(victim());
  for (const Planted planted : {Planted::dangling_link, Planted::fifo, Planted::device}) {
    if (!plant(planted, directory_ + "/.doutu", victim())) continue;
    const auto refused = StateFolder::make(directory_);
    ASSERT_FALSE(refused);
    EXPECT_THAT(refused.error().message, HasSubstr(".doutu is " + word_for(planted)));
    EXPECT_FALSE(StateFolder::find(directory_));
    EXPECT_TRUE(is_untouched(planted, victim()));
  }
}

TEST_F(StateFolderTest, RefusesWhateverIsPlantedInPlaceOfAFile) {
  (void)make();
  for (const char* name :
       {"lock", "ledger.sqlite", "ledger.sqlite-wal", "ledger.sqlite-shm", "ledger.sqlite-journal", "report.json",
        "status.json", "failures.jsonl", "images.jsonl", "crawl.log", "crawl.1.log", "crawl.2.log"}) {
    for (const Planted planted : kPlanted) {
      if (!plant(planted, state(name), victim())) continue;
      for (const Error& error : {StateFolder::make(directory_).error(), StateFolder::find(directory_).error()}) {
        EXPECT_THAT(error.message, HasSubstr(std::string(name) + " is " + word_for(planted)));
      }
      EXPECT_TRUE(is_untouched(planted, victim()));
    }
    fs::remove_all(state(name));
  }
}

TEST_F(StateFolderTest, RefusesAFolderUnderATemporaryNameBeforeItIsNeeded) {
  (void)make();
  for (const char* name : {"report.json.new", "status.json.new", "failures.jsonl.new", "login-elsewhere.new"}) {
    for (const Planted planted : kPlanted) {
      if (!plant(planted, state(name), victim())) continue;
      const auto made = StateFolder::make(directory_);
      EXPECT_EQ(made.ok(), planted != Planted::folder) << name;
      if (!made) {
        EXPECT_THAT(made.error().message, HasSubstr(std::string(name) + " is a folder"));
      }
    }
    fs::remove_all(state(name));
  }
}

TEST_F(StateFolderTest, OpensNothingThatIsPlantedLater) {
  const StateFolder folder = make();
  for (const Planted planted : kPlanted) {
    if (!plant(planted, state("x"), victim())) continue;
    EXPECT_THAT(folder.open_for_reading("x").error().message, HasSubstr("x is " + word_for(planted)));
    EXPECT_THAT(folder.open_or_make("x", O_APPEND).error().message, HasSubstr("x is " + word_for(planted)));
    EXPECT_EQ(folder.read("x", 100), std::nullopt);
    EXPECT_EQ(folder.facts_of("x").has_value(), false);
    EXPECT_TRUE(is_untouched(planted, victim()));
  }
}

TEST_F(StateFolderTest, MakesAFileAfreshInPlaceOfWhatIsPlanted) {
  const StateFolder folder = make();
  for (const Planted planted : kPlanted) {
    if (!plant(planted, state("x.new"), victim())) continue;
    const auto made = folder.make_afresh("x.new");
    EXPECT_EQ(made.ok(), planted != Planted::folder);
    if (made) {
      EXPECT_EQ(::write(made->get(), "ours", 4), 4);
    }
    EXPECT_EQ(fs::is_regular_file(fs::symlink_status(state("x.new"))), planted != Planted::folder);
    EXPECT_TRUE(is_untouched(planted, victim()));
  }
}

TEST_F(StateFolderTest, GivesAFileUpToItsBound) {
  const StateFolder folder = make();
  write(state("x"), "12345");
  EXPECT_EQ(folder.read("x", 5), "12345");
  EXPECT_EQ(folder.read("x", 4), std::nullopt);
  EXPECT_EQ(folder.read("none", 4), std::nullopt);
  EXPECT_EQ(folder.open_for_reading("none").error().code, ENOENT);
}

TEST_F(StateFolderTest, StaysTheOneThatWasOpened) {
  const StateFolder folder = make();
  fs::rename(directory_ + "/.doutu", directory_ + "/before");
  fs::create_directory(directory_ + "/.doutu");
  ASSERT_TRUE(folder.open_or_make("lock"));
  EXPECT_TRUE(fs::exists(directory_ + "/before/lock"));
  EXPECT_FALSE(fs::exists(state("lock")));
}

// --- Owners.

constexpr uid_t kSomebody = 61234;

/// This thread's process is another user for a while.
class AsSomebody {
 public:
  AsSomebody() : is_so_(::seteuid(kSomebody) == 0) {}
  AsSomebody(const AsSomebody&) = delete;
  AsSomebody& operator=(const AsSomebody&) = delete;
  ~AsSomebody() {
    if (is_so_) {
      EXPECT_EQ(::seteuid(0), 0);
    }
  }
  [[nodiscard]] bool is_so() const { return is_so_; }

 private:
  const bool is_so_;
};

TEST_F(StateFolderTest, OfAnotherUserIsRefused) {
  if (::geteuid() != 0) GTEST_SKIP() << "only root can make one";
  (void)make();
  fs::permissions(temporary_.path(), fs::perms::all);
  for (const std::string& path : {directory_, directory_ + "/.doutu"}) fs::permissions(path, fs::perms::all);
  {
    const AsSomebody now;
    ASSERT_TRUE(now.is_so());
    const auto made = StateFolder::make(directory_);
    ASSERT_FALSE(made);
    EXPECT_THAT(made.error().message, HasSubstr("belongs to another user"));
    EXPECT_TRUE(StateFolder::find(directory_)) << "a look may be at anybody's";
  }
  EXPECT_TRUE(fs::is_empty(directory_ + "/.doutu")) << "nothing of the question whose it is stays";
}

TEST_F(StateFolderTest, SaysWhoseItIsWhenItIsClosed) {
  if (::geteuid() != 0) GTEST_SKIP() << "only root can make one";
  fs::permissions(temporary_.path(), fs::perms::all);
  ASSERT_TRUE(make().open_or_make("lock"));
  const std::string whose = " belongs to another user (root, UID 0); only that user can open it";
  const auto expect_said_of = [&](const std::string& path, const auto& looked) {
    ASSERT_FALSE(looked) << path;
    EXPECT_EQ(looked.error().message, path + whose);
  };
  const auto look = [&] {
    const AsSomebody now;
    return StateFolder::find(directory_);
  };
  expect_said_of(directory_ + "/.doutu", look());
  fs::permissions(directory_, fs::perms::owner_all);
  expect_said_of(directory_, look());
  for (const std::string& path : {directory_, directory_ + "/.doutu"}) fs::permissions(path, fs::perms::all);
  const auto folder = look();
  ASSERT_TRUE(folder);
  const AsSomebody now;
  expect_said_of(state("lock"), (*folder)->open_for_reading("lock"));
}

TEST_F(StateFolderTest, WithAFileOfAnotherUserIsRefused) {
  if (::geteuid() != 0) GTEST_SKIP() << "only root can make one";
  ASSERT_TRUE(make().open_or_make("crawl.log"));
  ASSERT_EQ(::chown(state("crawl.log").c_str(), kSomebody, kSomebody), 0);
  const auto made = StateFolder::make(directory_);
  ASSERT_FALSE(made);
  EXPECT_THAT(made.error().message, HasSubstr("crawl.log belongs to another user (UID 61234); remove it"));
  EXPECT_TRUE(StateFolder::find(directory_));
}

TEST_F(StateFolderTest, WithIncomingOfAnotherUserIsRefused) {
  if (::geteuid() != 0) GTEST_SKIP() << "only root can make one";
  ASSERT_TRUE(make().open_or_make_folder("incoming"));
  ASSERT_EQ(::chown(state("incoming").c_str(), kSomebody, kSomebody), 0);
  const auto made = StateFolder::make(directory_);
  ASSERT_FALSE(made);
  EXPECT_THAT(made.error().message, HasSubstr("incoming belongs to another user (UID 61234); remove it"));
}

TEST_F(StateFolderTest, LeavesTheModeOfAFileThatHasAnotherName) {
  const StateFolder folder = make();
  write(victim(), "shared");
  ::chmod(victim().c_str(), 0664);
  fs::create_hard_link(victim(), state("lock"));
  EXPECT_TRUE(folder.open_or_make("lock"));
  EXPECT_EQ(mode_of(victim()), 0664U);
}

TEST_F(StateFolderTest, OfAUserIsRootsToUse) {
  if (::geteuid() != 0) GTEST_SKIP() << "only root can be it";
  (void)make();
  ASSERT_EQ(::chown((directory_ + "/.doutu").c_str(), kSomebody, kSomebody), 0);
  EXPECT_TRUE(StateFolder::make(directory_));
}

TEST_F(StateFolderTest, HasWhatRootMakesForItsOwner) {
  if (::geteuid() != 0) GTEST_SKIP() << "only root can be it";
  (void)make();
  ASSERT_EQ(::chown((directory_ + "/.doutu").c_str(), kSomebody, kSomebody), 0);
  const StateFolder folder = make();
  ASSERT_TRUE(folder.open_or_make("lock"));
  ASSERT_TRUE(folder.make_afresh("report.json"));
  for (const char* name : {"lock", "report.json", "incoming", "ledger.sqlite", "ledger.sqlite-wal",
                           "ledger.sqlite-journal", "images.jsonl"}) {
    struct stat status {};
    ASSERT_EQ(::stat(state(name).c_str(), &status), 0) << name;
    EXPECT_EQ(status.st_uid, kSomebody) << name;
  }
}

TEST_F(StateFolderTest, NamesTheFileThatRootLeftUnreadable) {
  if (::geteuid() != 0) GTEST_SKIP() << "only root can leave one";
  fs::permissions(temporary_.path(), fs::perms::all);
  (void)make();
  ASSERT_EQ(::chown((directory_ + "/.doutu").c_str(), kSomebody, kSomebody), 0);
  for (const char* name : {"report.json", "ledger.sqlite-wal"}) {
    write(state(name), "root's");
    ::chmod(state(name).c_str(), 0600);
    {
      const AsSomebody now;
      ASSERT_TRUE(now.is_so());
      const auto made = StateFolder::make(directory_);
      ASSERT_FALSE(made) << name;
      EXPECT_THAT(made.error().message,
                  HasSubstr(std::string(name) + " belongs to another user (root, UID 0); a crawl by root created it"));
    }
    fs::remove(state(name));
  }
}

/// A file system without owners and modes, of which everything is root's and open to all.
class WithoutOwners : public StateFolderTest {
 protected:
  void SetUp() override {
    if (!disk_.is_mounted()) GTEST_SKIP() << "no exFAT on a loop device: it takes root and mkfs.exfat";
  }

  const LoopMount disk_{temporary_ / "image", directory_, "8", "mkfs.exfat", kMountExfat};
};

TEST_F(WithoutOwners, IsUsedByAnybodyAndKeepsNothingPrivate) {
  fs::permissions(temporary_.path(), fs::perms::all);
  const AsSomebody now;
  ASSERT_TRUE(now.is_so());
  const auto made = StateFolder::make(directory_);
  ASSERT_TRUE(made) << made.error().message;
  EXPECT_FALSE(made->is_private());
  EXPECT_TRUE(made->open_or_make("lock"));
}

}  // namespace
}  // namespace doutu
