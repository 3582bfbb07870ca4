// Refusals: whose a refusal is (429, or 503 with Retry-After) when a server refuses some of many images or pages. It
// may limit rates: then it refuses whatever comes too soon, and what it refused comes after all. Or it may refuse some
// for ever: these must fail at last, and hold up neither the others nor the end. A value for each server; its owner
// guards it.
//
// Three signs speak against one that is refused: it is refused again though others came meanwhile; more came since it
// was refused first than were in flight then; and it is refused several times as often as anything that came after all.
// Under a limit of rates everybody is as likely to be refused, and of thousands nobody is so much oftener.
#pragma once

#include <algorithm>
#include <cstdint>

#include "shared/base/clock.h"

namespace doutu {

class Refusals {
 public:
  /// What one image or page has met with at one server.
  struct Past {
    std::int64_t server = 0;    ///< Its owner's number for that server.
    std::uint32_t times = 0;    ///< How often it was refused,
    MonoTime since{};           ///< when first,
    std::uint64_t answers = 0;  ///< how many answers the server had given when it was last,
    std::uint64_t proof = 0;    ///< and how many it may have given to what was in flight when it was first.
    bool alone = false;         ///< Its owner found that it is about this one.
  };

  /// This one was answered.
  void answered(const Past& past) {
    ++answers_;
    most_ = std::max(most_, past.times);
  }
  /// This one was refused, and so many others are in flight: whether others came since it was refused last.
  [[nodiscard]] bool refused(Past& past, std::uint32_t in_flight, MonoTime now) {
    const bool others_came = past.times > 0 && past.answers != answers_;
    if (past.times++ == 0) {
      past.since = now;
      past.proof = answers_ + in_flight;
    }
    past.answers = answers_;
    return others_came;
  }
  [[nodiscard]] bool were_others_answered(const Past& past) const { return answers_ > past.proof; }
  [[nodiscard]] bool is_too_often(const Past& past) const { return past.times > kNotMany + kTimesAsOften * most_; }
  /// Something came that had been refused.
  [[nodiscard]] bool has_relented() const { return most_ > 0; }

 private:
  static constexpr std::uint32_t kNotMany = 4;  ///< Where nothing was refused that came after all.
  static constexpr std::uint32_t kTimesAsOften = 8;

  std::uint64_t answers_ = 0;
  std::uint32_t most_ = 0;  ///< Refusals of one that came after all.
};

}  // namespace doutu
