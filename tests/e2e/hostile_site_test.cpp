// What a site says never reaches a terminal, a log or a file name as it came.

#include <filesystem>

#include "tests/e2e/crawl_fixture.h"

namespace doutu {
namespace {

/// U+202E, which turns the order of what follows.
const std::string kRightToLeft = {'\xe2', '\x80', '\xae'};

/// A byte that moves cursors, other than the newline that ends a line; or the start of a C1 control in UTF-8.
bool has_control_bytes(const std::string& text) {
  for (std::size_t i = 0; i < text.size(); ++i) {
    const auto byte = static_cast<unsigned char>(text[i]);
    if ((byte < 0x20 && byte != '\n') || byte == 0x7f) return true;
    if (byte == 0xc2 && i + 1 < text.size() && static_cast<unsigned char>(text[i + 1]) < 0xa0) return true;
  }
  return text.find(kRightToLeft) != std::string::npos;
}

class HostileSite : public CrawlTest {
 protected:
  /// Nothing that the crawl wrote holds a control byte.
  void expect_clean(const Ended& ended) const {
    EXPECT_FALSE(has_control_bytes(ended.out)) << ended.out;
    EXPECT_FALSE(has_control_bytes(ended.err)) << ended.err;
    for (const char* name : {"crawl.log", "report.json", "failures.jsonl"}) {
      const std::string text = read_file(folder_.state(name));
      EXPECT_FALSE(has_control_bytes(text)) << name << ":\n" << text;
    }
    for (const auto& [name, hash] : folder_.images()) EXPECT_FALSE(has_control_bytes(name)) << name;
  }
};

TEST_F(HostileSite, ControlCharactersInLinks) {
  image("/good.png", 1);
  list(1,
       {"/\x1b]0;pwned\x07.png", "/&#x1b;]0;pwned&#x7f;.png", "/\xc2\x9b[31m.png", "/" + kRightToLeft + "gnp.exe.png",
        "/%1b%5b31m%0a%7f.png", "http://\x1b[31m/x.png", "\x1b[31m:x", "http://a\x07.test/x.png", "/good.png"});
  const Ended ended = crawl("1", {"-v", "--retries", "0"});
  EXPECT_EQ(ended.status, 3);
  expect_clean(ended);
  EXPECT_EQ(folder_.images().size(), 1U);
  EXPECT_GE(folder_.failures().size(), 6U);
}

TEST_F(HostileSite, ControlCharactersInFileNames) {
  int number = 0;
  std::vector<std::string> urls;
  for (const char* name :
       {"%1b[31m.png", "%0a.png", "%c2%9b2J.png", "%e2%80%aegnp.png", "%7f.png", "%00.png", "%ff.png"}) {
    image(std::string("/") + name, static_cast<std::uint64_t>(++number));
    urls.push_back(std::string("/") + name);
  }
  list(1, urls);
  const Ended ended = crawl("1", {"-v"});
  EXPECT_EQ(ended.status, 0) << ended.err;
  EXPECT_EQ(folder_.images().size(), urls.size());
  expect_clean(ended);
}

TEST_F(HostileSite, PathsThatLeadOutOfTheFolder) {
  std::vector<std::string> urls;
  int number = 0;
  for (const char* path :
       {"/..%2f..%2fpwned.png", "/%2e%2e%2fx.png", "/.doutu", "/..%5cx.png", "/%2e%2e", "/con.png", "/a%2f"}) {
    image(path, static_cast<std::uint64_t>(++number));
    urls.emplace_back(path);
  }
  list(1, urls);
  (void)crawl("1", {"--retries", "0"});
  std::vector<std::string> beside;
  for (const auto& entry : std::filesystem::directory_iterator(temporary_.path())) {
    beside.push_back(entry.path().filename().string());
  }
  EXPECT_EQ(beside, std::vector<std::string>{"out"});
  EXPECT_FALSE(read_file(folder_.state("report.json")).empty());
  for (const auto& [name, hash] : folder_.images()) EXPECT_EQ(name.find('/'), std::string::npos) << name;
}

TEST_F(HostileSite, ControlCharactersInHeaders) {
  const std::string bad =
      "HTTP/1.1 404 \x1b[31mGone\x07\r\nContent-Type: \x1b]0;pwned\x07\r\nX: \x9b\r\nContent-Length: 0\r\n\r\n";
  const std::string moved = "HTTP/1.1 302 Found\r\nLocation: \x1b[31m://pwned\r\nContent-Length: 0\r\n\r\n";
  site_.respond("/a.png", Response{.raw = bad});
  site_.respond("/b.png", Response{.raw = moved});
  site_.respond("/list/2", Response{.raw = bad});
  site_.respond("/list/3", Response{.raw = moved});
  list(1, {"/a.png", "/b.png"});
  const Ended ended = crawl("1-3", {"-v", "--retries", "0"});
  EXPECT_EQ(ended.status, 3);
  expect_clean(ended);
  EXPECT_EQ(folder_.failures().size(), 4U);
}

TEST_F(HostileSite, ControlCharactersOnTheCommandLine) {
  for (const std::vector<std::string>& arguments : {std::vector<std::string>{"crawl", "--\x1b[31mflag"},
                                                    {"crawl", "--pages", "\x1b[31m"},
                                                    {"\x1b[31m"},
                                                    {"crawl", "http://\x1b[31m/{page}"},
                                                    {"crawl", site_.url("/{page}"), "--xpath", "//\x1b[31m["}}) {
    const Ended ended = run_doutu(arguments, temporary_.path().string());
    EXPECT_EQ(ended.status, 2);
    EXPECT_FALSE(has_control_bytes(ended.err)) << ended.err;
  }
}

}  // namespace
}  // namespace doutu
