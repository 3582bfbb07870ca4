#include <gtest/gtest.h>
#include <signal.h>  // NOLINT(modernize-deprecated-headers): SIGINT

#include <map>
#include <set>
#include <string>

#include "crawler/demo/demo_site.h"
#include "tests/site/crawl_folder.h"
#include "tests/site/crawl_run.h"
#include "tests/site/temporary_folder.h"

namespace doutu {
namespace {

std::map<std::string, std::string> images_of(const DemoSite& site, DemoShape shape) {
  std::map<std::string, std::string> images;
  for (int page = 1; page <= shape.pages; ++page) {
    for (int hit = 1; hit <= shape.images_per_page; ++hit) {
      const std::string path = site.image_path(page, hit);
      images[path.substr(path.rfind('/') + 1)] = sha256(site.image_file(page, hit));
    }
  }
  return images;
}

TEST(Demo, CrawlsItsOwnSiteWhole) {
  const TemporaryFolder temporary;
  const Ended ended = run_doutu({"demo", "--progress", "none"}, temporary.path().string());
  EXPECT_EQ(ended.status, 0) << ended.err;

  const DemoSite site;
  const CrawlFolder folder(temporary / "img/demo");
  EXPECT_EQ(folder.images(), images_of(site, {}));
  const ReportFile report = folder.report();
  EXPECT_EQ(report.outcome, "complete");
  EXPECT_TRUE(report.balances());
  EXPECT_EQ(report.pages.done, 10U);
  const auto count = [](int number) { return static_cast<std::uint64_t>(number); };
  EXPECT_EQ(report.images, (ReportFile::Images{.found = count(site.hits()),
                                               .repeated = count(site.hits() - site.images()),
                                               .saved = count(site.contents()),
                                               .duplicate = count(site.images() - site.contents())}));
  EXPECT_TRUE(strays_after(std::chrono::seconds(20)).empty());
  EXPECT_TRUE(folder.leftovers().empty());
}

TEST(Demo, LeavesNoServerBehindWhenItIsKilled) {
  const TemporaryFolder temporary;
  CrawlRun demo({"demo", "--progress", "none"}, temporary.path().string());
  (void)demo.child("doutu");
  demo.signal(SIGKILL);
  EXPECT_EQ(demo.wait().status, 128 + SIGKILL);
  EXPECT_TRUE(strays_after(std::chrono::seconds(20)).empty());
}

}  // namespace
}  // namespace doutu
