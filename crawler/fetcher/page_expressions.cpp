#include "crawler/fetcher/page_expressions.h"

#include <string>
#include <utility>

namespace doutu {
namespace {

Status compile(const std::vector<std::string>& expressions, std::vector<Xpath>& compiled) {
  for (const std::string& expression : expressions) {
    auto xpath = Xpath::compile(expression);
    if (!xpath) return std::move(xpath).error();
    compiled.push_back(*std::move(xpath));
  }
  return {};
}

/// Sitemaps (sitemaps.org), RSS, Atom (RFC 4287 section 4.2.7.2: a link without rel is an alternate), JSON Feed.
const std::vector<std::string>& pages_of_lists() {
  static const std::vector<std::string> expressions{
      "//urlset/url/loc", "//item/link", "//entry/link[not(@rel) or @rel='alternate']/@href", "/json/items/url"};
  return expressions;
}

const std::vector<std::string>& lists_of_lists() {
  static const std::vector<std::string> expressions{"//sitemapindex/sitemap/loc"};
  return expressions;
}

}  // namespace

Result<PageExpressions> PageExpressions::compile(const PageOptions& options) {
  PageExpressions expressions;
  Status compiled = doutu::compile(options.xpaths, expressions.images);
  if (compiled) compiled = doutu::compile(options.follow, expressions.follow);
  if (compiled) compiled = doutu::compile(options.next, expressions.next);
  if (compiled) compiled = doutu::compile(pages_of_lists(), expressions.list.pages);
  if (compiled) compiled = doutu::compile(lists_of_lists(), expressions.list.lists);
  if (compiled) compiled = doutu::compile(options.alternatives, expressions.alternatives);
  for (const std::string& rule : options.rewrites) {
    auto rewrite = compiled ? Rewrite::parse(rule) : Result<Rewrite>(compiled.error());
    if (!rewrite) return std::move(rewrite).error();
    expressions.rewrites.push_back(*std::move(rewrite));
  }
  if (!compiled) return std::move(compiled).error();
  return expressions;
}

}  // namespace doutu
