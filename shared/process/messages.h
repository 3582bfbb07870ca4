// The messages of the control channels (control.h): one struct for each kind, and Message, which is one of them.
//
// To a fetcher:        CheckXpath, Configure, FetchPage, CookiesTold, Prepare. The channel's end means: stop at once.
// From a fetcher:      XpathChecked, AskCookies, Prepared, Ready.
// To the downloader:   Configure, CookieKnown, BeginJob, LaneOpened, PageAssigned, PagePut, LaneClosed, PageFailed,
//                      AskPages, ImageSuspected, ImageGivenUp, NoMorePages. The channel's end means: take nothing
//                      more, finish what is in hand, make the checkpoint, end.
// From the downloader: Ready, CookieKnown, RobotsKnown, PageRecorded, PageWaiting, PagesTold, LaneDrained, Settled,
//                      StoppedEarly, LimitReached, Fatal.
// To any decoder:      ImageDoubted, on one channel that all decoders read, one after the other. A request that a
//                      decoder took before it died is gone. A decoder's control channel carries nothing: its end means
//                      stop.
//
// Each kind names its fields once. Codec, both ends and tests follow from that.
#pragma once

#include <cstdint>
#include <string>
#include <tuple>
#include <variant>
#include <vector>

#include "shared/base/cause.h"
#include "shared/base/unique_fd.h"
#include "shared/crawl/before_request.h"
#include "shared/crawl/page_task.h"

