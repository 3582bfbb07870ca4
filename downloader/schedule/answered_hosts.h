// AnsweredHosts: which hosts have answered before, also those that the frontier has forgotten: they are no strangers. A
// bit for each row of the ledger, at most 2 MB; names only of hosts without a row. A value; the frontier holds one
// under its mutex.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <unordered_set>
#include <vector>

#include "downloader/schedule/image_task.h"

namespace doutu {

class AnsweredHosts {
 public:
  /// Names beyond that are forgotten, with all before.
  static constexpr std::size_t kMostNames = 4096;
  /// A row beyond that is not remembered.
  static constexpr std::size_t kMostRows = std::size_t{1} << 24U;

  void add(const std::string& name) {
    if (names_.size() >= kMostNames && !names_.contains(name)) names_.clear();
    names_.insert(name);
  }
  void add(const HostRow& row) {
    if (row.id == 0) return add(row.name);
    const auto index = static_cast<std::size_t>(row.id);  // Of a damaged ledger it may be negative: then it is huge.
    if (index >= kMostRows) return;
    if (rows_.size() <= index) rows_.resize(index + 1);
    rows_[index] = true;
  }
  [[nodiscard]] bool contains(const HostRow& row) const {
    const auto index = static_cast<std::size_t>(row.id);
    return (index < rows_.size() && rows_[index]) || names_.contains(row.name);
  }

 private:
  std::vector<bool> rows_;  ///< By id.
  std::unordered_set<std::string> names_;
};

}  // namespace doutu
