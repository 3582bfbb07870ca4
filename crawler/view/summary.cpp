#include "crawler/view/summary.h"

#include <fmt/format.h>

#include <algorithm>
#include <initializer_list>
#include <utility>
#include <vector>

#include "crawler/request/recipe.h"
#include "crawler/text/shell_word.h"
#include "shared/base/cause.h"
#include "shared/base/clock.h"
#include "shared/base/escape.h"
#include "shared/base/human_text.h"
#include "shared/url/url.h"

namespace doutu {
namespace {

using Failures = std::map<std::string, CauseTally>;

constexpr std::size_t kCausesShown = 8;
constexpr std::size_t kCausesInASentence = 3;
constexpr std::size_t kMaxPages = 200;       // bytes of a page range
constexpr std::size_t kMaxPlace = 300;       // bytes of an address among words
constexpr std::size_t kMaxAddress = 16'000;  // bytes: a longer one comes from no crawl
constexpr std::size_t kXpathsShown = 4;
constexpr std::string_view kRetry = "; run the same command again to retry.";
constexpr std::string_view kCheckName = "; check the name, or run the same command again to retry.";
constexpr std::string_view kTrust = "; --cacert FILE trusts the certificates in FILE, --insecure any certificate.";
constexpr std::string_view kIgnoreCertificate = "; --insecure goes on whatever the certificate.";
constexpr std::string_view kWantsLogin = "the site may want a login or a cookie (--header).";
constexpr std::string_view kHasChanged = "has the site changed? If pages may be empty, say --allow-empty.";
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

std::string asked_rows(const AccountRequest& request, const Sheet& sheet) {
  if (request.url_template.empty()) return "";
  std::string text = sheet.address("asked", asked_in_words(request, {.url = kMaxAddress}));
  std::string_view xpaths = request.xpaths;
  for (std::size_t i = 0; i < kXpathsShown && !xpaths.empty(); ++i) {
    const std::string_view xpath = xpaths.substr(0, xpaths.find('\n'));
    text += sheet.address(i == 0 ? "images" : "", escape_for_terminal(xpath, kMaxAddress));
    xpaths.remove_prefix(std::min(xpaths.size(), xpath.size() + 1));
  }
  return text;
}

std::string pages_row(const PageTally& pages, const Sheet& sheet) {
  return sheet.words(
      "pages", with_parts(fmt::format("{} asked, {} with images", human_count(pages.asked), human_count(pages.done)),
                          {{pages.empty, "without"}, {pages.failed, "failed"}, {pages.pending(), "still to do"}}));
}

/// On the server that was asked, as the path alone.
std::string place_in_words(const std::string& url, const std::string& url_template) {
  const auto asked = UrlTemplate::parse(url_template);
  const auto place = normalise_url(url);
  if (!asked || !place || url_authority(*place) != asked->server()) return url;
  return place->substr(place->find('/', place->find("://") + 3));
}

/// "4-10, all redirected to /login".
std::string empty_pages_in_words(const EmptyPageList& empty, const std::string& url_template) {
  const bool is_one = empty.numbers.find_first_of(",-") == std::string::npos && empty.further == 0;
  std::string text = fmt::format("{} {}", is_one ? "page" : "pages", escape_for_terminal(empty.numbers, kMaxPages));
  if (empty.further > 0) text += fmt::format(" and {} more", human_count(empty.further));
  if (empty.redirected_to.empty()) return text;
  const std::string place = escape_url(place_in_words(empty.redirected_to, url_template), kMaxPlace);
  return text + (is_one ? ", redirected to " : ", all redirected to ") + place;
}

/// Said before all else: without this a crawl that was sent to a login page looks complete.
std::string empty_pages_in_words(const CrawlFigures& figures) {
  const PageTally& pages = figures.pages;
  if (!figures.empty_pages.numbers.empty()) {
    return fmt::format("{} of {} had no images{}: {}", human_count(figures.empty_pages.count),
                       human_number_of(pages.asked, "page"), figures.empty_pages.with_images > 0 ? " of their own" : "",
                       empty_pages_in_words(figures.empty_pages, figures.request.url_template));
  }
  if (figures.state != CrawlState::no_images) return "";
  return fmt::format("{} had no images: the XPath found links to other things only",
                     human_number_of(pages.asked, "page"));
}

/// Whether the summary ends with the command to look at a page without images.
bool has_probe_command(const CrawlFigures& figures) {
  const bool some_failed = figures.state == CrawlState::failures;
  return figures.state == CrawlState::no_images || (some_failed && !figures.empty_pages.numbers.empty());
}

/// To a login page, as it seems: then the pages are not empty, and --allow-empty is no cure.
bool were_sent_away(const CrawlFigures& figures) { return !figures.empty_pages.redirected_to.empty(); }

/// What goes in front of it. The command itself says no value of a flag, and no password.
std::string what_probe_shows(const CrawlFigures& figures) {
  const std::string hidden = hidden_in_words(figures.request.url_template);
  std::string text = "This command shows what a page has and what is found there";
  if (!figures.probe_flags.empty()) text += ", with what you gave for " + escape_for_terminal(figures.probe_flags);
  if (!hidden.empty())
    text += fmt::format("{} {} in place of ***", figures.probe_flags.empty() ? ", with" : " and", hidden);
  return text + ":";
}

/// The first page without images, or the first of all.
std::string probe_command(const CrawlFigures& figures) {
  const std::string& empty = figures.empty_pages.numbers;
  return probe_command(figures.request, empty.empty() ? figures.request.pages : empty);
}

std::string images_row(const AccountTally& images, const Sheet& sheet) {
  return sheet.words("found", with_parts(fmt::format("{}: {} saved ({})", human_number_of(images.found(), "image"),
                                                     human_count(images.saved), human_bytes(images.bytes)),
                                         {{images.duplicate, plural(images.duplicate, "duplicate file")},
                                          {images.known, "already had"},
                                          {images.repeated, plural(images.repeated, "duplicate link")},
                                          {images.skipped, "skipped"},
                                          {images.failed, "failed"},
                                          {images.pending, "still to do"}}));
}

std::string without_end_mark_row(std::uint64_t count, const Sheet& sheet) {
  if (count == 0) return "";
  return sheet.words("", fmt::format("{} without an end mark: every pixel is there", human_number_of(count, "image")));
}

std::string speed_row(const CrawlFigures& figures, const Sheet& sheet) {
  if (figures.images_per_second <= 0) return "";
  const auto bytes = static_cast<std::uint64_t>(std::max(0.0, figures.bytes_per_second));
  return sheet.words("speed",
                     fmt::format("{} images/s, {}/s", human_rate(figures.images_per_second), human_bytes(bytes)));
}

std::string words_of(const std::string& name) {
  const auto named = cause_from_name(name);
  return named ? cause_in_words(named->cause, named->http_status) : "unknown to this version";
}

using CauseRow = std::pair<std::string, CauseTally>;

std::vector<CauseRow> most_frequent_first(const Failures& failures) {
  std::vector<CauseRow> rows(failures.begin(), failures.end());
  std::stable_sort(rows.begin(), rows.end(),
                   [](const auto& a, const auto& b) { return a.second.count > b.second.count; });
  return rows;
}

std::string failure_row(const CauseRow& row, const Sheet& sheet) {
  const auto& [name, tally] = row;
  const std::string text =
      fmt::format("{} x {} ({})", human_count(tally.count), escape_for_terminal(name), words_of(name));
  if (tally.example.empty()) return sheet.words("failed", text);
  std::string rows = sheet.words("failed", text + ", for example");
  rows += sheet.address("", escape_url(tally.example, kMaxAddress));
  if (tally.final_url.empty()) return rows;
  return rows + sheet.address("", "redirected to " + escape_url(tally.final_url, kMaxAddress));
}

std::string failure_rows(const Failures& failures, const Sheet& sheet) {
  const auto rows = most_frequent_first(failures);
  std::string text;
  for (std::size_t i = 0; i < std::min(rows.size(), kCausesShown); ++i) text += failure_row(rows[i], sheet);
  if (rows.size() > kCausesShown) {
    text += sheet.words("failed", fmt::format("and {} more", human_number_of(rows.size() - kCausesShown, "cause")));
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
std::string reason_in_words(const std::string& name) {
  const auto named = cause_from_name(name);
  if (named && named->cause == Cause::http_status) return fmt::format("with {}", named->http_status);
  return fmt::format("({})", words_of(name));
}

/// "12 images failed with 503, 1 page (the transfer took too long), 7 for other reasons".
std::string failed_with(const std::vector<CauseRow>& rows) {
  std::string text;
  std::uint64_t others = 0;
  for (std::size_t i = 0; i < rows.size(); ++i) {
    const auto& [name, tally] = rows[i];
    if (i >= kCausesInASentence) {
      others += tally.count;
      continue;
    }
    text += fmt::format("{}{} {}{}", i == 0 ? "" : ", ", things(tally.pages, tally.count - tally.pages),
                        i == 0 ? "failed " : "", reason_in_words(name));
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
bool has_answered(const CrawlFigures& figures, const Failures& failures) {
  const auto is_answer = [](const auto& failure) {
    const auto named = cause_from_name(failure.first);
    return named && named->cause == Cause::http_status && failure.second.pages > 0;
  };
  return figures.pages.done + figures.pages.empty > 0 || std::ranges::any_of(failures, is_answer);
}

/// Such a crawl has failed for a certificate only in a run before, without the flag.
bool is_insecure(const CrawlFigures& figures) {
  return (' ' + figures.probe_flags + ' ').find(" --insecure ") != std::string::npos;
}

/// One sentence for each thing to do.
std::string after_failures(const CrawlFigures& figures, const Failures& failures) {
  const bool is_name_in_doubt = !has_answered(figures, failures);
  const auto is_wrong_name = [&](const auto& failure) { return is_name_in_doubt && is_of_a_name(failure); };
  const auto is_passing = [&](const auto& failure) { return may_pass(failure) && !is_wrong_name(failure); };
  const bool is_insecure_now = is_insecure(figures);
  std::string text;
  for (const std::string& next :
       {sentence(failures, is_passing, kRetry), sentence(failures, is_wrong_name, kCheckName),
        sentence(failures, is_gone, ", most likely for good."),
        sentence(failures, is_forbidden, "; it may want a login, a cookie or a Referer (--header, --referer)."),
        sentence(failures, is_of_a_stranger, is_insecure_now ? kRetry : kTrust),
        sentence(failures, is_of_a_bad_certificate, is_insecure_now ? kRetry : kIgnoreCertificate),
        sentence(failures, is_without_tls, "; does its URL begin with http://?"),
        sentence(failures, is_other, "; failures.jsonl names each.")}) {
    if (!next.empty()) text += (text.empty() ? "" : " ") + next;
  }
  return text;
}

std::string still_to_do(const CrawlFigures& figures, std::string_view end) {
  const std::uint64_t pages = figures.pages.pending();
  const std::uint64_t images = figures.images.pending;
  if (pages == 0 && images == 0) return fmt::format("{}.", end);
  return fmt::format("{} {} still to do; {}.", things(pages, images), pages + images == 1 ? "is" : "are", end);
}

/// The limit is of all runs together, so the same command would end at once.
std::string with_a_higher_limit(const CrawlFigures& figures) {
  const bool is_of_images = figures.limit == "--max-images";
  const std::uint64_t saved = is_of_images ? figures.images.saved : figures.images.bytes;
  return fmt::format("to go on: doutu crawl -d {} {} N, where N is more than {}",
                     escape_for_terminal(shell_word(figures.directory)), escape_for_terminal(figures.limit), saved);
}

}  // namespace

std::string next_step(const CrawlFigures& figures, const Failures& failures) {
  switch (figures.state) {
    case CrawlState::complete:
      return "";
    case CrawlState::failures:
      if (!has_probe_command(figures)) return after_failures(figures, failures);
      return fmt::format("{} Some pages had no images{} {}", after_failures(figures, failures),
                         were_sent_away(figures) ? fmt::format("; {}", kWantsLogin) : ".", what_probe_shows(figures));
    case CrawlState::no_images:
      return fmt::format("{} {}", were_sent_away(figures) ? kWantsLogin : kHasChanged, what_probe_shows(figures));
    case CrawlState::stopped_early:
      return still_to_do(figures, figures.limit.empty() ? fmt::format("make room on the disk, then {}", kContinue)
                                                        : with_a_higher_limit(figures));
    case CrawlState::broken:
      return still_to_do(figures, fmt::format("see crawl.log for the reason, then {}", kContinue));
    default:
      return still_to_do(figures, kContinue);
  }
}

std::string summary(const CrawlFigures& figures, const Failures& failures, const Sheet& sheet) {
  const std::string state = escape_for_terminal(state_folder(figures.directory));
  std::string text;
  if (const std::string empty = empty_pages_in_words(figures); !empty.empty()) text = sheet.paragraph("", empty);
  text += fmt::format("{} after {}.\n", headline(figures.state), human_seconds(figures.seconds));
  text += asked_rows(figures.request, sheet) + pages_row(figures.pages, sheet) + images_row(figures.images, sheet);
  text += without_end_mark_row(figures.without_end_mark, sheet);
  text += speed_row(figures, sheet) + failure_rows(failures, sheet);
  text += Sheet::path("folder", escape_for_terminal(figures.directory));
  if (figures.state > CrawlState::killed) text += Sheet::path("report", state + "/report.json");
  const bool has_odd_pages = !figures.empty_pages.numbers.empty() && figures.state != CrawlState::complete;
  if ((!failures.empty() || has_odd_pages) && figures.state > CrawlState::killed)
    text += Sheet::path("failures", state + "/failures.jsonl");
  if (const std::string next = next_step(figures, failures); !next.empty()) text += sheet.paragraph("Next: ", next);
  if (has_probe_command(figures)) text += fmt::format("      {}\n", probe_command(figures));
  return text;
}

std::string summary_line(const CrawlFigures& figures, const Failures& failures, const std::string& why) {
  std::string line = fmt::format("{}: {} after {}", escape_for_terminal(figures.directory), headline(figures.state),
                                 human_seconds(figures.seconds));
  const std::string& reason = why.empty() ? empty_pages_in_words(figures) : why;
  line += reason.empty() ? "." : ": " + reason + ".";
  if (const std::string next = next_step(figures, failures); !next.empty()) line += " Next: " + next;
  if (has_probe_command(figures)) line += ' ' + probe_command(figures);
  return line;
}

std::string probe_command(const AccountRequest& request, const std::string& pages) {
  const auto url_template = UrlTemplate::parse(request.url_template);
  const auto range = PageRange::parse(pages);
  const auto first = range ? range->numbers().next() : std::nullopt;
  if (!url_template || !first) return "doutu probe URL --xpath EXPR";
  std::string text = "doutu probe " + shell_word(without_secrets(url_template->url_of(*first)));
  for (const std::string& xpath : recipe_of(request).xpaths) text += " --xpath " + shell_word(xpath);
  return escape_for_terminal(text, kMaxAddress);
}

CrawlFigures figures_of(const Report& report, const AccountRequest& request, const std::string& directory) {
  CrawlFigures figures;
  figures.state = state_of(report.outcome);
  figures.directory = directory;
  figures.request = request;
  figures.account = report.account;
  figures.updated_ms = wall_milliseconds();
  figures.seconds = report.seconds;
  figures.pages = report.pages;
  figures.images = report.images;
  figures.without_end_mark = report.without_end_mark;
  figures.limit = report.limit;
  figures.empty_pages = report.empty_pages;
  for (const auto& [cause, tally] : report.failures) {
    figures.failures[cause] = tally.count;
    if (tally.pages > 0) figures.page_failures[cause] = tally.pages;
  }
  return figures;
}

}  // namespace doutu
