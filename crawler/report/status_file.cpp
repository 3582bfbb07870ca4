#include "crawler/report/status_file.h"

#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>
#include <utility>

#include "crawler/report/counters_json.h"
#include "crawler/report/empty_pages_json.h"
#include "shared/base/escape.h"
#include "shared/folder/new_file.h"

namespace doutu {
namespace {

using Json = nlohmann::ordered_json;

constexpr int kSchema = 1;
constexpr std::uint64_t kMaxBytes = 4U << 20U;  // 64 processes with URLs of 16,000 bytes, escaped

constexpr std::size_t kMaxUrl = 16'000;

double rounded(double value) { return std::round(value * 1000) / 1000; }

Json or_null(pid_t pid) { return pid > 0 ? Json(pid) : Json(); }
Json or_null(const std::string& text) { return text.empty() ? Json() : Json(text); }
Json or_null(const std::optional<double>& value) { return value ? Json(rounded(*value)) : Json(); }

std::string shown(const std::string& url) { return escape_url(url, kMaxUrl); }

Json lines_of(const std::string& text) {
  Json lines = Json::array();
  for (std::size_t from = 0; from < text.size();) {
    const std::size_t end = std::min(text.find('\n', from), text.size());
    lines.push_back(text.substr(from, end - from));
    from = end + 1;
  }
  return lines;
}

Json to_json(const ProcessSnapshot& process) {
  return {{"name", process.name},          {"pid", or_null(process.pid)},         {"state", process.state},
          {"restarts", process.restarts},  {"seconds", rounded(process.seconds)}, {"url", or_null(shown(process.url))},
          {"in_flight", process.in_flight}};
}

Json to_json(const BackOff& back_off) {
  if (back_off.seconds <= 0) return {};
  return {{"reason", or_null(std::string(image_wait_name(back_off.reason)))}, {"seconds", rounded(back_off.seconds)}};
}

Json to_json(const CrawlSnapshot& f) {
  Json processes = Json::array();
  for (const ProcessSnapshot& process : f.processes) processes.push_back(to_json(process));
  Json images = to_json(f.images);
  images["in_flight"] = f.in_flight;
  return {{"schema", kSchema},
          {"state", state_name(f.state)},
          {"directory", f.directory},
          {"job", f.job},
          {"pid", or_null(f.pid)},
          {"spec",
           {{"template", shown(f.spec.url_template)}, {"pages", f.spec.pages}, {"xpaths", lines_of(f.spec.xpaths)}}},
          {"updated_ms", f.updated_ms},
          {"seconds", rounded(f.seconds)},
          {"pages", to_json(f.pages)},
          {"images", std::move(images)},
          {"bytes", f.images.bytes},
          {"links_not_followed", to_json(f.links_not_followed)},
          {"without_end_mark", f.without_end_mark},
          {"replaced", f.replaced},
          {"limit", or_null(f.limit)},
          {"empty_pages", to_json(f.empty_pages)},
          {"failures", Json(f.failures)},
          {"page_failures", Json(f.page_failures)},
          {"per_second",
           {{"pages", rounded(f.pages_per_second)},
            {"images", rounded(f.images_per_second)},
            {"bytes", rounded(f.bytes_per_second)}}},
          {"seconds_left", or_null(f.seconds_left)},
          {"bottleneck", bottleneck_name(f.bottleneck)},
          {"back_off", to_json(f.back_off)},
          {"stale_seconds", rounded(f.stale_seconds)},
          {"processes", std::move(processes)}};
}

/// Members of an object that may be anything: what is not as it should be leaves the target alone.
class Reader {
 public:
  explicit Reader(const Json& object) : object_(object) {}

  [[nodiscard]] const Json& at(const char* name) const {
    static const Json null;
    const auto found = object_.is_object() ? object_.find(name) : object_.end();
    return object_.is_object() && found != object_.end() ? *found : null;
  }
  [[nodiscard]] Reader object(const char* name) const { return Reader(at(name)); }

  template <class Number>
  void count(const char* name, Number& target) const {
    const Json& value = at(name);
    if (value.is_number_unsigned() && std::in_range<Number>(value.get<std::uint64_t>())) target = value.get<Number>();
  }
  void real(const char* name, double& target) const {
    if (const Json& value = at(name); value.is_number()) target = value.get<double>();
  }
  void text(const char* name, std::string& target) const {
    if (const Json& value = at(name); value.is_string()) target = value.get<std::string>();
  }

