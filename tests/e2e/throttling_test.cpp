// Servers that ask for patience (RFC 9110 section 10.2.3, RFC 6585 section 4): it is given, and costs no attempt.

#include <chrono>
#include <ctime>

#include "tests/e2e/crawl_fixture.h"

namespace doutu {
namespace {

using std::chrono::milliseconds;

/// A time so far ahead as HTTP writes it.
std::string http_date(std::chrono::seconds ahead) {
  const std::time_t time = std::chrono::system_clock::to_time_t(std::chrono::system_clock::now() + ahead);
  std::tm parts{};
  gmtime_r(&time, &parts);
  std::string text(40, '\0');
  text.resize(std::strftime(text.data(), text.size(), "%a, %d %b %Y %H:%M:%S GMT", &parts));
  return text;
}

Response wait_please(int status, const std::string& retry_after = "") {
  Response response{.status = status};
  if (!retry_after.empty()) response.headers.emplace_back("Retry-After", retry_after);
  return response;
}

class Throttling : public CrawlTest {
 protected:
  /// Time between the first two requests for path.
  [[nodiscard]] milliseconds wait_at(const std::string& path) const {
    std::vector<std::chrono::steady_clock::time_point> asked;
    for (const Hit& hit : site_.log()) {
      if (hit.path == path) asked.push_back(hit.asked);
    }
    EXPECT_EQ(asked.size(), 2U) << path;
    return asked.size() < 2 ? milliseconds(0) : std::chrono::duration_cast<milliseconds>(asked[1] - asked[0]);
  }

  void expect_whole(const Ended& ended, std::uint64_t images) {
    EXPECT_EQ(ended.status, 0) << ended.err;
    EXPECT_TRUE(folder_.report().balances());
    EXPECT_EQ(folder_.report().images, (ReportFile::Images{.found = images, .saved = images}));
    EXPECT_EQ(folder_.images().size(), images);
  }
};

TEST_F(Throttling, ImagesAreAskedForAgainWhenTheServerSays) {
  const auto answer = [this](const std::string& path, std::uint64_t number, Response first) {
    site_.respond(path, {std::move(first), {.body = small_image(number)}});
  };
  answer("/seconds.png", 1, wait_please(503, "1"));
  answer("/date.png", 2, wait_please(503, http_date(std::chrono::seconds(3))));
  answer("/too-many.png", 3, wait_please(429, "1"));
  list(1, {"/seconds.png", "/date.png", "/too-many.png"});
  expect_whole(crawl("1", {"--retries", "0"}), 3);
  EXPECT_GE(wait_at("/seconds.png"), milliseconds(950));
  EXPECT_GE(wait_at("/date.png"), milliseconds(950)) << "a date has whole seconds";
  EXPECT_GE(wait_at("/too-many.png"), milliseconds(950));
}

TEST_F(Throttling, PagesAreAskedForAgainWhenTheServerSays) {
  std::uint64_t page = 0;
  for (const Response& first :
       {wait_please(503, "1"), wait_please(429, "1"), wait_please(503, http_date(std::chrono::seconds(3)))}) {
    const std::string name = "/" + std::to_string(++page) + ".png";
    image(name, page);
    site_.respond("/list" + name.substr(0, 2), {first, {.body = list_page({name})}});
  }
  expect_whole(crawl("1-3", {"--retries", "0"}), 3);
  for (const char* path : {"/list/1", "/list/2", "/list/3"}) EXPECT_GE(wait_at(path), milliseconds(950)) << path;
}

TEST_F(Throttling, AStormOf429CostsNoAttempt) {
  const MemeSite memes = make_meme_site(site_, {.pages = 3, .images_per_page = 8});
  for (std::uint64_t number = 1; number <= 24; ++number) {
    site_.respond("/img/" + std::to_string(number) + ".png", {wait_please(429), {.body = small_image(number)}});
  }
  std::vector<std::string> urls;
  for (int number = 1; number <= 24; ++number) urls.push_back("/img/" + std::to_string(number) + ".png");
  for (std::ptrdiff_t page = 1; page <= 3; ++page) {
    const Response good{.body = list_page({urls.begin() + 8 * (page - 1), urls.begin() + 8 * page})};
    site_.respond("/list/" + std::to_string(page), {wait_please(429), wait_please(429), good});
  }
  expect_whole(crawl("1-3", {"--retries", "0", "--retry-wait", "0.01"}), 24);
  EXPECT_EQ(folder_.images(), memes.images);
  EXPECT_EQ(site_.count_under("/img/"), 48U);
  EXPECT_EQ(site_.count_under("/list/"), 9U);
}

}  // namespace
}  // namespace doutu
