// What the ledger hands to the transfer loops and what they hand back.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>

#include "downloader/check/image_format/image_format.h"
#include "downloader/schedule/spot.h"
#include "downloader/store/content.h"
#include "shared/base/cause.h"
#include "shared/base/clock.h"
#include "shared/politeness/refusals.h"
#include "shared/robots/robots_rules.h"
#include "shared/url/referrer_policy.h"

namespace doutu {

/// Where an image is: at its own URL, or where that has redirected to.
struct Detour {
  std::int64_t host = 0;        ///< The frontier's number for it.
  std::string url;              ///< Empty: at its own URL.
  std::uint32_t redirects = 0;  ///< That led there,
  Duration spent{};             ///< and the time that they took.
  MonoTime since{};
  ReferrerPolicy policy{};  ///< From there on, as the redirects have it.
};

/// What came of an image before its connection broke (downloader/transfer/half_image.h).
struct HalfImage;

/// An image to fetch: a pending row of the ledger.
struct ImageTask {
  std::int64_t id = 0;         ///< Row in the ledger, and name of its file in .doutu/incoming.
  std::int64_t host = 0;       ///< Row of its host in the ledger.
  std::uint32_t attempts = 0;  ///< Attempts that were made and counted before this one.
  MonoTime not_before{};       ///< Earliest next attempt; the epoch: now.
  Spot spot;
  std::string url;
  std::string referer;       ///< URL of the page it was found on, without userinfo.
  std::uint32_t ticket = 0;  ///< The frontier's, from next() to finished() or put_back().
  MonoTime started{};        ///< So is this,
  bool is_first = false;     ///< and whether its host has not answered yet.
  Detour detour;
  bool asked_again = false;         ///< It was sent back, since its detour was old: the next one is followed.
  std::shared_ptr<HalfImage> half;  ///< Empty: nothing that could be used.
  bool whole_only = false;          ///< The rest was asked for, and was none: it is fetched from its beginning.
  Refusals::Past refused;           ///< By the host that refused it last.
  NamedCause given_up;              ///< The frontier's: its host is, so it fails with this cause, untried.
  /// Of the host where it is, if it obeys robots.txt and they are known: so says the frontier, when it is given out.
  std::shared_ptr<const RobotsRules> robots{};
  bool asks_robots = false;  ///< It obeys, and they are not known: they are asked for in its place.
  NamedCause no_robots{};    ///< That was in vain a moment ago: it fails with this cause.
  /// Of the place that names it on that page.
  ReferrerPolicy referrer_policy{};
};

inline constexpr std::size_t kMaxRobotsTag = 1024;

/// A host that the ledger knows.
struct HostRow {
  std::int64_t id = 0;
  std::string name;  ///< Scheme, host and port: "https://example.com:443".
  bool operator==(const HostRow&) const = default;
};

/// What became of an attempt; the ledger thread records it.
struct ImageOutcome {
  enum class Kind {
    fetched,  ///< Whole and checked: .doutu/incoming/<id> holds its bytes.
    failed,   ///< For good.
    retry,    ///< Will be tried again at next_attempt_ms; the frontier keeps it.
  };
  /// For an image of which it is not known yet.
  static ImageOutcome of(const ImageTask& task) {
    ImageOutcome outcome;
    outcome.id = task.id;
    outcome.host = task.host;
    outcome.spot = task.spot;
    outcome.url = task.url;
    return outcome;
  }
  /// The image that is pending no more; 0: none.
  [[nodiscard]] std::int64_t settles() const { return kind == Kind::retry ? 0 : id; }

  Kind kind = Kind::failed;
  std::int64_t id = 0;
  std::int64_t host = 0;  ///< Of the task, as is this:
  Spot spot;
  std::uint32_t attempts = 0;  ///< This one included, if it counts.
  Cause cause = Cause::none;
  int http_status = 0;
  std::int64_t next_attempt_ms = 0;  ///< Wall clock, for retry.
  std::string url;                   ///< As asked: gives the file its name.
  std::string final_url;             ///< After redirects; empty when the same.
  ImageFacts facts;
  bool lacks_end_mark = false;  ///< A decoder found everything else.
  Content content;              ///< If it was fetched.
  std::string robots_tag{};     ///< If it was fetched: X-Robots-Tag, in printable ASCII, cut to kMaxRobotsTag.
};

}  // namespace doutu
