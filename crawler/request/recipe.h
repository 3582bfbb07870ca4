// A recipe: where the pages are and what on them is an image. The built-in one is the case study's site. Pure
// functions of values; any thread.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "crawler/request/asked_pages.h"
#include "crawler/request/url_template.h"
#include "shared/base/result.h"
#include "shared/ledger/schema.h"

namespace doutu {

struct Recipe {
  using Texts = std::vector<std::string>;

  std::string url_template;  ///< Of a list of URLs: what people call it, "list.txt".
  Texts xpaths{};            ///< Their hits together are the page's images.
  // As PageOptions has them (crawl_settings.h).
  Texts follow{};
  Texts next{};
  Texts alternatives{};
  Texts rewrites{};
  bool direct = false;
  bool lists_pages = false;  ///< The page is a list of pages: a sitemap, a feed.
  bool operator==(const Recipe&) const = default;
};

/// "doutu": the list pages of www.pkdoutu.com.
[[nodiscard]] const Recipe& builtin_recipe();
/// Whether the recipe can be crawled over these pages: a template whose placeholders have values and tell pages apart
/// unless there is exactly one, and 1 to 64 XPath expressions of one line each, 16 KiB together (none if it is direct).
/// Whether they compile is xpath_check.h's to say. The template of a list of URLs is any text.
[[nodiscard]] Status check_recipe(const Recipe& recipe, const AskedPages& pages);

/// What the ledger keeps of it, and back. JobSpec::xpaths has a line for each XPath, then one for each other member as
/// its flag says it: "--follow //a", "--direct"; "--input-file" says that the page is a list.
[[nodiscard]] JobSpec spec_of(const Recipe& recipe, const AskedPages& pages);
[[nodiscard]] Recipe recipe_of(const JobSpec& spec);

/// What was asked, for people: "pages 1-10 of https://example.com/{page}"; with other placeholders than {page} "6 pages
/// of https://example.com/{a}/{b} (a=1-2, b=x-z)"; of a list "3 pages of list.txt"; of a template without placeholders,
/// which is one page, the URL alone. Escaped; at most so many bytes of each.
struct ShownBytes {
  std::size_t pages = 200;
  std::size_t url = 2048;
};
[[nodiscard]] std::string job_text(const JobSpec& spec, ShownBytes most = {});

}  // namespace doutu
