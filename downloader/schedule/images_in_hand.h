// ImagesInHand: the images that the frontier has from the ledger and not yet given back to it: in a window, in flight,
// or ended and not committed. So none is held twice, what a kill may lose is bounded, and a suspect (an image that was
// in flight when a downloader crashed) flies alone. A value; the frontier guards it by its mutex.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <span>
#include <unordered_set>
#include <utility>
#include <vector>

namespace doutu {

class ImagesInHand {
 public:
  /// Outcomes between a loop and the ledger: what a kill may make to be fetched again beside the images in flight.
  static constexpr std::size_t kMaxUncommitted = 512;

  void hold(std::int64_t id) { held_.insert(id); }
  [[nodiscard]] bool contains(std::int64_t id) const { return held_.contains(id); }
  [[nodiscard]] std::size_t size() const { return held_.size(); }
  /// How many of them wait in a window.
  [[nodiscard]] std::size_t waiting() const { return held_.size() - std::min(held_.size(), in_flight_ + uncommitted_); }

  // --- In flight.

  /// Whether this one may start now: a suspect waits for the others to end.
  [[nodiscard]] bool may_start(std::int64_t id) const { return in_flight_ == 0 || !is_suspect(id); }
  void started(std::int64_t id) {
    ++in_flight_;
    if (is_suspect(id)) suspect_in_flight_ = true;
  }
  void ended(std::int64_t id) {
    --in_flight_;
    if (is_suspect(id)) suspect_in_flight_ = false;
  }
  [[nodiscard]] std::size_t in_flight() const { return in_flight_; }

  // --- Outcomes.

  /// It has an outcome, which the ledger has not yet.
  void finished(std::int64_t id) {
    suspects_.erase(id);
    ++uncommitted_;
  }
  /// The ledger has these; of each: the image that it settled, or 0.
  void committed(std::span<const std::int64_t> outcomes) {
    uncommitted_ -= std::min(uncommitted_, outcomes.size());
    for (const std::int64_t image : outcomes) held_.erase(image);
  }
  [[nodiscard]] bool waits_for_commit() const { return uncommitted_ >= kMaxUncommitted; }

  // --- Suspects.

  void set_suspects(const std::vector<std::int64_t>& ids) { suspects_ = {ids.begin(), ids.end()}; }
  [[nodiscard]] bool is_suspect_in_flight() const { return suspect_in_flight_; }

 private:
  [[nodiscard]] bool is_suspect(std::int64_t id) const { return !suspects_.empty() && suspects_.contains(id); }

  std::unordered_set<std::int64_t> held_;
  std::size_t in_flight_ = 0;
  std::size_t uncommitted_ = 0;  ///< Outcomes.
  std::unordered_set<std::int64_t> suspects_;
  bool suspect_in_flight_ = false;
};

}  // namespace doutu
