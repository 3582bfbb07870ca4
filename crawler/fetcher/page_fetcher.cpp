#include "crawler/fetcher/page_fetcher.h"

#include <malloc.h>

#include <algorithm>
#include <utility>

#include "crawler/fetcher/login_request.h"
#include "crawler/fetcher/page_wait.h"
#include "shared/base/clock.h"

namespace doutu {
namespace {

/// Two waits of this kind apart, a lost wake-up costs no more.
constexpr seconds kPutWait{1};
/// A page of this size leaves a heap that the next one may never need.
constexpr std::size_t kLargePage = std::size_t{1} << 20U;

/// Of a sitemap: 50 MB (sitemaps.org).
constexpr std::uint64_t kMaxListBytes = std::uint64_t{64} << 20U;

PageBegin begin_of(const PageTask& task, const FetchedPage& page) {
  return {.page = task.id, .attempt = task.attempt, .final_url = page.url};
}

PageEnd end_of(const PageTask& task, const FetchedPage& page) {
  return {.page = task.id,
          .attempt = task.attempt,
          .cause = page.cause,
          .http_status = page.http_status,
          .hits = 0,
          .retry_after_seconds = static_cast<std::uint32_t>(page.retry_after.count()),
          .elsewhere = page.elsewhere};
}

Record record_of(const PageTask& task, std::uint32_t position, const ImageLink& link, ReferrerPolicy of_page) {
  if (link.bytes) return InlineImage{task.id, task.attempt, position, *link.bytes};
  const ReferrerPolicy policy = link.referrer_policy.value_or(of_page);
  return ImageFound{task.id, task.attempt, position, link.cause, link.url, link.alternatives, policy};
}

/// Nothing was asked for: the task has all of it.
FetchedPage list_page(const PageTask& task) {
  FetchedPage page;
  page.url = task.url;
  return page;
}

}  // namespace

PageFetcher::PageFetcher(const CrawlSettings& settings, PageExpressions expressions, ImageProducer& lane,
                         StatsPage& stats, RateBudget budget, PageCookies::Ask ask_cookies)
    : settings_(settings),
      expressions_(std::move(expressions)),
      lane_(lane),
      stats_(stats),
      request_(settings, PageRate(std::move(budget), stats), std::move(ask_cookies)),
      robots_(settings) {
  if (settings.politeness.robots == Robots::nothing) return;
  request_.set_gate([this](const std::string& url, MonoTime deadline) { return robots_.forbids(url, deadline); });
}

PageFetcher::Done PageFetcher::fetch(const PageTask& task, std::string_view cookies, RobotsBook::Rules robots) {
  robots_.begin(task, std::move(robots));
  stats_.page = task.id;
  stats_.held_ns = 0;
  stats_.state = FetcherState::fetching;
  const Done done = fetch_and_put(task, cookies);
  stats_.state = FetcherState::idle;
  return done;
}

Prepared PageFetcher::prepare(const Prepare& asked) {
  robots_.begin_named();
  stats_.page = 0;
  stats_.held_ns = 0;
  stats_.state = FetcherState::fetching;
  Prepared answer = make_login_request(request_, asked, settings_.page);
  stats_.state = FetcherState::idle;
  return answer;
}

PageFetcher::Done PageFetcher::fetch_and_put(const PageTask& task, std::string_view cookies) {
  if (!task.text.empty()) return put_page(task, list_page(task), read_image_list(task.text));
  const std::uint64_t max_bytes = settings_.page.max_bytes;
  FetchedPage page = request_.get(task.url, task.step == 0 ? std::max(max_bytes, kMaxListBytes) : max_bytes, cookies);
  if (put_robots(task) != Done::yes) return Done::lane_gone;
  while (page.cause == Cause::none) {
    stats_.state = FetcherState::parsing;
    const bool is_large = page.body.size() >= kLargePage;
    PageContent content = read_page(task, page, expressions_, settings_.page);
    if (is_large) malloc_trim(0);
    if (!content.refresh) return put_page(task, page, content);
    stats_.state = FetcherState::fetching;
    page = request_.go_on(std::move(page), *std::move(content.refresh));
  }
  if (put_cookies(task) != Done::yes) return Done::lane_gone;
  if (page.url != task.url && put(begin_of(task, page)) != Done::yes) return Done::lane_gone;
  return put(end_of(task, page));
}

PageFetcher::Done PageFetcher::put_robots(const PageTask& task) {
  const auto rules = robots_.take_read();
  return rules == nullptr ? Done::yes : put(RobotsRead{task.id, task.attempt, rules->to_text()});
}

PageFetcher::Done PageFetcher::put_page(const PageTask& task, const FetchedPage& page, const PageContent& content) {
  stats_.state = FetcherState::queueing;
  PageEnd end = end_of(task, page);
  end.cause = content.cause;
  if (put_cookies(task) != Done::yes) return Done::lane_gone;
  if (put(begin_of(task, page)) != Done::yes) return Done::lane_gone;
  for (const ImageLink& link : content.images) {
    if (put(record_of(task, end.hits++, link, content.referrer_policy)) != Done::yes) return Done::lane_gone;
  }
  for (const auto& [step, url] : content.pages) {
    if (put(PageFound{task.id, task.attempt, end.links++, step, url}) != Done::yes) return Done::lane_gone;
  }
  return put(end);
}

/// Before the images, which may need them.
PageFetcher::Done PageFetcher::put_cookies(const PageTask& task) {
  for (const auto& [url, value] : request_.take_cookies()) {
    if (put(CookieSet{task.id, task.attempt, url, value}) != Done::yes) return Done::lane_gone;
  }
  return Done::yes;
}

PageFetcher::Done PageFetcher::put(const Record& record) {
  const std::span<const std::byte> bytes = encode(record, buffer_);
  switch (lane_.try_put(bytes)) {
    case PutResult::ok:
      return Done::yes;
    case PutResult::full:
      return wait_and_put(bytes);
    default:
      return Done::lane_gone;
  }
}

/// A full lane is the downloader's way to say "slower". The parent does not count the time against the page.
PageFetcher::Done PageFetcher::wait_and_put(std::span<const std::byte> record) {
  const PageWait wait(stats_);
  PutResult result = PutResult::full;
  while (result == PutResult::full) result = lane_.put(record, mono_now() + kPutWait);
  return result == PutResult::ok ? Done::yes : Done::lane_gone;
}

}  // namespace doutu
