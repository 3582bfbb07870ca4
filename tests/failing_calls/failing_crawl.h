// FailingCrawl: what the tests of this folder have in common: a small site, crawls of it in which something fails once,
// and what must hold after each of them, whatever failed. One thread.
#pragma once

#include <gtest/gtest.h>

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "tests/site/crawl_folder.h"
#include "tests/site/crawl_run.h"
#include "tests/site/meme_site.h"
#include "tests/site/temporary_folder.h"
#include "tests/site/test_site.h"

namespace doutu {

/// DOUTU_LONG_TESTS=1: every failure, not only a sample.
[[nodiscard]] bool all_are_asked_for();
/// "doutu" is the parent.
[[nodiscard]] std::string role_of(const std::string& program);

class FailingCrawl : public testing::Test {
 protected:
  static constexpr std::uint64_t kAtOnce = 4;  ///< Most of a run is waiting.

  /// A crawl with a failure, in a folder of its own.
  struct Point {
    CrawlFolder folder;
    std::unique_ptr<CrawlRun> run;
  };

  FailingCrawl();

  /// Starts a crawl into the folder of that name, with the library before all others.
  [[nodiscard]] Point start(const std::string& name, const std::map<std::string, std::string>& environment) const;
  void start_again(Point& point) const;
  [[nodiscard]] static Ended wait(Point& point);

  /// Ended by itself, with 0 or with 1 and a message that has one of these texts in it; nobody crashed who must not;
  /// every file is whole, and the totals add up.
  void expect_an_orderly_end(const Point& point, const Ended& ended, const std::vector<std::string>& causes);
  void expect_everything(const Point& point, const Ended& ended) const;
  static void expect_no_strays();

  /// ", 5 ended with 0, 1 ended with 1".
  [[nodiscard]] std::string ends() const;

  TestSite site_;
  MemeSite memes_;
  TemporaryFolder temporary_;

 private:
  [[nodiscard]] std::vector<std::string> command(const CrawlFolder& folder) const;

  std::map<int, int> ends_;
};

}  // namespace doutu
