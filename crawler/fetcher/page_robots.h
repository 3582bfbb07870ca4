// PageRobots: whether the robots.txt of a server lets a page's fetch ask it for a URL. It reads what it needs, within
// the page's time; what the parent knows of the page's own server comes with the page. What it has read of others it
// keeps. Page fetcher, one thread.
#pragma once

#include <memory>
#include <optional>
#include <string>

#include "crawler/fetcher/page_request.h"
#include "shared/crawl/crawl_settings.h"
#include "shared/crawl/page_task.h"
#include "shared/robots/robots_book.h"

namespace doutu {

class PageRobots {
 public:
  /// Precondition: init_http() was called.
  explicit PageRobots(const CrawlSettings& settings);

  /// The next page. known: the rules of its server; nullptr: nobody knows them.
  void begin(const PageTask& page, RobotsBook::Rules known);
  /// What the user has named: it obeys nothing.
  void begin_named();
  /// nullopt: the URL may be asked for. Otherwise what the page ends with: robots, or what became of the robots.txt.
  [[nodiscard]] std::optional<FetchedPage> forbids(const std::string& url, MonoTime deadline);
  /// What was read of the page's own server, once; nullptr: nothing.
  [[nodiscard]] RobotsBook::Rules take_read() { return std::exchange(read_, nullptr); }

 private:
  struct Answer {
    RobotsBook::Rules rules;            ///< nullptr: they could not be read,
    std::optional<FetchedPage> failed;  ///< but this came.
  };
  [[nodiscard]] Answer read(const std::string& url, MonoTime deadline);

  const CrawlSettings settings_;
  std::unique_ptr<PageRequest> request_;  ///< Made when it is needed.
  RobotsBook book_;
  bool obeys_ = false;
  std::string server_;  ///< Of the page.
  RobotsBook::Rules own_;
  RobotsBook::Rules read_;
};

}  // namespace doutu
