// LaneIntake: the lanes of this run and the pages assigned to them. Takes what the fetchers put into the lanes and
// makes ledger rows of it, within the batches of the ledger thread, to which it belongs.
//
// Rules:
//   1. A record counts only for a page and attempt that are assigned to its lane and not recorded yet, one of them at a
//      time from its begin to its end. A lane without such a page is not read.
//   2. Anything else in a lane (damage, a foreign page, a gap in the positions, another count than its PageEnd says,
//      a cookie of another site, rules of a robots.txt that are none, no end of a page that its fetcher says it has
//      put) ends the trust in the lane: nothing more is taken from it, and every page assigned to it, now or later,
//      ends as bad_records.
//   3. Records at or below the position that the ledger has for a lane are skipped; the lane's room is given back only
//      after the commit.
#pragma once

#include <poll.h>

#include <cstdint>
#include <deque>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "downloader/cookies/cookie_store.h"
#include "downloader/ledger/ledger_writer.h"
#include "downloader/record/hit_urls.h"
#include "downloader/record/inline_images.h"
#include "downloader/schedule/image_task.h"
#include "shared/base/result.h"
#include "shared/crawl/crawl_settings.h"
#include "shared/lane/image_queue.h"
#include "shared/process/messages.h"
#include "shared/robots/robots_book.h"
#include "shared/url/url_normaliser.h"

namespace doutu {

class LaneIntake {
 public:
  /// All outlive this.
  LaneIntake(LedgerWriter& ledger, InlineImages& inline_images, CookieStore& cookies, const CrawlSettings& settings)
      : job_(ledger.job()),
        pages_(ledger.pages()),
        page_links_(ledger.page_links()),
        links_(ledger.links()),
        lane_table_(ledger.lanes()),
        robots_(ledger.robots()),
        hits_(ledger.hits()),
        alternatives_(ledger.alternatives()),
        inline_images_(inline_images),
        cookies_(cookies),
        takes_cookies_(!settings.http.no_cookies),
        robots_setting_(settings.politeness.robots),
        run_id_(settings.run.run_id),
        max_hits_(settings.page.max_hits) {}

  // --- The parent's messages.

  void open(LaneOpened opened);
  /// For tests and for engines inside the process.
  void open(std::uint64_t generation, std::unique_ptr<ImageConsumer> consumer);
  void close(std::uint64_t generation);
  using Request = std::variant<PageAssigned, PagePut, PageFailed, AskPages>;
  /// Dealt with in the next batch.
  void request(Request request) { requests_.push_back(std::move(request)); }

  // --- Waiting.

  /// Whether a batch would find something to do now. Otherwise the descriptors appended wake up for it.
  bool wants_batch(std::vector<pollfd>& wake);
  /// Nothing is asked for, and no page is on its way.
  [[nodiscard]] bool idle() const;

  // --- Batches.

  /// Takes at most kMaxRecords. New tasks, and what the parent is to be told after the commit.
  Status take(std::vector<ImageTask>& tasks, std::vector<Message>& answers);
  void committed();
  void rolled_back();
  /// Hosts ("https://example.com:443") that have answered a page since the last time.
  [[nodiscard]] std::vector<std::string> take_answered() { return std::exchange(answered_, {}); }

  /// What a robots.txt said that was read for a page, the same.
  [[nodiscard]] std::vector<ServerRobots> take_robots_read() { return std::exchange(robots_read_, {}); }

  /// About as many as outcomes may wait for a commit (Frontier::kMaxUncommitted): with 2,000 the images were held back
  /// while pages were listed, one to eight URLs.
  static constexpr std::size_t kMaxRecords = 500;

 private:
  struct Assignment {
    PageTask task;
    bool put = false;         ///< Its fetcher has moved on: what the lane has of it is all.
    std::size_t cookies = 0;  ///< That it has set.
  };
  /// What a rolled back batch must leave as it was.
  struct State {
    std::deque<Assignment> assigned;
    std::optional<PageRecord> page;      ///< Of the first one, while its attempt goes on.
    std::optional<PageLink> place;       ///< Of that page, where links matter.
    bool has_robots = false;             ///< A RobotsRead came, and its page has not ended: one is enough.
    std::optional<std::uint64_t> saved;  ///< Position that the ledger has.
    bool trusted = true;
    bool ended = false;
  };
  struct Lane {
    std::unique_ptr<ImageConsumer> consumer;  ///< nullptr until it is opened.
    bool closed = false;
    State state;
    State before;  ///< At the last commit.
  };
  /// One batch.
  struct Intake {
    std::vector<ImageTask>& tasks;
    std::vector<Message>& answers;
  };

