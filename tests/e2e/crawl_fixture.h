// CrawlTest: a site, a folder, and the command that crawls the one into the other. Whatever a test does, no process and
// no file of a crawl may be left when it ends.
#pragma once

#include <gtest/gtest.h>

#include <memory>
#include <set>
#include <string>
#include <vector>

#include "tests/site/crawl_folder.h"
#include "tests/site/crawl_run.h"
#include "tests/site/meme_site.h"
#include "tests/site/temporary_folder.h"
#include "tests/site/test_site.h"

namespace doutu {

/// Sanitizers slow the programs down; bounds on times are that much wider.
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
inline constexpr int kPatience = 20;
#else
inline constexpr int kPatience = 1;
#endif

class CrawlTest : public testing::Test {
 protected:
  CrawlTest();
  void TearDown() override;

  /// `crawl URL --pages PAGES ...` for the site's list pages, with short waits between retries, and more.
  [[nodiscard]] std::vector<std::string> command(const std::string& pages,
                                                 const std::vector<std::string>& more = {}) const;
  [[nodiscard]] std::unique_ptr<CrawlRun> start(const std::string& pages,
                                                const std::vector<std::string>& more = {}) const;
  Ended crawl(const std::string& pages, const std::vector<std::string>& more = {}) const;

  /// Puts a page with these images at /list/N.
  void list(int page, const std::vector<std::string>& urls) {
    site_.page("/list/" + std::to_string(page), list_page(urls));
  }
  /// Puts a small image of that number at path; its SHA-256.
  std::string image(const std::string& path, std::uint64_t number);

  TestSite site_;
  TemporaryFolder temporary_;
  CrawlFolder folder_{temporary_ / "out"};

 private:
  const std::set<std::string> shared_memory_before_;
};

}  // namespace doutu
