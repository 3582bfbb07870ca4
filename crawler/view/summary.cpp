#include "crawler/view/summary.h"

#include <fmt/format.h>

#include <algorithm>
#include <initializer_list>
#include <utility>
#include <vector>

#include "crawler/request/recipe.h"
#include "crawler/text/shell_word.h"
#include "crawler/view/empty_pages_text.h"
#include "crawler/view/final_url_text.h"
#include "shared/base/cause.h"
#include "shared/base/clock.h"
#include "shared/base/escape.h"
#include "shared/base/human_text.h"

namespace doutu {
namespace {

using Failures = std::map<std::string, CauseCounters>;

constexpr std::size_t kCausesShown = 8;
constexpr std::size_t kCausesInASentence = 3;
constexpr std::size_t kMaxAddress = 16'000;  // bytes: a longer one comes from no crawl
constexpr std::size_t kXpathsShown = 4;
constexpr std::string_view kRetry = "; run the same command again to retry.";
constexpr std::string_view kCheckName = "; check the name, or run the same command again to retry.";
constexpr std::string_view kTrust = "; --cacert FILE trusts the certificates in FILE, --insecure accepts any.";
constexpr std::string_view kIgnoreCertificate = "; --insecure accepts any certificate.";
constexpr std::string_view kWantsLogin = "the site may require a login or a cookie (--header).";
constexpr std::string_view kHasChanged = "the site may have changed. If pages may be empty, add --allow-empty.";
constexpr std::string_view kContinue = "run the same command again to continue";

std::string_view headline(CrawlState state) {
  switch (state) {
    case CrawlState::complete:
      return "Complete";
    case CrawlState::failures:
      return "Finished with failures";
    case CrawlState::no_images:
      return "Finished";
    case CrawlState::stopped_early:
      return "Stopped early";
    case CrawlState::interrupted:
      return "Stopped";
    case CrawlState::broken:
      return "Ended by an error";
    case CrawlState::killed:
      return "Killed, or ended without a report,";
    default:
      return "Not ended";
  }
}

std::string plural(std::uint64_t count, std::string_view noun) {
  return fmt::format("{}{}", noun, count == 1 ? "" : "s");
}

/// "76 asked, 2 empty": the first part, then those of the others that are not zero.
std::string with_parts(std::string first, std::initializer_list<std::pair<std::uint64_t, std::string>> others) {
  for (const auto& [count, what] : others) {
    if (count > 0) first += fmt::format(", {} {}", human_count(count), what);
  }
  return first;
}

std::string asked_rows(const JobSpec& spec, const TextLayout& layout) {
  if (spec.url_template.empty()) return "";
  std::string text = layout.address("request", job_text(spec, {.url = kMaxAddress}));
  std::string_view lines = spec.xpaths;
  for (std::size_t shown = 0; shown < kXpathsShown && !lines.empty();) {
    const std::string_view line = lines.substr(0, lines.find('\n'));
    lines.remove_prefix(std::min(lines.size(), line.size() + 1));
    const bool is_in_request = line.starts_with("--") && line.find(' ') == std::string_view::npos;  // --direct
    if (is_in_request) continue;
    text += layout.address(shown++ == 0 ? "xpath" : "", escape_for_terminal(line, kMaxAddress));
  }
  return text;
}

std::string pages_row(const CrawlSnapshot& snapshot, const TextLayout& layout) {
  const PageCounters& pages = snapshot.pages;
  return layout.words("pages",
                      with_parts(fmt::format("{} in all, {} with {}", human_count(pages.asked), human_count(pages.done),
                                             has_list_pages(snapshot.spec) ? "images or links" : "images"),
                                 {{pages.empty, "without"},
                                  {pages.failed, "failed"},
                                  {pages.robots, "left out"},
                                  {pages.beyond_end, "beyond the end"},
                                  {pages.pending(), "still to do"},
                                  {pages.known, "more already read by an earlier crawl"}}));
}

std::string links_row(const LinksNotFollowed& links, const TextLayout& layout) {
  if (links.count() == 0) return "";
  const std::string reasons = with_parts("", {{links.off_site, "to other sites"},
                                              {links.too_deep, "beyond --max-depth"},
                                              {links.over_limit, "beyond --max-pages"},
                                              {links.endless, "behind a hundred pages that brought nothing new"}});
  return layout.words("links",
                      fmt::format("{} not followed: {}", human_number_of(links.count(), "link"), reasons.substr(2)));
}

std::string images_row(const JobCounters& images, const TextLayout& layout) {
  return layout.words("found", with_parts(fmt::format("{}: {} saved ({})", human_number_of(images.found(), "image"),
                                                      human_count(images.saved), human_bytes(images.bytes)),
                                          {{images.duplicate, plural(images.duplicate, "duplicate file")},
                                           {images.known, "already had"},
                                           {images.repeated, plural(images.repeated, "duplicate link")},
                                           {images.skipped, "skipped"},
                                           {images.failed, "failed"},
                                           {images.robots, "left out"},
                                           {images.pending, "still to do"}}));
}

std::string without_end_mark_row(std::uint64_t count, const TextLayout& layout) {
  if (count == 0) return "";
  return layout.words("", fmt::format("{} without an end mark, but with all pixels", human_number_of(count, "image")));
}

std::string replaced_row(std::uint64_t count, const TextLayout& layout) {
  if (count == 0) return "";
  const char* const whose = count == 1 ? "another URL of its own" : "another URL of theirs";
  return layout.words("",
                      fmt::format("{} came from {}, because the first failed", human_number_of(count, "image"), whose));
}

std::string speed_row(const CrawlSnapshot& snapshot, const TextLayout& layout) {
  if (snapshot.images_per_second <= 0) return "";
  const auto bytes = static_cast<std::uint64_t>(std::max(0.0, snapshot.bytes_per_second));
  return layout.words("speed",
                      fmt::format("{} images/s, {}/s", human_rate(snapshot.images_per_second), human_bytes(bytes)));
}

std::string words_of(const std::string& name) {
  const auto named = cause_from_name(name);
  return named ? cause_text(named->cause, named->http_status) : "unknown to this version";
}

using CauseRow = std::pair<std::string, CauseCounters>;

std::vector<CauseRow> most_frequent_first(const Failures& failures) {
  std::vector<CauseRow> rows(failures.begin(), failures.end());
  std::stable_sort(rows.begin(), rows.end(),
                   [](const auto& a, const auto& b) { return a.second.count > b.second.count; });
  return rows;
}

std::string failure_row(const CauseRow& row, const TextLayout& layout) {
  const auto& [name, counters] = row;
  const std::string text =
      fmt::format("{} x {} ({})", human_count(counters.count), escape_for_terminal(name), words_of(name));
  if (counters.example.empty()) return layout.words("failed", text);
  std::string rows = layout.words("failed", text + ", for example");
  rows += layout.address("", escape_url(counters.example, kMaxAddress));
  if (counters.final_url.empty()) return rows;
  const std::string place = final_url_text(counters.example, counters.final_url);
  return rows +
         (ended_at_robots(counters.example, counters.final_url) ? layout.words("", place) : layout.address("", place));
}

std::string failure_rows(const Failures& failures, const TextLayout& layout) {
  const auto rows = most_frequent_first(failures);
  std::string text;
  for (std::size_t i = 0; i < std::min(rows.size(), kCausesShown); ++i) text += failure_row(rows[i], layout);
  if (rows.size() > kCausesShown) {
    text += layout.words("failed", fmt::format("and {} more", human_number_of(rows.size() - kCausesShown, "cause")));
  }
  return text;
}

/// "1 page and 12 images".
std::string things(std::uint64_t pages, std::uint64_t images) {
  if (pages == 0) return human_number_of(images, "image");
  if (images == 0) return human_number_of(pages, "page");
  return human_number_of(pages, "page") + " and " + human_number_of(images, "image");
}

/// "with 503", "(the transfer took too long)".
std::string reason_text(const std::string& name) {
  const auto named = cause_from_name(name);
  if (named && named->cause == Cause::http_status) return fmt::format("with {}", named->http_status);
  return fmt::format("({})", words_of(name));
}

/// "12 images failed with 503, 1 page (the transfer took too long), 7 for other reasons".
std::string failed_with(const std::vector<CauseRow>& rows) {
  std::string text;
  std::uint64_t others = 0;
  for (std::size_t i = 0; i < rows.size(); ++i) {
    const auto& [name, counters] = rows[i];
    if (i >= kCausesInASentence) {
      others += counters.count;
      continue;
    }
    text += fmt::format("{}{} {}{}", i == 0 ? "" : ", ", things(counters.pages, counters.count - counters.pages),
                        i == 0 ? "failed " : "", reason_text(name));
  }
  return others == 0 ? text : text + fmt::format(", {} for other reasons", human_count(others));
}

/// One sentence about the failures that pick() takes.
template <class Pick>
std::string sentence(const Failures& failures, Pick pick, std::string_view end) {
  Failures picked;
  std::copy_if(failures.begin(), failures.end(), std::inserter(picked, picked.end()), pick);
  if (picked.empty()) return "";
  return failed_with(most_frequent_first(picked)).append(end);
}

bool may_pass(const Failures::value_type& failure) {
  const auto named = cause_from_name(failure.first);
  return named && is_temporary(named->cause, named->http_status);
}

bool has_status(const Failures::value_type& failure, std::initializer_list<int> statuses) {
  const auto named = cause_from_name(failure.first);
  return named && named->cause == Cause::http_status && std::ranges::count(statuses, named->http_status) > 0;
}
bool is_gone(const Failures::value_type& failure) { return has_status(failure, {404, 410}); }
bool is_forbidden(const Failures::value_type& failure) { return has_status(failure, {401, 403}); }
bool has_cause(const Failures::value_type& failure, std::initializer_list<Cause> causes) {
  const auto named = cause_from_name(failure.first);
  return named && std::ranges::count(causes, named->cause) > 0;
}
bool is_of_a_name(const Failures::value_type& failure) {
  return has_cause(failure, {Cause::dns_failure, Cause::proxy_dns_failure});
}
bool is_of_a_stranger(const Failures::value_type& failure) { return has_cause(failure, {Cause::tls_unknown_issuer}); }
bool is_of_a_bad_certificate(const Failures::value_type& failure) {
  return has_cause(failure, {Cause::tls_wrong_name, Cause::tls_expired});
}
bool is_without_tls(const Failures::value_type& failure) { return has_cause(failure, {Cause::tls_missing}); }
bool is_other(const Failures::value_type& failure) {
  return !may_pass(failure) && !is_gone(failure) && !is_forbidden(failure) && !is_of_a_stranger(failure) &&
         !is_of_a_bad_certificate(failure) && !is_without_tls(failure);
}

/// Whether the pages' host has answered: then its name is right.
bool has_answered(const CrawlSnapshot& snapshot, const Failures& failures) {
  const auto is_answer = [](const auto& failure) {
    const auto named = cause_from_name(failure.first);
    return named && named->cause == Cause::http_status && failure.second.pages > 0;
  };
  return snapshot.pages.done + snapshot.pages.empty > 0 || std::ranges::any_of(failures, is_answer);
}

/// Such a crawl has failed for a certificate only in a run before, without the flag.
bool is_insecure(const CrawlSnapshot& snapshot) {
  return (' ' + snapshot.probe_flags + ' ').find(" --insecure ") != std::string::npos;
}

/// One sentence for each thing to do.
std::string after_failures(const CrawlSnapshot& snapshot, const Failures& failures) {
  const bool is_name_in_doubt = !has_answered(snapshot, failures);
  const auto is_wrong_name = [&](const auto& failure) { return is_name_in_doubt && is_of_a_name(failure); };
  const auto is_passing = [&](const auto& failure) { return may_pass(failure) && !is_wrong_name(failure); };
  const bool is_insecure_now = is_insecure(snapshot);
  std::string text;
  for (const std::string& next :
       {sentence(failures, is_passing, kRetry), sentence(failures, is_wrong_name, kCheckName),
        sentence(failures, is_gone, ", probably for good."),
        sentence(failures, is_forbidden,
                 "; the site may require a login, a cookie or a Referer (--header, --referer)."),
        sentence(failures, is_of_a_stranger, is_insecure_now ? kRetry : kTrust),
        sentence(failures, is_of_a_bad_certificate, is_insecure_now ? kRetry : kIgnoreCertificate),
        sentence(failures, is_without_tls, "; does its URL begin with http://?"),
        sentence(failures, is_other, "; see failures.jsonl.")}) {
    if (!next.empty()) text += (text.empty() ? "" : " ") + next;
  }
  return text;
}

/// "robots.txt forbids 3 pages; --no-robots fetches them".
std::string robots_text(const CrawlSnapshot& snapshot) {
  const std::uint64_t pages = snapshot.pages.robots;
  const std::uint64_t images = snapshot.images.robots;
  if (pages + images == 0) return "";
  return fmt::format("robots.txt forbids {}; --no-robots fetches {}", things(pages, images),
                     pages + images == 1 ? "it" : "them");
}

std::string robots_row(const CrawlSnapshot& snapshot, const TextLayout& layout) {
  const std::string text = robots_text(snapshot);
  return text.empty() ? "" : layout.words("left out", text);
}

std::string still_to_do(const CrawlSnapshot& snapshot, std::string_view end) {
  const std::uint64_t pages = snapshot.pages.pending();
  const std::uint64_t images = snapshot.images.pending;
  if (pages == 0 && images == 0) return fmt::format("{}.", end);
  return fmt::format("{} {} still to do; {}.", things(pages, images), pages + images == 1 ? "is" : "are", end);
}

/// The limit is of all runs together, so the same command would end at once.
std::string with_a_higher_limit(const CrawlSnapshot& snapshot) {
  const bool is_of_images = snapshot.limit == "--max-images";
  const std::uint64_t saved = is_of_images ? snapshot.images.saved : snapshot.images.bytes;
  return fmt::format("to continue: doutu crawl -d {} {} N, where N is more than {}",
                     escape_for_terminal(shell_word(snapshot.directory)), escape_for_terminal(snapshot.limit), saved);
}

}  // namespace

std::string next_step(const CrawlSnapshot& snapshot, const Failures& failures) {
  switch (snapshot.state) {
    case CrawlState::complete:
      return "";
    case CrawlState::failures:
      if (!has_probe_command(snapshot)) return after_failures(snapshot, failures);
      return fmt::format("{} Some pages had no images{} {}", after_failures(snapshot, failures),
                         were_sent_away(snapshot) ? fmt::format("; {}", kWantsLogin) : ".", what_probe_shows(snapshot));
    case CrawlState::no_images:
      if (is_left_to_robots(snapshot)) return fmt::format("{}.", robots_text(snapshot));
      return fmt::format("{} {}", were_sent_away(snapshot) ? kWantsLogin : kHasChanged, what_probe_shows(snapshot));
    case CrawlState::stopped_early:
      return still_to_do(snapshot, snapshot.limit.empty() ? fmt::format("make room on the disk, then {}", kContinue)
                                                          : with_a_higher_limit(snapshot));
    case CrawlState::broken:
      return still_to_do(snapshot, fmt::format("see crawl.log for the reason, then {}", kContinue));
    default:
      return still_to_do(snapshot, kContinue);
  }
}

std::string summary(const CrawlSnapshot& snapshot, const Failures& failures, const TextLayout& layout) {
  const std::string state = escape_for_terminal(state_folder(snapshot.directory));
  std::string text;
  if (const std::string empty = empty_pages_text(snapshot); !empty.empty()) text = layout.paragraph("", empty);
  text += fmt::format("{} after {}.\n", headline(snapshot.state), human_seconds(snapshot.seconds));
  text += asked_rows(snapshot.spec, layout) + pages_row(snapshot, layout);
  text += links_row(snapshot.links_not_followed, layout) + images_row(snapshot.images, layout);
  text += robots_row(snapshot, layout);
  text += without_end_mark_row(snapshot.without_end_mark, layout) + replaced_row(snapshot.replaced, layout);
  text += speed_row(snapshot, layout) + failure_rows(failures, layout);
  text += TextLayout::path("folder", escape_for_terminal(snapshot.directory));
  if (snapshot.state > CrawlState::killed) text += TextLayout::path("report", state + "/report.json");
  const bool has_odd_pages = !snapshot.empty_pages.is_none() && snapshot.state != CrawlState::complete;
  const bool has_robots = snapshot.pages.robots + snapshot.images.robots > 0;
  if ((!failures.empty() || has_odd_pages || has_robots) && snapshot.state > CrawlState::killed)
    text += TextLayout::path("failures", state + "/failures.jsonl");
  if (const std::string next = next_step(snapshot, failures); !next.empty()) text += layout.paragraph("Next: ", next);
  if (has_probe_command(snapshot)) text += fmt::format("      {}\n", probe_command(snapshot));
  return text;
}

std::string summary_line(const CrawlSnapshot& snapshot, const Failures& failures, const std::string& why) {
  std::string line = fmt::format("{}: {} after {}", escape_for_terminal(snapshot.directory), headline(snapshot.state),
                                 human_seconds(snapshot.seconds));
  const std::string& reason = why.empty() ? empty_pages_text(snapshot) : why;
  line += reason.empty() ? "." : ": " + reason + ".";
  if (const std::string next = next_step(snapshot, failures); !next.empty()) line += " Next: " + next;
  if (has_probe_command(snapshot)) line += ' ' + probe_command(snapshot);
  return line;
}

CrawlSnapshot snapshot_of(const Report& report, const JobSpec& spec, const std::string& directory) {
  CrawlSnapshot snapshot;
  snapshot.state = state_of(report.outcome);
  snapshot.directory = directory;
  snapshot.spec = spec;
  snapshot.job = report.job;
  snapshot.updated_ms = wall_milliseconds();
  snapshot.seconds = report.seconds;
  snapshot.pages = report.pages;
  snapshot.images = report.images;
  snapshot.without_end_mark = report.without_end_mark;
  snapshot.replaced = report.replaced;
  snapshot.limit = report.limit;
  snapshot.empty_pages = report.empty_pages;
  snapshot.links_not_followed = report.links_not_followed;
  for (const auto& [cause, counters] : report.failures) {
    snapshot.failures[cause] = counters.count;
    if (counters.pages > 0) snapshot.page_failures[cause] = counters.pages;
  }
  return snapshot;
}

}  // namespace doutu
