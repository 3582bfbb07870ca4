#include "crawler/report/report.h"

#include <array>
#include <cmath>
#include <cstdio>
#include <memory>
#include <nlohmann/json.hpp>

#include "crawler/report/counters_json.h"
#include "crawler/report/empty_pages_json.h"
#include "shared/base/cause.h"
#include "shared/base/enum_table.h"
#include "shared/base/escape.h"
#include "shared/folder/new_file.h"

namespace doutu {
namespace {

using Json = nlohmann::ordered_json;

constexpr int kSchema = 1;
constexpr const char* kFailuresName = "failures.jsonl";
constexpr std::uint64_t kMaxReportBytes = std::uint64_t{1} << 20U;

struct OutcomeRow {
  Outcome key;
  std::string_view name;
  int status;
};
constexpr EnumTable kOutcomes{std::to_array<OutcomeRow>({
    {Outcome::complete, "complete", 0},
    {Outcome::failures, "failures", 3},
    {Outcome::no_images, "no-images", 4},
    {Outcome::stopped_early, "stopped-early", 9},
    {Outcome::interrupted, "interrupted", 130},
    {Outcome::broken, "broken", 1},
})};

/// ASCII only, so that no byte of a page's reaches a terminal through cat; never throws on bytes that are no UTF-8.
std::string dump(const Json& json, int indent = -1) {
  return json.dump(indent, ' ', true, Json::error_handler_t::replace);
}

Json text_or_null(const std::string& text) { return text.empty() ? Json() : Json(text); }

std::string failure_line(const Failure& failure) {
  return dump({{"kind", failure.is_page ? "page" : "image"},
               {"url", without_secrets(failure.url)},
               {"page", failure.page ? Json(*failure.page) : Json()},
               {"cause", failure.cause},
               {"status", failure.http_status},
               {"attempts", failure.attempts},
               {"final_url", text_or_null(without_secrets(failure.final_url))}});
}

/// Of the same form, though nothing failed: the page came.
std::string empty_page_line(const OddPage& page) {
  return dump({{"kind", "page"},
               {"url", without_secrets(page.url)},
               {"page", page.number},
               {"cause", page.has_images ? "redirected-away" : outcome_name(Outcome::no_images)},
               {"status", page.http_status},
               {"attempts", page.attempts},
               {"final_url", text_or_null(without_secrets(page.final_url))}});
}

Json to_json(const Report& report) {
  Json failures = Json::object();
  Json page_failures = Json::object();
  for (const auto& [cause, counters] : report.failures) {
    failures[cause] = counters.count;
    if (counters.pages > 0) page_failures[cause] = counters.pages;
  }
  return {{"schema", kSchema},
          {"outcome", outcome_name(report.outcome)},
          {"limit", text_or_null(report.limit)},
          {"job", report.job},
          {"seconds", std::round(report.seconds * 1000) / 1000},
          {"pages", to_json(report.pages)},
          {"images", to_json(report.images)},
          {"bytes", report.images.bytes},
          {"links_not_followed", to_json(report.links_not_followed)},
          {"without_end_mark", report.without_end_mark},
          {"replaced", report.replaced},
          {"empty_pages", to_json(report.empty_pages)},
          {"failures", failures},
          {"page_failures", page_failures}};
}

std::string text_in(const Json& object, const char* name) {
  return object.contains(name) && object[name].is_string() ? object[name].get<std::string>() : "";
}

/// The lines of a file that anybody may have put there: longer ones come in pieces, and not all of a huge one.
class LineReader {
 public:
  /// Without a file there are no lines.
  explicit LineReader(Result<UniqueFd> file) : file_(file ? ::fdopen(file->release(), "r") : nullptr) {}

