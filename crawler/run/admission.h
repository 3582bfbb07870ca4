// Admission: whether the site lets the crawl in. It says when the requests of --before are made: before the first page,
// and again when pages begin to lead to the login, or are refused (401, 403) that came before. Pages that met with that
// have not counted, unless they meet with it again after that. It also ends a crawl whose password is wrong, before it
// has asked for every page. Pure: takes values and times. The parent's thread.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <unordered_map>
#include <vector>

#include "shared/base/cause.h"
#include "shared/base/clock.h"
#include "shared/crawl/before_request.h"
#include "shared/crawl/crawl_settings.h"
#include "shared/process/messages.h"

namespace doutu {

class Admission {
 public:
  /// Between two times that the requests are made again.
  static constexpr seconds kPause{60};
  /// So often they are made again although nothing came since.
  static constexpr std::uint32_t kMostInVain = 3;
  /// So often a page may lead to the login before that is the page's own, where others came.
  static constexpr std::uint32_t kMostExcuses = 2;
  /// Refusals in a row, before anything came, that end a crawl with a password.
  static constexpr std::uint32_t kMostRefusals = 3;

  /// settings outlives it.
  Admission(std::vector<BeforeRequest> requests, const CrawlSettings& settings);

  /// Whether pages may be given out.
  [[nodiscard]] bool is_open() const { return state_ == State::open; }
  [[nodiscard]] bool has_requests() const { return !requests_.empty(); }
  /// How often the requests were made: what a page is given out with.
  [[nodiscard]] std::uint32_t round() const { return round_; }
  /// The pages lead to the login again.
  [[nodiscard]] bool is_repeated() const { return round_ > 0 && !is_open(); }

  // --- The requests, one after the other.

  /// The one to make now; it is in hand until one of the calls below. nullptr: none; wake_at says when there may be one
  /// (MonoTime::max(): when what is in hand has ended).
  [[nodiscard]] const BeforeRequest* next(MonoTime now, MonoTime& wake_at);
  /// Precondition: one is in hand.
  [[nodiscard]] const BeforeRequest& in_hand() const { return requests_[next_]; }
  [[nodiscard]] bool is_first_in_hand() const { return next_ == 0; }
  void prepared(const Prepared& answer, MonoTime now);
  /// With one in hand.
  void fetcher_died(MonoTime now);

  // --- What pages say.

  struct PageOutcome {
    std::uint64_t page = 0;
    Cause cause = Cause::none;
    int http_status = 0;
    std::uint32_t round = 0;  ///< That it was given out in.
  };
  /// again: it is to be fetched once more, as though it had not been.
  enum class Verdict { counts, again };
  [[nodiscard]] Verdict judge(const PageOutcome& outcome, MonoTime now);

  /// Why the crawl cannot go on, for the user; empty: it can.
  [[nodiscard]] const std::string& failure() const { return failure_; }

 private:
  enum class State { waiting, in_hand, open, failed };
  [[nodiscard]] bool is_shut_out(const PageOutcome& outcome);
  [[nodiscard]] Verdict judge_password(const PageOutcome& outcome);
  [[nodiscard]] bool is_refused_with_others(const PageOutcome& outcome);
  [[nodiscard]] bool excuse(std::uint64_t page, std::uint32_t most);
  void make_again(Cause why, MonoTime now);
  void try_again_or_fail(const Prepared& answer, MonoTime now);
  void fail(std::string why);
  [[nodiscard]] std::string place() const;

  const std::vector<BeforeRequest> requests_;
  const CrawlSettings& settings_;
  State state_;
  std::size_t next_ = 0;
  MonoTime due_ = MonoTime::min();
  MonoTime repeated_ = MonoTime::min();  ///< When the requests were made again.
  std::uint32_t round_ = 0;
  std::uint32_t failures_ = 0;                                ///< Of the request.
  std::uint32_t in_vain_ = 0;                                 ///< Rounds since a page came, but for those of refusals.
  std::uint32_t refusals_ = 0;                                ///< In a row.
  bool came_ = false;                                         ///< A page did.
  bool refusals_count_ = false;                               ///< Pages are refused by themselves.
  std::unordered_map<std::uint64_t, std::uint32_t> excused_;  ///< Pages shut out: how often.
  std::string failure_;
};

}  // namespace doutu
