#include "crawler/view/empty_pages_text.h"

#include <fmt/format.h>

#include "crawler/request/page_url.h"
#include "crawler/request/recipe.h"
#include "crawler/text/shell_word.h"
#include "shared/base/escape.h"
#include "shared/base/human_text.h"
#include "shared/url/url.h"

namespace doutu {
namespace {

constexpr std::size_t kMaxPages = 200;       // bytes of a page range
constexpr std::size_t kMaxPlace = 300;       // bytes of an address among words
constexpr std::size_t kMaxAddress = 16'000;  // bytes: a longer one comes from no crawl

/// On the server that was asked, as the path alone.
std::string place_text(const std::string& url, const std::string& url_template) {
  const auto asked = UrlTemplate::parse(url_template);
  const auto place = normalise_url(url);
  if (!asked || !place || url_authority(*place) != asked->server()) return url;
  return place->substr(place->find('/', place->find("://") + 3));
}

/// "4-10, all redirected to /login".
std::string empty_pages_text(const EmptyPageList& empty, const std::string& url_template) {
  const bool is_one_number = empty.numbers.find_first_of(",-") == std::string::npos && empty.further == 0;
  std::string text;
  if (!empty.numbers.empty()) {
    text = fmt::format("{} {}", is_one_number ? "page" : "pages", escape_for_terminal(empty.numbers, kMaxPages));
  }
  if (empty.further > 0) text += fmt::format(" and {} more", human_count(empty.further));
  if (empty.found > 0) {
    const std::string example = escape_url(place_text(empty.example, url_template), kMaxPlace);
    if (!text.empty()) text += fmt::format(", and {} that links lead to, ", human_count(empty.found));
    text += (text.empty() && empty.found == 1 ? "" : "such as ") + example;
  }
  if (empty.redirected_to.empty()) return text;
  const bool is_one = is_one_number && (empty.numbers.empty() ? empty.found == 1 : empty.found == 0);
  const std::string place = escape_url(place_text(empty.redirected_to, url_template), kMaxPlace);
  return text + (is_one ? ", redirected to " : ", all redirected to ") + place;
}

std::string probe_command_for(const std::string& url, const Recipe::Texts& xpaths) {
  std::string text = "doutu probe " + shell_word(without_secrets(url));
  for (const std::string& xpath : xpaths) text += " --xpath " + shell_word(xpath);
  return escape_for_terminal(text, kMaxAddress);
}

}  // namespace

bool has_list_pages(const JobSpec& spec) {
  const Recipe recipe = recipe_of(spec);
  return !recipe.follow.empty() || recipe.lists_pages;
}

bool is_left_to_robots(const CrawlSnapshot& snapshot) {
  return snapshot.state == CrawlState::no_images && snapshot.empty_pages.is_none() &&
         snapshot.pages.robots + snapshot.images.robots > 0;
}

std::string empty_pages_text(const CrawlSnapshot& snapshot) {
  const PageCounters& pages = snapshot.pages;
  if (!snapshot.empty_pages.is_none()) {
    return fmt::format("{} of {} had no {}{}: {}", human_count(snapshot.empty_pages.count),
                       human_number_of(pages.asked, "page"),
                       has_list_pages(snapshot.spec) ? "images or links" : "images",
                       snapshot.empty_pages.with_images > 0 ? " of their own" : "",
                       empty_pages_text(snapshot.empty_pages, snapshot.spec.url_template));
  }
  if (snapshot.state != CrawlState::no_images || is_left_to_robots(snapshot)) return "";
  return fmt::format("{} had no images: {}", human_number_of(pages.asked, "page"),
                     snapshot.images.skipped > 0 ? "the XPath found only links to other things"
                                                 : "no page that has any is linked from there");
}

bool has_probe_command(const CrawlSnapshot& snapshot) {
  const bool some_failed = snapshot.state == CrawlState::failures;
  if (is_left_to_robots(snapshot)) return false;
  return snapshot.state == CrawlState::no_images || (some_failed && !snapshot.empty_pages.is_none());
}

bool were_sent_away(const CrawlSnapshot& snapshot) { return !snapshot.empty_pages.redirected_to.empty(); }

std::string what_probe_shows(const CrawlSnapshot& snapshot) {
  const std::string hidden = hidden_parts_text(snapshot.spec.url_template);
  std::string text = "This command shows what such a page has, and what the XPath finds there";
  if (!snapshot.probe_flags.empty()) text += ", with your values of " + escape_for_terminal(snapshot.probe_flags);
  if (!hidden.empty())
    text += fmt::format("{} {} in place of ***", snapshot.probe_flags.empty() ? ", with" : " and", hidden);
  return text + ":";
}

std::string probe_command(const CrawlSnapshot& snapshot) {
  const EmptyPageList& empty = snapshot.empty_pages;
  if (empty.numbers.empty() && !empty.example.empty()) {
    return probe_command_for(empty.example, recipe_of(snapshot.spec).xpaths);
  }
  return probe_command(snapshot.spec, empty.numbers.empty() ? snapshot.spec.pages : empty.numbers);
}

/// A page that the user has named leads to others where there are steps.
std::string probe_command(const JobSpec& spec, const std::string& pages) {
  const auto url = first_page_url(spec, pages);
  if (!url) return "doutu probe URL --xpath EXPR";
  const Recipe recipe = recipe_of(spec);
  return probe_command_for(*url, recipe.follow.empty() ? recipe.xpaths : Recipe::Texts{recipe.follow.front()});
}

}  // namespace doutu
