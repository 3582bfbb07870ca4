#include "crawler/request/recipe.h"

#include <fmt/format.h>

#include <algorithm>

#include "shared/base/escape.h"
#include "shared/url/url.h"

namespace doutu {
namespace {

constexpr std::string_view kMark = "{page";
constexpr std::size_t kMaxTemplateBytes = std::size_t{8} * 1024;
constexpr std::size_t kMaxXpaths = 64;
constexpr std::size_t kMaxXpathBytes = std::size_t{16} * 1024;
constexpr std::size_t kShown = 200;  // bytes of wrong input in an error

Error about(std::string_view written, std::string_view story) {
  return {fmt::format("\"{}\" {}", escape_url(written, kShown), story)};
}

/// Digits that a mark asks for: "}" 1, ":03}" 3; nullopt for anything else. Takes it off text.
std::optional<int> take_mark_end(std::string_view& text) {
  const std::string_view end = text.substr(0, text.find('}') + 1);
  const bool widths = end.size() == 4 && end.starts_with(":0") && end[2] >= '1' && end[2] <= '9';
  if (end != "}" && !widths) return std::nullopt;
  text.remove_prefix(end.size());
  return widths ? end[2] - '0' : 1;
}

}  // namespace

const Recipe& builtin_recipe() {
  static const Recipe recipe{"https://www.pkdoutu.com/photo/list/?page={page}",
                             {"//li[@class='list-group-item']//img[@referrerpolicy='no-referrer']/@data-original"}};
  return recipe;
}

Result<UrlTemplate> UrlTemplate::parse(std::string_view text) {
  constexpr std::string_view kExample = "example: https://example.com/list?page={page}";
  if (text.size() > kMaxTemplateBytes) return about(text, fmt::format("is longer than {} bytes", kMaxTemplateBytes));
  UrlTemplate result;
  std::string_view rest = text;
  for (std::size_t mark = rest.find(kMark); mark != std::string_view::npos; mark = rest.find(kMark)) {
    const std::string_view before = rest.substr(0, mark);
    rest.remove_prefix(mark + kMark.size());
    const std::optional<int> digits = take_mark_end(rest);
    if (!digits) return about(text, "has an invalid page number mark; expected {page} or {page:03}");
    result.pieces_.push_back({std::string(before), *digits});
  }
  result.pieces_.push_back({std::string(rest)});

  if (!normalise_url(result.expand(0))) return about(text, fmt::format("is not an http or https URL; {}", kExample));
  // Two pages with different servers, or with servers that make no sense for some numbers (a port), show it here.
  const std::optional<std::string> last = normalise_url(result.expand(PageRange::kMaxNumber));
  if (!last || url_authority(*last) != url_authority(result.url_of(0))) {
    return about(text,
                 fmt::format("has {{page}} in the host name or port; put it into the path or the query; {}", kExample));
  }
  return result;
}

std::string UrlTemplate::expand(std::uint64_t page) const {
  std::string url;
  for (const Piece& piece : pieces_) {
    url += piece.text;
    if (&piece != &pieces_.back()) url += fmt::format("{:0{}}", page, piece.digits);
  }
  return url;
}

std::string UrlTemplate::url_of(std::uint64_t page) const {
  std::string url = expand(page);
  return normalise_url(url).value_or(url);
}

bool UrlTemplate::tells_pages_apart() const {
  return url_without_userinfo(url_of(0)) != url_without_userinfo(url_of(PageRange::kMaxNumber));
}

std::string UrlTemplate::host() const { return url_host(url_of(0)); }
std::string UrlTemplate::server() const { return url_authority(url_of(0)); }

Status check_recipe(const Recipe& recipe, const PageRange& pages) {
  const Result<UrlTemplate> url_template = UrlTemplate::parse(recipe.url_template);
  if (!url_template) return url_template.error();
  if (!url_template->names_page() && pages.count() != 1) {
    return about(recipe.url_template, fmt::format("has no {{page}}, but the crawl has {} pages; put {{page}} where the "
                                                  "page number goes, or use --pages 1",
                                                  pages.count()));
  }
  if (!url_template->tells_pages_apart() && pages.count() != 1) {
    return about(recipe.url_template,
                 fmt::format("gives the same address to all {} pages, because {{page}} is after #, before /../ or in "
                             "the user name; put it elsewhere, or use --pages 1",
                             pages.count()));
  }
  const auto& xpaths = recipe.xpaths;
  if (xpaths.empty() || xpaths.size() > kMaxXpaths) {
    return Error{fmt::format("{} XPath expressions; expected 1 to {} (--xpath)", xpaths.size(), kMaxXpaths)};
  }
  std::size_t bytes = 0;
  for (const std::string& xpath : xpaths) {
    bytes += xpath.size();
    if (xpath.empty()) return Error{"an XPath expression is empty; example: --xpath //img/@src"};
    if (xpath.find_first_of("\n\r") != std::string::npos) {
      return about(xpath, "has a line break; write the XPath on one line");
    }
  }
  if (bytes > kMaxXpathBytes) {
    return Error{fmt::format("the XPath expressions have {} bytes together; the limit is {}", bytes, kMaxXpathBytes)};
  }
  return {};
}

JobSpec spec_of(const Recipe& recipe, const PageRange& pages) {
  std::string lines;
  for (const std::string& xpath : recipe.xpaths) {
    if (!lines.empty()) lines += '\n';
    lines += xpath;
  }
  return {recipe.url_template, pages.text(), lines};
}

Recipe recipe_of(const JobSpec& spec) {
  Recipe recipe{spec.url_template, {}};
  for (std::string_view rest = spec.xpaths; !rest.empty();) {
    const std::string_view line = rest.substr(0, rest.find('\n'));
    recipe.xpaths.emplace_back(line);
    rest.remove_prefix(std::min(rest.size(), line.size() + 1));
  }
  return recipe;
}

std::string job_text(const JobSpec& spec, ShownBytes most) {
  std::string url = escape_url(spec.url_template, most.url);
  const auto url_template = UrlTemplate::parse(spec.url_template);
  if (url_template && !url_template->names_page()) return url;
  const bool is_one = spec.pages.find_first_of(",-") == std::string::npos;
  return fmt::format("{} {} of {}", is_one ? "page" : "pages", escape_for_terminal(spec.pages, most.pages), url);
}

}  // namespace doutu
