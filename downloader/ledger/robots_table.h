// RobotsTable: what the robots.txt of each server says to doutu, a row each, in all jobs. save() needs a transaction.
// The ledger thread.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>

#include "downloader/ledger/preparer.h"
#include "shared/base/result.h"

namespace doutu {

class RobotsTable {
 public:
  explicit RobotsTable(Preparer& prepare);

  /// server: "https://example.com:443". It was read now.
  Status save(const std::string& server, std::string_view rules);
  /// Those of more than a day ago are of no use any more.
  Status forget_old();
  /// Those that were read since this time of the wall clock, and not in its future; the latest last.
  Status for_each_since(
      std::int64_t since_ms,
      const std::function<void(const std::string& server, std::int64_t read_ms, std::string_view rules)>& visit);

 private:
  Statement save_;
  Statement since_;
  Statement forget_;
};

}  // namespace doutu
