#include "crawler/view/live_view.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "shared/base/escape.h"
#include "shared/base/human_text.h"

namespace doutu {
namespace {

constexpr std::size_t kLabel = 8;
constexpr std::size_t kLeastBar = 10;
constexpr std::size_t kMostBar = 60;
constexpr std::size_t kLeastRows = 3;
constexpr std::size_t kCauses = 6;
constexpr std::string_view kGap = "   ";

enum class Paint { none, green, red, yellow, faint };

std::string_view sgr(Paint paint) {
  switch (paint) {
    case Paint::green:
      return "\x1b[32m";
    case Paint::red:
      return "\x1b[31m";
    case Paint::yellow:
      return "\x1b[33m";
    case Paint::faint:
      return "\x1b[2m";
    case Paint::none:
      break;
  }
  return "";
}

/// One line that cannot become wider than the terminal.
class Line {
 public:
  explicit Line(const ViewStyle& style) : style_(style), room_(style.columns > 1 ? style.columns - 1 : 1) {}

  Line& add(std::string_view text, Paint paint = Paint::none) {
    const std::string cut = cut_to_columns(in_charset(text, style_.charset), room_, style_.charset);
    if (cut.empty()) return *this;
    room_ -= columns_of(cut);
    const bool painted = style_.color == Color::yes && paint != Paint::none;
    text_ += painted ? fmt::format("{}{}\x1b[0m", sgr(paint), cut) : cut;
    return *this;
  }
  /// A part of its own, unless it is empty.
  Line& part(std::string_view text, Paint paint = Paint::none) {
    return text.empty() ? *this : add(kGap).add(text, paint);
  }
  /// Fills up to that many columns.
  Line& label(std::string_view text, std::size_t columns = kLabel) {
    add(text);
    const std::size_t used = columns_of(text);
    return add(std::string(columns - std::min(columns, used), ' '));
  }
  [[nodiscard]] std::size_t room() const { return room_; }
  std::string take() { return std::move(text_); }

