// The time of an image's file: what its server says of it, where that can be.

#include <csignal>
#include <filesystem>

#include "tests/e2e/crawl_fixture.h"
#include "tests/site/processes.h"

namespace doutu {
namespace {

using std::chrono::seconds;
using std::chrono::sys_seconds;

constexpr sys_seconds kThen{seconds(1'000'000'000)};
constexpr const char* kThenInHttp = "Sun, 09 Sep 2001 01:46:40 GMT";

class FileTime : public CrawlTest {
 protected:
  /// An image whose answer says so.
  void image_of_time(const std::string& path, std::uint64_t number, const std::string& last_modified) {
    site_.respond(path, Response{.headers = {{"Last-Modified", last_modified}}, .body = small_image(number)});
  }
  [[nodiscard]] sys_seconds time_of(const std::string& name) const {
    const auto time = std::filesystem::last_write_time(folder_.path() + "/" + name);
    return std::chrono::floor<seconds>(std::chrono::file_clock::to_sys(time));
  }
  /// The disk's clock may be a tick behind.
  [[nodiscard]] bool is_of_now(const std::string& name) const { return time_of(name) >= began_ - seconds(1); }

  const sys_seconds began_ = std::chrono::floor<seconds>(std::chrono::system_clock::now());
};

TEST_F(FileTime, IsWhatTheServerSays) {
  image_of_time("/a.png", 1, kThenInHttp);
  site_.respond("/b.png", Response{.status = 302, .headers = {{"Location", "/c.png"}, {"Last-Modified", kThenInHttp}}});
  image_of_time("/c.png", 2, "Mon, 10 Sep 2001 01:46:40 GMT");
  site_.respond("/cut.png", {{.headers = {{"Last-Modified", "Mon, 10 Sep 2001 01:46:40 GMT"}},
                              .body = small_image(3),
                              .cut_after = 100,
                              .ending = Response::Ending::close},
                             {.headers = {{"Last-Modified", kThenInHttp}}, .body = small_image(3)}});
  list(1, {"/a.png", "/b.png", "/cut.png"});
  EXPECT_EQ(crawl("1").status, 0);
  EXPECT_EQ(time_of("a.png"), kThen);
  EXPECT_EQ(time_of("b.png"), kThen + std::chrono::days(1)) << "of the answer that brought the image";
  EXPECT_EQ(time_of("cut.png"), kThen);
}

TEST_F(FileTime, IsThatOfTheDownloadWhereTheServerSaysNothingThatCanBe) {
  image("/a.png", 1);
  image_of_time("/b.png", 2, "Fri, 31 Dec 9999 23:59:59 GMT");
  image_of_time("/c.png", 3, "Thu, 01 Jan 1970 00:00:00 GMT");
  image_of_time("/d.png", 4, "yesterday");
  list(1, {"/a.png", "/b.png", "/c.png", "/d.png", data_url(small_image(5))});
  EXPECT_EQ(crawl("1").status, 0);
  ASSERT_EQ(folder_.images().size(), 5U);
  for (const auto& [name, bytes] : folder_.images()) EXPECT_TRUE(is_of_now(name)) << name;
}

TEST_F(FileTime, IsThatOfTheDownloadForThoseWhoWantIt) {
  image_of_time("/a.png", 1, kThenInHttp);
  list(1, {"/a.png"});
  EXPECT_EQ(crawl("1", {"--no-mtime"}).status, 0);
  EXPECT_TRUE(is_of_now("a.png"));

  image_of_time("/b.png", 2, kThenInHttp);
  list(1, {"/b.png"});
  EXPECT_EQ(run_doutu({"crawl", "-d", folder_.path(), "--progress", "none"}).status, 0);
  EXPECT_TRUE(is_of_now("b.png")) << "the folder remembers it";

  image_of_time("/c.png", 3, kThenInHttp);
  list(1, {"/c.png"});
  EXPECT_EQ(run_doutu({"crawl", "-d", folder_.path(), "--forget", "no-mtime", "--progress", "none"}).status, 0);
  EXPECT_EQ(time_of("c.png"), kThen);
}

TEST_F(FileTime, IsOneForADuplicateAndItsFirst) {
  image_of_time("/a.png", 1, kThenInHttp);
  image_of_time("/b.png", 1, "Mon, 10 Sep 2001 01:46:40 GMT");
  list(1, {"/a.png", "/b.png"});
  EXPECT_EQ(crawl("1", {"--downloaders", "1"}).status, 0);
  EXPECT_EQ(folder_.report().images, (ReportFile::Images{.found = 2, .saved = 1, .duplicate = 1}));
  EXPECT_EQ(time_of("a.png"), kThen);
  EXPECT_EQ(time_of("b.png"), kThen);
}

/// Some of the kills come when images wait in incoming for their names: a start gives them those.
TEST_F(FileTime, SurvivesKills) {
  constexpr std::uint64_t kImages = 400;
  std::vector<std::string> urls;
  for (std::uint64_t number = 1; number <= kImages; ++number) {
    urls.push_back("/" + std::to_string(number) + ".png");
    image_of_time(urls.back(), number, kThenInHttp);
  }
  list(1, urls);
  site_.delay_all(std::chrono::milliseconds(5));
  std::size_t redone = 0;
  for (std::size_t kill_after = 30; kill_after < kImages; kill_after += 40) {
    const auto run = start("1", {"--downloaders", "4"});
    if (!eventually([&] { return site_.log().size() >= kill_after || !run->running(); })) break;
    for (const RunningProcess& child : children_of(run->pid())) kill(child.pid, SIGKILL);
    run->signal(SIGKILL);
    run->wait();
    redone += folder_.leftovers().size();
  }
  EXPECT_GT(redone, 0U);
  EXPECT_EQ(crawl("1").status, 0);
  ASSERT_EQ(folder_.images().size(), kImages);
  for (const auto& [name, bytes] : folder_.images()) EXPECT_EQ(time_of(name), kThen) << name;
}

}  // namespace
}  // namespace doutu
