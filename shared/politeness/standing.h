// Standing: what it is worth to wait for a host: whether it has answered at all in this run, whether it is known (it
// has answered whole and in time, or has served a page), and whether it is missing: it was known, and has failed to for
// some times in a row and some seconds. A burst of 502, a lost packet, a restart is none of that. A value; its owner
// guards it.
#pragma once

#include <cstdint>

#include "shared/base/clock.h"

namespace doutu {

class Standing {
 public:
  enum class Past { unknown, has_answered };
  explicit Standing(Past past) : answered_(past == Past::has_answered), known_(answered_) {}

  /// It said something.
  void spoke() { answered_ = true; }
  /// It answered as it should.
  void heard(MonoTime now) {
    known_ = true;
    misses_ = 0;
    heard_ = now;
  }
  void missed() { ++misses_; }
  /// A request starts, and none was in flight: a pause is no time for which it has failed to answer.
  void asked_after_pause(MonoTime now) {
    if (misses_ == 0) heard_ = now;
  }

  [[nodiscard]] bool has_answered() const { return answered_; }
  [[nodiscard]] bool is_known() const { return known_; }
  /// For as long as a request may wait for a connection (patience), it may be an accident. During an outage one miss is
  /// enough: it is asked by probes only.
  [[nodiscard]] bool is_missing(MonoTime now, Duration patience, bool during_outage) const {
    return now - heard_ >= patience && (during_outage || misses_ >= kMisses);
  }

 private:
  /// A host that misses is missing after so many times in a row.
  static constexpr std::uint32_t kMisses = 3;

  bool answered_;
  bool known_;
  std::uint32_t misses_ = 0;  ///< In a row.
  MonoTime heard_{};          ///< When it answered as it should, or was asked after a pause.
};

}  // namespace doutu
