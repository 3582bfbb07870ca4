#include "tests/failing_calls/failing_crawl.h"

#include <fmt/format.h>
#include <cerrno>
#include <cstring>

#include <algorithm>
#include <cstdlib>
#include <utility>

#include "tests/site/processes.h"

namespace doutu {

using std::chrono::seconds;

bool all_are_asked_for() {
  const char* text = std::getenv("DOUTU_LONG_TESTS");
  return text != nullptr && std::string(text) != "0";
}

std::string role_of(const std::string& program) {
  return program == "doutu" ? "parent" : program.substr(program.find('-') + 1);
}

FailingCrawl::FailingCrawl() : memes_(make_meme_site(site_, {.pages = 2, .images_per_page = 3})) {
  // The bytes of another, for which there is a hard link.
  site_.file("/img/again.png", small_image(1));
  memes_.images["again.png"] = sha256(small_image(1));
  site_.page("/list/2", list_page({"/img/4.png", "/img/5.png", "/img/6.png", "/img/again.png"}));
}

std::vector<std::string> FailingCrawl::command(const CrawlFolder& folder) const {
  return {"crawl",        memes_.pages_template,
          "--pages",      "1-2",
          "--xpath",      std::string(kMemeXpath),
          "--fetchers",   "1",
          "--directory",  folder.path(),
          "--progress",   "none",
          "--threads",    "1",
          "--heartbeat",  "10",
          "--retry-wait", "0.05"};
}

FailingCrawl::Point FailingCrawl::start(const std::string& name,
                                        const std::map<std::string, std::string>& environment) const {
  Point point{CrawlFolder(temporary_ / name), nullptr};
  point.run = std::make_unique<CrawlRun>(command(point.folder), "", environment);
  return point;
}

void FailingCrawl::start_again(Point& point) const { point.run = std::make_unique<CrawlRun>(command(point.folder)); }

Ended FailingCrawl::wait(Point& point) { return point.run->wait(seconds(60)); }

void FailingCrawl::expect_an_orderly_end(const Point& point, const Ended& ended,
                                         const std::vector<std::string>& causes) {
  ++ends_[ended.status];
  const std::string log = read_file(point.folder.state("crawl.log"));
  const bool is_named = std::any_of(causes.begin(), causes.end(), [&ended](const std::string& cause) {
    return ended.err.find(cause) != std::string::npos;
  });
  // 9: for want of room, to be continued.
  const bool is_orderly =
      ended.status == 1 || (ended.status == 9 && ended.err.find(std::strerror(ENOSPC)) != std::string::npos);
  EXPECT_TRUE(ended.status == 0 || (is_orderly && is_named)) << "ended with " << ended.status << ":\n"
                                                             << ended.err << log;
  for (const char* bad : {"downloader: ended by signal", "downloader: no sign of life", "downloader: terminate called",
                          "bug:", "AddressSanitizer"}) {
    EXPECT_EQ((ended.err + log).find(bad), std::string::npos) << ended.err << log;
  }
  for (const auto& [name, hash] : point.folder.images()) {
    const auto image = memes_.images.find(name);
    EXPECT_TRUE(image != memes_.images.end() && image->second == hash) << name << " is none of the site's";
  }
  const ReportFile report = point.folder.report();
  EXPECT_TRUE(report.balances()) << report.images;
  if (ended.status != 0) return;
  EXPECT_EQ(point.folder.images(), memes_.images) << ended.err << log;
  EXPECT_EQ(report.outcome, "complete") << ended.err << log;
}

void FailingCrawl::expect_everything(const Point& point, const Ended& ended) const {
  EXPECT_EQ(ended.status, 0) << ended.err << read_file(point.folder.state("crawl.log"));
  EXPECT_EQ(point.folder.images(), memes_.images);
  EXPECT_EQ(point.folder.report().outcome, "complete");
  EXPECT_TRUE(point.folder.report().balances());
  EXPECT_EQ(point.folder.leftovers(), std::vector<std::string>());
  EXPECT_EQ(point.folder.wrong_image_lines(), std::vector<std::string>());
}

void FailingCrawl::expect_no_strays() {
  for (const RunningProcess& stray : strays_after(seconds(20))) ADD_FAILURE() << stray.program << " still runs";
  kill_strays();
}

std::string FailingCrawl::ends() const {
  std::string text;
  for (const auto& [status, count] : ends_) text += fmt::format(", {} ended with {}", count, status);
  return text;
}

}  // namespace doutu
