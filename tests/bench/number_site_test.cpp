// The site that a million images are crawled from, at a small scale: that it is whole, and that its counters tell.

#include "tests/bench/number_site.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <array>
#include <thread>

#include "tests/site/crawl_folder.h"
#include "tests/site/crawl_run.h"
#include "tests/site/temporary_folder.h"

namespace doutu {
namespace {

/// Serves in a thread until end().
class ServedNumbers {
 public:
  explicit ServedNumbers(std::uint64_t images_per_page) : site_(images_per_page) {
    std::array<int, 2> ends{};
    EXPECT_EQ(::pipe2(ends.data(), O_CLOEXEC), 0);
    life_ = UniqueFd(ends[0]);
    held_ = UniqueFd(ends[1]);
    serving_ = std::thread([this] { site_.run(life_.get()); });
  }
  ~ServedNumbers() { end(); }
  ServedNumbers(const ServedNumbers&) = delete;

  [[nodiscard]] std::string url() const {
    return "http://127.0.0.1:" + std::to_string(site_.port()) + "/list/?page={page}";
  }
  const NumberSite::Counters& end() {
    held_.reset();
    if (serving_.joinable()) serving_.join();
    return site_.counters();
  }

 private:
  NumberSite site_;
  UniqueFd life_, held_;
  std::thread serving_;
};

Ended crawl(const ServedNumbers& site, const CrawlFolder& folder) {
  return run_doutu({"crawl", site.url(), "--pages", "1-3", "--xpath", std::string(NumberSite::kXpath), "--directory",
                    folder.path(), "--progress", "none"});
}

TEST(NumberSite, GivesEveryImageOnceAndASecondJobNone) {
  const TemporaryFolder temporary;
  const CrawlFolder folder(temporary / "out");
  ServedNumbers site(100);
  const Ended first = crawl(site, folder);
  EXPECT_EQ(first.status, 0) << first.err;
  EXPECT_EQ(folder.report().images, (ReportFile::Images{.found = 300, .saved = 300}));
  EXPECT_TRUE(folder.images().contains("00000000000299.gif"));

  const Ended second = crawl(site, folder);
  EXPECT_EQ(second.status, 0) << second.err;
  EXPECT_EQ(folder.report().images, (ReportFile::Images{.found = 300, .known = 300}));

  const auto& counters = site.end();
  EXPECT_EQ(counters.pages, 6U);
  EXPECT_EQ(counters.images, 300U);
  EXPECT_EQ(counters.again, 0U);
}

TEST(NumberSite, CountsAnImageThatIsAskedForAgain) {
  const TemporaryFolder temporary;
  ServedNumbers site(10);
  EXPECT_EQ(crawl(site, CrawlFolder(temporary / "one")).status, 0);
  EXPECT_EQ(crawl(site, CrawlFolder(temporary / "other")).status, 0);
  EXPECT_EQ(site.end().images, 60U);
  EXPECT_EQ(site.end().again, 30U);
}

}  // namespace
}  // namespace doutu
