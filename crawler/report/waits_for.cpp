#include "crawler/report/waits_for.h"

#include <fmt/format.h>

#include <algorithm>

#include "shared/base/human_text.h"

namespace doutu {
namespace {

struct Row {
  std::string_view name;
  std::string_view words;
};
constexpr std::array<Row, 6> kRows = {{
    {"disk", "waiting for the disk"},
    {"cpu", "waiting for the processor"},
    {"network", "waiting for the network"},
    {"image-politeness", "limited per image server"},
    {"page-politeness", "backing off from the page server"},
    {"nothing", ""},
}};
constexpr std::array<Row, 6> kImageWaits = {{
    {"", ""},
    {"gap", "pausing between requests (--wait)"},
    {"throttled", "throttled by an image server"},
    {"outage", "backing off, an image server is out of reach"},
    {"retry", "backing off before further attempts"},
    {"commit", ""},
}};
constexpr double kBusy = 0.85;
/// What is over sooner is not worth a number that changes all the time.
constexpr double kWorthSaying = 2;

const Row& row_of(WaitsFor what) { return kRows.at(static_cast<std::size_t>(what)); }
const Row& row_of(ImageWait reason) {  // of a stats page: another process wrote it
  return kImageWaits.at(std::min(static_cast<std::size_t>(reason), kImageWaits.size() - 1));
}

}  // namespace

std::string_view waits_for_name(WaitsFor what) { return row_of(what).name; }
std::string_view image_wait_name(ImageWait reason) { return row_of(reason).name; }

ImageWait image_wait_from_name(std::string_view name) {
  const auto* const row = std::ranges::find(kImageWaits, name, &Row::name);
  return row == kImageWaits.end() ? ImageWait::none : static_cast<ImageWait>(row - kImageWaits.begin());
}

std::string waits_for_in_words(WaitsFor what, const Sparing& sparing) {
  const std::string_view why = what == WaitsFor::image_politeness ? row_of(sparing.reason).words : "";
  std::string words(why.empty() ? row_of(what).words : why);
  const bool is_spared = what == WaitsFor::image_politeness || what == WaitsFor::page_politeness;
  if (is_spared && sparing.seconds >= kWorthSaying) words += fmt::format(": {} more", human_time(sparing.seconds));
  return words;
}

std::optional<WaitsFor> waits_for_from_name(std::string_view name) {
  const auto* const row = std::find_if(kRows.begin(), kRows.end(), [name](const Row& it) { return it.name == name; });
  if (row == kRows.end()) return std::nullopt;
  return static_cast<WaitsFor>(row - kRows.begin());
}

WaitsFor waits_for(const WaitSigns& signs) {
  if (signs.disk_full || signs.ledger_silent) return WaitsFor::disk;
  if (signs.cpu_share >= kBusy) return WaitsFor::cpu;
  const bool slots_full = signs.images_in_flight >= signs.slots || signs.images_in_flight >= signs.images_pending;
  if (signs.images_in_flight > 0 && slots_full) return WaitsFor::network;
  if (signs.images_pending > signs.images_in_flight) {
    return signs.ledger_behind ? WaitsFor::disk : WaitsFor::image_politeness;
  }
  if (signs.pages_fetching > 0) return WaitsFor::network;
  return signs.pages_held ? WaitsFor::page_politeness : WaitsFor::nothing;
}

void WaitMeter::add(WaitsFor what) { moments_.at(count_++ % kMoments) = what; }

WaitsFor WaitMeter::now() const {
  if (count_ == 0) return WaitsFor::nothing;
  std::array<std::size_t, kRows.size()> votes{};
  for (std::size_t i = 0; i < std::min(count_, kMoments); ++i) ++votes.at(static_cast<std::size_t>(moments_.at(i)));
  return static_cast<WaitsFor>(std::max_element(votes.begin(), votes.end()) - votes.begin());
}

}  // namespace doutu
