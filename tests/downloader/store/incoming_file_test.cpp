#include "downloader/store/incoming_file.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/resource.h>

#include <cerrno>
#include <chrono>
#include <csignal>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <optional>
#include <vector>

#include "tests/site/temporary_folder.h"

namespace doutu {
namespace {

class IncomingFileTest : public testing::Test {
 protected:
  [[nodiscard]] std::size_t files() const {
    return static_cast<std::size_t>(
        std::distance(std::filesystem::directory_iterator(folder_.path()), std::filesystem::directory_iterator{}));
  }
  [[nodiscard]] std::string content(const std::string& name) const {
    std::ifstream in(folder_ / name, std::ios::binary);
    return {std::istreambuf_iterator<char>(in), {}};
  }
  static std::span<const std::byte> bytes_of(const std::string& text) { return std::as_bytes(std::span(text)); }

  TemporaryFolder folder_;
  UniqueFd descriptor_{::open(folder_.path().c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC)};
  IncomingFile file_{descriptor_.get()};
};

TEST_F(IncomingFileTest, IsMadeOnlyWhenTheImageIsComplete) {
  file_.begin(7);
  EXPECT_TRUE(file_.append(bytes_of("abc")));
  EXPECT_TRUE(file_.append(bytes_of("def")));
  EXPECT_EQ(files(), 0U);
  EXPECT_TRUE(file_.finish(std::nullopt));
  EXPECT_EQ(content("7"), "abcdef");
}

TEST_F(IncomingFileTest, HoldsALargeImageInPiecesOfAnySize) {
  for (const std::size_t piece : {1000U, 65'536U, 65'537U, 200'000U}) {
    std::string whole;
    file_.begin(1);
    for (int i = 0; i < 20; ++i) {
      const std::string text(piece, static_cast<char>('a' + i));
      EXPECT_TRUE(file_.append(bytes_of(text)));
      whole += text;
    }
    EXPECT_TRUE(file_.finish(std::nullopt));
    EXPECT_EQ(content("1"), whole);
  }
}

TEST_F(IncomingFileTest, LeavesNothingOfWhatIsDiscarded) {
  const std::string large(200'000, 'x');
  file_.begin(1);
  EXPECT_TRUE(file_.append(bytes_of(large)));
  EXPECT_EQ(files(), 1U);
  file_.discard();
  EXPECT_EQ(files(), 0U);
  file_.begin(2);
  EXPECT_TRUE(file_.append(bytes_of(large)));
  file_.begin(3);
  EXPECT_EQ(files(), 0U);
  EXPECT_TRUE(file_.append(bytes_of("new")));
  EXPECT_TRUE(file_.finish(std::nullopt));
  file_.discard();  // What is finished stays.
  EXPECT_EQ(content("3"), "new");
}

TEST_F(IncomingFileTest, ReplacesAFileOfAnEarlierRun) {
  std::ofstream(folder_ / "5") << "something longer that was left behind";
  file_.begin(5);
  EXPECT_TRUE(file_.append(bytes_of("new")));
  EXPECT_TRUE(file_.finish(std::nullopt));
  EXPECT_EQ(content("5"), "new");
}

TEST_F(IncomingFileTest, HasTheTimeThatItIsGiven) {
  constexpr std::chrono::sys_seconds kThen{std::chrono::seconds(1'000'000'000)};
  for (const std::size_t size : {3U, 200'000U}) {
    file_.begin(4);
    EXPECT_TRUE(file_.append(bytes_of(std::string(size, 'x'))));
    EXPECT_TRUE(file_.finish(kThen));
    EXPECT_EQ(std::chrono::file_clock::to_sys(std::filesystem::last_write_time(folder_ / "4")), kThen) << size;
  }
}

TEST_F(IncomingFileTest, SaysWhyTheDiskRefused) {
  // A limit on the size of files stands for a full disk: write() fails in the middle.
  rlimit before{};
  ASSERT_EQ(getrlimit(RLIMIT_FSIZE, &before), 0);
  const rlimit small{100'000, before.rlim_max};
  ASSERT_EQ(setrlimit(RLIMIT_FSIZE, &small), 0);
  const auto old_handler = std::signal(SIGXFSZ, SIG_IGN);
  const std::string large(200'000, 'x');
  file_.begin(9);
  const Status written = file_.append(bytes_of(large));
  EXPECT_EQ(setrlimit(RLIMIT_FSIZE, &before), 0);
  std::signal(SIGXFSZ, old_handler);
  ASSERT_FALSE(written);
  EXPECT_EQ(written.error().code, EFBIG);
  EXPECT_NE(written.error().message.find("the limit on file size is"), std::string::npos) << written.error().message;
  file_.discard();
  EXPECT_EQ(files(), 0U);
}

TEST_F(IncomingFileTest, NamesTheLimitThatItMeets) {
  file_.begin(478);
  EXPECT_TRUE(file_.append(bytes_of("abc")));
  rlimit before{};
  ASSERT_EQ(getrlimit(RLIMIT_NOFILE, &before), 0);
  const rlimit low{3, before.rlim_max};
  ASSERT_EQ(setrlimit(RLIMIT_NOFILE, &low), 0);
  const Status finished = file_.finish(std::nullopt);
  EXPECT_EQ(setrlimit(RLIMIT_NOFILE, &before), 0);
  ASSERT_FALSE(finished);
  EXPECT_EQ(finished.error().code, EMFILE);
  EXPECT_EQ(finished.error().message, "create 478: Too many open files; the limit on open files is 3 (ulimit -n)");
}

TEST_F(IncomingFileTest, SaysThatTheFolderIsGone) {
  std::filesystem::remove(folder_.path());
  file_.begin(1);
  EXPECT_TRUE(file_.append(bytes_of("abc")));
  const Status finished = file_.finish(std::nullopt);
  ASSERT_FALSE(finished);
  EXPECT_EQ(finished.error().code, ENOENT);
}

}  // namespace
}  // namespace doutu
