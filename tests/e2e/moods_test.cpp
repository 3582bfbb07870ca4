// Servers in every mood, each met as an image and as a page: every one ends under its name, nothing wrong is saved, and
// the account balances. Judged by what the server was asked for and by what is in the folder.
#include "tests/site/moods.h"

#include <algorithm>

#include "tests/e2e/crawl_fixture.h"

namespace doutu {
namespace {

class Moods : public CrawlTest {
 protected:
  /// The mood's answers at path, and its good answer elsewhere.
  void serve(const Mood& mood, const std::string& path, Good good) {
    site_.respond(good.elsewhere, Response{.headers = {{"Content-Type", good.type}}, .body = good.body});
    site_.respond(path, mood.answers(good));
  }

  void expect_outcome(const Mood& mood, const Ends& ends, const std::string& path) {
    SCOPED_TRACE("the mood " + mood.name + " at " + path);
    const bool failed = ends.as != kHad && ends.as != kEmpty;
    const auto failures = folder_.failures();
    const auto failure = std::find_if(failures.begin(), failures.end(),
                                      [&](const FailureLine& line) { return line.url == site_.url(path); });
    EXPECT_EQ(failure == failures.end() ? "no failure" : failure->cause, failed ? ends.as : "no failure");
    if (failed && failure != failures.end()) {
      EXPECT_EQ(static_cast<std::size_t>(failure->attempts), ends.attempts);
    }
    EXPECT_EQ(site_.count(path), ends.attempts * mood.requests);
  }

  Ended crawl_moods(const std::string& pages) const {
    const std::string patience = kPatience == 1 ? "2" : "10";
    return crawl(pages, {"--retries", "1", "--speed-time", patience, "--page-timeout", patience, "--downloaders", "40",
                         "--fetchers", "12"});
  }
};

TEST_F(Moods, OfImages) {
  std::vector<std::string> urls;
  std::map<std::string, std::string> images;
  std::vector<Mood> moods;
  for (const Mood& mood : all_moods()) {
    if (mood.image.as == kNotTried) continue;
    moods.push_back(mood);
    const std::string name = mood.name + ".png";
    const std::string image = small_image(moods.size());
    serve(mood, "/mood/" + name, {"image/png", image, "/elsewhere/" + name});
    urls.push_back("/mood/" + name);
    if (mood.image.as == kHad) images[name] = sha256(image);
  }
  list(1, urls);
  const Ended ended = crawl_moods("1");
  EXPECT_EQ(ended.status, 3) << ended.err;
  for (const Mood& mood : moods) expect_outcome(mood, mood.image, "/mood/" + mood.name + ".png");
  EXPECT_EQ(folder_.images(), images);
  const ReportFile report = folder_.report();
  EXPECT_TRUE(report.balances());
  EXPECT_EQ(report.images, (ReportFile::Images{
                               .found = moods.size(), .saved = images.size(), .failed = moods.size() - images.size()}));
}

TEST_F(Moods, OfPages) {
  std::map<std::string, std::string> images;
  std::vector<Mood> moods;
  std::uint64_t empty = 0;
  for (const Mood& mood : all_moods()) {
    if (mood.page.as == kNotTried) continue;
    moods.push_back(mood);
    const std::string name = mood.name + ".png";
    const std::string hash = image("/" + name, moods.size());
    serve(mood, "/list/" + std::to_string(moods.size()),
          {"text/html", list_page({"/" + name}), "/elsewhere/" + std::to_string(moods.size())});
    if (mood.page.as == kHad) images[name] = hash;
    if (mood.page.as == kEmpty) ++empty;
  }
  const Ended ended = crawl_moods("1-" + std::to_string(moods.size()));
  EXPECT_EQ(ended.status, 3) << ended.err;
  for (std::size_t i = 0; i < moods.size(); ++i) {
    expect_outcome(moods[i], moods[i].page, "/list/" + std::to_string(i + 1));
  }
  EXPECT_EQ(folder_.images(), images);
  const ReportFile report = folder_.report();
  EXPECT_TRUE(report.balances());
  EXPECT_EQ(report.pages.done, images.size());
  EXPECT_EQ(report.pages.empty, empty);
  EXPECT_EQ(report.pages.failed, moods.size() - images.size() - empty);
  EXPECT_EQ(report.images, (ReportFile::Images{.found = images.size(), .saved = images.size()}));
}

}  // namespace
}  // namespace doutu
