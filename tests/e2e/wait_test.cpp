// --wait: the gap between two requests, as the server sees it.

#include <algorithm>
#include <chrono>

#include "tests/e2e/crawl_fixture.h"

namespace doutu {
namespace {

using std::chrono::milliseconds;

class Wait : public CrawlTest {
 protected:
  static constexpr milliseconds kGap{400};

  /// Of requests for paths that begin so. A request that is on its way for long comes in closer to the next, and one
  /// gap is more than any takes: so of each two that are n apart, n - 1 gaps are certain.
  void expect_gaps(std::string_view prefix, std::size_t requests) const {
    std::vector<std::chrono::steady_clock::time_point> asked;
    for (const Hit& hit : site_.log()) {
      if (hit.path.starts_with(prefix)) asked.push_back(hit.asked);
    }
    std::ranges::sort(asked);
    ASSERT_EQ(asked.size(), requests) << prefix;
    for (std::size_t first = 0; first < requests; ++first) {
      for (std::size_t last = first + 1; last < requests; ++last) {
        EXPECT_GE(asked[last] - asked[first], kGap * (last - first - 1)) << prefix << first << " to " << last;
      }
    }
  }
};

TEST_F(Wait, HoldsPagesApartAndImages) {
  make_meme_site(site_, {.pages = 5, .images_per_page = 1});
  site_.respond("/list/2", {{.status = 500}, {.body = list_page({"/img/2.png"})}});  // asked for again
  site_.delay_all(milliseconds(500));                                                // so that several fetchers work
  EXPECT_EQ(crawl("1-5", {"--wait", "0.4"}).status, 0);
  expect_gaps("/list/", 6);
  expect_gaps("/img/", 5);
}

}  // namespace
}  // namespace doutu
