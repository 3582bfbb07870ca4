#include "crawler/view/progress.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "shared/base/human_text.h"

namespace doutu {
namespace {

constexpr int kSamples = 50;

std::string pages_text(const PageCounters& pages) {
  std::string text = fmt::format("pages {}/{}{}", human_count(pages.asked - pages.pending()), human_count(pages.asked),
                                 pages.may_grow ? "+" : "");
  if (pages.failed > 0) text += fmt::format(" ({} failed)", human_count(pages.failed));
  if (pages.robots > 0) text += fmt::format(" ({} left out by robots.txt)", human_count(pages.robots));
  return text;
}

std::string images_text(const CrawlSnapshot& snapshot) {
  const JobCounters& images = snapshot.images;
  std::string text = fmt::format("images {} ({}/s, {}", human_count(images.saved + images.duplicate),
                                 human_rate(snapshot.images_per_second), human_bytes(images.bytes));
  const auto add = [&text](std::uint64_t count, std::string_view what) {
    if (count > 0) text += fmt::format(", {} {}", human_count(count), what);
  };
  add(images.known, "already had");
  add(images.failed, "failed");
  add(images.robots, "left out by robots.txt");
  add(images.pending, "to go");
  add(snapshot.in_flight, "in flight");
  return text + ")";
}

}  // namespace

std::string progress_line(const CrawlSnapshot& snapshot) {
  std::string line = pages_text(snapshot.pages) + "  " + images_text(snapshot);
  if (snapshot.seconds_left) line += fmt::format("  {} left", human_time(*snapshot.seconds_left));
  if (const auto waits = bottleneck_text(snapshot.bottleneck, snapshot.back_off); !waits.empty())
    line += fmt::format("  {}", waits);
  return line;
}

void RateMeter::add(MonoTime now, std::uint64_t total) {
  if (!samples_.empty() && total < samples_.back().total) samples_.clear();
  const auto close = [&] {
    return samples_.size() > 1 && now - samples_[samples_.size() - 2].time < window_ / kSamples;
  };
  if (close()) samples_.pop_back();
  samples_.push_back({now, total});
  while (samples_.size() > 2 && now - samples_[1].time >= window_) samples_.pop_front();
}

double RateMeter::per_second() const {
  if (samples_.size() < 2) return 0;
  const Sample& from = samples_.front();
  const Sample& to = samples_.back();
  const double elapsed = std::chrono::duration<double>(to.time - from.time).count();
  return elapsed <= 0 ? 0 : static_cast<double>(to.total - from.total) / elapsed;
}

}  // namespace doutu
