#include "crawler/report/crawl_snapshot.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <utility>

#include "shared/base/enum_table.h"

namespace doutu {
namespace {

struct StateRow {
  CrawlState key;
  std::string_view name{};           ///< Of a crawl that has not ended,
  std::optional<Outcome> outcome{};  ///< or how it ended.
};
constexpr EnumTable kStates{std::to_array<StateRow>({
    {CrawlState::starting, "starting"},
    {CrawlState::running, "running"},
    {CrawlState::finishing, "finishing"},
    {CrawlState::stopping, "stopping"},
    {CrawlState::suspended, "suspended"},
    {CrawlState::orphaned, "orphaned"},
    {CrawlState::killed, "killed"},
    {CrawlState::complete, "", Outcome::complete},
    {CrawlState::failures, "", Outcome::failures},
    {CrawlState::no_images, "", Outcome::no_images},
    {CrawlState::stopped_early, "", Outcome::stopped_early},
    {CrawlState::interrupted, "", Outcome::interrupted},
    {CrawlState::broken, "", Outcome::broken},
})};
constexpr auto kWithOutcome =
    std::ranges::count_if(kStates, [](const StateRow& row) { return row.outcome.has_value(); });
static_assert(std::cmp_equal(kWithOutcome, enumerators<Outcome>()), "give each outcome a state");

/// count of so many pages as count of all pages would be.
double for_pages(std::uint64_t count, std::uint64_t of_pages, std::uint64_t pages) {
  return of_pages == 0 ? 0 : static_cast<double>(count) / static_cast<double>(of_pages) * static_cast<double>(pages);
}

std::uint64_t recorded(const PageCounters& pages) { return pages.asked - pages.pending(); }

/// 0 when there is nothing to do.
std::optional<double> time_for(double work, double per_second) {
  if (work <= 0) return 0;
  if (per_second <= 0) return std::nullopt;
  return work / per_second;
}

}  // namespace

std::string_view state_name(CrawlState state) {
  const StateRow& row = kStates[state];
  return row.outcome ? outcome_name(*row.outcome) : row.name;
}

std::optional<CrawlState> state_from_name(std::string_view name) {
  const auto* const row = std::ranges::find(kStates, name, [](const StateRow& it) { return state_name(it.key); });
  return row == kStates.end() ? std::nullopt : std::optional(row->key);
}

CrawlState state_of(Outcome outcome) { return kStates.find(std::optional(outcome), &StateRow::outcome)->key; }

bool is_alive(CrawlState state) { return state < CrawlState::killed; }

std::uint64_t images_settled(const JobCounters& images) {
  return images.saved + images.duplicate + images.known + images.failed + images.robots;
}

ImagesInAll images_in_all(const PageCounters& pages, const JobCounters& images) {
  const std::uint64_t met = images_settled(images) + images.pending;
  const double to_come = for_pages(met, recorded(pages), pages.pending());
  return {met + static_cast<std::uint64_t>(std::llround(std::min(to_come, 1e15))), pages.pending() > 0};
}

std::optional<double> time_left(const PageCounters& pages, const JobCounters& images, double pages_per_second,
                                double images_per_second) {
  if (recorded(pages) == 0 && pages.pending() > 0) return std::nullopt;
  const std::uint64_t fetched = images.saved + images.duplicate + images.failed + images.pending;
  const double to_fetch = static_cast<double>(images.pending) + for_pages(fetched, recorded(pages), pages.pending());
  const auto for_images = time_for(to_fetch, images_per_second);
  const auto for_all_pages = time_for(static_cast<double>(pages.pending()), pages_per_second);
  if (!for_images || !for_all_pages) return std::nullopt;
  return std::max(*for_images, *for_all_pages);
}

}  // namespace doutu
