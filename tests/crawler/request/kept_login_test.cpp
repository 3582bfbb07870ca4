#include "crawler/request/kept_login.h"

#include <gtest/gtest.h>
#include <sys/stat.h>

#include <cstdlib>
#include <filesystem>
#include <string>

#include "tests/site/temporary_folder.h"

namespace doutu {
namespace {

TEST(Login, IsTakenOutOfATemplate) {
  struct Case {
    const char* written;
    const char* login;
    const char* left;
  };
  for (const Case& one : {
           Case{"https://me:sesame@example.com/{page}", "me:sesame", "https://example.com/{page}"},
           Case{"http://me@h:81/?p={page}", "me", "http://h:81/?p={page}"},
           Case{"https:\\\\me:a@b@h\\{page}", "me:a@b", "https:\\\\h\\{page}"},
           Case{"https://h/{page}?mail=me:x@y", "", "https://h/{page}?mail=me:x@y"},
           Case{"https://h?x@y", "", "https://h?x@y"},
           Case{"https://h/{page}", "", "https://h/{page}"},
           Case{"no URL", "", "no URL"},
           Case{"", "", ""},
       }) {
    std::string text = one.written;
    EXPECT_EQ(take_login(text), one.login) << one.written;
    EXPECT_EQ(text, one.left);
  }
}

TEST(Login, StandsForWhatIsSent) {
  EXPECT_EQ(plain_login("Aladdin:open%20sesame"), "Aladdin:open sesame");
  EXPECT_EQ(plain_login("me:%3a"), "me::");
  EXPECT_EQ(plain_login("me"), "me:");
  EXPECT_EQ(plain_login("a:b"), "a:b");
}

class KeptLogin : public testing::Test {
 protected:
  KeptLogin() { ::setenv("XDG_STATE_HOME", (home_ / "state").c_str(), 1); }
  ~KeptLogin() override { ::unsetenv("XDG_STATE_HOME"); }

  const TemporaryFolder home_;
};

TEST_F(KeptLogin, IsForOneFolderAndOneTemplate) {
  const auto path = keep_login("/media/stick/img", "https://h/{page}", "me:sesame");
  ASSERT_TRUE(path) << path.error().message;
  EXPECT_EQ(kept_login("/media/stick/img", "https://h/{page}"), "me:sesame");
  EXPECT_EQ(kept_login("/media/stick/other", "https://h/{page}"), "");
  EXPECT_EQ(kept_login("/media/stick/img", "https://other/{page}"), "");
  ASSERT_TRUE(keep_login("/media/stick/img", "https://h/{page}", "me:other"));
  EXPECT_EQ(kept_login("/media/stick/img", "https://h/{page}"), "me:other");
}

TEST_F(KeptLogin, IsTheUsersAlone) {
  const auto path = keep_login("/media/stick/img", "https://h/{page}", "me:sesame");
  ASSERT_TRUE(path);
  struct stat status {};
  ASSERT_EQ(::stat(path->c_str(), &status), 0);
  EXPECT_EQ(status.st_mode & 0777U, 0600U);
  ASSERT_EQ(::stat((home_ / "state/doutu").c_str(), &status), 0);
  EXPECT_EQ(status.st_mode & 0777U, 0700U);
}

TEST_F(KeptLogin, HasNoPlaceWithoutAHome) {
  ::setenv("XDG_STATE_HOME", "/proc/no-such-folder", 1);
  EXPECT_FALSE(keep_login("/media/stick/img", "https://h/{page}", "me:sesame"));
  EXPECT_EQ(kept_login("/media/stick/img", "https://h/{page}"), "");
}

}  // namespace
}  // namespace doutu
