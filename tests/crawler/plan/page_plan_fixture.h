// PagePlanTest: a plan of pages, its clock, and what a fetcher may say of a page.
#pragma once

#include <gtest/gtest.h>

#include <cstdint>
#include <memory>
#include <optional>

#include "crawler/plan/page_plan.h"
#include "crawler/plan/range_pages.h"

namespace doutu {

inline constexpr MonoTime kStart{seconds(1000)};
inline const PageResult kGood{Cause::none, 200, 5, seconds(0)};
inline const PageResult kEmpty{Cause::none, 200, 0, seconds(0)};
inline const PageResult kMissing{Cause::http_status, 404, 0, seconds(0)};
inline const PageResult kBroken{Cause::http_status, 500, 0, seconds(0)};
inline const PageResult kRefused{Cause::connection_refused, 0, 0, seconds(0)};
inline const PageResult kThrottled{Cause::http_status, 429, 0, seconds(0)};

[[nodiscard]] inline std::unique_ptr<PageSource> range(const char* text) {
  return std::make_unique<RangePages>(PageRange::parse(text).value(),
                                      UrlTemplate::parse("http://site.example/{page}").value());
}
/// A page that was given out.
[[nodiscard]] inline PageTask page_of(std::uint64_t id) {
  return {.id = id, .attempt = 1, .url = "http://site.example/"};
}

class PagePlanTest : public testing::Test {
 protected:
  using Decision = PagePlan::Decision;

  /// Or the first page of a site comes alone (page_plan_cookies_test.cpp).
  PagePlanTest() { settings_.http.no_cookies = true; }

  std::optional<PageTask> next(PagePlan& plan) { return plan.next(now_, wake_at_); }
  /// Takes the next page, which must be there, and ends its attempt.
  Decision fetch(PagePlan& plan, const PageResult& result) {
    const auto task = next(plan);
    EXPECT_TRUE(task.has_value());
    return task ? plan.recorded(*task, result, now_) : Decision::settled;
  }

  CrawlSettings settings_;
  MonoTime now_ = kStart;
  MonoTime wake_at_{};
};

}  // namespace doutu
