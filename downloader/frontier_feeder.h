// FrontierFeeder: hands the frontier what the ledger has for it: new rows, the hosts and rows that it has room for, and
// which images are suspects. An error is the ledger's; what the frontier has asked for is tried again with fill(). The
// ledger thread.
#pragma once

#include <cstdint>
#include <vector>

#include "downloader/ledger/host_table.h"
#include "downloader/ledger/image_table.h"
#include "downloader/record/batch.h"
#include "downloader/schedule/frontier.h"
#include "shared/base/result.h"

namespace doutu {

class FrontierFeeder {
 public:
  /// All outlive this.
  FrontierFeeder(Frontier& frontier, HostTable& hosts, ImageTable& images, RobotsTable& robots)
      : frontier_(frontier), hosts_(hosts), images_(images), robots_(robots) {}

  /// What a committed batch leads to. Everything in memory reaches the frontier even when the ledger cannot be read.
  Status feed(BatchEffects& effects);
  [[nodiscard]] bool wants_fill() const { return !refills_.empty() || frontier_.wants_hosts(); }
  /// Hosts and rows that the frontier has room for.
  Status fill();
  /// This image was in flight when a downloader crashed.
  void suspect(std::int64_t image);

 private:
  Status tell_who_answered();
  Status tell_robots();

  Frontier& frontier_;
  HostTable& hosts_;
  ImageTable& images_;
  RobotsTable& robots_;
  std::vector<Frontier::Refill> refills_;  ///< That the frontier has asked for and not got.
  std::vector<std::int64_t> suspects_;
};

}  // namespace doutu
