#include "crawler/cookies/cookies_file.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>

#include "tests/site/temporary_folder.h"

namespace doutu {
namespace {

using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;

constexpr std::int64_t kNow = 1'700'000'000'000;

class CookiesFile : public testing::Test {
 protected:
  [[nodiscard]] std::string error() const {
    const auto given = read_cookies_file(path_, kNow);
    return given ? "none" : given.error().message;
  }
  [[nodiscard]] std::string error_of(std::string_view text) const {
    std::ofstream(path_, std::ios::binary) << text;
    return error();
  }
  [[nodiscard]] std::string text() const {
    std::ifstream file(path_, std::ios::binary);
    return {std::istreambuf_iterator<char>(file), {}};
  }

  const TemporaryFolder folder_;
  const std::string path_ = folder_ / "cookies.txt";
};

TEST_F(CookiesFile, IsReadWithItsOddLines) {
  std::ofstream(path_) << "# Netscape HTTP Cookie File\nodd\na.example\tFALSE\t/\tFALSE\t0\tn\tsecret\n"
                          "a.example\tFALSE\t/\tFALSE\t1\tn\tv\n";
  const auto given = read_cookies_file(path_, kNow);
  ASSERT_TRUE(given.ok()) << given.error().message;
  EXPECT_EQ(given->source, path_);
  EXPECT_EQ(given->cookies.size(), 1U);
  EXPECT_EQ(given->expired, 1U);
  EXPECT_THAT(given->odd_lines, ElementsAre(2));
}

TEST_F(CookiesFile, ThatIsNotThereIsNamed) { EXPECT_EQ(error(), "\"" + path_ + "\": No such file or directory"); }

TEST_F(CookiesFile, MayNotBeAFolder) {
  std::filesystem::create_directory(path_);
  EXPECT_EQ(error(), "\"" + path_ + "\" is a folder; expected a file such as cookies.txt");
}

TEST_F(CookiesFile, MayNotBeAPipeWhichWouldHoldTheCrawl) {
  ASSERT_EQ(::mkfifo(path_.c_str(), 0600), 0);
  EXPECT_THAT(error(), HasSubstr("is no regular file"));
}

TEST_F(CookiesFile, MayNotBeOfAGigabyte) {
  std::ofstream(path_).close();
  std::filesystem::resize_file(path_, std::uintmax_t{1} << 30U);
  EXPECT_EQ(error(), "\"" + path_ + "\" is larger than 64.0 MiB");
}

TEST_F(CookiesFile, HasToBeReadable) {
  if (::geteuid() == 0) GTEST_SKIP() << "root may read everything";
  std::ofstream(path_).close();
  std::filesystem::permissions(path_, std::filesystem::perms::none);
  EXPECT_EQ(error(), "\"" + path_ + "\": Permission denied");
}

TEST_F(CookiesFile, OfAnotherFormatIsNamedForWhatItIs) {
  EXPECT_THAT(error_of("[{\"domain\": \"a.example\", \"value\": \"secret\"}]"),
              AllOf(HasSubstr("is JSON; doutu reads the Netscape format"), Not(HasSubstr("secret"))));
  EXPECT_THAT(error_of("\xff\xfe#"), HasSubstr("is UTF-16 text; save it as UTF-8"));
  EXPECT_THAT(error_of("SQLite format 3"), HasSubstr("use --cookies-from firefox:PROFILE"));
  EXPECT_THAT(error_of(""), HasSubstr("contains no cookie"));
  EXPECT_THAT(error_of("# only comments\n"), HasSubstr("contains no cookie"));
  EXPECT_THAT(error_of("sid=secret\n"), AllOf(HasSubstr("in the Netscape format"), Not(HasSubstr("secret"))));
  EXPECT_EQ(error_of("a.example\tFALSE\t/\tFALSE\t1\tn\tv\n"), "none") << "all have expired";
}

TEST_F(CookiesFile, IsWrittenForItsUserAlone) {
  Cookie cookie;
  cookie.name = "n";
  cookie.value = "v";
  cookie.domain = "a.example";
  std::ofstream(path_) << "old, and longer than what is written now: " << std::string(1000, 'x');
  std::filesystem::permissions(path_, std::filesystem::perms::all);
  ASSERT_TRUE(save_cookies_file(path_, {cookie}).ok());
  EXPECT_EQ(text(), "# Netscape HTTP Cookie File\na.example\tFALSE\t/\tFALSE\t0\tn\tv\n");
  struct stat facts {};
  ASSERT_EQ(::stat(path_.c_str(), &facts), 0);
  EXPECT_EQ(facts.st_mode & 0777U, 0600U);
  EXPECT_EQ(std::distance(std::filesystem::directory_iterator(folder_.path()), {}), 1) << "nothing is left over";
}

TEST_F(CookiesFile, IsWrittenWhereASymbolicLinkLeads) {
  std::filesystem::create_directory(folder_ / "real");
  std::ofstream(folder_ / "real/cookies.txt").close();
  std::filesystem::create_symlink(folder_ / "real/cookies.txt", path_);
  ASSERT_TRUE(save_cookies_file(path_, {}).ok());
  EXPECT_TRUE(std::filesystem::is_symlink(path_));
  EXPECT_GT(std::filesystem::file_size(folder_ / "real/cookies.txt"), 0U);
}

TEST_F(CookiesFile, ThatCannotBeWrittenIsNamed) {
  const auto missing = save_cookies_file(folder_ / "none/cookies.txt", {});
  ASSERT_FALSE(missing.ok());
  EXPECT_EQ(missing.error().message, "\"" + (folder_ / "none/cookies.txt") + "\": No such file or directory");
  const auto device = save_cookies_file("/dev/null", {});
  ASSERT_FALSE(device.ok());
  EXPECT_THAT(device.error().message, HasSubstr("is no regular file"));
}

}  // namespace
}  // namespace doutu
