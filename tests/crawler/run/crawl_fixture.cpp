#include "tests/crawler/run/crawl_fixture.h"

#include <fstream>
#include <iterator>
#include <utility>

#include "crawler/plan/range_pages.h"

namespace doutu {

CrawlTest::CrawlTest() {
  command_.fetchers = 1;
  command_.progress = ProgressMode::none;
  command_.verbosity = Verbosity::quiet;
  command_.settings.folder.directory = folder_.path();
  command_.settings.http.no_cookies = true;  // Or the first page comes alone.
}

CrawlEnd CrawlTest::run(const std::string& pages, std::function<void()> script) {
  loop_.script = [this, script = std::move(script)] {
    loop_.settle();
    script();
  };
  auto source = std::make_unique<RangePages>(PageRange::parse(pages).value(),
                                             UrlTemplate::parse("http://site.example/{page}").value());
  auto plan = std::make_unique<PagePlan>(std::move(source), command_.settings);
  for (const PageRow& row : earlier_) plan->recall(row);
  auto folder = std::make_unique<const StateFolder>(StateFolder::make(folder_.path()).value());
  auto lock = FolderLock::open(*folder);
  auto log = CrawlLog::open(*folder, command_.verbosity, CrawlLog::View::none);
  start_ = std::make_unique<CrawlStart>(
      CrawlStart{.command = command_,
                 .spec = {.url_template = "http://site.example/{page}", .pages = pages, .xpaths = "//img"},
                 .job = 1,
                 .continued = !earlier_.empty(),
                 .counters_before = {},
                 .plan = std::move(plan),
                 .page_failures = {},
                 .folder = std::move(folder),
                 .lock = std::move(lock).value(),
                 .log = std::move(log).value(),
                 .cookies = {},
                 .children = ChildLauncher(0)});
  testing::internal::CaptureStderr();  // what a user would see of it
  const auto end = Crawl(*start_, loop_, children_).run();
  (void)testing::internal::GetCapturedStderr();
  return end;
}

std::string CrawlTest::log() const {
  std::ifstream stream(folder_ / ".doutu/crawl.log");
  return {std::istreambuf_iterator<char>(stream), {}};
}

}  // namespace doutu
