#include "crawler/report.h"

#include <array>
#include <cmath>
#include <fstream>
#include <nlohmann/json.hpp>

#include "crawler/new_file.h"
#include "shared/base/escape.h"

namespace doutu {
namespace {

using Json = nlohmann::ordered_json;

constexpr int kSchema = 1;

struct OutcomeRow {
  Outcome outcome;
  std::string_view name;
  int status;
};

constexpr std::array kOutcomes = {
    OutcomeRow{Outcome::complete, "complete", 0},         OutcomeRow{Outcome::failures, "failures", 3},
    OutcomeRow{Outcome::no_images, "no-images", 4},       OutcomeRow{Outcome::stopped_early, "stopped-early", 9},
    OutcomeRow{Outcome::interrupted, "interrupted", 130}, OutcomeRow{Outcome::broken, "broken", 1},
};

const OutcomeRow& row_of(Outcome outcome) { return kOutcomes.at(static_cast<std::size_t>(outcome)); }

std::string failures_path(const std::string& directory) { return state_folder(directory) + "/failures.jsonl"; }

/// ASCII only, so that no byte of a page's reaches a terminal through cat; never throws on bytes that are no UTF-8.
std::string dump(const Json& json, int indent = -1) {
  return json.dump(indent, ' ', true, Json::error_handler_t::replace);
}

std::string failure_line(const Failure& failure) {
  Json json = {{"kind", failure.is_page ? "page" : "image"}, {"url", without_secrets(failure.url)}};
  json["page"] = failure.page ? Json(*failure.page) : Json();
  json["cause"] = failure.cause;
  json["status"] = failure.http_status;
  json["attempts"] = failure.attempts;
  return dump(json);
}

Json to_json(const Report& report) {
  const AccountTally& images = report.images;
  Json failures = Json::object();
  for (const auto& [cause, tally] : report.failures) failures[cause] = tally.count;
  return {{"schema", kSchema},
          {"outcome", outcome_name(report.outcome)},
          {"account", report.account},
          {"seconds", std::round(report.seconds * 1000) / 1000},
          {"pages",
           {{"asked", report.pages.asked},
            {"done", report.pages.done},
            {"empty", report.pages.empty},
            {"failed", report.pages.failed},
            {"pending", report.pages.pending()}}},
          {"images",
           {{"found", images.found()},
            {"known", images.known},
            {"repeated", images.repeated},
            {"saved", images.saved},
            {"duplicate", images.duplicate},
            {"skipped", images.skipped},
            {"failed", images.failed},
            {"pending", images.pending}}},
          {"bytes", images.bytes},
          {"failures", failures}};
}

}  // namespace

std::string report_path(const std::string& directory) { return state_folder(directory) + "/report.json"; }

std::string_view outcome_name(Outcome outcome) { return row_of(outcome).name; }
int exit_status(Outcome outcome) { return row_of(outcome).status; }

Outcome finished_outcome(const PageTally& pages, const AccountTally& images) {
  if (pages.failed > 0 || images.failed > 0) return Outcome::failures;
  // Skipped ones are no images (data:, javascript:): a page with nothing else had none.
  return images.found() == images.skipped ? Outcome::no_images : Outcome::complete;
}

Result<std::map<std::string, CauseTally>> write_failures(const std::string& directory, const FailureSource& source) {
  std::map<std::string, CauseTally> causes;
  NewFile file(failures_path(directory));
  Status read = source([&](const Failure& failure) {
    file.add_line(failure_line(failure));
    CauseTally& tally = causes[failure.cause];
    if (tally.count++ == 0) tally.example = failure.url;
    if (failure.is_page) ++tally.pages;
  });
  if (!read) return std::move(read).error();
  if (Status placed = file.place(); !placed) return std::move(placed).error();
  return causes;
}

Status write_report(const std::string& directory, const Report& report) {
  NewFile file(report_path(directory));
  file.add_line(dump(to_json(report), 1));
  return file.place();
}

std::optional<PastReport> read_report(const std::string& directory) {
  std::ifstream stream(report_path(directory));
  const Json json = Json::parse(stream, nullptr, false);
  if (!json.is_object() || !json.contains("account") || !json.contains("outcome")) return std::nullopt;
  if (!json["account"].is_number_integer() || !json["outcome"].is_string()) return std::nullopt;
  const double seconds = json.contains("seconds") && json["seconds"].is_number() ? json["seconds"].get<double>() : 0;
  return PastReport{json["account"].get<std::int64_t>(), json["outcome"].get<std::string>(), seconds};
}

void find_examples(const std::string& directory, std::map<std::string, CauseTally>& failures) {
  std::ifstream stream(failures_path(directory), std::ios::binary);
  std::size_t missing = failures.size();
  for (std::string line; missing > 0 && std::getline(stream, line);) {
    const Json json = Json::parse(line, nullptr, false);
    if (!json.is_object() || !json.contains("cause") || !json["cause"].is_string()) continue;
    const auto found = failures.find(json["cause"].get<std::string>());
    if (found == failures.end() || !found->second.example.empty()) continue;
    found->second.example = json.contains("url") && json["url"].is_string() ? json["url"].get<std::string>() : "?";
    --missing;
  }
}

}  // namespace doutu
