#include "crawler/commands/probe/probe_report.h"

#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "crawler/commands/probe/crawl_suggestion.h"
#include "crawler/request/url_template.h"
#include "shared/base/escape.h"

namespace doutu {

NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE_WITH_DEFAULT(ProbeMatch, xpath, cause, hits, distinct, repeats, inlined, unusable,
                                                all_same, without_url, such_as, first, rejected, why, command)
NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE_WITH_DEFAULT(ProbeReport, url, final_url, content_type, encoding, status, bytes,
                                                cause, cause_text, matches, suggestions, page_guess)

namespace {

constexpr std::size_t kShownUrl = 200;                         // bytes
constexpr std::size_t kShownCommand = std::size_t{64} * 1024;  // whole, or it would be another

std::string counted(std::uint64_t count, std::string_view one, std::string_view many) {
  return fmt::format("{} {}", count, count == 1 ? one : many);
}

bool finds(const ProbeMatch& match) { return match.distinct + match.inlined > 0; }

/// "<div class="x"> and 4 more; add ..."
std::string matched_without_url(const ProbeMatch& match) {
  std::string such_as = escape_for_terminal(match.such_as, kShownUrl);
  if (!such_as.starts_with('<')) return such_as;
  return fmt::format("{}{}; add //img or /@ATTRIBUTE to the expression", such_as,
                     match.without_url > 1 ? fmt::format(" and {} more", match.without_url - 1) : "");
}

std::string headline(const ProbeMatch& match) {
  if (match.hits == 0 && match.without_url > 0) {
    return fmt::format("  no URL in the matches: {}\n", matched_without_url(match));
  }
  if (match.hits == 0) return "  nothing\n";
  if (match.all_same) return fmt::format("  {} hits, all with the same URL: probably a placeholder\n", match.hits);
  if (!finds(match)) return fmt::format("  {}, but no image URL\n", counted(match.hits, "hit", "hits"));
  std::string text = "  " + counted(match.distinct + match.inlined, "image", "images");
  if (match.repeats > 0) text += fmt::format("; {}", counted(match.repeats, "duplicate link", "duplicate links"));
  return text + "\n";
}

std::string examples(const ProbeMatch& match) {
  std::string text;
  for (const std::string& url : match.first) text += fmt::format("    {}\n", escape_url(url, kShownUrl));
  if (match.distinct > match.first.size())
    text += fmt::format("    and {} more\n", match.distinct - match.first.size());
  if (match.hits > 0 && match.without_url > 0) {
    text += fmt::format("  {} without a URL, such as {}\n", match.without_url,
                        escape_for_terminal(match.such_as, kShownUrl));
  }
  if (match.inlined > 0) text += fmt::format("  {} embedded in the page (data:)\n", match.inlined);
  if (match.unusable > 0) {
    text += fmt::format("  {} without an http or https URL", counted(match.unusable, "hit", "hits"));
    if (!match.rejected.empty()) text += ", such as " + escape_for_terminal(match.rejected.front(), kShownUrl);
    text += "\n";
  }
  return text;
}

enum class Examples { no, yes };

std::string match_text(const ProbeMatch& match, Examples shown) {
  std::string text = fmt::format("\n{}\n{}", escape_for_terminal(match.xpath), headline(match));
  if (shown == Examples::yes) text += examples(match);
  if (!match.cause.empty())
    text += fmt::format("  only a part of the page was searched: {}\n", escape_for_terminal(match.cause));
  for (const std::string& why : match.why) text += fmt::format("  {}\n", escape_for_terminal(why));
  if (!match.command.empty()) text += fmt::format("  {}\n", escape_for_terminal(match.command, kShownCommand));
  return text;
}

std::string page_text(const ProbeReport& report) {
  std::string text = escape_url(report.url) + "\n";
  if (report.final_url != report.url) text += fmt::format("  redirected to {}\n", escape_url(report.final_url));
  if (!report.cause.empty()) {
    return text + fmt::format("  could not be fetched: {} ({})\n", escape_for_terminal(report.cause_text),
                              escape_for_terminal(report.cause));
  }
  return text +
         fmt::format("  {}, {}, {}, {} bytes\n", report.status,
                     report.content_type.empty() ? "no Content-Type" : escape_for_terminal(report.content_type, 80),
                     escape_for_terminal(report.encoding), report.bytes);
}

/// What of the URL the template has {page} in place of, with the word before it: "page=3".
std::string guessed_part(const std::string& url, const std::string& url_template) {
  const std::size_t place = url_template.find("{page");
  const std::size_t behind = url_template.size() - (url_template.find('}', place) + 1);
  const std::size_t begin = url.find_last_of("/?&", place - 1) + 1;
  return url.substr(begin, url.size() - behind - begin);
}

}  // namespace

Result<ProbeReport> parse_probe_answer(std::string_view json) {
  try {
    return nlohmann::json::parse(json).get<ProbeReport>();
  } catch (const nlohmann::json::exception& error) {
    return Error{"invalid answer from the page fetcher: " + escape_for_terminal(error.what(), 200)};
  }
}

void suggest_commands(ProbeReport& report, const CrawlSettings& settings, const CookieSources& cookies) {
  if (!report.cause.empty()) return;
  const auto guess = guess_page_number(report.url);
  if (guess) report.page_guess = guessed_part(as_template(report.url), guess->url_template);
  for (auto* list : {&report.matches, &report.suggestions}) {
    for (ProbeMatch& match : *list) {
      if (finds(match)) match.command = crawl_command_line(report.url, guess, match.xpath, settings, cookies);
    }
  }
}

std::string probe_json(const ProbeReport& report) {
  using Json = nlohmann::json;
  return Json(report).dump(2, ' ', false, Json::error_handler_t::replace) + "\n";
}

std::string probe_text(const ProbeReport& report) {
  std::string text = page_text(report);
  if (!report.cause.empty()) return text;
  for (const ProbeMatch& match : report.matches) text += match_text(match, Examples::yes);
  const ProbeMatch* first = nullptr;
  for (const ProbeMatch& match : report.suggestions) {
    const bool is_shown = first != nullptr && first->first == match.first;  // said once
    text += match_text(match, is_shown ? Examples::no : Examples::yes);
    if (first == nullptr) first = &match;
  }
  if (report.matches.empty() && report.suggestions.empty()) text += "\nNothing on the page looks like an image.\n";
  if (!report.page_guess.empty() && exit_status(report) == 0) {
    text += fmt::format("\n{} as the page number is a guess, and so is the number of pages.\n",
                        escape_for_terminal(report.page_guess, kShownUrl));
  }
  return text;
}

int exit_status(const ProbeReport& report) {
  constexpr int kPageFailed = 3;
  constexpr int kNothingFound = 4;
  if (!report.cause.empty()) return kPageFailed;
  return std::ranges::any_of(report.matches, finds) || std::ranges::any_of(report.suggestions, finds) ? 0
                                                                                                      : kNothingFound;
}

}  // namespace doutu
