#include "shared/robots/robots_rules.h"

#include <algorithm>
#include <charconv>
#include <system_error>
#include <tuple>
#include <utility>

#include "shared/base/ascii.h"
#include "shared/robots/path_pattern.h"
#include "shared/robots/robots_file.h"
#include "shared/url/url.h"

namespace doutu {
namespace {

constexpr std::string_view kRobotsPath = "/robots.txt";
/// Of a line "=60000".
constexpr std::size_t kDelayBytes = 16;

/// "2", "0.5"; 0 for anything else.
milliseconds delay_in(std::string_view value) {
  if (value.empty() || !(is_ascii_digit(value.front()) || value.front() == '.')) return {};  // "inf"
  double seconds = 0;
  const auto [end, error] =
      std::from_chars(value.data(), value.data() + value.size(), seconds, std::chars_format::fixed);
  if (error == std::errc::result_out_of_range) return RobotsRules::kMaxCrawlDelay;
  if (error != std::errc() || end != value.data() + value.size() || !(seconds > 0)) return {};
  const double most = std::chrono::duration<double>(RobotsRules::kMaxCrawlDelay).count();
  return std::chrono::ceil<milliseconds>(std::chrono::duration<double>(std::min(seconds, most)));
}

/// What is written to one kind of crawler.
struct Groups {
  bool exist = false;
  std::vector<std::pair<std::string, bool>> rules{};  ///< Pattern, and whether it allows.
  std::size_t bytes = kDelayBytes;                    ///< Of the text that they come to.
  milliseconds delay{0};

  void add(const RobotsLine& line) {
    if (line.kind == RobotsLine::Kind::crawl_delay) delay = std::max(delay, delay_in(line.value));
    if (line.kind == RobotsLine::Kind::crawl_delay || line.value.empty()) return;
    std::string pattern = canonical_pattern(line.value);
    bytes += pattern.size() + 2;
    // As soon as one does not fit, none behind it counts: what stands last is not what a site means most.
    if (bytes <= RobotsRules::kMaxRulesBytes)
      rules.emplace_back(std::move(pattern), line.kind == RobotsLine::Kind::allow);
  }
};

bool is_web_page(std::string_view file) {
  const std::size_t begin = file.find_first_not_of("\xef\xbb\xbf \t\r\n");
  return begin != std::string_view::npos && file[begin] == '<';
}

std::string_view path_of(std::string_view url) {
  const std::size_t begin = url_origin(url).size();
  return begin < url.size() ? url.substr(begin) : "/";
}

}  // namespace

RobotsRules RobotsRules::parse(std::string_view file, std::string_view token) {
  if (is_web_page(file)) return {};
  Groups own;
  Groups all;
  bool is_own = false;  // Of the group that goes on.
  bool is_all = false;
  bool has_rules = false;
  for_each_robots_line(file, [&](const RobotsLine& line) {
    if (line.kind == RobotsLine::Kind::user_agent) {
      if (std::exchange(has_rules, false)) is_own = is_all = false;
      const std::string_view named = product_token(line.value);
      is_own = is_own || equals_ignoring_case(named, token);
      is_all = is_all || named == "*";
      own.exist = own.exist || is_own;
      return;
    }
    has_rules = true;
    if (is_own) own.add(line);
    if (is_all) all.add(line);
  });
  Groups& groups = own.exist ? own : all;
  RobotsRules rules;
  for (auto& [pattern, allows] : groups.rules) rules.rules_.push_back({std::move(pattern), allows});
  rules.crawl_delay_ = groups.delay;
  rules.sort();
  return rules;
}

void RobotsRules::sort() {
  std::ranges::stable_sort(rules_, [](const Rule& a, const Rule& b) {
    return std::tuple(b.pattern.size(), b.allows) < std::tuple(a.pattern.size(), a.allows);
  });
}

bool RobotsRules::allows(std::string_view url) const {
  if (rules_.empty()) return true;
  const std::string path = canonical_path(path_of(url));
  const auto rule = std::ranges::find_if(rules_, [&](const Rule& each) { return matches(each.pattern, path); });
  return rule == rules_.end() || rule->allows || path == kRobotsPath;
}

std::size_t RobotsRules::bytes() const {
  std::size_t bytes = sizeof *this;
  for (const Rule& rule : rules_) bytes += sizeof rule + rule.pattern.capacity();
  return bytes;
}

std::string RobotsRules::to_text() const {
  std::string text;
  for (const Rule& rule : rules_) text.append(rule.allows ? "+" : "-").append(rule.pattern).append("\n");
  if (crawl_delay_ > milliseconds(0)) text.append("=").append(std::to_string(crawl_delay_.count())).append("\n");
  return text;
}

std::optional<RobotsRules> RobotsRules::from_text(std::string_view text) {
  if (text.size() > kMaxRulesBytes) return std::nullopt;
  RobotsRules rules;
  while (!text.empty()) {
    const std::size_t end = text.find('\n');
    if (end == 0 || end == std::string_view::npos) return std::nullopt;
    const char mark = text.front();
    const std::string_view value = text.substr(1, end - 1);
    if (mark == '=') {
      int delay = 0;
      const auto [behind, error] = std::from_chars(value.data(), value.data() + value.size(), delay);
      if (error != std::errc() || behind != value.data() + value.size()) return std::nullopt;
      if (delay <= 0 || milliseconds(delay) > kMaxCrawlDelay) return std::nullopt;
      rules.crawl_delay_ = milliseconds(delay);
    } else if ((mark == '+' || mark == '-') && !value.empty() && value == canonical_pattern(value)) {
      rules.rules_.push_back({std::string(value), mark == '+'});
    } else {
      return std::nullopt;
    }
    text.remove_prefix(end + 1);
  }
  rules.sort();
  return rules;
}

}  // namespace doutu
