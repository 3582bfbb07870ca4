#include "crawler/request/url_list.h"

#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>

#include "shared/base/unique_fd.h"
#include "tests/site/temporary_folder.h"

namespace doutu {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

class UrlList : public testing::Test {
 protected:
  UniqueFd open(const std::string& bytes) {
    std::ofstream(path_, std::ios::binary) << bytes;
    return UniqueFd(::open(path_.c_str(), O_RDONLY | O_CLOEXEC));
  }

  /// Lines, then the error if there is one.
  std::vector<std::string> lines_of(const std::string& bytes) {
    const UniqueFd file = open(bytes);
    ListLines lines(file.get());
    std::vector<std::string> all;
    auto line = lines.next();
    for (; line && *line; line = lines.next()) {
      all.emplace_back(**line);
      EXPECT_EQ(lines.number(), all.size());
    }
    if (!line) all.push_back("error: " + line.error().message);
    return all;
  }

  const TemporaryFolder folder_;
  const std::string path_ = folder_ / "list";
};

TEST_F(UrlList, HasAUrlALineAndLeavesOutWhatIsNone) {
  EXPECT_THAT(lines_of("\xef\xbb\xbfhttp://a/\r\n\n  # a comment\n\t http://b/#top \t\nhttp://c/"),
              ElementsAre("http://a/", "", "", "http://b/#top", "http://c/"));
  EXPECT_THAT(lines_of(""), ElementsAre());
  EXPECT_THAT(lines_of("\n"), ElementsAre(""));
  EXPECT_THAT(lines_of("http://a/\n"), ElementsAre("http://a/"));
}

TEST_F(UrlList, IsReadAcrossItsBuffers) {
  std::string bytes;
  std::vector<std::string> expected;
  for (std::size_t i = 0; i < 5000; ++i) {
    expected.push_back("http://e/" + std::string(i % 97, 'x') + std::to_string(i));
    bytes += expected.back() + (i % 2 == 0 ? "\n" : "\r\n");
  }
  EXPECT_EQ(lines_of(bytes), expected);
}

TEST_F(UrlList, RefusesWhatIsNoListWithTheLine) {
  EXPECT_THAT(lines_of("http://a/\n" + std::string("x\0y\n", 4)).back(), HasSubstr("error: line 2 has a zero byte"));
  EXPECT_THAT(lines_of("http://a/\n" + std::string(200'000, 'x')).back(),
              HasSubstr("error: line 2 is longer than 64 KiB"));
}

TEST_F(UrlList, IsTheSameWhateverItsLineEndsAre) {
  const auto asked = [this](const std::string& bytes) {
    ListFacts facts;
    for (const std::string& line : lines_of(bytes)) facts.add(line);
    return facts.asked();
  };
  EXPECT_EQ(asked("http://a/\n#x\nhttp://b/\n"), asked("\xef\xbb\xbfhttp://a/ \r\n\r\nhttp://b/"));
  EXPECT_EQ(asked("http://a/\nhttp://b/\n").urls, 2U);
  EXPECT_NE(asked("http://a/\nhttp://b/\n"), asked("http://b/\nhttp://a/\n"));
  EXPECT_NE(asked("http://a/\nhttp://b/\n"), asked("http://a/\n\nhttp://b/\n"));  // line numbers are ids
  EXPECT_EQ(asked("http://a/\n").hash.size(), 32U);
}

TEST_F(UrlList, KnowsItsFirstUrl) {
  ListFacts facts;
  facts.add("ftp://a/");
  EXPECT_EQ(facts.first_url(), "");
  facts.add("HTTP://B.example:80/x");
  facts.add("http://c/");
  EXPECT_EQ(facts.first_url(), "http://b.example/x");
  EXPECT_EQ(facts.asked().urls, 3U);
}

}  // namespace
}  // namespace doutu