namespace doutu {

/// Before all else but CheckXpath.
struct Configure {
  std::string settings;          ///< CrawlSettings::encode().
  std::uint32_t attempt = 0;     ///< To the downloader: 1 for the first of the run.
  std::uint64_t generation = 0;  ///< To a fetcher: of its lane.
  static constexpr auto kFields = [](auto& m) { return std::tie(m.settings, m.attempt, m.generation); };
};

struct CheckXpath {
  std::string expression;  ///< An XPath, or "--rewrite s/RE/TO/".
  static constexpr auto kFields = [](auto& m) { return std::tie(m.expression); };
};

struct XpathChecked {
  std::string error;  ///< In one line; empty: nothing is wrong with it.
  static constexpr auto kFields = [](auto& m) { return std::tie(m.error); };
};

struct BeginJob {
  std::int64_t job = 0;
  std::string url_template, pages, xpaths;  ///< JobSpec.
  static constexpr auto kFields = [](auto& m) { return std::tie(m.job, m.url_template, m.pages, m.xpaths); };
};

struct FetchPage {
  PageTask task;
  std::string cookies{};      ///< Of the page's host, a line each (cookie_line.h).
  bool knows_robots = false;  ///< What the robots.txt of the page's server says:
  std::string robots{};       ///< RobotsRules::to_text() (shared/robots).
  static constexpr auto kFields = [](auto& m) {
    return std::tuple_cat(PageTask::kFields(m.task), std::tie(m.cookies, m.knows_robots, m.robots));
  };
};

/// The page in hand is redirected to another host of its site: what are its cookies? CookiesTold answers.
struct AskCookies {
  std::string url;
  static constexpr auto kFields = [](auto& m) { return std::tie(m.url); };
};

struct CookiesTold {
  std::string cookies;  ///< As in FetchPage.
  static constexpr auto kFields = [](auto& m) { return std::tie(m.cookies); };
};

/// A request before the first page. Prepared answers, then Ready.
struct Prepare {
  BeforeRequest request;
  std::string cookies{};  ///< As in FetchPage.
  static constexpr auto kFields = [](auto& m) {
    return std::tuple_cat(BeforeRequest::kFields(m.request), std::tie(m.cookies));
  };
};

/// A Set-Cookie header of an answer.
struct CookieOf {
  std::string url;
  std::string value;
  bool operator==(const CookieOf&) const = default;
  static constexpr auto kFields = [](auto& c) { return std::tie(c.url, c.value); };
};

struct Prepared {
  Cause cause = Cause::none;  ///< Of the request that failed.
  std::uint16_t http_status = 0;
  std::string problem{};  ///< What the answer lacks, when it came; empty: nothing.
  std::string url{};      ///< Of the last answer.
  std::vector<CookieOf> cookies{};
  static constexpr auto kFields = [](auto& m) { return std::tie(m.cause, m.http_status, m.problem, m.url, m.cookies); };
};

/// One that was set, or has expired; the ledger has what came with it.
struct CookieKnown {
  std::string cookie;  ///< A line (cookie_line.h).
  static constexpr auto kFields = [](auto& m) { return std::tie(m.cookie); };
};

/// A robots.txt was read, and the ledger has what it says.
struct RobotsKnown {
  std::string server;  ///< "https://example.com:443"
  std::string rules;   ///< RobotsRules::to_text().
  static constexpr auto kFields = [](auto& m) { return std::tie(m.server, m.rules); };
};

/// A fetcher has put its PageEnd, or just started. The downloader holds ledger and folder.
struct Ready {
  static constexpr auto kFields = [](auto&) { return std::tie(); };
};

/// Lanes are known by their generation, which is never used twice in a run.
struct LaneOpened {
  std::uint64_t generation = 0;
  std::vector<UniqueFd> fds{};  ///< As received: the lane's memory, its data event, its space event.
  static constexpr auto kFields = [](auto& m) { return std::tie(m.generation); };
};

struct PageAssigned {
  PageTask task;
  std::uint64_t generation = 0;
  static constexpr auto kFields = [](auto& m) {
    return std::tuple_cat(PageTask::kFields(m.task), std::tie(m.generation));
  };
};

/// Its fetcher says that the lane has all of it.
struct PagePut {
  std::uint64_t page = 0;
  std::uint32_t attempt = 0;
  std::uint64_t generation = 0;
  static constexpr auto kFields = [](auto& m) { return std::tie(m.page, m.attempt, m.generation); };
};

/// Its producer is dead: take what was published.
struct LaneClosed {
  std::uint64_t generation = 0;
  static constexpr auto kFields = [](auto& m) { return std::tie(m.generation); };
};

/// Everything published is recorded, the lane is forgotten.
struct LaneDrained {
  std::uint64_t generation = 0;
  static constexpr auto kFields = [](auto& m) { return std::tie(m.generation); };
};

/// It was in flight when a downloader crashed: it runs alone.
struct ImageSuspected {
  std::int64_t image = 0;
  static constexpr auto kFields = [](auto& m) { return std::tie(m.image); };
};

/// It crashed too many downloaders: it fails as image-kills-downloader.
struct ImageGivenUp {
  std::int64_t image = 0;
  static constexpr auto kFields = [](auto& m) { return std::tie(m.image); };
};

/// The parent has given the page up. PageRecorded answers it.
struct PageFailed {
  PageTask task;              ///< The last attempt.
  Cause cause = Cause::none;  ///< none: it has not failed, but is beyond the end of an open range.
  std::uint16_t http_status = 0;
  static constexpr auto kFields = [](auto& m) {
    return std::tuple_cat(PageTask::kFields(m.task), std::tie(m.cause, m.http_status));
  };
};

/// The ledger has it. Answers PageAssigned and PageFailed.
struct PageRecorded {
  std::uint64_t page = 0;
  std::uint32_t attempt = 0;
  Cause cause = Cause::none;
  std::uint16_t http_status = 0;
  std::uint32_t images = 0;               ///< Hits.
  std::uint32_t retry_after_seconds = 0;  ///< 0: the server named none.
  bool elsewhere = false;                 ///< It was redirected to another host, which ended it.
  std::string final_url{};                ///< Where it was redirected to; empty: nowhere.
  std::uint32_t fresh = 0;                ///< Of the images, those that the job had not met.
  bool has_links = false;                 ///< To pages of a deeper step,
  bool has_fresh_links = false;           ///< and some of these to pages that the job had not met.
  std::uint64_t last_found = 0;           ///< The greatest number of a page that links of the job lead to; 0: none.
  std::uint64_t known_pages = 0;          ///< Pages that links lead to and an earlier job has.
  std::uint64_t known_in_row = 0;         ///< Images and such pages in a row, the last ones.
  static constexpr auto kFields = [](auto& m) {
    return std::tie(m.page, m.attempt, m.cause, m.http_status, m.images, m.retry_after_seconds, m.elsewhere,
                    m.final_url, m.fresh, m.has_links, m.has_fresh_links, m.last_found, m.known_pages, m.known_in_row);
  };
};

/// Asks for pages that links lead to, behind this number: PageWaiting for each that is not settled, then PagesTold.
struct AskPages {
  std::uint64_t after = 0;
  static constexpr auto kFields = [](auto& m) { return std::tie(m.after); };
};

struct PageWaiting {
  PageTask task;
  static constexpr auto kFields = [](auto& m) { return PageTask::kFields(m.task); };
};

/// Answers AskPages: those up to this number are all that wait.
struct PagesTold {
  std::uint64_t up_to = 0;
  static constexpr auto kFields = [](auto& m) { return std::tie(m.up_to); };
};

/// Every page of the job is recorded.
struct NoMorePages {
  static constexpr auto kFields = [](auto&) { return std::tie(); };
};

/// Nothing is pending, the checkpoint is made.
struct Settled {
  static constexpr auto kFields = [](auto&) { return std::tie(); };
};

/// It ended by itself and can be continued.
struct StoppedEarly {
  std::string why;
  static constexpr auto kFields = [](auto& m) { return std::tie(m.why); };
};

/// The same, because of a limit that the user has set.
struct LimitReached {
  std::string why;
  static constexpr auto kFields = [](auto& m) { return std::tie(m.why); };
};

/// It cannot go on.
struct Fatal {
  std::string why;  ///< In one line for the user.
  static constexpr auto kFields = [](auto& m) { return std::tie(m.why); };
};

struct ImageDoubted {
  std::int64_t image = 0;       ///< For log lines.
  std::string type;             ///< "jpeg", "png" or "gif".
  std::vector<UniqueFd> fds{};  ///< As received: the image's file, a stream socket for the answer (wholeness.h).
  static constexpr auto kFields = [](auto& m) { return std::tie(m.image, m.type); };
};

using Message =
    std::variant<Configure, CheckXpath, XpathChecked, BeginJob, FetchPage, Prepare, Prepared, AskCookies, CookiesTold,
                 CookieKnown, Ready, LaneOpened, PageAssigned, PagePut, LaneClosed, LaneDrained, ImageSuspected,
                 ImageGivenUp, PageFailed, PageRecorded, AskPages, PageWaiting, PagesTold, NoMorePages, RobotsKnown,
                 Settled, StoppedEarly, LimitReached, Fatal, ImageDoubted>;

}  // namespace doutu
