// CrawlTest: a Crawl over children that live in the test's own thread, and over a time that the test moves.
#pragma once

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <functional>
#include <map>
#include <memory>
#include <string>

#include "crawler/run/crawl.h"
#include "crawler/run/crawl_start.h"
#include "tests/crawler/run/fake_children.h"
#include "tests/crawler/run/fake_loop.h"
#include "tests/site/temporary_folder.h"

namespace doutu {

class CrawlTest : public testing::Test {
 protected:
  CrawlTest();

  /// A crawl of these pages. The script is what happens while it runs; afterwards it goes on to its end.
  CrawlEnd run(
      const std::string& pages, std::function<void()> script = [] {});
  /// With what an earlier run left in the ledger.
  std::vector<PageRow> earlier_;

  [[nodiscard]] PageCounters counters() const { return start_->plan->counters(); }
  [[nodiscard]] std::string log() const;
  /// Settings, fetchers, heartbeat.
  CrawlCommand command_;
  FakeLoop loop_;
  FakeChildren children_{loop_};

 private:
  TemporaryFolder folder_;
  std::unique_ptr<CrawlStart> start_;
};

}  // namespace doutu
