// PageFetcher: from one page's URL to its records in the image lane: RobotsRead when a robots.txt was read for it,
// PageBegin when the page came, an ImageFound per
// hit, a PageFound per link to another page, a PageEnd in any case. Keeps nothing between pages but connections. Page
// fetcher, one thread.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "crawler/fetcher/page_expressions.h"
#include "crawler/fetcher/page_reader.h"
#include "crawler/fetcher/page_request.h"
#include "crawler/fetcher/page_robots.h"
#include "shared/crawl/crawl_settings.h"
#include "shared/crawl/page_task.h"
#include "shared/crawl/records.h"
#include "shared/lane/image_queue.h"
#include "shared/process/messages.h"
#include "shared/process/rate_budget.h"
#include "shared/process/stats_page.h"

namespace doutu {

/// One attempt at a page.
class PageFetcher {
 public:
  enum class Done { yes, lane_gone };

  /// All references must outlive it. Precondition: init_http() was called.
  PageFetcher(const CrawlSettings& settings, PageExpressions expressions, ImageProducer& lane, StatsPage& stats,
              RateBudget budget = {}, PageCookies::Ask ask_cookies = {});

  /// Fetches the page and puts its records, waiting for room in the lane as long as it takes. cookies: of its host, a
  /// line each. robots: the rules of its server, if they are known and it obeys them. lane_gone: the lane takes nothing
  /// any more.
  Done fetch(const PageTask& task, std::string_view cookies = {}, RobotsBook::Rules robots = nullptr);

  /// A request before the first page.
  [[nodiscard]] Prepared prepare(const Prepare& asked);

 private:
  Done fetch_and_put(const PageTask& task, std::string_view cookies);
  Done put_robots(const PageTask& task);
  Done put_cookies(const PageTask& task);
  Done put_page(const PageTask& task, const FetchedPage& page, const PageContent& content);
  Done put(const Record& record);
  Done wait_and_put(std::span<const std::byte> record);

  const CrawlSettings& settings_;
  const PageExpressions expressions_;
  ImageProducer& lane_;
  StatsPage& stats_;
  PageRequest request_;
  PageRobots robots_;
  std::vector<std::byte> buffer_;
};

}  // namespace doutu
