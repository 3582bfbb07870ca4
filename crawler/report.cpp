#include "crawler/report.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <cstdio>
#include <fstream>
#include <nlohmann/json.hpp>
#include <vector>

#include "crawler/progress.h"
#include "shared/base/cause.h"
#include "shared/base/escape.h"

namespace doutu {
namespace {

using Json = nlohmann::ordered_json;

constexpr int kSchema = 1;
constexpr std::size_t kCausesShown = 8;
constexpr std::size_t kUrlShown = 200;

struct OutcomeRow {
  Outcome outcome;
  std::string_view name;
  int status;
  std::string_view headline;
  std::string_view next;
};

constexpr std::array kOutcomes = {
    OutcomeRow{Outcome::complete, "complete", 0, "Complete", ""},
    OutcomeRow{Outcome::failures, "failures", 3, "Finished with failures",
               "Next: the same command tries again; images that are here are not fetched again."},
    OutcomeRow{Outcome::no_images, "no-images", 4, "Finished, but no page had an image",
               "Next: has the site changed? Compare the XPath with a page as the server sends it."},
    OutcomeRow{Outcome::stopped_early, "stopped-early", 9, "Stopped early",
               "Next: the same command continues once the reason is gone."},
    OutcomeRow{Outcome::interrupted, "interrupted", 130, "Stopped", "Next: the same command continues."},
    OutcomeRow{Outcome::broken, "broken", 1, "Ended by an error",
               "Next: see crawl.log for the reason; the same command continues."},
};

const OutcomeRow& row_of(Outcome outcome) { return kOutcomes.at(static_cast<std::size_t>(outcome)); }

/// A file that takes the place of the one before only when it is whole.
class NewFile {
 public:
  explicit NewFile(const std::string& path) : path_(path), temporary_(path + ".new") {
    stream_.open(temporary_, std::ios::binary | std::ios::trunc);
  }
  NewFile(const NewFile&) = delete;
  NewFile& operator=(const NewFile&) = delete;
  ~NewFile() {
    if (!placed_) std::remove(temporary_.c_str());
  }

  void add_line(const std::string& text) { stream_ << text << '\n'; }

  Status place() {
    stream_.close();
    if (!stream_) return system_error(temporary_);
    if (std::rename(temporary_.c_str(), path_.c_str()) != 0) return system_error(path_);
    placed_ = true;
    return {};
  }

 private:
  const std::string path_;
  const std::string temporary_;
  std::ofstream stream_;
  bool placed_ = false;
};

std::string report_path(const std::string& directory) { return state_folder(directory) + "/report.json"; }

/// ASCII only, so that no byte of a page's reaches a terminal through cat; never throws on bytes that are no UTF-8.
std::string dump(const Json& json, int indent = -1) {
  return json.dump(indent, ' ', true, Json::error_handler_t::replace);
}

std::string failure_line(const Failure& failure) {
  Json json = {{"kind", failure.is_page ? "page" : "image"}, {"url", failure.url}};
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

/// "the server answered 404" for "http-404"; empty for a name that this version does not know.
std::string words_of(const std::string& name) {
  int status = 0;
  if (name.starts_with("http-")) {
    std::from_chars(name.data() + 5, name.data() + name.size(), status);
    return cause_in_words(Cause::http_status, status);
  }
  for (std::uint32_t i = 1; const auto cause = cause_from_number(i); ++i) {
    if (cause_name(*cause) == name) return cause_in_words(*cause);
  }
  return "";
}

std::string failures_text(const std::map<std::string, CauseTally>& failures) {
  std::vector<std::pair<std::string, CauseTally>> rows(failures.begin(), failures.end());
  std::stable_sort(rows.begin(), rows.end(),
                   [](const auto& a, const auto& b) { return a.second.count > b.second.count; });
  std::string text;
  for (std::size_t i = 0; i < std::min(rows.size(), kCausesShown); ++i) {
    const auto& [name, tally] = rows[i];
    text += fmt::format("  failed    {} x {} ({}), for example {}\n", human_count(tally.count),
                        escape_for_terminal(name), words_of(name), escape_url(tally.example, kUrlShown));
  }
  if (rows.size() > kCausesShown) {
    text += fmt::format("  failed    and {} more\n", human_number_of(rows.size() - kCausesShown, "cause"));
  }
  return text;
}

/// "76 of 76 done, 2 empty": the first figure, then those of the others that are not zero.
std::string figures(std::string first, std::initializer_list<std::pair<std::uint64_t, std::string_view>> others) {
  for (const auto& [count, what] : others) {
    if (count > 0) first += fmt::format(", {} {}", human_count(count), what);
  }
  return first;
}

std::string pages_text(const PageTally& pages) {
  return figures(fmt::format("{} asked, {} with images", human_count(pages.asked), human_count(pages.done)),
                 {{pages.empty, "without"}, {pages.failed, "failed"}, {pages.pending(), "still to do"}});
}

std::string images_text(const AccountTally& images) {
  return figures(fmt::format("{} found, {} saved ({})", human_count(images.found()), human_count(images.saved),
                             human_bytes(images.bytes)),
                 {{images.duplicate, "with the bytes of another"},
                  {images.known, "known from before"},
                  {images.repeated, "met again"},
                  {images.skipped, "skipped"},
                  {images.failed, "failed"},
                  {images.pending, "still to do"}});
}

}  // namespace

std::string_view outcome_name(Outcome outcome) { return row_of(outcome).name; }
int exit_status(Outcome outcome) { return row_of(outcome).status; }

Outcome finished_outcome(const PageTally& pages, const AccountTally& images) {
  if (pages.failed > 0 || images.failed > 0) return Outcome::failures;
  // Skipped ones are no images (data:, javascript:): a page with nothing else had none.
  return images.found() == images.skipped ? Outcome::no_images : Outcome::complete;
}

Result<std::map<std::string, CauseTally>> write_failures(const std::string& directory, const FailureSource& source) {
  std::map<std::string, CauseTally> causes;
  NewFile file(state_folder(directory) + "/failures.jsonl");
  Status read = source([&](const Failure& failure) {
    file.add_line(failure_line(failure));
    CauseTally& tally = causes[failure.cause];
    if (tally.count++ == 0) tally.example = failure.url;
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
  return PastReport{json["account"].get<std::int64_t>(), json["outcome"].get<std::string>()};
}

std::string summary(const Report& report, const std::string& directory) {
  const OutcomeRow& row = row_of(report.outcome);
  const std::string folder = escape_for_terminal(directory);
  std::string text = fmt::format("{} after {}.\n", row.headline, human_seconds(report.seconds));
  text += fmt::format("  pages     {}\n  images    {}\n", pages_text(report.pages), images_text(report.images));
  text += failures_text(report.failures);
  text += fmt::format("  folder    {}\n  account   {}\n", folder, escape_for_terminal(report_path(directory)));
  if (!row.next.empty()) text += fmt::format("{}\n", row.next);
  return text;
}

}  // namespace doutu
