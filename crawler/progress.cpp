#include "crawler/progress.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>

namespace doutu {
namespace {

constexpr seconds kRateWindow{10};
constexpr std::size_t kMaxSamples = 100;

std::string pages_text(const ProgressFigures& figures) {
  std::string text = fmt::format("pages {}/{}", human_count(figures.pages_done), human_count(figures.pages_asked));
  if (figures.pages_failed > 0) text += fmt::format(" ({} failed)", human_count(figures.pages_failed));
  return text;
}

std::string images_text(const ProgressFigures& figures, double images_per_second) {
  std::string text = fmt::format("images {} ({:.0f}/s, {}", human_count(figures.images_saved), images_per_second,
                                 human_bytes(figures.bytes));
  const auto add = [&text](std::uint64_t count, std::string_view what) {
    if (count > 0) text += fmt::format(", {} {}", human_count(count), what);
  };
  add(figures.images_known, "known");
  add(figures.images_failed, "failed");
  add(figures.images_pending, "to go");
  add(figures.in_flight, "in flight");
  return text + ")";
}

}  // namespace

std::string progress_line(const ProgressFigures& figures, double images_per_second, std::size_t width) {
  std::string line = pages_text(figures) + "  " + images_text(figures, images_per_second);
  if (figures.disk_full) line.insert(0, "DISK FULL, waiting for space  ");
  if (width > 0 && line.size() > width) line.resize(width);
  return line;
}

void RateMeter::add(MonoTime now, std::uint64_t total) {
  if (!samples_.empty() && total < samples_.back().total) samples_.clear();
  samples_.push_back({now, total});
  const auto too_old = [&] { return samples_.size() > 2 && now - samples_[1].time >= kRateWindow; };
  while (too_old() || samples_.size() > kMaxSamples) samples_.pop_front();
}

double RateMeter::per_second() const {
  if (samples_.size() < 2) return 0;
  const Sample& from = samples_.front();
  const Sample& to = samples_.back();
  const double elapsed = std::chrono::duration<double>(to.time - from.time).count();
  return elapsed <= 0 ? 0 : static_cast<double>(to.total - from.total) / elapsed;
}

std::string human_count(std::uint64_t count) {
  std::string text = std::to_string(count);
  for (std::size_t i = text.size(); i > 3;) text.insert(i -= 3, 1, ',');
  return text;
}

std::string human_bytes(std::uint64_t bytes) {
  constexpr std::array<std::string_view, 6> kUnits = {"KiB", "MiB", "GiB", "TiB", "PiB", "EiB"};
  if (bytes < 1024) return fmt::format("{} B", bytes);
  auto value = static_cast<double>(bytes) / 1024;
  std::size_t unit = 0;
  for (; value >= 1023.95; ++unit) value /= 1024;  // so that nothing rounds up to "1024.0"
  return fmt::format("{:.1f} {}", value, kUnits.at(unit));
}

std::string human_seconds(double elapsed) {
  if (!(elapsed >= 0)) elapsed = 0;  // NaN too
  if (elapsed < 59.95) return fmt::format("{:.1f} s", elapsed);
  const auto whole = static_cast<std::uint64_t>(std::llround(std::min(elapsed, 1e9)));
  if (whole < 3600) return fmt::format("{} min {:02} s", whole / 60, whole % 60);
  return fmt::format("{} h {:02} min", whole / 3600, whole / 60 % 60);
}

std::string human_number_of(std::uint64_t count, std::string_view noun) {
  return fmt::format("{} {}{}", human_count(count), noun, count == 1 ? "" : "s");
}

}  // namespace doutu
