// LoneRefusals: two signs that a host refuses single images, and limits no rates. It answers so many others for each
// that it refuses. Or of what is asked first after a wait, fresh images come, and those that it had refused never do.
// Refusals (refusals.h) has the signs that speak against a certain image. A value; its owner guards it.
#pragma once

#include <algorithm>
#include <cstdint>

namespace doutu {

class LoneRefusals {
 public:
  /// One was answered.
  void answered() { credit_ = std::min(credit_ + 1, kMostCredit); }
  /// One was refused, and it was not about that one alone.
  void throttled() { credit_ = 0; }
  /// The first one after a wait came, and had not been refused before.
  void fresh_probe_came() { ++fresh_probes_; }
  /// The first one after a wait was refused, and not for the first time.
  void probe_was_refused_again() { ++refused_probes_; }

  /// Whether the refusal of now is about one image. has_relented: something came that had been refused
  /// (Refusals::has_relented()).
  [[nodiscard]] bool take_one(bool has_relented) {
    if (!has_relented && std::min(fresh_probes_, refused_probes_) >= kProbes) return true;
    if (credit_ < kAnswersForOne) return false;
    credit_ -= kAnswersForOne;
    return true;
  }

 private:
  /// Credit for more than four does not last: a host that begins to limit rates is soon believed.
  static constexpr std::uint32_t kAnswersForOne = 6;
  static constexpr std::uint32_t kMostCredit = 4 * kAnswersForOne;
  /// Under a limit of rates so many would come by a chance of one in 2^16.
  static constexpr std::uint32_t kProbes = 16;

  std::uint32_t credit_ = 0;  ///< Answers since the host throttled last, less those that a lone refusal was worth.
  std::uint32_t fresh_probes_ = 0;
  std::uint32_t refused_probes_ = 0;
};

}  // namespace doutu
