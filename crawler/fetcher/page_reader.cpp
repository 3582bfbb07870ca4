#include "crawler/fetcher/page_reader.h"

#include <algorithm>
#include <array>
#include <cstdint>
#include <span>
#include <string_view>
#include <utility>

#include "crawler/fetcher/html/html_document.h"
#include "crawler/fetcher/html/page_refresh.h"
#include "crawler/fetcher/text/page_text.h"
#include "shared/base/whitespace.h"
#include "shared/url/url.h"

namespace doutu {
namespace {

/// A fetched page, as a tree.
struct Page {
  const HtmlDocument& document;
  std::string_view url;
  Encoding encoding;
  std::size_t max_hits;
};

void read_links(const Page& page, std::span<const LinkExpressions> expressions, PageContent& content) {
  if (std::ranges::all_of(expressions, [](const auto& one) { return one.xpaths.empty(); })) return;
  const PageBase base = page_base(page.document, page.url, page.encoding);
  LinksToPages found = find_links_to_pages(page.document, expressions, base, page.max_hits);
  content.cause = found.cause;
  content.pages = std::move(found.links);
}

void read_images(const Page& page, const PageExpressions& expressions, PageContent& content) {
  ImageLinks found = find_image_links(page.document, expressions.images, page.url, page.encoding, page.max_hits,
                                      {expressions.alternatives, expressions.rewrites});
  content.cause = found.cause;
  content.images = std::move(found.links);
}

/// Images are on the last step; each step but that leads to the one below.
PageContent read_step(const Page& page, std::uint32_t step, const PageExpressions& expressions) {
  const std::span<const Xpath> follow(expressions.follow);
  const bool is_last_step = step > follow.size();
  PageContent content;
  if (is_last_step) read_images(page, expressions, content);
  if (content.cause != Cause::none) return content;
  const std::array<LinkExpressions, 2> links{
      {{is_last_step ? follow.first(0) : follow.subspan(step - 1, 1), step + 1}, {expressions.next, step}}};
  read_links(page, links, content);
  return content;
}

/// As sites answer for a sitemap that they do not have.
bool is_web_page(const HtmlDocument& document) {
  static const Xpath root = Xpath::compile("/html").value();
  return document.evaluate(root, 1).without_url > 0;
}

/// A sitemap, an index of sitemaps or a feed.
PageContent read_list(const Page& page, const ListExpressions& list) {
  PageContent content;
  read_links(page, std::array<LinkExpressions, 2>{{{list.pages, 1}, {list.lists, 0}}}, content);
  return content;
}

}  // namespace

PageContent read_page(const PageTask& task, FetchedPage& page, const PageExpressions& expressions,
                      const PageOptions& options) {
  const auto forced = encoding_from_label(options.encoding);
  const PageText text = decode_page(std::exchange(page.body, {}), page.content_type, forced);
  const auto document = HtmlDocument::parse(text.utf8, text.markup);
  if (!document) return {.cause = Cause::page_too_complex, .images = {}, .pages = {}, .refresh = {}};
  const Page tree{*document, page.url, text.encoding, options.max_hits};
  PageContent content = task.step == 0 ? read_list(tree, expressions.list) : read_step(tree, task.step, expressions);
  content.referrer_policy = document->referrer_policy().value_or(page.referrer_policy);
  const bool is_bare = content.cause == Cause::none && content.images.empty() && content.pages.empty();
  if (is_bare) {
    content.refresh = page_refresh(*document, page_base(*document, page.url, text.encoding), page.url, page.refresh);
    if (task.step == 0 && !content.refresh && is_web_page(*document)) content.cause = Cause::not_a_list;
  }
  return content;
}

PageContent read_image_list(std::string_view text) {
  PageContent content;
  while (!text.empty()) {
    const std::string_view whole = text.substr(0, text.find('\n'));
    text.remove_prefix(std::min(text.size(), whole.size() + 1));
    const std::string_view line = trim_html_whitespace(whole);
    if (line.empty() || line.starts_with('#')) continue;
    auto url = normalise_url(line);
    content.images.push_back(url ? ImageLink{.url = *std::move(url), .bytes = {}}
                                 : ImageLink{.cause = Cause::bad_url, .url = std::string(line), .bytes = {}});
  }
  return content;
}

}  // namespace doutu
