#include "crawler/report/status_file.h"

#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>
#include <utility>

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

Json to_json(const ProcessFigures& process) {
  return {{"name", process.name},          {"pid", or_null(process.pid)},         {"state", process.state},
          {"restarts", process.restarts},  {"seconds", rounded(process.seconds)}, {"url", or_null(shown(process.url))},
          {"in_flight", process.in_flight}};
}

Json to_json(const Sparing& sparing) {
  if (sparing.seconds <= 0) return {};
  return {{"why", or_null(std::string(image_wait_name(sparing.reason)))}, {"seconds", rounded(sparing.seconds)}};
}

Json to_json(const CrawlFigures& f) {
  Json processes = Json::array();
  for (const ProcessFigures& process : f.processes) processes.push_back(to_json(process));
  return {{"schema", kSchema},
          {"state", state_name(f.state)},
          {"directory", f.directory},
          {"account", f.account},
          {"pid", or_null(f.pid)},
          {"asked",
           {{"template", shown(f.request.url_template)},
            {"pages", f.request.pages},
            {"xpaths", lines_of(f.request.xpaths)}}},
          {"updated_ms", f.updated_ms},
          {"seconds", rounded(f.seconds)},
          {"pages",
           {{"asked", f.pages.asked},
            {"done", f.pages.done},
            {"empty", f.pages.empty},
            {"failed", f.pages.failed},
            {"pending", f.pages.pending()}}},
          {"images",
           {{"found", f.images.found()},
            {"known", f.images.known},
            {"repeated", f.images.repeated},
            {"saved", f.images.saved},
            {"duplicate", f.images.duplicate},
            {"skipped", f.images.skipped},
            {"failed", f.images.failed},
            {"pending", f.images.pending},
            {"in_flight", f.in_flight}}},
          {"bytes", f.images.bytes},
          {"without_end_mark", f.without_end_mark},
          {"limit", or_null(f.limit)},
          {"empty_pages", to_json(f.empty_pages)},
          {"failures", Json(f.failures)},
          {"page_failures", Json(f.page_failures)},
          {"per_second",
           {{"pages", rounded(f.pages_per_second)},
            {"images", rounded(f.images_per_second)},
            {"bytes", rounded(f.bytes_per_second)}}},
          {"seconds_left", or_null(f.seconds_left)},
          {"waits_for", waits_for_name(f.waits_for)},
          {"wait", to_json(f.sparing)},
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

PageTally pages_in(const Reader& in) {
  PageTally pages;
  in.count("asked", pages.asked);
  in.count("done", pages.done);
  in.count("empty", pages.empty);
  in.count("failed", pages.failed);
  std::uint64_t left = pages.asked;
  const auto fits = [&left](std::uint64_t count) { return left >= count && (left -= count, true); };
  return fits(pages.done) && fits(pages.empty) && fits(pages.failed) ? pages : PageTally{};
}

AccountTally images_in(const Reader& in) {
  AccountTally images;
  in.count("known", images.known);
  in.count("repeated", images.repeated);
  in.count("saved", images.saved);
  in.count("duplicate", images.duplicate);
  in.count("skipped", images.skipped);
  in.count("failed", images.failed);
  in.count("pending", images.pending);
  return images;
}

AccountRequest request_in(const Reader& in) {
  AccountRequest request;
  in.text("template", request.url_template);
  in.text("pages", request.pages);
  for (const Json& xpath : in.at("xpaths")) {
    if (!xpath.is_string()) continue;
    request.xpaths += (request.xpaths.empty() ? "" : "\n") + xpath.get<std::string>();
  }
  return request;
}

ProcessFigures process_in(const Reader& in) {
  ProcessFigures process;
  in.text("name", process.name);
  in.count("pid", process.pid);
  in.text("state", process.state);
  in.count("restarts", process.restarts);
  in.real("seconds", process.seconds);
  in.text("url", process.url);
  in.count("in_flight", process.in_flight);
  return process;
}

void read_rates(const Reader& in, CrawlFigures& figures) {
  in.real("pages", figures.pages_per_second);
  in.real("images", figures.images_per_second);
  in.real("bytes", figures.bytes_per_second);
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

std::string status_json(const CrawlFigures& figures) {
  return to_json(figures).dump(-1, ' ', true, Json::error_handler_t::replace);
}

std::optional<CrawlFigures> parse_status(std::string_view text) {
  const Json json = Json::parse(text, nullptr, false);
  const Reader in(json);
  std::string state;
  in.text("state", state);
  const auto known = state_from_name(state);
  if (!known) return std::nullopt;

  CrawlFigures figures;
  figures.state = *known;
  in.text("directory", figures.directory);
  in.count("account", figures.account);
  in.count("pid", figures.pid);
  figures.request = request_in(in.object("asked"));
  in.count("updated_ms", figures.updated_ms);
  in.real("seconds", figures.seconds);
  figures.pages = pages_in(in.object("pages"));
  figures.images = images_in(in.object("images"));
  in.count("bytes", figures.images.bytes);
  in.count("without_end_mark", figures.without_end_mark);
  in.text("limit", figures.limit);
  figures.empty_pages = empty_pages_in(in.at("empty_pages"));
  in.object("images").count("in_flight", figures.in_flight);
  figures.failures = counts_in(in.at("failures"));
  figures.page_failures = counts_in(in.at("page_failures"));
  read_rates(in.object("per_second"), figures);
  if (in.at("seconds_left").is_number()) figures.seconds_left = in.at("seconds_left").get<double>();
  std::string waits;
  in.text("waits_for", waits);
  figures.waits_for = waits_for_from_name(waits).value_or(WaitsFor::nothing);
  std::string why;
  in.object("wait").text("why", why);
  figures.sparing.reason = image_wait_from_name(why);
  in.object("wait").real("seconds", figures.sparing.seconds);
  if (const Json& processes = in.at("processes"); processes.is_array()) {
    for (const Json& process : processes) figures.processes.push_back(process_in(Reader(process)));
  }
  return figures;
}

Status write_status(const StateFolder& folder, const CrawlFigures& figures) {
  NewFile file(folder, kStatusName);
  file.add_line(status_json(figures));
  return file.place();
}

std::optional<CrawlFigures> read_status(const StateFolder& folder) {
  const auto text = folder.read(kStatusName, kMaxBytes);
  return text ? parse_status(*text) : std::nullopt;
}

void remove_status(const StateFolder& folder) { (void)folder.remove(kStatusName); }

}  // namespace doutu
