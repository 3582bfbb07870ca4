#include "crawler/request/recipe.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "crawler/request/template_check.h"
#include "shared/base/escape.h"
#include "shared/base/human_text.h"

namespace doutu {
namespace {

constexpr std::size_t kMaxXpaths = 64;
constexpr std::size_t kMaxXpathBytes = std::size_t{16} * 1024;
constexpr std::size_t kShown = 200;  // bytes of wrong input in an error

Error about(std::string_view written, std::string_view story) {
  return {fmt::format("\"{}\" {}", escape_url(written, kShown), story)};
}

/// A member of a recipe that is a list of texts, and what its lines begin with.
struct RecipeTexts {
  std::string_view flag;
  Recipe::Texts Recipe::*texts;
};
constexpr auto kTexts = std::to_array<RecipeTexts>({{"", &Recipe::xpaths},
                                                    {"--follow", &Recipe::follow},
                                                    {"--next", &Recipe::next},
                                                    {"--alternative", &Recipe::alternatives},
                                                    {"--rewrite", &Recipe::rewrites}});
constexpr std::string_view kDirect = "--direct";
constexpr std::string_view kListsPages = "--input-file";

Status check_text(std::string_view flag, const std::string& text) {
  if (text.empty()) return Error{fmt::format("{} is empty", flag.empty() ? "an XPath expression" : flag)};
  if (text.find_first_of("\n\r") != std::string::npos) return about(text, "has a line break; write it on one line");
  if (flag.empty() && text.starts_with("--")) return about(text, "is no XPath expression; example: --xpath //img/@src");
  return {};
}

Status check_texts(const Recipe& recipe) {
  const auto& xpaths = recipe.xpaths;
  if (recipe.direct && !xpaths.empty())
    return Error{"--direct says that the list names images: --xpath has no page to look at"};
  if (!recipe.direct && (xpaths.empty() || xpaths.size() > kMaxXpaths)) {
    return Error{fmt::format("{} XPath expressions; expected 1 to {} (--xpath)", xpaths.size(), kMaxXpaths)};
  }
  std::size_t bytes = 0;
  std::size_t others = 0;
  for (const RecipeTexts& member : kTexts) {
    if (!member.flag.empty()) others += (recipe.*member.texts).size();
    for (const std::string& text : recipe.*member.texts) {
      bytes += text.size();
      if (Status checked = check_text(member.flag, text); !checked) return checked;
    }
  }
  if (others > kMaxXpaths) {
    return Error{fmt::format("--follow, --next, --alternative and --rewrite are given {} times; the limit is {}",
                             others, kMaxXpaths)};
  }
  if (bytes > kMaxXpathBytes) {
    return Error{fmt::format("the XPath expressions have {} bytes together; the limit is {}", bytes, kMaxXpathBytes)};
  }
  return {};
}

void add_line(std::string& lines, std::string_view flag, std::string_view text) {
  if (!lines.empty()) lines += '\n';
  lines.append(flag).append(flag.empty() || text.empty() ? "" : " ").append(text);
}

/// Puts a line of a spec where it belongs.
void read_line(Recipe& recipe, std::string_view line) {
  if (line == kDirect) {
    recipe.direct = true;
    return;
  }
  if (line == kListsPages) {
    recipe.lists_pages = true;
    return;
  }
  for (const RecipeTexts& member : kTexts) {
    const std::size_t size = member.flag.size();
    if (size == 0 || !line.starts_with(member.flag) || line.substr(size, 1) != " ") continue;
    (recipe.*member.texts).emplace_back(line.substr(size + 1));
    return;
  }
  recipe.xpaths.emplace_back(line);
}

/// "a=1-2, b=x-z".
std::string values_text(const AskedPages& pages, std::size_t most) {
  std::string text;
  for (const AskedPages::Named& it : pages.named()) {
    text += fmt::format("{}{}={}", text.empty() ? "" : ", ", it.name, it.values.text());
  }
  return escape_for_terminal(text, most);
}

}  // namespace

const Recipe& builtin_recipe() {
  static const Recipe recipe{"https://www.pkdoutu.com/photo/list/?page={page}",
                             {"//li[@class='list-group-item']//img[@referrerpolicy='no-referrer']/@data-original"}};
  return recipe;
}

Status check_recipe(const Recipe& recipe, const AskedPages& pages) {
  const bool is_list = pages.list() != nullptr;
  if (Status checked = is_list ? Status() : check_template(recipe.url_template, pages); !checked) return checked;
  if (recipe.direct && !is_list)
    return Error{
        "--direct needs a list of image URLs: give -i FILE, or several URLs; for a page or a feed on the web, "
        "--xpath says which images it has"};
  return check_texts(recipe);
}

JobSpec spec_of(const Recipe& recipe, const AskedPages& pages) {
  std::string lines;
  for (const RecipeTexts& member : kTexts) {
    for (const std::string& text : recipe.*member.texts) add_line(lines, member.flag, text);
  }
  if (recipe.direct) add_line(lines, kDirect, "");
  if (recipe.lists_pages) add_line(lines, kListsPages, "");
  return {recipe.url_template, pages.text(), lines};
}

Recipe recipe_of(const JobSpec& spec) {
  Recipe recipe{.url_template = spec.url_template};
  for (std::string_view rest = spec.xpaths; !rest.empty();) {
    const std::string_view line = rest.substr(0, rest.find('\n'));
    read_line(recipe, line);
    rest.remove_prefix(std::min(rest.size(), line.size() + 1));
  }
  return recipe;
}

std::string job_text(const JobSpec& spec, ShownBytes most) {
  std::string url = escape_url(spec.url_template, most.url);
  const auto pages = AskedPages::parse(spec.pages);
  if (pages && pages->list() != nullptr) {
    const bool is_named = spec.url_template.find(": http") == std::string::npos;  // else it is "3 URLs: https://..."
    const std::string count = human_number_of(pages->count(), recipe_of(spec).direct ? "image" : "page");
    return is_named ? fmt::format("{} of {}", count, url) : url;
  }
  const auto url_template = UrlTemplate::parse(spec.url_template);
  if (url_template && !url_template->has_marks()) return recipe_of(spec).lists_pages ? "pages listed by " + url : url;
  if (pages && pages->range() == nullptr) {
    return fmt::format("{} of {} ({})", human_number_of(pages->count(), "page"), url, values_text(*pages, most.pages));
  }
  const bool is_one = spec.pages.find_first_of(",-") == std::string::npos;
  return fmt::format("{} {} of {}", is_one ? "page" : "pages", escape_for_terminal(spec.pages, most.pages), url);
}

}  // namespace doutu
