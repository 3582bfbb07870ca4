#include <array>
#include <vector>

#include "crawler/fetcher/html/html_document.h"
#include "crawler/fetcher/html/image_links.h"
#include "crawler/fetcher/text/page_text.h"
#include "crawler/fetcher/text/utf8.h"
#include "shared/crawl/records.h"
#include "shared/url/url.h"
#include "tests/fuzz/input.h"

namespace doutu {
namespace {

constexpr std::size_t kMaxHits = 50;
constexpr std::string_view kPageUrl = "http://example.com/list/1.html?page=1";

const std::vector<Xpath>& xpaths() {
  static const std::vector<Xpath> compiled = [] {
    std::vector<Xpath> made;
    for (const char* expression :
         {"//img", "//li[@class]//@data-original", "id('a')/@href", "//source/@srcset",
          "//*[contains(text(),'x')]/following::*/@src", "string(//title)", "//media:content/@url | //image:loc",
          "//picture | //link | //*[name()='x:y']", "json(//script | //@data)//src | html(//description | //p)//img",
          "css-urls(//style | //@style)", "matches(html(//*), '[a-z]+(.?)') | best(//*) | json(//item)"}) {
      made.push_back(Xpath::compile(expression).value());
    }
    return made;
  }();
  return compiled;
}

void check(const ImageLink& link) {
  DOUTU_CHECK(!link.bytes || link.bytes->size() <= kMaxInlineBytes);
  DOUTU_CHECK(link.url.size() <= kMaxUrlBytes);
  if (link.cause != Cause::none) return;
  DOUTU_CHECK(link.bytes.has_value() == link.url.empty());
  if (!link.bytes) DOUTU_CHECK(resolve_url({}, link.url).url == link.url);
}

}  // namespace

/// Input: what the Content-Type header says up to a line's end, the page.
int fuzz_page(FuzzInput input) {
  const std::string content_type(take_text(input, '\n'));
  const PageText text = decode_page(std::string(text_of(input)), content_type);
  DOUTU_CHECK(is_valid_utf8(text.utf8));
  const auto document = HtmlDocument::parse(text.utf8, text.markup);
  if (!document) return 0;
  const ImageLinks found = find_image_links(*document, xpaths(), kPageUrl, text.encoding, kMaxHits);
  DOUTU_CHECK(found.links.size() <= kMaxHits);
  for (const ImageLink& link : found.links) check(link);
  return 0;
}

}  // namespace doutu
