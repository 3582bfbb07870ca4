// ImageIds: the numbers of images, in the order in which they become pending. They never go back, so that one which was
// rolled back is not given twice. A value; the ledger thread.
#pragma once

#include <cstdint>

namespace doutu {

class ImageIds {
 public:
  /// last: the highest in the ledger.
  explicit ImageIds(std::int64_t last) : last_(last) {}

  [[nodiscard]] std::int64_t next() const { return last_ + 1; }
  std::int64_t take() { return ++last_; }

 private:
  std::int64_t last_;
};

}  // namespace doutu