  [[nodiscard]] static bool is_readable(const Lane& lane);
  [[nodiscard]] static bool owes_a_page(const Lane& lane);
  Status answer(const PageAssigned& assigned, Intake& intake);
  Status answer(const PagePut& put, Intake& intake);
  Status answer(const PageFailed& failed, Intake& intake);
  Status answer(const AskPages& asked, Intake& intake);
  Status answer_again(const PageRecord& page, std::uint32_t attempt, Intake& intake);
  static void say_links(const PageLink& place, PageRecorded& answer);
  void forget(std::uint64_t page);
  Status refresh(State& state);
  Status take_from(std::uint64_t generation, Lane& lane, std::size_t limit, Intake& intake);
  Status take_record(std::uint64_t generation, Lane& lane, std::span<const std::byte> bytes, Intake& intake);
  Status save(std::uint64_t generation, Lane& lane);
  /// Puts the assignment that a record is for in front; false when there is none, or another page goes on.
  static bool select(State& state, std::uint64_t page, std::uint32_t attempt);
  Result<bool> accept(Lane& lane, const CookieSet& set, Intake& intake);
  Result<bool> accept(Lane& lane, const RobotsRead& read, Intake& intake);
  Result<bool> accept(Lane& lane, const PageBegin& begin, Intake& intake);
  Result<bool> accept(Lane& lane, const ImageFound& hit, Intake& intake);
  Result<bool> accept(Lane& lane, const InlineImage& hit, Intake& intake);
  Result<bool> accept(Lane& lane, const PageFound& link, Intake& intake);
  Result<bool> accept(Lane& lane, const PageEnd& end, Intake& intake);
  struct HitCounts {
    std::uint64_t known = 0;
    std::uint64_t repeated = 0;
  };
  [[nodiscard]] HitCounts hit_counts() const;
  /// What the hit counted as, by what stood before it.
  void note_hit(const HitCounts& before);
  /// Whether a hit at this position may come now.
  [[nodiscard]] bool is_next_hit(const Lane& lane, std::uint32_t position) const;
  Status quarantine(std::uint64_t generation, Lane& lane, Intake& intake);
  Status load_page(Lane& lane);
  Status begin_page(Lane& lane, std::string_view final_url);
  Status save_page(const State& state);
  Status end_page(Lane& lane, const PageEnd& end, Intake& intake);
  void note_answer(std::string_view url);

  [[nodiscard]] PageRecorded recorded(const PageRecord& page, std::uint32_t attempt, const PageEnd& end = {}) const;

  const CurrentJob& job_;
  PageTable& pages_;
  PageLinkTable& page_links_;
  PageLinks& links_;
  LaneTable& lane_table_;
  RobotsTable& robots_;
  ImageHits& hits_;
  const ImageAlternatives& alternatives_;
  InlineImages& inline_images_;
  CookieStore& cookies_;
  const bool takes_cookies_;
  const Robots robots_setting_;
  const std::uint64_t run_id_;
  const std::uint32_t max_hits_;
  std::map<std::uint64_t, Lane> lanes_;    ///< By generation.
  std::uint64_t known_in_row_ = 0;         ///< Images and pages in a row that an earlier job has.
  std::uint64_t known_in_row_before_ = 0;  ///< At the last commit.
  std::deque<Request> requests_;
  bool taking_ = false;                 ///< Since take(): the batch has touched the lanes.
  std::vector<std::uint64_t> drained_;  ///< Lanes that end with this batch.
  std::vector<std::string> answered_;
  std::vector<ServerRobots> robots_read_;
  HitUrls hit_urls_;
  UrlNormaliser link_urls_;
};

}  // namespace doutu
