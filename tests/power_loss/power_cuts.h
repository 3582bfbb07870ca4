// PowerCuts: which states of the disk are tried. Each is kept once, however many ways lead to it.
#pragma once

#include <cstdint>
#include <random>
#include <unordered_set>
#include <vector>

#include "tests/power_loss/disk_model.h"

namespace doutu {

class PowerCuts {
 public:
  explicit PowerCuts(DiskModel& model) : model_(model) {}

  /// After every call that matters, with everything that was done.
  void add_prefixes();
  /// The same, with every fate of every one effect that no sync has kept.
  void add_one_missing();
  /// With every fate of every two.
  void add_two_missing();
  /// So many, with as many fates as chance will have it.
  void add_random(std::size_t count, std::minstd_rand& random);
  /// So many of those of add_one_missing() and add_two_missing().
  void add_some_missing(std::size_t count, std::minstd_rand& random);

  [[nodiscard]] const std::vector<Cut>& cuts() const { return cuts_; }
  /// Before equal ones were left out.
  [[nodiscard]] std::size_t tried() const { return tried_; }

 private:
  void add(const Cut& cut);
  [[nodiscard]] std::size_t random_call(std::minstd_rand& random) const;
  void strike(Cut& cut, std::size_t effect, std::minstd_rand& random) const;

  DiskModel& model_;
  std::size_t tried_ = 0;
  std::unordered_set<std::uint64_t> keys_;
  std::vector<Cut> cuts_;
};

}  // namespace doutu
