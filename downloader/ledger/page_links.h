// PageLinks: the ledger's rules for links: what a link that a page names counts as. One to a page that the job had not
// met becomes a page to fetch, unless an earlier job has all of that, or it leads where the crawl does not go: to
// another site, too deep, beyond the number of pages, or on and on without anything new. Every such case is counted.
// Everything needs a transaction. The ledger thread.
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "downloader/ledger/current_job.h"
#include "downloader/ledger/link_table.h"
#include "downloader/ledger/page_link_table.h"
#include "downloader/ledger/page_table.h"
#include "downloader/ledger/preparer.h"
#include "shared/base/result.h"
#include "shared/crawl/records.h"

namespace doutu {

/// What the user has asked of links.
struct LinkRules {
  bool is_used = false;  ///< The job follows links, or each of its URLs is one page.
  std::uint32_t last_step = 1;
  std::uint64_t max_pages = 0;  ///< Found in a job; 0: no limit.
  std::uint32_t max_depth = 0;  ///< 0: no limit.
  bool refreshes = false;       ///< What an earlier job has is fetched again.
};

class PageLinks {
 public:
  /// A page of the same step is not followed from the last of so many pages in a row that brought nothing new. A manual
  /// may have more than ten pages in a row without a picture of their own.
  static constexpr std::uint32_t kMaxBarren = 100;

  /// All outlive this.
  PageLinks(Preparer& prepare, CurrentJob& job, LinkTable& links, PageLinkTable& pages);
  /// Once, before a job begins.
  void follow(const LinkRules& rules) { rules_ = rules; }
  [[nodiscard]] bool is_used() const { return rules_.is_used; }

  /// Another job is the current one.
  Status begin_job();
  /// An attempt at the page begins: its place, with nothing seen. `asked`: as the parent has given it out.
  Result<PageLink> begin_attempt(const PageTask& asked);
  /// Counts a link of the page. False: its step is none that the page may link to.
  Result<bool> add(const PageRecord& page, PageLink& place, const PageFound& link, std::string_view url);
  /// The page was read to its end.
  Status page_ended(const PageRecord& page, const PageLink& place);
  /// The page has failed, or an image of it: it is to be fetched by the next job, and with it what leads there.
  Status lacks_something(std::uint64_t page);
  Status image_failed(std::int64_t image);

 private:
  Result<bool> count_met(PageLink& place, const Link& to, bool is_next);
  [[nodiscard]] bool is_whole(const Link& link) const;
  Status add_page(const PageLink& parent, const PageFound& link, Link& to, std::uint32_t barren);

  CurrentJob& job_;
  LinkTable& links_;
  PageLinkTable& pages_;
  LinkRules rules_;
  std::vector<std::int64_t> earlier_;  ///< Settled jobs that read pages as the current one does. Rising.
  Statement find_earlier_;
  Statement page_of_image_;
};

}  // namespace doutu