 private:
  const ViewStyle& style_;
  std::size_t room_;
  std::string text_;
};

std::string counted(std::uint64_t count, std::string_view what) {
  return count == 0 ? "" : fmt::format("{} {}", human_count(count), what);
}

std::string number_of(std::uint64_t count, std::string_view noun) {
  return count == 0 ? "" : human_number_of(count, noun);
}

std::string percent(std::uint64_t done, std::uint64_t total) {
  if (total == 0) return "";
  const double share = 100.0 * static_cast<double>(std::min(done, total)) / static_cast<double>(total);
  return fmt::format("{:.0f} %", done < total ? std::min(share, 99.0) : 100.0);
}

std::string bar_of(std::uint64_t done, std::uint64_t total, const ViewStyle& style) {
  return bar(done, total, std::clamp(style.columns / 3, kLeastBar, kMostBar), style.charset);
}

std::string pages_line(const CrawlSnapshot& snapshot, const ViewStyle& style) {
  const PageCounters& pages = snapshot.pages;
  const std::uint64_t done = pages.asked - pages.pending();
  Line line(style);
  line.label("pages").add(bar_of(done, pages.asked, style), Paint::green);
  line.add(fmt::format("  {}/{}{}", human_count(done), human_count(pages.asked), pages.may_grow ? "+" : ""));
  line.part(pages.may_grow ? "" : percent(done, pages.asked));
  return line.part(counted(pages.empty, "empty"))
      .part(counted(pages.failed, "failed"), Paint::red)
      .part(counted(pages.robots, "left out by robots.txt"))
      .take();
}

std::string images_line(const CrawlSnapshot& snapshot, const ViewStyle& style) {
  const std::uint64_t done = images_settled(snapshot.images);
  const ImagesInAll all = images_in_all(snapshot.pages, snapshot.images);
  Line line(style);
  line.label("images").add(bar_of(done, all.count, style), Paint::green);
  line.add(fmt::format("  {}/{}{}", human_count(done), all.estimated ? "~" : "", human_count(all.count)));
  line.part(percent(done, all.count));
  if (is_alive(snapshot.state)) line.part(human_rate(snapshot.images_per_second) + "/s");
  return line.part(counted(snapshot.images.known, "already had")).take();
}

std::string bytes_line(const CrawlSnapshot& snapshot, const ViewStyle& style) {
  Line line(style);
  line.label("bytes").add(human_bytes(snapshot.images.bytes));
  if (is_alive(snapshot.state)) {
    line.part(human_bytes(static_cast<std::uint64_t>(std::max(0.0, snapshot.bytes_per_second))) + "/s");
  }
  return line.part(number_of(snapshot.images.duplicate, "duplicate file"))
      .part(number_of(snapshot.images.repeated, "duplicate link"))
      .part(counted(snapshot.images.skipped, "skipped"))
      .part(counted(snapshot.images.robots, "left out by robots.txt"))
      .take();
}

std::string failures_line(const CrawlSnapshot& snapshot, const ViewStyle& style) {
  return Line(style).label("failed").add(failures_in_short(snapshot.failures, kCauses), Paint::red).take();
}

std::string time_line(const CrawlSnapshot& snapshot, const ViewStyle& style) {
  Line line(style);
  line.label("time").add(human_time(snapshot.seconds));
  if (!is_alive(snapshot.state)) return line.take();
  if (snapshot.seconds_left) line.part(fmt::format("about {} left", human_time(*snapshot.seconds_left)));
  line.part(bottleneck_text(snapshot.bottleneck, snapshot.back_off),
            snapshot.bottleneck == Bottleneck::disk ? Paint::red : Paint::yellow);
  if (snapshot.stale_seconds > 0)
    line.part(fmt::format("no news for {}", human_time(snapshot.stale_seconds)), Paint::red);
  if (snapshot.state != CrawlState::running) line.part(state_name(snapshot.state));
  return line.take();
}

std::string process_line(const ProcessSnapshot& process, const ViewStyle& style) {
  Line line(style);
  line.label(process.name, 12)
      .add(fmt::format(" {:>7}", process.pid == 0 ? "-" : std::to_string(process.pid)), Paint::faint);
  line.add("  ").label(
      process.in_flight > 0 ? fmt::format("{} in flight", human_count(process.in_flight)) : process.state,
      process.url.empty() ? 0 : 10);
  if (!process.url.empty()) {
    line.add(fmt::format(" {:>4}  ", human_time(process.seconds)));
    const std::size_t restarts = process.restarts > 0 ? 16 : 0;
    line.add(cut_middle(in_charset(escape_url(process.url), style.charset),
                        line.room() - std::min(line.room(), restarts), style.charset));
  }
  if (process.restarts > 0) line.part(counted(process.restarts, process.restarts == 1 ? "restart" : "restarts"));
  return line.take();
}

/// Those that have room; the downloader, the last of all, before the fetchers at the end of the list.
void add_processes(std::vector<std::string>& lines, const CrawlSnapshot& snapshot, std::size_t room,
                   const ViewStyle& style) {
  const auto& processes = snapshot.processes;
  if (processes.size() <= room) {
    for (const ProcessSnapshot& process : processes) lines.push_back(process_line(process, style));
    return;
  }
  if (room < 2) return;
  const std::size_t fetchers = room - 2;
  for (std::size_t i = 0; i < fetchers; ++i) lines.push_back(process_line(processes[i], style));
  lines.push_back(
      Line(style).add(fmt::format("and {} more", human_count(processes.size() - 1 - fetchers)), Paint::faint).take());
  lines.push_back(process_line(processes.back(), style));
}

}  // namespace

std::string failures_in_short(const std::map<std::string, std::uint64_t>& failures, std::size_t shown) {
  std::vector<std::pair<std::string, std::uint64_t>> rows(failures.begin(), failures.end());
  std::stable_sort(rows.begin(), rows.end(), [](const auto& a, const auto& b) { return a.second > b.second; });
  std::uint64_t others = 0;
  for (std::size_t i = shown; i < rows.size(); ++i) others += rows[i].second;
  rows.resize(std::min(rows.size(), shown));
  std::string text;
  for (const auto& [cause, count] : rows) {
    text += fmt::format("{}{} {}", text.empty() ? "" : ", ", human_count(count), escape_for_terminal(cause, 60));
  }
  return others == 0 ? text : fmt::format("{}, {} others", text, human_count(others));
}

std::vector<std::string> live_view(const CrawlSnapshot& snapshot, const ViewStyle& style) {
  const std::size_t rows = style.rows > kLeastRows ? style.rows - 2 : 1;
  std::vector<std::string> lines = {pages_line(snapshot, style), images_line(snapshot, style),
                                    time_line(snapshot, style)};
  if (!snapshot.failures.empty()) lines.push_back(failures_line(snapshot, style));
  lines.push_back(bytes_line(snapshot, style));
  if (lines.size() > rows) lines.resize(rows);
  add_processes(lines, snapshot, rows - lines.size(), style);
  return lines;
}

}  // namespace doutu
