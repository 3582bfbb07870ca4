// What a crawl is waiting for: the one thing that would have to be faster for the crawl to be faster. Values in, a word
// out. The parent's thread.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "shared/process/stats_page.h"

namespace doutu {

/// In the order in which they are looked for; the first that holds is it.
enum class Bottleneck {
  disk,              ///< The disk is full, or the ledger's thread has been silent for two seconds (it beats in every
                     ///< turn of its loop, so it hangs in a call that writes), or images are held back until it has
                     ///< written the outcomes of others.
  cpu,               ///< Our processes use 85 % or more of the cores that we may use.
  rate_limit,        ///< --limit-rate: bytes wait for their turn.
  network,           ///< Servers: as many images are in flight as may be or as are pending, or a page is being fetched.
  image_politeness,  ///< Images are pending and slots are free, but their hosts back off: --wait, --max-per-host,
                     ///< Retry-After, an outage, the wait before another attempt.
  page_politeness,   ///< Pages are to be fetched and fetchers are free, but the pages' server backs off.
  nothing,           ///< None of these, for example while processes start and end.
};

/// "disk", "cpu", "rate-limit", "network", "image-politeness", "page-politeness", "nothing": what status.json says.
[[nodiscard]] std::string_view bottleneck_name(Bottleneck what);
[[nodiscard]] std::optional<Bottleneck> bottleneck_from_name(std::string_view name);

/// How long a server still backs off, and why.
struct BackOff {
  ImageWait reason = ImageWait::none;
  double seconds = 0;
};
/// "gap", "throttled", "outage", "retry": what status.json says; empty for none.
[[nodiscard]] std::string_view image_wait_name(ImageWait reason);
[[nodiscard]] ImageWait image_wait_from_name(std::string_view name);

/// "waiting for the network", "throttled by an image server: 9 min 50 s more"; empty for nothing.
[[nodiscard]] std::string bottleneck_text(Bottleneck what, const BackOff& back_off);

/// What there is to see at one moment.
struct BottleneckSigns {
  bool disk_full = false;
  bool ledger_silent = false;
  bool ledger_behind = false;  ///< Images are held back until outcomes are written.
  bool rate_spent = false;     ///< Bytes wait for their turn.
  double cpu_share = 0;        ///< Of all cores that we may use, 0 to 1.
  std::uint64_t images_pending = 0;
  std::uint32_t images_in_flight = 0;
  std::uint32_t slots = 1;           ///< Most images in flight.
  std::uint32_t pages_fetching = 0;  ///< Fetchers that wait for a server.
  bool pages_held = false;           ///< Pages are left, and none may be fetched before a time.
  BackOff image_servers{}, page_server{};
};
[[nodiscard]] Bottleneck bottleneck(const BottleneckSigns& signs);

/// What most of the last ten moments said, so that the word does not flicker; of equals, the one that is looked for
/// first.
class BottleneckMeter {
 public:
  void add(Bottleneck what);
  [[nodiscard]] Bottleneck now() const;

 private:
  static constexpr std::size_t kMoments = 10;
  std::array<Bottleneck, kMoments> moments_{};
  std::size_t count_ = 0;  ///< Of all so far.
};

}  // namespace doutu