 private:
  const Json& object_;
};

JobSpec spec_in(const Reader& in) {
  JobSpec spec;
  in.text("template", spec.url_template);
  in.text("pages", spec.pages);
  for (const Json& xpath : in.at("xpaths")) {
    if (!xpath.is_string()) continue;
    spec.xpaths += (spec.xpaths.empty() ? "" : "\n") + xpath.get<std::string>();
  }
  return spec;
}

ProcessSnapshot process_in(const Reader& in) {
  ProcessSnapshot process;
  in.text("name", process.name);
  in.count("pid", process.pid);
  in.text("state", process.state);
  in.count("restarts", process.restarts);
  in.real("seconds", process.seconds);
  in.text("url", process.url);
  in.count("in_flight", process.in_flight);
  return process;
}

void read_rates(const Reader& in, CrawlSnapshot& snapshot) {
  in.real("pages", snapshot.pages_per_second);
  in.real("images", snapshot.images_per_second);
  in.real("bytes", snapshot.bytes_per_second);
}

std::map<std::string, std::uint64_t> counts_in(const Json& object) {
  std::map<std::string, std::uint64_t> counts;
  if (!object.is_object()) return counts;
  for (const auto& [name, count] : object.items()) {
    if (count.is_number_unsigned()) counts[name] = count.get<std::uint64_t>();
  }
  return counts;
}

}  // namespace

std::string status_json(const CrawlSnapshot& snapshot) {
  return to_json(snapshot).dump(-1, ' ', true, Json::error_handler_t::replace);
}

std::optional<CrawlSnapshot> parse_status(std::string_view text) {
  const Json json = Json::parse(text, nullptr, false);
  const Reader in(json);
  std::string state;
  in.text("state", state);
  const auto known = state_from_name(state);
  if (!known) return std::nullopt;
  // Before 0.1.0 the job had another name, and the counters stood elsewhere: then the ledger has to say them.
  const bool is_older = !in.at("job").is_number();
  if (is_older && !is_alive(*known)) return std::nullopt;

  CrawlSnapshot snapshot;
  snapshot.state = *known;
  in.text("directory", snapshot.directory);
  in.count(is_older ? "account" : "job", snapshot.job);
  in.count("pid", snapshot.pid);
  snapshot.spec = spec_in(in.object("spec"));
  in.count("updated_ms", snapshot.updated_ms);
  in.real("seconds", snapshot.seconds);
  snapshot.pages = page_counters_in(in.at("pages"));
  snapshot.images = image_counters_in(in.at("images"));
  in.count("bytes", snapshot.images.bytes);
  snapshot.links_not_followed = links_not_followed_in(in.at("links_not_followed"));
  in.count("without_end_mark", snapshot.without_end_mark);
  in.count("replaced", snapshot.replaced);
  in.text("limit", snapshot.limit);
  snapshot.empty_pages = empty_pages_in(in.at("empty_pages"));
  in.object("images").count("in_flight", snapshot.in_flight);
  snapshot.failures = counts_in(in.at("failures"));
  snapshot.page_failures = counts_in(in.at("page_failures"));
  read_rates(in.object("per_second"), snapshot);
  if (in.at("seconds_left").is_number()) snapshot.seconds_left = in.at("seconds_left").get<double>();
  std::string waits;
  in.text("bottleneck", waits);
  snapshot.bottleneck = bottleneck_from_name(waits).value_or(Bottleneck::nothing);
  std::string why;
  in.object("back_off").text("reason", why);
  snapshot.back_off.reason = image_wait_from_name(why);
  in.object("back_off").real("seconds", snapshot.back_off.seconds);
  if (const Json& processes = in.at("processes"); processes.is_array()) {
    for (const Json& process : processes) snapshot.processes.push_back(process_in(Reader(process)));
  }
  return snapshot;
}

Status write_status(const StateFolder& folder, const CrawlSnapshot& snapshot) {
  NewFile file(folder, kStatusName);
  file.add_line(status_json(snapshot));
  return file.publish();
}

std::optional<CrawlSnapshot> read_status(const StateFolder& folder) {
  const auto text = folder.read(kStatusName, kMaxBytes);
  return text ? parse_status(*text) : std::nullopt;
}

void remove_status(const StateFolder& folder) { (void)folder.remove(kStatusName); }

}  // namespace doutu