  /// Valid until the next call.
  std::optional<std::string_view> next() {
    if (!file_ || left_ < line_.size()) return std::nullopt;
    if (std::fgets(line_.data(), static_cast<int>(line_.size()), file_.get()) == nullptr) return std::nullopt;
    const std::string_view line(line_.data());
    // Cut off at a zero byte, which no line of ours has: what was read is not known then, at most all of the buffer.
    left_ -= line.ends_with('\n') ? line.size() : line_.size();
    return line;
  }

 private:
  struct Close {
    void operator()(FILE* file) const { std::fclose(file); }
  };
  std::unique_ptr<FILE, Close> file_;
  std::array<char, std::size_t{64} << 10U> line_{};
  std::uint64_t left_ = std::uint64_t{1} << 30U;
};

}  // namespace

std::string_view outcome_name(Outcome outcome) { return kOutcomes[outcome].name; }
int exit_status(Outcome outcome) { return kOutcomes[outcome].status; }

Outcome finished_outcome(const PageCounters& pages, const JobCounters& images, EmptyPages empty,
                         const EmptyPageList& listed) {
  if (pages.failed > 0 || images.failed > 0) return Outcome::failures;
  if (empty == EmptyPages::are_fine) return Outcome::complete;
  // Nor is what robots.txt forbids one that came. Skipped ones are no images (mailto:, javascript:): a crawl that found
  // nothing else found none.
  const bool found_none = images.found() == images.skipped + images.robots && pages.known == 0;
  return pages.empty > 0 || listed.count > 0 || found_none ? Outcome::no_images : Outcome::complete;
}

Result<std::map<std::string, CauseCounters>> write_failures(const StateFolder& folder, const FailureSource& source,
                                                            const OddPageSource& empty) {
  std::map<std::string, CauseCounters> causes;
  NewFile file(folder, kFailuresName);
  Status read = source([&](const Failure& failure) {
    file.add_line(failure_line(failure));
    if (failure.cause == cause_name(Cause::robots)) return;  // An outcome of its own.
    CauseCounters& counters = causes[failure.cause];
    if (counters.count++ == 0) counters.example = failure.url, counters.final_url = failure.final_url;
    if (failure.is_page) ++counters.pages;
  });
  if (read) read = empty([&](const OddPage& page) { file.add_line(empty_page_line(page)); });
  if (!read) return std::move(read).error();
  if (Status published = file.publish(); !published) return std::move(published).error();
  return causes;
}

Status write_report(const StateFolder& folder, const Report& report) {
  NewFile file(folder, kReportName);
  file.add_line(dump(to_json(report), 1));
  return file.publish();
}

std::optional<PastReport> read_report(const StateFolder& folder) {
  const Json json = Json::parse(folder.read(kReportName, kMaxReportBytes).value_or(""), nullptr, false);
  if (!json.is_object() || !json.contains("outcome") || !json["outcome"].is_string()) return std::nullopt;
  const char* const job = json.contains("job") ? "job" : "account";  // Before 0.1.0.
  if (!json.contains(job) || !json[job].is_number_integer()) return std::nullopt;
  const double took = json.contains("seconds") && json["seconds"].is_number() ? json["seconds"].get<double>() : 0;
  return PastReport{json[job].get<std::int64_t>(), json["outcome"].get<std::string>(), took, text_in(json, "limit"),
                    empty_pages_in(json.value("empty_pages", Json()))};
}

void find_examples(const StateFolder& folder, std::map<std::string, CauseCounters>& failures) {
  LineReader lines(folder.open_for_reading(kFailuresName));
  std::size_t missing = failures.size();
  while (const auto line = missing > 0 ? lines.next() : std::nullopt) {
    const Json json = Json::parse(*line, nullptr, false);
    if (!json.is_object() || !json.contains("cause") || !json["cause"].is_string()) continue;
    const auto found = failures.find(json["cause"].get<std::string>());
    if (found == failures.end() || !found->second.example.empty()) continue;
    found->second.example = json.contains("url") && json["url"].is_string() ? json["url"].get<std::string>() : "?";
    found->second.final_url = text_in(json, "final_url");
    --missing;
  }
}

}  // namespace doutu
