#include "crawler/report/bottleneck.h"

#include <fmt/format.h>

#include <algorithm>

#include "shared/base/enum_table.h"
#include "shared/base/human_text.h"

namespace doutu {
namespace {

struct BottleneckRow {
  Bottleneck key;
  std::string_view name;
  std::string_view words;
};
constexpr EnumTable kBottlenecks{std::to_array<BottleneckRow>({
    {Bottleneck::disk, "disk", "waiting for the disk"},
    {Bottleneck::cpu, "cpu", "waiting for the processor"},
    {Bottleneck::rate_limit, "rate-limit", "held to --limit-rate"},
    {Bottleneck::network, "network", "waiting for the network"},
    {Bottleneck::image_politeness, "image-politeness", "limited per image server"},
    {Bottleneck::page_politeness, "page-politeness", "backing off from the page server"},
    {Bottleneck::nothing, "nothing", ""},
})};

struct ImageWaitRow {
  ImageWait key;
  std::string_view name;
  std::string_view words;
};
constexpr EnumTable kImageWaits{std::to_array<ImageWaitRow>({
    {ImageWait::none, "", ""},
    {ImageWait::gap, "gap", "pausing between requests (--wait)"},
    {ImageWait::throttled, "throttled", "throttled by an image server"},
    {ImageWait::outage, "outage", "backing off, an image server is out of reach"},
    {ImageWait::retry, "retry", "backing off before further attempts"},
    {ImageWait::commit, "commit", ""},
})};

constexpr double kBusy = 0.85;
/// What is over sooner is not worth a number that changes all the time.
constexpr double kWorthSaying = 2;

/// Of a stats page: another process wrote it.
const ImageWaitRow& row_of(ImageWait reason) { return kImageWaits.row_or(reason, ImageWait::commit); }

}  // namespace

std::string_view bottleneck_name(Bottleneck what) { return kBottlenecks[what].name; }
std::string_view image_wait_name(ImageWait reason) { return row_of(reason).name; }

ImageWait image_wait_from_name(std::string_view name) {
  const auto* const row = kImageWaits.find(name, &ImageWaitRow::name);
  return row == nullptr ? ImageWait::none : row->key;
}

std::string bottleneck_text(Bottleneck what, const BackOff& back_off) {
  const std::string_view why = what == Bottleneck::image_politeness ? row_of(back_off.reason).words : "";
  std::string words(why.empty() ? kBottlenecks[what].words : why);
  const bool is_backing_off = what == Bottleneck::image_politeness || what == Bottleneck::page_politeness;
  if (is_backing_off && back_off.seconds >= kWorthSaying)
    words += fmt::format(": {} more", human_time(back_off.seconds));
  return words;
}

std::optional<Bottleneck> bottleneck_from_name(std::string_view name) {
  const auto* const row = kBottlenecks.find(name, &BottleneckRow::name);
  return row == nullptr ? std::nullopt : std::optional(row->key);
}

Bottleneck bottleneck(const BottleneckSigns& signs) {
  if (signs.disk_full || signs.ledger_silent) return Bottleneck::disk;
  if (signs.cpu_share >= kBusy) return Bottleneck::cpu;
  if (signs.rate_spent) return Bottleneck::rate_limit;
  const bool slots_full = signs.images_in_flight >= signs.slots || signs.images_in_flight >= signs.images_pending;
  if (signs.images_in_flight > 0 && slots_full) return Bottleneck::network;
  if (signs.images_pending > signs.images_in_flight) {
    return signs.ledger_behind ? Bottleneck::disk : Bottleneck::image_politeness;
  }
  if (signs.pages_fetching > 0) return Bottleneck::network;
  return signs.pages_held ? Bottleneck::page_politeness : Bottleneck::nothing;
}

void BottleneckMeter::add(Bottleneck what) { moments_.at(count_++ % kMoments) = what; }

Bottleneck BottleneckMeter::now() const {
  if (count_ == 0) return Bottleneck::nothing;
  std::array<std::size_t, kBottlenecks.size()> votes{};
  for (std::size_t i = 0; i < std::min(count_, kMoments); ++i) ++votes.at(static_cast<std::size_t>(moments_.at(i)));
  return static_cast<Bottleneck>(std::max_element(votes.begin(), votes.end()) - votes.begin());
}

}  // namespace doutu
