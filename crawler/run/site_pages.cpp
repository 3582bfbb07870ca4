#include "crawler/run/site_pages.h"

#include <fmt/format.h>

#include <utility>

#include "crawler/memory/kept_list.h"
#include "crawler/plan/combined_pages.h"
#include "crawler/plan/listed_pages.h"
#include "crawler/plan/range_pages.h"
#include "shared/base/escape.h"
#include "shared/url/url.h"

namespace doutu {
namespace {

Result<SitePages> open_list(const StateFolder& folder, const AskedList& list, bool direct) {
  constexpr const char* kSayAgain = "the list of URLs of this crawl; give it again with --input-file FILE";
  const std::string path = escape_for_terminal(folder.path_of(kept_list_name(list)));
  auto file = open_kept_list(folder, list);
  if (!file) return Error{fmt::format("{}; that is {}", escape_for_terminal(file.error().message), kSayAgain)};
  const auto names = direct ? ListedPages::Names::images : ListedPages::Names::pages;
  auto pages = ListedPages::open(*std::move(file), list, names);
  if (!pages) return Error{fmt::format("{} {}; it is {}", path, pages.error().message, kSayAgain)};
  const std::string first = (*pages)->first_url();
  return SitePages{*std::move(pages), url_host(first), url_authority(first)};
}

}  // namespace

Result<SitePages> open_site_pages(const Recipe& recipe, const AskedPages& asked, const StateFolder& folder) {
  if (asked.list() != nullptr) return open_list(folder, *asked.list(), recipe.direct);
  auto url_template = UrlTemplate::parse(recipe.url_template);
  if (!url_template) return std::move(url_template).error();
  SitePages site{nullptr, url_template->host(), url_template->server()};
  if (const PageRange* range = asked.range()) {
    site.pages = std::make_unique<RangePages>(*range, *std::move(url_template), recipe.lists_pages ? 0 : 1);
  } else {
    site.pages = std::make_unique<CombinedPages>(asked, *std::move(url_template));
  }
  return site;
}

}  // namespace doutu
